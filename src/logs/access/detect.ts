/** Which format the lines of an input have. */

import type { AccessReadOptions } from '../access-options.ts';
import { type AccessRecord, isAnswer } from '../access-record.ts';
import {
  HAPROXY_VARIANTS,
  type HaproxyVariant,
  haproxyBases,
  haproxyBuiltin,
  JSON_FORMATS,
  makeMirrorLogFormat,
  OPEN_WEB_SERVER_FORMATS,
  WEB_SERVER_FORMATS,
} from '../builtin-formats.ts';
import type { LineHeader } from '../record.ts';
import { ANYTHING, NAME, TOKEN } from './characters.ts';
import { type AccessClock, anyClock } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { haproxyParts } from './haproxy-format.ts';
import { AccessLineReader } from './line-reader.ts';
import { RecordBuilder } from './record-builder.ts';
import { Positions, Slot } from './slots.ts';
import { describeTails, NOT_READ } from './tails.ts';
import { Template } from './template.ts';

/** Lines looked at, and how long they may be together; more do not make it surer. */
export const SAMPLE_LINES = 200;
export const SAMPLE_BYTES = 1024 * 1024;

export interface Detection {
  readonly format: AccessFormat;
  /** Lines of the sample that it read, and lines of the sample. */
  readonly parsed: number;
  readonly lines: number;
}

interface Candidate {
  readonly format: AccessFormat;
  readonly parsed: number;
  readonly whole: number;
}

/**
 * The format that reads most of the lines to their ends, from their first 200 (SPOE lines are not wanted here; notices do
 * no harm): what it reads no more than the beginning of has no id. Of several that read as many, one that reads more of the
 * others, then the more telling one: the order below. Undefined when none reads any.
 */
export function detectFormat(lines: readonly string[], options: AccessReadOptions = {}): Detection | undefined {
  const sample = lines.slice(0, SAMPLE_LINES);
  const known = best(
    [
      ...JSON_FORMATS.map((make) => make(options)),
      ...haproxyFormats(sample, options),
      ...WEB_SERVER_FORMATS.map((make) => make(options)),
      makeMirrorLogFormat(options),
    ],
    sample,
  );
  const open = best(
    [...openHaproxyFormats(sample, options), ...OPEN_WEB_SERVER_FORMATS.map((make) => make(options))],
    sample,
  );
  // A few lines that end differently are no reason to give up what the others say.
  const chosen = known !== undefined && known.parsed * 2 >= (open?.parsed ?? 0) ? known : open;
  return chosen === undefined ? undefined : { format: chosen.format, parsed: chosen.parsed, lines: sample.length };
}

function best(formats: readonly AccessFormat[], sample: readonly string[]): Candidate | undefined {
  let chosen: Candidate | undefined;
  for (const format of formats) {
    const { parsed, whole } = tryFormat(format, sample);
    if (parsed === 0) continue;
    if (chosen === undefined || whole > chosen.whole || (whole === chosen.whole && parsed > chosen.parsed)) {
      chosen = { format, parsed, whole };
    }
  }
  return chosen;
}

function tryFormat(format: AccessFormat, sample: readonly string[]): { parsed: number; whole: number } {
  const reader = new AccessLineReader(format, anyClock());
  let parsed = 0;
  let whole = 0;
  for (const line of sample) {
    const record = reader.read(line);
    if (record === undefined) continue;
    parsed += 1;
    if (isAnswer(record) || record.isCut !== true) whole += 1;
  }
  return { parsed, whole };
}

/**
 * The one of HAProxy's own formats, with what lines of the sample have behind it, that says of most lines what they say
 * themselves: one with a word for an id, and anything behind that, reads any line to its end.
 */
function haproxyFormats(sample: readonly string[], options: AccessReadOptions): readonly AccessFormat[] {
  const found = variantsOf(sample).flatMap((variant) => {
    const probe = new TailProbe(variant);
    tryFormat(probe, sample);
    return describeTails(probe.tails, options).map((extras) => ({ variant, extras }));
  });
  const tried = found.map(({ variant, extras }) => {
    const format = haproxyBuiltin(variant, extras, options);
    const { parsed, whole } = tryFormat(format, sample);
    return { format, parsed, whole, own: Math.min(whole, extras.votes), late: Number(extras.isLate) };
  });
  return tried
    .filter(({ parsed }) => parsed > 0)
    .sort((a, b) => b.own - a.own || b.whole - a.whole || b.parsed - a.parsed || a.late - b.late)
    .slice(0, 1)
    .map(({ format }) => format);
}

function openHaproxyFormats(sample: readonly string[], options: AccessReadOptions): AccessFormat[] {
  const rest = { format: ' %[var(rest)]', shown: NOT_READ };
  return variantsOf(sample).map((variant) => haproxyBuiltin(variant, rest, options));
}

/** `0/0/0/12/13 200 123 - - ---- 1/1/0/0/0 0/0 … "GET`: timers, status, size, cookies, state, counters, queues, request. */
const SHAPE =
  / (-?\d+(?:\/[+-]?\d+)+) (?:-1|\d{3}) \+?\d+ .{1,400}? [A-Za-z-]{2,4} (\d+(?:\/[+-]?\d+)+) \d+\/\d+ (?:\{[^{}]*\} ){0,2}("?)/;
const TIMERS = '%TR/%Tw/%Tc/%Tr/%Ta';
const COUNTERS = '%ac/%fc/%bc/%sc/%rc';
const MAX_SHAPES = 3;

/**
 * HAProxy's own formats, and `httplog` with the numbers of timers and counters that the lines have. Which timers they are
 * is not known, so they are not read.
 */
function variantsOf(sample: readonly string[]): HaproxyVariant[] {
  const counts = new Map<string, number>();
  for (const line of sample) {
    const [, timers = '', counters = '', quote = ''] = SHAPE.exec(line) ?? [];
    if (timers === '') continue;
    const shape = `${partsOf(timers)} ${partsOf(counters)} ${quote}`;
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  counts.delete('5 5 "');
  const shapes = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, MAX_SHAPES);
  return [...HAPROXY_VARIANTS, ...shapes.map(([shape]) => variantOf(shape))];
}

function partsOf(group: string): number {
  return group.split('/').length;
}

function variantOf(shape: string): HaproxyVariant {
  const [timers = 5, counters = 5] = shape.split(' ', 2).map(Number);
  const isQuoted = shape.endsWith('"');
  const repeat = (name: string, count: number) => Array.from({ length: count }, () => name).join('/');
  const text = haproxyBases.httplog
    .replace(TIMERS, timers === 5 ? TIMERS : repeat('%Tw', timers))
    .replace(COUNTERS, counters === 5 ? COUNTERS : repeat('%ac', counters))
    .replace('%{+Q}r', isQuoted ? '%{+Q}r' : '%r');
  const said = [
    ...(timers === 5 ? [] : [`${timers} timers that are not read (the log-format tells which they are)`]),
    ...(counters === 5 ? [] : [`${counters} counters`]),
    ...(isQuoted ? [] : ['no quotes']),
  ];
  return { base: 'httplog', text, shown: `httplog with ${said.join(', ')}` };
}

/** Reads a format with anything behind it, and remembers what that was. */
class TailProbe implements AccessFormat {
  readonly name = 'haproxy-log-format';
  readonly description = '';
  readonly #template: Template;
  readonly #builder = new RecordBuilder({ escape: 'haproxy' });
  readonly #positions = new Positions();
  readonly #isClf: boolean;
  readonly #isQuoted: boolean;
  readonly tails: string[] = [];

  constructor({ base, text }: HaproxyVariant) {
    this.#isClf = base === 'httplog clf';
    this.#isQuoted = this.#isClf || !text.includes(' %r');
    const tail = { slot: Slot.error, characters: ANYTHING, label: 'tail', open: ' ', close: '' };
    // A client's text may hold anything; here it is enough to read simple lines.
    const parts = haproxyParts(text).map((part) => {
      if (typeof part === 'string') return part;
      const isOpen = part.characters === ANYTHING || (part.slot === Slot.request && !this.#isQuoted);
      return isOpen ? { ...part, characters: part.none === undefined ? NAME : TOKEN } : part;
    });
    this.#template = new Template([...parts, tail]);
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    const positions = this.#positions;
    if (this.#template.match(line, start, line.trimEnd().length, positions) !== 'whole') return undefined;
    const tail = positions.text(line, Slot.error);
    positions.unset(Slot.error);
    // Another line behind it without a newline between: where that begins, and this one's last word ends, cannot be told.
    if (ANOTHER_LINE.test(tail)) return undefined;
    const record = this.#builder.build(line, positions, header, clock);
    if (record !== undefined) this.tails.push(tail.slice(this.#lengthBefore(tail)));
    return record;
  }

  #lengthBefore(tail: string): number {
    if (this.#isClf) return listsLength(tail);
    return this.#isQuoted ? 0 : (REST_OF_REQUEST.exec(tail)?.[0].length ?? 0);
  }
}

/** A date, and a status with a size, of HAProxy's own formats. */
const ANOTHER_LINE = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:.]+(?: [+-]\d{4})?\] .{1,1000}? (?:-1|\d{3}) \+?\d+ /;

/** The rest of a request without quotes, whose first word ended it. */
const REST_OF_REQUEST = /^ \S+(?: HTTP\/[\d.]+)?(?= |$)/;

/** The captures of `httplog clf`, quoted texts that are part of the format: how much of the tail they are. */
function listsLength(tail: string): number {
  return / "[^=]*"(?= |$)/y.exec(tail)?.[0].length ?? 0;
}
