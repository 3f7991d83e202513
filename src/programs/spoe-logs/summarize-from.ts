/**
 * `summarize --from`: events that `load` has stored go through the statistics that files go through, in the order of their lines. A
 * bundle of its own (scripts/build.mjs): who summarizes files needs no engine.
 */

import type { EngineBlock } from '../../engines/engine.ts';
import { EngineError } from '../../engines/errors.ts';
import { parseLocation } from '../../engines/location.ts';
import { type EngineAccess, openEngine } from '../../engines/open-engine.ts';
import {
  EVENT_COLUMNS,
  type EventSelection,
  StoredEvents,
  type StoredFile,
  type StoredPart,
  splitWho,
} from '../../engines/stored-events.ts';
import { Names } from '../../logs/names.ts';
import { LineTally } from '../../logs/tally.ts';
import { Aggregator } from '../../stats/aggregator.ts';
import type { Dimension } from '../../stats/grouping.ts';
import type { Notice } from '../../stats/model.ts';
import { LinesOfParts, parsePartLines } from '../../tables/part-lines.ts';
import { type StoredColumns, StoredRows } from '../../tables/stored-rows.ts';
import { formatAmount } from '../../text/numbers.ts';
import type { Clock } from '../../text/retry.ts';
import { type FilterOptions, toFilter } from './filter-options.ts';
import { FromGaps } from './from-gaps.ts';
import { addMinutes, MINUTES_REASON } from './from-minutes.ts';
import type { SummarySource } from './summary-output.ts';

export interface FromOptions {
  readonly by: readonly Dimension[];
  readonly windowMs?: number | undefined;
  readonly filter: FilterOptions;
  /** Counts over time, for a page. */
  readonly history?: boolean;
  /** Fewer events than FEW_EVENTS, for tests. */
  readonly fewEvents?: number;
}

export interface FromSummary extends SummarySource {
  /** Events, whatever the filter says of them, and lines of SPOE that are none. */
  readonly found: number;
}

/** Rows that are asked for at once, about: what an engine sorts, and holds until it has answered. Parts and files likewise. */
const RUN_ROWS = 150_000;
const RUN_PARTS = 1000;
const RUN_FILES = 50;
/**
 * Events that the filter leaves out are read all the same while they are so few, or fewer than those that it wants: they say whether others
 * went on, as they do in files.
 */
const FEW_EVENTS = 1_000_000;
/** A part that is being written is waited for so long; one that was begun so long ago was given up. */
const WRITING_MS = 5000;
const LOOK_MS = 250;
const GIVEN_UP_MS = 900_000;
const MOST_BEGUN = 10_000;

/** Reads what the location has. Throws EngineError: then there is no summary, rather than one of a part. */
export async function readFrom(from: string, access: EngineAccess, options: FromOptions): Promise<FromSummary> {
  const engine = await openEngine(parseLocation(from), access);
  try {
    const stored = new StoredEvents(engine);
    const abandoned = await waitForParts(stored, access.clock, access.signal);
    return await new FromReading(stored, options, abandoned).read();
  } finally {
    await engine.close();
  }
}

/** Who follows logs is writing some part at any time: these are soon there. @returns those that are not, by load_id and first line */
async function waitForParts(stored: StoredEvents, clock: Clock, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const first = await stored.begun(MOST_BEGUN);
  const givesUpAt = clock.now() + WRITING_MS;
  let begun = new Set(first.keys());
  const mayCome = () => [...begun].some((key) => (first.get(key) ?? 0) > clock.now() - GIVEN_UP_MS);
  while (mayCome() && clock.now() < givesUpAt && signal?.aborted !== true) {
    await clock.sleep(LOOK_MS, signal ?? new AbortController().signal);
    const now = await stored.begun(MOST_BEGUN);
    begun = new Set([...begun].filter((key) => now.has(key)));
  }
  return begun;
}

class FromReading {
  readonly #stored: StoredEvents;
  readonly #options: FromOptions;
  readonly #abandoned: ReadonlySet<string>;
  readonly #aggregator: Aggregator;
  readonly #lines = new LinesOfParts(new LineTally());
  readonly #gaps = new FromGaps();
  readonly #notices: Notice[] = [];
  #files: readonly StoredFile[] = [];
  #areUnnamedOfHost = false;
  #rows: StoredRows | undefined;
  /** Only events that the filter wants are read. */
  #selection: EventSelection | undefined;
  #file = -1;
  /** The number of the line behind the last part of the file. */
  #line = 0;
  #keptFrom: Promise<number | undefined> | undefined;
  #hasEvents = false;
  #minutesAlone = 0;

  constructor(stored: StoredEvents, options: FromOptions, abandoned: ReadonlySet<string>) {
    this.#stored = stored;
    this.#options = options;
    this.#abandoned = abandoned;
    const { by, windowMs, history = false } = options;
    const filter = toFilter(options.filter);
    this.#aggregator = new Aggregator({
      by,
      history,
      ...(windowMs !== undefined && { windowMs }),
      ...(filter && { filter }),
    });
  }

  async read(): Promise<FromSummary> {
    this.#files = await this.#stored.files();
    this.#areUnnamedOfHost = new Set(this.#files.map(({ host }) => host)).size > 1;
    this.#rows = new StoredRows({
      ...{ names: new Names(), areUnnamedOfHost: this.#areUnnamedOfHost, splitWho },
      sink: (batch) => this.#aggregator.add(batch),
    });
    this.#selection = await this.#chooseSelection();
    await this.#readParts();
    this.#gaps.strays = Math.max(this.#gaps.strays, await this.#stored.strays(this.#selection));
    const isOfMinutes = this.#minutesAlone > 0 && !this.#hasEvents;
    this.#gaps.areMinutes = isOfMinutes;
    if (isOfMinutes) {
      const there = await this.#stored.minutesThere();
      if (there !== undefined) this.#gaps.addMinutes(there, this.#files);
      await addMinutes(this.#stored, this.#aggregator, this.#options);
      this.#notices.push({ code: 'minutes-only', message: MINUTES_REASON });
    } else this.#gaps.minutesAlone = this.#minutesAlone;
    const { tally } = this.#lines;
    const aggregator = this.#aggregator;
    if (aggregator.events + aggregator.filtered === 0) this.#gaps.requireSome(this.#stored.engine);
    aggregator.unchecked += this.#lines.unchecked;
    return {
      ...{ files: namesOf(this.#files, this.#areUnnamedOfHost), aggregator, tally },
      missing: [...(isOfMinutes ? [MINUTES_REASON] : []), ...this.#gaps.reasons],
      inputNotices: [...this.#notices, ...this.#gaps.notices],
      found: aggregator.events + aggregator.filtered + aggregator.duplicates + tally.other + tally.malformed,
    };
  }

  /** Undefined where all events are read. */
  async #chooseSelection(): Promise<EventSelection | undefined> {
    const { agents, hosts, pids, since, until } = this.#options.filter;
    const selection = { agents, hosts, pids, since, until, areUnnamedOfHost: this.#areUnnamedOfHost };
    if (Object.values(this.#options.filter).length === 0) return undefined;
    const all = this.#files.reduce((sum, { rows }) => sum + rows, 0);
    const { fewEvents: few = FEW_EVENTS } = this.#options;
    if (all <= few) return undefined;
    const wanted = await this.#stored.count(selection);
    const others = all - wanted;
    if (others <= Math.max(few, wanted)) return undefined;
    this.#aggregator.filtered += others;
    this.#notices.push({
      code: 'filtered-in-engine',
      message: `${formatAmount(others, 'event')} that the filters leave out ${others === 1 ? 'was' : 'were'} not read: whether others went on meanwhile is not known`,
    });
    return selection;
  }

  async #readParts(): Promise<void> {
    let run: StoredPart[] = [];
    let rows = 0;
    for await (const part of this.#stored.parts(this.#files, this.#selection)) {
      const isFull =
        rows + part.rows > RUN_ROWS || run.length >= RUN_PARTS || part.file - (run[0]?.file ?? part.file) >= RUN_FILES;
      if (isFull) {
        await this.#readRun(run);
        run = [];
        rows = 0;
      }
      run.push(part);
      rows += part.rows;
    }
    await this.#readRun(run);
    this.#endFile();
  }

  /** Reads the events of parts that follow one another. */
  async #readRun(parts: readonly StoredPart[]): Promise<void> {
    const rows = this.#rows as StoredRows;
    const wanted = parts.filter(hasRows);
    const counts =
      this.#selection && wanted.length > 0 ? await this.#stored.countParts(this.#files, wanted) : undefined;
    const found = new Array<number>(parts.length).fill(0);
    let at = -1;
    let part: StoredPart | undefined;
    const goTo = async (next: number) => {
      for (; at < next; at++) {
        if (part !== undefined)
          await this.#leave(part, counts === undefined ? (found[at] ?? 0) : this.#countOf(counts, part));
        part = parts[at + 1];
        if (part !== undefined) this.#enter(part);
      }
    };
    let last = -1;
    for await (const { count, columns } of this.#stored.events(this.#files, wanted, this.#selection)) {
      const [file = [], first = [], number = []] = columns as readonly ArrayLike<number>[];
      const stored = toColumns(columns);
      for (let i = 0; i < count; i++) {
        if (part === undefined || file[i] !== part.file || first[i] !== part.firstLine) {
          const next = findPart(parts, at, file[i] as number, first[i] as number);
          if (next === undefined) {
            this.#gaps.strays += 1;
            continue;
          }
          await goTo(next);
          last = -1;
        }
        // What an engine took twice is one event, too.
        if (number[i] === last || part?.state !== 'loaded') continue;
        last = number[i] as number;
        found[at] = (found[at] ?? 0) + 1;
        rows.add(stored, i);
      }
    }
    await goTo(parts.length);
  }

  #countOf(counts: ReadonlyMap<string, number>, { file, firstLine }: StoredPart): number {
    return counts.get(`${this.#files[file]?.loadId} ${firstLine}`) ?? 0;
  }

  #enter(part: StoredPart): void {
    if (part.file !== this.#file) {
      this.#endFile();
      this.#file = part.file;
      this.#line = 0;
      this.#aggregator.beginInput();
    }
    const file = this.#files[part.file] as StoredFile;
    if (part.firstLine > this.#line && this.#selection === undefined)
      this.#gaps.addLines(file, this.#line, part.firstLine);
    this.#line = Math.max(this.#line, part.endLine);
    if (part.state !== 'loaded' && this.#abandoned.has(`${file.loadId} ${part.firstLine}`))
      this.#gaps.addBegun(file, part);
  }

  /** @param found events of the part that are there */
  async #leave(part: StoredPart, found: number): Promise<void> {
    if (part.state !== 'loaded') return;
    if (hasRows(part) && found !== part.rows) {
      const lost = part.rows - found;
      this.#keptFrom ??= this.#stored.keptFrom();
      const keptFrom = await this.#keptFrom;
      // Of a part that reaches into days that are kept nobody knows which of its events are gone.
      const isExpired = keptFrom !== undefined && part.timeTo < keptFrom;
      if (isExpired) this.#gaps.expired += lost;
      else this.#gaps.addLost(this.#files[part.file] as StoredFile, lost);
      // What was loaded of days that are no longer kept is still written down.
      if (isExpired && found === 0) return;
    }
    if (part.hasEvents) this.#hasEvents = true;
    else if (part.hasMinutes) this.#minutesAlone += part.rows;
    const lines = parsePartLines(part.details);
    if (lines === undefined)
      throw new EngineError(
        'engine-answer',
        `${this.#stored.engine.shown}: spoe_loads does not say what the lines of ${this.#files[part.file]?.path} are`,
        'delete what is loaded of that file, and load it again',
      );
    this.#lines.add(lines);
    this.#aggregator.duplicates += part.duplicates;
    this.#gaps.untimed += part.untimed;
  }

  #endFile(): void {
    this.#rows?.flush();
    this.#lines.endFile();
  }
}

function hasRows({ state, hasEvents, rows }: StoredPart): boolean {
  return state === 'loaded' && hasEvents && rows > 0;
}

/** The number of the part from this one on. */
function findPart(parts: readonly StoredPart[], from: number, file: number, firstLine: number): number | undefined {
  for (let i = Math.max(0, from); i < parts.length; i++) {
    const part = parts[i] as StoredPart;
    if (part.file === file && part.firstLine === firstLine) return i;
    if (part.file > file || (part.file === file && part.firstLine > firstLine)) return undefined;
  }
  return undefined;
}

/** The columns of a block by what they are. */
function toColumns(columns: EngineBlock['columns']): StoredColumns {
  const numbers = columns as readonly ArrayLike<number>[];
  const of = (name: (typeof EVENT_COLUMNS)[number]['name']) =>
    numbers[EVENT_COLUMNS.findIndex((column) => column.name === name)] ?? [];
  return {
    who: of('who') as unknown as readonly string[],
    ...{ named: of('is_named'), pid: of('pid_or_none'), timeMs: of('time_ms'), sid: of('stream'), st: of('code') },
    ...{ timers: of('timers_there'), pT: of('total_ms') },
    ...{ reqT: of('reqT_ms'), qT: of('qT_ms'), wT: of('wT_ms'), resT: of('resT_ms') },
    ...{ idles: of('idle_applets'), applets: of('all_applets'), sending: of('in_sending'), waiting: of('in_waiting') },
    ...{ errors: of('errors_so_far'), processed: of('events_so_far') },
  };
}

/** The files as they were named, each once; with their hosts where there are several. */
function namesOf(files: readonly StoredFile[], areOfSeveral: boolean): readonly string[] {
  return [...new Set(files.map(({ host, path }) => (areOfSeveral ? `${host}:${path}` : path)))];
}
