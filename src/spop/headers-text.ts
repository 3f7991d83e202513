import { invalidFrame } from './errors.ts';
import type { Header } from './headers-bin.ts';

const LINE_END = '\r\n';

/**
 * The value of HAProxy's `req.hdrs`: configuration.txt, section 7.3.6 "Fetching HTTP samples".
 *
 *     *( name ":" [ spaces ] value [ spaces ] CRLF ) CRLF
 *
 * HAProxy documents the empty line at the end as the mark of a complete block; what follows it is ignored. Only CRLF
 * ends a line: a lone CR or LF stays in its value, where code that writes requests can refuse it.
 * @throws SpopError 4 for a block without its end, or a line that is folded or has no name
 */
export function parseHeaders(text: string): Header[] {
  const headers: Header[] = [];
  let start = 0;
  if (text === '') return headers;
  while (true) {
    const end = text.indexOf(LINE_END, start);
    if (end < 0) throw invalidFrame('header block is cut short');
    if (end === start) return headers;
    const colon = text.indexOf(':', start);
    if (colon <= start || colon > end || isSpace(text, start)) throw invalidFrame('header line has no name');
    headers.push([text.slice(start, colon), trimmed(text, colon + 1, end)]);
    start = end + LINE_END.length;
  }
}

/** Spaces and tabs only, as RFC 9110 section 5.5 has it; `trim` would take other characters too. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}
