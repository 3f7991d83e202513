/** HAProxy's `log-format` string as a list: text, variables with their flags, samples. */
import { AccessFormatError } from '../access-errors.ts';

export interface Flags {
  /** Q: quotes around texts. */
  readonly quote: boolean;
  /** X: some numbers and addresses in hexadecimal. */
  readonly hex: boolean;
  /** E: `"`, `\` and `]` behind a backslash. */
  readonly escape: boolean;
}

export type HaproxyToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly flags: Flags; readonly label: string }
  | { readonly kind: 'sample'; readonly expression: string; readonly flags: Flags; readonly label: string };

export interface HaproxyTokens {
  readonly tokens: readonly HaproxyToken[];
  /** `%{+json}o` (3.0): the line is an object of the `%(named)` parts. */
  readonly isJson: boolean;
}

const NO_FLAGS: Flags = { quote: false, hex: false, escape: false };
/** `%(name:type){+Q,-X}` in front of a variable or `[`; HAProxy >= 3.0 knows names. */
const PREFIX = /%(?:\(([^()]*)\))?(?:\{([^{}]*)\})?(?:\(([^()]*)\))?/y;
const VARIABLE = /[A-Za-z0-9_]+/y;

/** Formats that HAProxy >= 2.9 has in its environment, so that others can be built of them. */
const NAMED: Readonly<Record<string, string>> = {
  HAPROXY_HTTP_LOG_FMT:
    '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r',
  HAPROXY_HTTPS_LOG_FMT:
    '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r ' +
    '%[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc',
  HAPROXY_HTTP_CLF_LOG_FMT:
    '%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq ' +
    '%CC %CS %hrl %hsl',
};

/** Captured headers, each in quotes; nothing where none is configured. */
export const CLF_LISTS = ' %hrl %hsl';

export const HTTPLOG = NAMED.HAPROXY_HTTP_LOG_FMT as string;
export const HTTPSLOG = NAMED.HAPROXY_HTTPS_LOG_FMT as string;
/** The format without the lists of captures, which are its end. */
export const CLF = (NAMED.HAPROXY_HTTP_CLF_LOG_FMT as string).replace(CLF_LISTS, '');

/** @throws AccessFormatError `bad-format` */
export function readHaproxyFormat(text: string): HaproxyTokens {
  const format = unwrap(text).replace(/\$\{?(HAPROXY_[A-Z_]+)\}?/g, (whole, name: string) => NAMED[name] ?? whole);
  const tokens: HaproxyToken[] = [];
  let global = NO_FLAGS;
  let isJson = false;
  for (let at = 0; at < format.length; ) {
    const percent = format.indexOf('%', at);
    const end = percent < 0 ? format.length : percent;
    if (end > at) tokens.push({ kind: 'text', text: format.slice(at, end) });
    if (percent < 0) break;
    if (format[percent + 1] === '%') {
      tokens.push({ kind: 'text', text: '%' });
      at = percent + 2;
      continue;
    }
    const item = readItem(format, percent, global);
    at = item.end;
    if (item.token !== undefined) tokens.push(item.token);
    else {
      // `%{+Q}o` is nothing but flags for all that follows.
      global = item.flags;
      isJson ||= item.isJson;
    }
  }
  return { tokens, isJson };
}

interface Item {
  /** The token; undefined for `%o`. */
  readonly token: HaproxyToken | undefined;
  readonly flags: Flags;
  readonly isJson: boolean;
  readonly end: number;
}

function readItem(format: string, at: number, global: Flags): Item {
  PREFIX.lastIndex = at;
  const prefix = PREFIX.exec(format);
  const start = at + (prefix?.[0].length ?? 1);
  const names = prefix?.[2] ?? '';
  const label = (prefix?.[1] ?? prefix?.[3] ?? '').replace(/:.*$/, '');
  const flags = readFlags(names, global);
  const isJson = /\+json/.test(names);
  if (format[start] === '[') {
    const end = sampleEnd(format, start);
    const expression = format.slice(start + 1, end).trim();
    return { token: { kind: 'sample', expression, flags, label }, flags, isJson, end: end + 1 };
  }
  VARIABLE.lastIndex = start;
  const name = VARIABLE.exec(format)?.[0];
  if (name === undefined) {
    throw bad(`nothing HAProxy knows follows the % at ${at + 1}: ${format.slice(at, at + 12)}`, 'a % itself is %%');
  }
  const end = start + name.length;
  return { token: name === 'o' ? undefined : { kind: 'variable', name, flags, label }, flags, isJson, end };
}

function readFlags(names: string, before: Flags): Flags {
  const set = (letter: string, old: boolean) =>
    names.includes(`+${letter}`) ? true : names.includes(`-${letter}`) ? false : old;
  if (/\+(?:cbor|bin)/.test(names)) {
    throw bad('binary logs (+cbor, +bin) cannot be read', 'use +json or a text format');
  }
  const named = names.replaceAll(/[+-]json/g, '');
  const unknown = named.split(',').find((flag) => flag.trim() !== '' && !/^[+-]?[QXEM]$/.test(flag.trim()));
  if (unknown !== undefined)
    throw bad(`there is no flag ${unknown} in %{${names}}`, 'HAProxy has +Q, +X, +E, +M, +json');
  return { quote: set('Q', before.quote), hex: set('X', before.hex), escape: set('E', before.escape) };
}

/** The bracket that closes `[` at `start`; quotes and parentheses of the expression count. */
function sampleEnd(format: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < format.length; at += 1) {
    const char = format[at];
    if (char === '\\') at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ']' && depth <= 0) return at;
  }
  // A parenthesis in a quoted argument: the first bracket, as HAProxy's parser falls back to.
  const end = format.indexOf(']', start);
  if (end < 0) throw bad(`%[ at ${start} has no ]`, 'close the expression');
  return end;
}

const KEYWORD = /^(?:log-format|error-log-format|set\s+log-format)\s+/;
/** A `log-profile`'s `on any format "…"`. */
const STEP = /^on\s+[\w-]+\s+format\s+/;

/** Removes the directive and what the configuration file needs around the text: quotes, backslashes. */
function unwrap(text: string): string {
  const trimmed = text.trim();
  const format = trimmed.replace(KEYWORD, '').replace(STEP, '');
  const isDirective = format !== trimmed;
  // A text without a quote or a backslash in front of spaces was pasted from where HAProxy's rules do not hold.
  const isWord = /^["']/.test(format) || (isDirective && format.includes('\\'));
  const word = isWord ? readWord(format, isDirective) : undefined;
  return word ?? format.replace(/\\(?:([ "'#\\])|(x[0-9A-Fa-f]{2}|[rnt]))/g, (_, char, code) => char ?? control(code));
}

/**
 * One word of the configuration file (section 2.2, "Quoting and escaping"): spaces end it but in quotes or behind a
 * backslash, and in single quotes a backslash is one. Undefined when the text is none, or has more behind the word.
 */
function readWord(text: string, mayHaveMore: boolean): string | undefined {
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else if (quote === '' && /\s/.test(char)) return mayHaveMore && isComment(text.slice(at)) ? word : undefined;
    else if (char === '\\' && quote !== "'") {
      const [, plain, code] = /^\\(?:([ "'#\\$])|(x[0-9A-Fa-f]{2}|[rnt]))/.exec(text.slice(at)) ?? [];
      word += plain ?? (code === undefined ? char : control(code));
      at += (plain ?? code ?? '').length;
    } else word += char;
  }
  return quote === '' ? word : undefined;
}

function isComment(rest: string): boolean {
  return /^\s*(?:#|$)/.test(rest);
}

/** `t`, `x09` */
function control(code: string): string {
  const named = { t: '\t', r: '\r', n: '\n' }[code];
  return named ?? String.fromCharCode(Number.parseInt(code.slice(1), 16));
}

function bad(message: string, hint: string): AccessFormatError {
  return new AccessFormatError('bad-format', message, hint);
}
