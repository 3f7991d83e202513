import { trimOws } from '../text/trim-ows.ts';
import { isTokenByte } from './syntax.ts';

/** How the body of a response ends: RFC 9112, section 6.3. */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close';

export interface ResponseHead {
  readonly status: number;
  readonly framing: BodyFraming;
  /** The bytes of a body with framing 'length'. */
  readonly length: number;
  /** True when the connection may be used again after this response. */
  readonly keepAlive: boolean;
}

/** The most header lines of a response; with HTTP/2 those of its interim ones and its trailers as well. */
export const MAX_FIELDS = 1_000;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

/**
 * Reads a status line and header lines: bytes[start, end), with the CRLF of the last line, without the empty line.
 * Only what says how the body ends is looked at. Undefined for anything HTTP/1 does not allow.
 */
export function readResponseHead(bytes: Buffer, start: number, end: number, isHead: boolean): ResponseHead | undefined {
  let at = bytes.indexOf(LF, start) + 1;
  const status = readStatusLine(bytes, start, at - 2);
  if (status === undefined) return undefined;
  const fields: Fields = { length: undefined, codings: '', options: '' };
  let count = 0;
  while (at < end) {
    const next = bytes.indexOf(LF, at) + 1;
    if (next <= at || bytes[next - 2] !== CR || ++count > MAX_FIELDS) return undefined;
    if (!readField(bytes, at, next - 2, fields)) return undefined;
    at = next;
  }
  const isOld = bytes[start + 7] === 0x30;
  return frame(status, fields, isHead, isOld);
}

interface Fields {
  length: number | undefined;
  /** Transfer codings and connection options, in lower case. */
  codings: string;
  options: string;
}

/** `HTTP/1.1 200 OK`; the reason may be missing, and its space with it. */
function readStatusLine(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start < 12 || bytes[end] !== CR) return undefined;
  if (bytes.toString('latin1', start, start + 7) !== 'HTTP/1.') return undefined;
  const minor = bytes[start + 7] as number;
  if ((minor !== 0x30 && minor !== 0x31) || bytes[start + 8] !== 0x20) return undefined;
  let status = 0;
  for (let i = start + 9; i < start + 12; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    status = status * 10 + digit;
  }
  if (status < 100 || (end > start + 12 && bytes[start + 12] !== 0x20)) return undefined;
  return status;
}

/** A name, a colon, a value that holds no line end of any kind; continuation lines have no name. */
function readField(bytes: Buffer, start: number, end: number, fields: Fields): boolean {
  let colon = start;
  while (colon < end && isTokenByte(bytes[colon] as number)) colon++;
  if (colon === start || bytes[colon] !== COLON) return false;
  for (let i = colon + 1; i < end; i++) if (bytes[i] === CR || bytes[i] === 0) return false;
  const length = colon - start;
  if (length !== 10 && length !== 14 && length !== 17) return true;
  const name = bytes.toString('latin1', start, colon).toLowerCase();
  if (name === 'content-length') return readLength(bytes.toString('latin1', colon + 1, end), fields);
  if (name === 'transfer-encoding') fields.codings += `,${bytes.toString('latin1', colon + 1, end).toLowerCase()}`;
  if (name === 'connection') fields.options += `,${bytes.toString('latin1', colon + 1, end).toLowerCase()}`;
  return true;
}

/** The same length may be said twice; two different ones are an attack or a mistake. */
function readLength(text: string, fields: Fields): boolean {
  for (const part of text.split(',')) {
    const digits = trimOws(part);
    if (!/^\d{1,15}$/.test(digits)) return false;
    const length = Number(digits);
    if (fields.length !== undefined && fields.length !== length) return false;
    fields.length = length;
  }
  return true;
}

function frame(status: number, fields: Fields, isHead: boolean, isOld: boolean): ResponseHead {
  const { length, codings, options } = fields;
  const has = (list: string, item: string) => list.split(',').some((one) => trimOws(one) === item);
  let keepAlive = isOld
    ? has(options, 'keep-alive') && !has(options, 'close')
    : options === '' || !has(options, 'close');
  if (isHead || status < 200 || status === 204 || status === 304)
    return { status, framing: 'none', length: 0, keepAlive };
  if (codings !== '') {
    // Both at once, or in HTTP/1.0: the response can be read, what follows it cannot be trusted.
    if (length !== undefined || isOld) keepAlive = false;
    const isChunked = trimOws(codings.slice(codings.lastIndexOf(',') + 1)) === 'chunked';
    return { status, framing: isChunked ? 'chunked' : 'close', length: 0, keepAlive: keepAlive && isChunked };
  }
  if (length === undefined) return { status, framing: 'close', length: 0, keepAlive: false };
  return { status, framing: length === 0 ? 'none' : 'length', length, keepAlive };
}
