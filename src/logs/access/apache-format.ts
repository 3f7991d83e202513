/** Apache's `LogFormat` string → a reader of such lines (mod_log_config). */
import type { AccessFormatName } from './access-record.ts';
import { ANYTHING, BACKSLASHED, type Characters, DATE, NUMBER, TOKEN } from './characters.ts';
import { AccessFormatError } from './errors.ts';
import type { AccessFormat } from './format.ts';
import { Slot } from './slots.ts';
import { TemplateFormat } from './template-format.ts';
import type { Part, Value } from './template-parts.ts';

/** Quotes and backslashes in texts are escaped with a backslash; `%t` brings its brackets along. */
const DIRECTIVES: Readonly<Record<string, readonly [slot: Slot, characters: Characters]>> = {
  a: [Slot.none, TOKEN],
  A: [Slot.none, TOKEN],
  b: [Slot.none, NUMBER],
  B: [Slot.none, NUMBER],
  D: [Slot.totalMicros, NUMBER],
  f: [Slot.none, BACKSLASHED],
  h: [Slot.none, TOKEN],
  H: [Slot.none, BACKSLASHED],
  I: [Slot.none, NUMBER],
  k: [Slot.none, NUMBER],
  l: [Slot.none, TOKEN],
  L: [Slot.none, TOKEN],
  m: [Slot.method, BACKSLASHED],
  O: [Slot.none, NUMBER],
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

/** `%>s`, `%!200,304{Referer}i`, `%{us}T` */
const DIRECTIVE = /%(%|(?:[!<>]|\d{3},?)*(?:\{([^}]*)\})?(\^?[A-Za-z]{1,3}))/g;

/**
 * Compiles the format, bare or as the whole directive: `LogFormat "…" combined`.
 * @throws AccessFormatError `bad-format`, `ambiguous-format`, `no-status`
 */
export function compileApacheFormat(
  text: string,
  options: { readonly name?: AccessFormatName; readonly description?: string } = {},
): AccessFormat {
  const format = readDirective(text);
  const parts: Part[] = [];
  let at = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    parts.push(format.slice(at, match.index), ...readItem(match));
    at = match.index + match[0].length;
  }
  parts.push(format.slice(at));
  // Apache is no name of the report: its formats are combined ones with more or less in them.
  return new TemplateFormat(options.name ?? 'combined', options.description ?? text.trim(), parts, {
    escape: 'backslash',
  });
}

function readDirective(text: string): string {
  const quoted = /^(?:LogFormat\s+)?"((?:\\.|[^"\\])*)"(?:\s+\w+)?$/s.exec(text.trim());
  const format = quoted?.[1] ?? text.trim().replace(/^LogFormat\s+/, '');
  return format.replaceAll('\\"', '"').replaceAll('\\t', '\t');
}

function readItem([whole, rest, argument, name = '']: RegExpMatchArray): Part[] {
  if (rest === '%') return ['%'];
  const label = whole;
  if (name === 't') return readTime(argument, label);
  if (name === 'T') return [{ slot: durationSlot(argument), characters: NUMBER, label }];
  if (/^[ieonC]$/.test(name) && argument !== undefined)
    return [{ slot: namedSlot(argument), characters: BACKSLASHED, label }];
  // %^FB, %^FU: microseconds (mod_logio); others of modules are read over.
  if (name.startsWith('^')) return [{ slot: Slot.none, characters: TOKEN, label }];
  const known = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
  if (known === undefined) {
    throw new AccessFormatError('bad-format', `Apache has no ${whole}`, 'see mod_log_config');
  }
  return [{ slot: known[0], characters: known[1], label }];
}

function readTime(argument: string | undefined, label: string): Part[] {
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
    case '%FT%T%z':
    case '%Y-%m-%dT%H:%M:%S%z':
    case '%Y-%m-%d %H:%M:%S':
    case '%F %T':
      return [value(Slot.isoTime, DATE)];
    case '%d/%b/%Y:%H:%M:%S %z':
    case '%d/%b/%Y:%T %z':
      return [value(Slot.clfTime, DATE)];
    default:
      return [value(Slot.none, ANYTHING)];
  }
}

function durationSlot(unit: string | undefined): Slot {
  return unit === 'ms' ? Slot.totalMs : unit === 'us' ? Slot.totalMicros : Slot.totalSeconds;
}

/** Headers, notes, environment: `%{X-Unique-ID}i`, `%{UNIQUE_ID}e`. */
function namedSlot(name: string): Slot {
  if (/traceparent|trace[-_]?id/i.test(name)) return Slot.trace;
  return /unique[-_]?id|request[-_]?id|correlation[-_]?id/i.test(name) ? Slot.id : Slot.none;
}
