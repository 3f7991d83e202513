/** Bytes of a body → text. */
import { isUtf8 } from 'node:buffer';

const UTF_16 = /^utf-16(?:le|be)?$/;

/**
 * The text of a body, without a byte order mark. UTF-8, or UTF-16 where the mark or the charset (lower case) says so. Bytes that are no
 * UTF-8 stay what they are, one character each: a mark for each would make different ones equal.
 */
export function textOf(bytes: Uint8Array, charset: string): string {
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (isBig || isLittle || UTF_16.test(charset)) {
    // Without a mark it is big endian (RFC 2781, 4.3), whatever most programs write: what a server writes, both versions do.
    const label = isLittle || (!isBig && charset === 'utf-16le') ? 'utf-16le' : 'utf-16be';
    return new TextDecoder(label).decode(bytes);
  }
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = view.toString(isUtf8(view) ? 'utf8' : 'latin1');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

const JSON_TYPE = /^[^/]+\/(?:json|[^/]+\+json)$/;
/** Documents one after the other: the first alone is JSON, too. */
const JSON_LINES = /[/+.-](?:ndjson|jsonl|jsonlines|json-lines|json-seq|stream\+json)$/;

/**
 * Whether it is worth a try: the media type says JSON, or the text begins as an object or array does. Servers that call JSON text/plain,
 * text/html or nothing at all are many; those whose JSON became HTML are told by what follows.
 */
export function mayBeJson(text: string, type: string | null): boolean {
  if (type !== null && JSON_LINES.test(type)) return false;
  return (type !== null && JSON_TYPE.test(type)) || /^[\t\n\r ]*[[{]/.test(text);
}
