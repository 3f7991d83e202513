/** Which format the lines of an input have. */
import type { LineHeader } from '../record.ts';
import { TimeResolver } from '../time.ts';
import type { AccessRecord } from './access-record.ts';
import {
  type HaproxyBase,
  haproxyBases,
  haproxyBuiltin,
  JSON_FORMATS,
  makeMirrorLogFormat,
  OPEN_WEB_SERVER_FORMATS,
  WEB_SERVER_FORMATS,
} from './builtin-formats.ts';
import { ANYTHING, NAME, TOKEN } from './characters.ts';
import { AccessClock } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { haproxyParts } from './haproxy-format.ts';
import { AccessLineReader } from './line-reader.ts';
import type { AccessReadOptions } from './read-options.ts';
import { RecordBuilder } from './record-builder.ts';
import { Positions, Slot } from './slots.ts';
import { Template } from './template.ts';

/** Lines looked at; more do not make it surer. */
export const SAMPLE_LINES = 200;

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
 * The format that reads most of the lines, from their first 200 (SPOE lines are not wanted here; notices do no harm).
 * Of several that read as many, one that reads more of them to their end, then the more telling one: the order below.
 * Undefined when none reads any.
 */
export function detectFormat(lines: readonly string[], _options: AccessReadOptions = {}): Detection | undefined {
  const sample = lines.slice(0, SAMPLE_LINES);
  const known = best(
    [
      ...JSON_FORMATS.map((make) => make()),
      ...haproxyFormats(sample),
      ...WEB_SERVER_FORMATS.map((make) => make()),
      makeMirrorLogFormat(),
    ],
    sample,
  );
  const open = best([...openHaproxyFormats(), ...OPEN_WEB_SERVER_FORMATS.map((make) => make())], sample);
  // A few lines that end differently are no reason to give up what the others say.
  const chosen = known !== undefined && known.parsed * 2 >= (open?.parsed ?? 0) ? known : open;
  return chosen === undefined ? undefined : { format: chosen.format, parsed: chosen.parsed, lines: sample.length };
}

function best(formats: readonly AccessFormat[], sample: readonly string[]): Candidate | undefined {
  let chosen: Candidate | undefined;
  for (const format of formats) {
    const { parsed, whole } = tryFormat(format, sample);
    if (parsed === 0) continue;
    if (chosen === undefined || parsed > chosen.parsed || (parsed === chosen.parsed && whole > chosen.whole)) {
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
    if (reader.read(line) === undefined) continue;
    parsed += 1;
    if (format.completeness === 'whole') whole += 1;
  }
  return { parsed, whole };
}

/** Which moments the times mean does not matter here. */
function anyClock(): AccessClock {
  return new AccessClock(new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: 0 }));
}

const BASES = Object.keys(haproxyBases) as HaproxyBase[];

/** HAProxy's own formats with what most lines of the sample have behind them. */
function haproxyFormats(sample: readonly string[]): AccessFormat[] {
  return BASES.flatMap((base) => {
    const probe = new TailProbe(base);
    tryFormat(probe, sample);
    return probe.extras().map(({ format, shown }) => haproxyBuiltin(base, format, shown));
  });
}

function openHaproxyFormats(): AccessFormat[] {
  return BASES.map((base) => haproxyBuiltin(base, ' %[var(rest)]', 'fields that are not read'));
}

interface Extras {
  /** In HAProxy's language, with the space before it. */
  readonly format: string;
  readonly shown: string;
}

const NO_EXTRAS: Extras = { format: '', shown: '' };

/** Reads a format with anything behind it, and remembers what that was. */
class TailProbe implements AccessFormat {
  readonly name = 'haproxy-log-format';
  readonly description = '';
  readonly completeness = 'whole';
  readonly #template: Template;
  readonly #builder = new RecordBuilder({ escape: 'haproxy' });
  readonly #positions = new Positions();
  readonly #base: HaproxyBase;
  readonly #counts = new Map<string, { extras: Extras; count: number }>();

  constructor(base: HaproxyBase) {
    this.#base = base;
    const tail = { slot: Slot.error, characters: ANYTHING, label: 'tail', open: ' ', close: '' };
    // What a client sent may hold anything; here it is enough to see what lines that are simple have.
    const parts = haproxyParts(haproxyBases[base]).map((part) =>
      typeof part === 'object' && part.characters === ANYTHING
        ? { ...part, characters: part.none === undefined ? NAME : TOKEN }
        : part,
    );
    this.#template = new Template([...parts, tail]);
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    const positions = this.#positions;
    if (this.#template.match(line, start, line.trimEnd().length, positions) !== 'whole') return undefined;
    const tail = positions.text(line, Slot.error);
    const extras = readExtras(this.#base === 'httplog clf' ? tail.slice(listsLength(tail)) : tail);
    positions.unset(Slot.error);
    const record = this.#builder.build(line, positions, header, clock);
    if (record !== undefined && extras !== undefined) {
      const known = this.#counts.get(extras.format);
      this.#counts.set(extras.format, { extras, count: (known?.count ?? 0) + 1 });
    }
    return record;
  }

  /** Most frequent first. */
  extras(): Extras[] {
    const order = [...this.#counts.values()].sort(
      (a, b) => b.count - a.count || (a.extras.format < b.extras.format ? -1 : 1),
    );
    return order.slice(0, 3).map(({ extras }) => extras);
  }
}

/** `name=` of a pair; a value in quotes is read over. */
const PAIR = / ([A-Za-z_][\w.-]{0,40})=("(?:[^"\\]|\\.)*")?/g;
const PAIR_VARIABLES: readonly (readonly [names: RegExp, variable: string])[] = [
  [/^(?:rt|sid|stream|stream_id)$/i, '%rt'],
  [/^pid$/i, '%pid'],
  [/^(?:id|uid|unique[-_.]?id|x[-_]unique[-_]id|request[-_]?id|req[-_]?id|x[-_]request[-_]id)$/i, '%ID'],
  [/^(?:traceparent|trace|trace[-_]?id)$/i, '%[var(txn.traceparent)]'],
];
/** An id has letters or digits enough to be one, and is no path and no address of the configuration. */
const POSITIONAL = /^ ("?)([\w.:~+/=@-]{1,128})\1( \d+)?$/;

/** The captures of `httplog clf`, quoted texts that are part of the format: how much of the tail they are. */
function listsLength(tail: string): number {
  return / "[^=]*"(?= |$)/y.exec(tail)?.[0].length ?? 0;
}

/** What stands behind a format; undefined when that is not known. */
function readExtras(tail: string): Extras | undefined {
  if (tail === '') return NO_EXTRAS;
  const pairs = [...tail.matchAll(PAIR)];
  if (pairs[0]?.index === 0) {
    const formats = pairs.map(([, name = '', quoted]) => {
      const variable = PAIR_VARIABLES.find(([names]) => names.test(name))?.[1] ?? '%[var(x)]';
      return quoted === undefined ? ` ${name}=${variable}` : ` ${name}="${variable}"`;
    });
    return { format: formats.join(''), shown: pairs.map(([, name = '']) => `${name}=`).join(' ') };
  }
  const match = POSITIONAL.exec(tail);
  if (match === null) return undefined;
  const [, quote = '', id = '', rt] = match;
  // A lone word may be anything; it is an id when it looks like one.
  if (rt === undefined && id !== '-' && !(id.length >= 16 && /\d/.test(id))) return undefined;
  const format = ` ${quote}%ID${quote}${rt === undefined ? '' : ' %rt'}`;
  return { format, shown: format };
}
