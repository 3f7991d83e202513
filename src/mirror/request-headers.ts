import type { Header } from '../spop/headers-bin.ts';
import { trimOws } from '../text/trim-ows.ts';
import { isFieldValue, isToken } from './syntax.ts';

/** The header rules of a mirror, made once. */
export interface HeaderRules {
  /** Names, in lower case, that never pass. */
  readonly dropped: ReadonlySet<string>;
  /** Names that never pass either, but `traceparent` is still read: another one replaces it when the request is written. */
  readonly replaced: ReadonlySet<string>;
  /** Lines that are added at the end. */
  readonly added: string;
  readonly uniqueIdHeader: string;
  /** True when production's Host is left out. */
  readonly dropHost: boolean;
}

export interface HeaderBlock {
  /** Whole lines, each with its CRLF; without the empty line at the end. */
  readonly lines: string;
  readonly hasHost: boolean;
  readonly traceparent: string | undefined;
  /** The length that the client announced; undefined without a content-length. */
  readonly announced: number | undefined;
}

/** Headers between two hops, RFC 9110 section 7.6.1 and RFC 9113 section 8.2.2; Expect asks for an answer that nobody waits for. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers that Connection may not name: the request could not be understood without them. */
const NEVER_NAMED: readonly string[] = ['host', 'content-length', 'transfer-encoding'];

/** Methods without a content-length where there is no body; the others say `content-length: 0`. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE']);

/** Undefined when one of the headers could become two, or something other than a header. */
export function writeHeaders(
  headers: readonly Header[],
  method: string,
  bodyBytes: number,
  uniqueId: string | undefined,
  rules: HeaderRules,
): HeaderBlock | undefined {
  const named = connectionOptions(headers);
  const lines: string[] = [];
  let hasHost = false;
  let traceparent: string | undefined;
  let announced: number | undefined;
  let framingAt = -1;
  for (const [name, value] of headers) {
    if (!isToken(name) || !isFieldValue(value)) return undefined;
    const lower = name.toLowerCase();
    if (lower === 'content-length' || lower === 'transfer-encoding') {
      // The place of the one that is written for the body as it is now.
      if (framingAt < 0) framingAt = lines.push('') - 1;
      const length = lower === 'content-length' && /^\d{1,15}$/.test(value) ? Number(value) : 0;
      announced = Math.max(announced ?? 0, length);
      continue;
    }
    if (rules.dropped.has(lower) || named?.has(lower)) continue;
    if (uniqueId !== undefined && lower === rules.uniqueIdHeader) continue;
    if (lower === 'host') {
      if (rules.dropHost) continue;
      hasHost = true;
    } else if (lower === 'traceparent') traceparent ??= value;
    if (rules.replaced.has(lower)) continue;
    lines.push(`${name}: ${value}\r\n`);
  }
  if (bodyBytes > 0 || (announced !== undefined && !WITHOUT_CONTENT.has(method))) {
    lines[framingAt < 0 ? lines.length : framingAt] = `content-length: ${bodyBytes}\r\n`;
  }
  if (uniqueId !== undefined) lines.push(`${rules.uniqueIdHeader}: ${uniqueId}\r\n`);
  return { lines: lines.join('') + rules.added, hasHost, traceparent, announced };
}

/** The headers that Connection names, which end at this hop with it. */
function connectionOptions(headers: readonly Header[]): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    named ??= new Set();
    for (const option of value.split(',')) named.add(trimOws(option).toLowerCase());
  }
  for (const name of NEVER_NAMED) named?.delete(name);
  return named;
}
