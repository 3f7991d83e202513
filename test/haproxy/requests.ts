/** Requests as clients write them. */

export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
}

/** One character a byte. */
export function written({ method, target, headers, body = Buffer.alloc(0) }: Sent, version = '1.1'): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${target} HTTP/${version}\r\n${lines}\r\n${body.toString('latin1')}`;
}

/** As HAProxy passes it on: it writes names in lower case. */
export function forwarded(sent: Sent): string {
  return written({ ...sent, headers: sent.headers.map(([name, value]) => [name.toLowerCase(), value]) });
}

/** Bytes of every value, in an order of no meaning, the same in every run. */
export function bodyOf(length: number): Buffer {
  const body = Buffer.allocUnsafe(length);
  for (let i = 0, state = length + 1; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    body[i] = state >>> 16;
  }
  return body;
}

/** In chunks of different lengths. */
export function chunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, length = 1; at < body.length; at += length, length = 3 * length + 1) {
    const chunk = body.subarray(at, at + length);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
