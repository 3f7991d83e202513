/**
 * The answers of a mirror as they are read, for `--answers`: copies, bounded for each and for all together. What they say is looked at
 * later, when nobody waits.
 */
import type { RawAnswer } from '../answers/fingerprint.ts';
import { trimOws } from '../text/trim-ows.ts';

/** What is kept of an answer: its head alone, or its body as well. */
export type AnswerParts = 'head' | 'body';

/** The most bytes of a body that are kept, as they come: more is too much for a fingerprint in any case. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** The most bytes of all answers that are being read. */
const MAX_BYTES = 16 * 1024 * 1024;

const NO_BYTES = Buffer.alloc(0);

/** An answer that has come. */
export interface CapturedAnswer {
  /** Bytes that it holds in memory, approximately. */
  readonly bytes: number;
  /** Takes it apart, which costs some time; undefined where it cannot be read. */
  read(): RawAnswer | undefined;
}

/** What all captures of a mirror share. */
export class Captures {
  readonly parts: AnswerParts;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(parts: AnswerParts, maxBytes: number = MAX_BYTES) {
    this.parts = parts;
    this.#maxBytes = maxBytes;
  }

  /** Bytes of answers that are being read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns whether there is room, which is taken then */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** The answer to one request. With HTTP/2 Node may give its body before its head. */
export class AnswerCapture {
  readonly #shared: Captures;
  readonly #method: string;
  #head: string | readonly string[] | undefined;
  /** Grows by doubling: a body that drips in byte by byte costs no object for each. */
  #body = NO_BYTES;
  #bodyBytes = 0;
  /** Bytes of the body that came. */
  #seenBytes = 0;
  /** Bytes that are taken of what all share. */
  #taken = 0;
  #isTooLong = false;
  #hasEnded = false;

  /** @param method that of the request: HEAD has no body */
  constructor(shared: Captures, method: string) {
    this.#shared = shared;
    this.#method = method;
  }

  /** Takes the head of HTTP/1: a status line and header lines, bytes[start, end), each with its CRLF. */
  head(bytes: Buffer, start: number, end: number): void {
    if (this.#take(end - start)) this.#head = bytes.toString('latin1', start, end);
  }

  /** Takes the head of HTTP/2: a name, its value, the next name. */
  fields(lines: readonly string[]): void {
    if (this.#take(lines.reduce((sum, text) => sum + text.length, 0))) this.#head = lines;
  }

  /** Copies bytes[start, end) of the body. */
  data(bytes: Buffer, start: number, end: number): void {
    this.#seenBytes += end - start;
    if (this.#shared.parts === 'head' || this.#isTooLong) return;
    const total = this.#bodyBytes + end - start;
    if (total > this.#body.length && !this.#grow(total)) {
      // A part of it says nothing that its length does not.
      this.#isTooLong = true;
      this.#give(this.#body.length);
      this.#body = NO_BYTES;
      this.#bodyBytes = 0;
      return;
    }
    bytes.copy(this.#body, this.#bodyBytes, start, end);
    this.#bodyBytes = total;
  }

  #grow(total: number): boolean {
    const size = Math.min(Math.max(1024, 2 * this.#body.length, total), MAX_ANSWER_BYTES);
    if (total > size || !this.#take(size - this.#body.length)) return false;
    const body = Buffer.allocUnsafeSlow(size);
    this.#body.copy(body, 0, 0, this.#bodyBytes);
    this.#body = body;
    return true;
  }

  /** The answer has come to its end, as its framing says. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Ends the capture, and returns what it has; undefined without a head, or room for one. */
  finish(): CapturedAnswer | undefined {
    const head = this.#head;
    const captured = head === undefined ? undefined : this.#captured(head);
    this.release();
    return captured;
  }

  #captured(head: string | readonly string[]): CapturedAnswer {
    const { parts } = this.#shared;
    const body = this.#body.subarray(0, this.#bodyBytes);
    const rest = {
      method: this.#method,
      ended: this.#hasEnded,
      tooLong: this.#isTooLong,
      bodyBytes: this.#seenBytes,
    };
    return {
      bytes: this.#taken,
      read: () => ({
        ...(typeof head === 'string' ? readHead(head) : readFields(head)),
        body: parts === 'head' ? undefined : body,
        ...rest,
      }),
    };
  }

  /** Forgets all there is: nothing came of it, or the request goes out again. */
  release(): void {
    this.#give(this.#taken);
    this.#head = undefined;
    this.#body = NO_BYTES;
    this.#bodyBytes = 0;
    this.#seenBytes = 0;
    this.#isTooLong = false;
    this.#hasEnded = false;
  }

  #take(bytes: number): boolean {
    if (!this.#shared.take(bytes)) return false;
    this.#taken += bytes;
    return true;
  }

  #give(bytes: number): void {
    this.#taken -= bytes;
    this.#shared.release(bytes);
  }
}

type Head = Pick<RawAnswer, 'status' | 'headers'>;

/** A head that the parser took for one. */
function readHead(head: string): Head {
  const [first = '', ...lines] = head.split('\r\n');
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon).toLowerCase(), trimOws(line.slice(colon + 1))]);
  }
  return { status: Number(first.slice(9, 12)), headers };
}

function readFields(lines: readonly string[]): Head {
  let status = 0;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [name, value] = [lines[i] as string, lines[i + 1] as string];
    if (name === ':status') status = Number(value);
    else if (!name.startsWith(':')) headers.push([name.toLowerCase(), value]);
  }
  return { status, headers };
}
