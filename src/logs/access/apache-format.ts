/** Apache's `LogFormat` string → a reader of such lines (mod_log_config). */

import { AccessFormatError } from '../access-errors.ts';
import { ANYTHING, BACKSLASHED, type Characters, DATE, NUMBER, TOKEN } from './characters.ts';
import type { AccessFormat } from './format.ts';
import type { CompileOptions } from './haproxy-format.ts';
import { Slot } from './slots.ts';
import { TemplateFormat } from './template-format.ts';
import type { TemplatePart, Value } from './template-parts.ts';
import { unescapeWord } from './unescape.ts';

/** Quotes and backslashes in texts are escaped with a backslash; `%t` brings its brackets along. */
const DIRECTIVES: Readonly<Record<string, readonly [slot: Slot, characters: Characters]>> = {
  a: [Slot.none, TOKEN],
  A: [Slot.none, TOKEN],
  b: [Slot.responseBytes, NUMBER],
  B: [Slot.responseBytes, NUMBER],
  D: [Slot.totalMicros, NUMBER],
  f: [Slot.none, BACKSLASHED],
  h: [Slot.none, TOKEN],
  H: [Slot.none, BACKSLASHED],
  I: [Slot.none, NUMBER],
  k: [Slot.none, NUMBER],
  l: [Slot.none, TOKEN],
  L: [Slot.none, TOKEN],
  m: [Slot.method, BACKSLASHED],
  O: [Slot.sentBytes, NUMBER],
  p: [Slot.none, NUMBER],
  P: [Slot.pid, NUMBER],
  q: [Slot.query, BACKSLASHED],
  r: [Slot.request, BACKSLASHED],
  R: [Slot.none, BACKSLASHED],
  s: [Slot.status, NUMBER],
  S: [Slot.none, NUMBER],
  T: [Slot.totalSeconds, NUMBER],
  u: [Slot.none, BACKSLASHED],
  U: [Slot.path, BACKSLASHED],
  v: [Slot.none, TOKEN],
  V: [Slot.none, TOKEN],
  X: [Slot.none, TOKEN],
};

/** `%>s`, `%!200,304{Referer}i`, `%{us}T`, `%{X-Trailer}^ti`, `%^FB` */
const DIRECTIVE = /%(%|(?:[!<>]|\d{3},?)*(?:\{([^}]*)\})?(\^[A-Za-z]{2}|[A-Za-z]))/g;

/**
 * Compiles the format, bare or as the whole directive: `LogFormat "…" combined`.
 * @throws AccessFormatError `bad-format`, `ambiguous-format`, `no-status`
 */
export function compileApacheFormat(text: string, options: CompileOptions = {}): AccessFormat {
  const format = readDirective(text);
  const parts: TemplatePart[] = [];
  let at = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    parts.push(format.slice(at, match.index), ...readItem(match));
    at = match.index + match[0].length;
  }
  parts.push(format.slice(at));
  joinTimes(parts);
  keepFinalStatus(parts);
  // Apache is no name of the report: its formats are combined ones with more or less in them.
  return new TemplateFormat(
    options.name ?? 'combined',
    options.description ?? text.trim(),
    parts,
    { escape: 'backslash' },
    options.isFound === true ? undefined : options.idField,
  );
}

/** Drops `%s` where both are logged: `%>s` is what the client got, `%s` what came before an internal redirect. */
function keepFinalStatus(parts: TemplatePart[]): void {
  const isStatus = (part: TemplatePart) => typeof part !== 'string' && part.slot === Slot.status;
  const isFinal = (part: TemplatePart) => typeof part !== 'string' && part.label.includes('>');
  if (!parts.some((part) => isStatus(part) && isFinal(part))) return;
  for (const [i, part] of parts.entries())
    if (typeof part !== 'string' && isStatus(part) && !isFinal(part)) parts[i] = { ...part, slot: Slot.none };
}

/** `LogFormat "…" name`, `CustomLog logs/access.log "…" env=x`, or the text alone, in either kind of quotes. */
const QUOTED =
  /^(?:LogFormat\s+|CustomLog\s+(?:"[^"]*"|\S+)\s+)?(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)')(?:\s+[^"']*)?$/s;

function readDirective(text: string): string {
  const quoted = QUOTED.exec(text.trim());
  const format = quoted?.[1] ?? quoted?.[2] ?? text.trim().replace(/^LogFormat\s+/, '');
  return unescapeWord(format);
}

function readItem([whole, rest, argument, name = '']: RegExpMatchArray): TemplatePart[] {
  if (rest === '%') return ['%'];
  const label = whole;
  if (name === 't') return readTime(argument, label);
  if (name === 'T') return [{ slot: durationSlot(argument), characters: NUMBER, label }];
  if (name === '^FB') return [{ slot: Slot.firstByteMicros, characters: NUMBER, label }];
  // Headers, notes, cookies, the environment, variables of mod_ssl and of Varnish, trailers.
  if (/^(?:[ieonCxc]|\^t[io])$/.test(name) && argument !== undefined) {
    if (name === 'x' && argument === 'Varnish:time_firstbyte')
      return [{ slot: Slot.firstByteSeconds, characters: NUMBER, label }];
    const characters = name === 'x' && WORDS.test(argument) ? TOKEN : BACKSLASHED;
    const isContentType = name === 'o' && /^content-type$/i.test(argument);
    return [{ slot: isContentType ? Slot.contentType : namedSlot(argument), characters, label }];
  }
  // %^FU and others of modules are read over.
  if (name.startsWith('^')) return [{ slot: Slot.none, characters: TOKEN, label }];
  const known = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
  if (known === undefined) {
    throw new AccessFormatError('bad-format', `Apache has no ${whole}`, 'see mod_log_config');
  }
  // %{tid}P is no process.
  const isThread = name === 'P' && argument !== undefined && argument !== 'pid';
  return [{ slot: isThread ? Slot.none : known[0], characters: isThread ? TOKEN : known[1], label }];
}

/** Variables of mod_ssl that are one word. */
const WORDS =
  /^(?:SSL_(?:PROTOCOL|CIPHER\w*|SESSION_ID|SESSION_RESUMED|SECURE_RENEG|CLIENT_VERIFY|\w+_SERIAL)|Varnish:\w+)$/;

function readTime(argument: string | undefined, label: string): TemplatePart[] {
  const format = argument?.replace(/^(?:begin|end):/, '');
  const value = (slot: Slot, characters: Characters): Value => ({ slot, characters, label });
  switch (format) {
    case undefined:
    case '':
      return ['[', value(Slot.clfTime, DATE), ']'];
    case 'sec':
      return [value(Slot.epoch, NUMBER)];
    case 'msec':
    case 'usec':
      return [value(Slot.anyTime, NUMBER)];
    case 'msec_frac':
      return [value(Slot.millis, NUMBER)];
    case 'usec_frac':
    case '%z':
      return [value(Slot.none, DATE)];
    default: {
      const plain = format.replaceAll('%T', '%H:%M:%S').replaceAll('%F', '%Y-%m-%d').replace('%e', '%d');
      if (/^%Y-%m-%d[T ]%H:%M:%S(?: ?%z)?$/.test(plain)) return [value(Slot.isoTime, DATE)];
      if (/^\[?%d\/%b\/%Y:%H:%M:%S(?: %z)?\]?$/.test(plain)) {
        const [open, close] = [plain.startsWith('[') ? '[' : '', plain.endsWith(']') ? ']' : ''];
        return [open, value(Slot.clfTime, DATE), close].filter((part) => part !== '');
      }
      return [value(Slot.none, ANYTHING)];
    }
  }
}

/** `%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t` is one time. */
function joinTimes(parts: TemplatePart[]): void {
  for (let index = parts.length - 3; index >= 0; index -= 1) {
    const [time, between, rest] = parts.slice(index, index + 3);
    if (typeof time !== 'object' || typeof rest !== 'object' || typeof between !== 'string') continue;
    const isZone = /\{%z\}t$/.test(rest.label) && /^ ?$/.test(between);
    const isFraction = /[mu]sec_frac\}t$/.test(rest.label) && between === '.';
    if (!isZone && !isFraction) continue;
    if (isZone && /sec_frac\}t$/.test(time.label)) parts.splice(index, 3, { ...time, characters: DATE });
    else if (time.slot === Slot.clfTime || time.slot === Slot.isoTime) parts.splice(index, 3, time);
  }
}

function durationSlot(unit: string | undefined): Slot {
  return unit === 'ms' ? Slot.totalMs : unit === 'us' ? Slot.totalMicros : Slot.totalSeconds;
}

/** Headers, notes, environment: `%{X-Unique-ID}i`, `%{UNIQUE_ID}e`. */
function namedSlot(name: string): Slot {
  if (/traceparent|trace[-_]?id/i.test(name)) return Slot.trace;
  if (/(?:span|parent)[-_]?id/i.test(name)) return Slot.span;
  return /unique[-_]?id|request[-_]?id|correlation[-_]?id/i.test(name) ? Slot.id : Slot.none;
}
