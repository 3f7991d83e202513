/** HTTP/1 taken apart by hand, so that what a peer sent is seen to the byte: no parser in between that mends anything. */

export interface HttpMessage {
  /** `POST /a?b HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly startLine: string;
  /** In their order, as they were written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without the framing of chunks. */
  readonly body: Buffer;
  /** All of it as it came: one character a byte. */
  readonly raw: string;
}

/** Cuts a stream of bytes into whole messages. */
export class MessageReader {
  /** Whether the answer to a HEAD is read: it announces a body and has none. */
  bodiless = false;
  #pending: Buffer[] = [];
  #length = 0;
  /** Not looked at again before so much is there: a body of many chunks is put together once. */
  #wanted = 0;

  push(chunk: Buffer): HttpMessage[] {
    this.#pending.push(chunk);
    this.#length += chunk.length;
    const found: HttpMessage[] = [];
    while (this.#length >= this.#wanted && this.#length > 0) {
      const bytes = Buffer.concat(this.#pending);
      const message = this.#read(bytes);
      const used = message?.raw.length ?? 0;
      this.#pending = [bytes.subarray(used)];
      this.#length -= used;
      if (message === undefined) break;
      this.#wanted = 0;
      found.push(message);
    }
    return found;
  }

  #read(bytes: Buffer): HttpMessage | undefined {
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [startLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
    const headers = lines.map((line) => {
      const [name = '', ...value] = line.split(': ');
      return [name, value.join(': ')] as const;
    });
    const headerOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
    const from = headEnd + 4;
    const message = (body: Buffer, end: number) => {
      return { startLine, headers, body, raw: bytes.toString('latin1', 0, end) };
    };
    if (this.bodiless) return message(Buffer.alloc(0), from);
    if (headerOf('transfer-encoding') === 'chunked') {
      const chunks = readChunks(bytes, from);
      return chunks && message(chunks.body, chunks.end);
    }
    const end = from + Number(headerOf('content-length') ?? 0);
    if (bytes.length >= end) return message(bytes.subarray(from, end), end);
    this.#wanted = end;
    return undefined;
  }
}

function readChunks(bytes: Buffer, from: number): { body: Buffer; end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), end: end + 2 };
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
