import { ChunkReader, type OnData } from './chunk-reader.ts';
import { readResponseHead } from './response-head.ts';

/** Receives the events of responses. Each handler returns whether to go on: false when the connection is given up. */
export interface ResponseSink {
  /** Called at the first byte of a response. */
  onStart(): boolean;
  /** Called for each head: HEAD has no body, whatever its response says. */
  isHead(): boolean;
  /** Given the head of the answer itself, no interim one: head[start, end), with the CRLF of its last line. A view. */
  readonly onHead?: (head: Buffer, start: number, end: number) => void;
  /** Given the body, piece by piece, before `onBody` counts it. */
  readonly onData?: OnData;
  onBody(bytes: number): boolean;
  onResponse(status: number, keepAlive: boolean): boolean;
}

const MAX_HEAD_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

/** Reads HTTP/1 responses from the chunks of a connection, however they are cut; keeps nothing but a part of a head. */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #chunks: ChunkReader;
  #state: 'start' | 'head' | 'length' | 'chunked' | 'close' = 'start';
  /** The bytes so far of a head that is not complete. */
  #part: Buffer | undefined;
  #partBytes = 0;
  /** Bytes of this response's heads, interim ones included. */
  #headBytes = 0;
  #remaining = 0;
  /** The status of the response whose body is being read. */
  status = 0;
  #keepAlive = false;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
    this.#chunks = new ChunkReader(sink.onData);
  }

  /** True as long as nothing of a response has come. */
  get isIdle(): boolean {
    return this.#state === 'start';
  }

  /** Reads bytes[0, end). False when they are not HTTP; true also when the sink gave up. */
  push(bytes: Buffer, end: number): boolean {
    let at = 0;
    while (at < end) {
      const next = this.#step(bytes, at, end);
      if (next === STOPPED) return true;
      if (next === INVALID) return false;
      at = next;
    }
    return true;
  }

  /** Tells that the connection ended. True when that is how the response ends, too. */
  end(): boolean {
    if (this.#state !== 'close') return false;
    this.#finish();
    return true;
  }

  #step(bytes: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case 'start':
        this.#headBytes = 0;
        if (!this.#sink.onStart()) return STOPPED;
        this.#state = 'head';
        return at;
      case 'head':
        return this.#readHead(bytes, at, end);
      case 'length': {
        const count = Math.min(this.#remaining, end - at);
        this.#remaining -= count;
        this.#sink.onData?.(bytes, at, at + count);
        if (!this.#sink.onBody(count)) return STOPPED;
        return this.#remaining > 0 || this.#finish() ? at + count : STOPPED;
      }
      case 'chunked':
        return this.#readChunks(bytes, at, end);
      case 'close':
        this.#sink.onData?.(bytes, at, end);
        return this.#sink.onBody(end - at) ? end : STOPPED;
    }
  }

  #readChunks(bytes: Buffer, at: number, end: number): number {
    const next = this.#chunks.read(bytes, at, end);
    if (next < 0) return INVALID;
    if (this.#chunks.dataBytes > 0 && !this.#sink.onBody(this.#chunks.dataBytes)) return STOPPED;
    return !this.#chunks.done || this.#finish() ? next : STOPPED;
  }

  #readHead(bytes: Buffer, at: number, end: number): number {
    if (this.#part === undefined) {
      const found = bytes.indexOf(HEAD_END, at);
      if (found >= 0 && found + 4 <= end) return this.#useHead(bytes, at, found + 2, found + 4);
      return this.#keepPart(bytes, at, end) ? end : INVALID;
    }
    const known = this.#partBytes;
    if (!this.#keepPart(bytes, at, end)) return INVALID;
    const part = this.#part;
    const found = part.indexOf(HEAD_END, Math.max(0, known - 3));
    if (found < 0 || found + 4 > this.#partBytes)
      return this.#partBytes + this.#headBytes > MAX_HEAD_BYTES ? INVALID : end;
    this.#part = undefined;
    this.#partBytes = 0;
    return this.#useHead(part, 0, found + 2, at + found + 4 - known);
  }

  /** Grows by doubling: a head that drips in byte by byte is not copied for every byte. */
  #keepPart(bytes: Buffer, at: number, end: number): boolean {
    if (this.#partBytes + this.#headBytes > MAX_HEAD_BYTES) return false;
    const total = this.#partBytes + end - at;
    if (this.#part === undefined || total > this.#part.length) {
      const part = Buffer.alloc(Math.max(1024, 2 * total));
      this.#part?.copy(part, 0, 0, this.#partBytes);
      this.#part = part;
    }
    bytes.copy(this.#part, this.#partBytes, at, end);
    const mayBeHead = this.#partBytes >= BEGIN.length || mayBegin(this.#part, total);
    this.#partBytes = total;
    return mayBeHead;
  }

  /** Reads the complete head head[start, stop); what follows it begins at `next` of the chunk. */
  #useHead(head: Buffer, start: number, stop: number, next: number): number {
    this.#headBytes += stop - start;
    const read =
      this.#headBytes > MAX_HEAD_BYTES ? undefined : readResponseHead(head, start, stop, this.#sink.isHead());
    // Nobody asked to switch protocols.
    if (read === undefined || read.status === 101) return INVALID;
    if (read.status < 200) return next;
    this.status = read.status;
    this.#keepAlive = read.keepAlive;
    this.#remaining = read.length;
    this.#sink.onHead?.(head, start, stop);
    if (read.framing === 'none') return this.#finish() ? next : STOPPED;
    this.#state = read.framing;
    this.#chunks.reset();
    return next;
  }

  #finish(): boolean {
    this.#state = 'start';
    return this.#sink.onResponse(this.status, this.#keepAlive);
  }
}

const STOPPED = -1;
const INVALID = -2;

const BEGIN = Buffer.from('HTTP/1.');

/** Whether a head may begin with these bytes: a server of another protocol is not waited for until it says more. */
function mayBegin(part: Buffer, length: number): boolean {
  const count = Math.min(BEGIN.length, length);
  return part.compare(BEGIN, 0, count, 0, count) === 0;
}
