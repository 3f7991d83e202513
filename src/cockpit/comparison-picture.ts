/** A comparison that goes on → the picture that is drawn: its report, and the latest requests that differ. */
import { REQUEST_KINDS, type RequestLine } from '../diff/request-line.ts';
import { type Line, screenStyle } from '../report/screen.ts';
import { TimeCells } from '../stats/time-cells.ts';
import { formatAmount, formatCount, formatDuration } from '../text/numbers.ts';
import { kindCharts } from './charts.ts';
import { pad } from './columns.ts';
import type { BodyRow, LinesModel, Picture, ShownLine } from './model.ts';
import type { ScreenSize } from './screen.ts';
import { type CockpitState, WINDOWS_MS } from './state.ts';
import { CHART_LABEL } from './summary-picture.ts';

/** Kinds of requests that are counted and charted; a request that has no pair is of its bucket. */
const NOT_PAIRED = 'not paired';
const KINDS = [...REQUEST_KINDS.filter((kind) => kind !== 'same'), 'same', NOT_PAIRED] as const;
type Kind = (typeof KINDS)[number];
/** The latest requests of each kind that are kept. */
const KEPT = 200;
/** The most characters of a target or an id that are kept. */
const LONGEST = 4096;
/** A clock that goes further ahead is not believed. */
const AHEAD_MS = 60_000;

/** Counts requests once it is decided what they are, and keeps the latest of each kind but the common one. */
export class RequestWatch {
  readonly cells: TimeCells;
  readonly counts = new Map<string, number>();
  readonly #kept = new Map<Kind, { readonly number: number; readonly line: RequestLine }[]>();
  requests = 0;

  constructor(cells = new TimeCells()) {
    this.cells = cells;
  }

  readonly add = (line: RequestLine): void => {
    this.requests += 1;
    const kind = line.kind ?? NOT_PAIRED;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const timeMs = line.time === null ? Number.NaN : Date.parse(line.time);
    const totalMs = line.mirror?.total_ms ?? -1;
    if (timeMs <= Date.now() + AHEAD_MS)
      this.cells.add(timeMs, KINDS.indexOf(kind), totalMs >= 0 ? Math.round(totalMs) : -1, 1);
    if (kind === 'same') return;
    const kept = this.#kept.get(kind) ?? [];
    this.#kept.set(kind, kept);
    kept.push({ number: this.requests, line: bounded(line) });
    if (kept.length > 2 * KEPT) kept.splice(0, KEPT);
  };

  /** The latest requests of a kind, the newest first; of all kinds without one. */
  latest(kind: string | undefined, render: (line: RequestLine) => string): ShownLine[] {
    const kinds = kind === undefined ? [...this.#kept.keys()] : [kind as Kind];
    return kinds
      .flatMap((each) => (this.#kept.get(each) ?? []).slice(-KEPT))
      .sort((a, b) => b.number - a.number)
      .map(({ number, line }) => ({
        number,
        bytes: Buffer.from(render(line).trimEnd()),
        failed: line.kind === 'new_error',
      }));
  }

  snapshot(): RequestWatch {
    const copy = new RequestWatch(this.cells.snapshot());
    copy.requests = this.requests;
    for (const [kind, count] of this.counts) copy.counts.set(kind, count);
    for (const [kind, kept] of this.#kept) copy.#kept.set(kind, [...kept]);
    return copy;
  }
}

/** A request whose texts are not longer than anybody looks at. */
function bounded(line: RequestLine): RequestLine {
  const { target } = line.production;
  const { id } = line;
  if (target.length <= LONGEST && (id?.length ?? 0) <= LONGEST) return line;
  const cut = (text: string) => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);
  return { ...line, id: id === null ? null : cut(id), production: { ...line.production, target: cut(target) } };
}

export interface ComparisonMoment {
  /** The report; instead of one, a line that says why there is none yet. */
  readonly lines: readonly Line[];
  readonly verdict: string;
  /** The age of the last line of either side; null before the first. */
  readonly lineMs: number | null;
  readonly watch: RequestWatch;
}

export function lineAge(lineMs: number | null): string {
  return lineMs === null ? 'no line yet' : `last line ${formatDuration(lineMs)} ago`;
}

export function comparisonPicture(
  { lines, lineMs, watch }: ComparisonMoment,
  state: CockpitState,
  { width, unicode }: ScreenSize & { readonly unicode: boolean },
  render: (line: RequestLine) => string,
): Picture {
  const style = screenStyle(width, unicode);
  // The verdict goes on in lines that are indented, with its tone.
  const [first = { text: 'nothing was compared yet' }, ...rest] = lines;
  const own = rest.findIndex(({ tone }) => tone !== first.tone);
  const more = first.tone === undefined ? 0 : Math.max(0, own);
  const title = [first, ...rest.slice(0, more)].map(({ text }) => text.trim()).join(' ');
  return {
    verdict: { text: title, tone: first.tone },
    age: lineAge(lineMs),
    facts: [formatAmount(watch.requests, 'request'), `${formatCount(watch.counts.get('same') ?? 0)} the same`],
    cause: undefined,
    charts: kindCharts(watch.cells, KINDS, WINDOWS_MS[state.window] as number, width - CHART_LABEL),
    panes: [
      [
        ...(state.filter === '' ? [] : [filteredRow(style.safe(state.filter))]),
        ...kindRows(watch, state.filter),
        ...reportRows(rest.slice(more), state.filter),
      ],
    ],
    lines:
      state.lines === undefined
        ? undefined
        : requestLines(state, watch, (line) => `${summaryOf(line, style.arrow)}  ${render(line)}`),
  };
}

function filteredRow(filter: string): BodyRow {
  return { id: 'filtered', text: `only what has "${filter}" in it; esc shows all`, tone: 'warn', heading: true };
}

function kindRows({ counts }: RequestWatch, filter: string): BodyRow[] {
  const wanted = filter.toLowerCase();
  const rows = KINDS.filter((kind) => kind !== 'same' && (counts.get(kind) ?? 0) > 0 && kind.includes(wanted)).map(
    (kind): BodyRow => ({
      id: `k/${kind}`,
      text: `  ${pad(kind, 14)}${pad(formatCount(counts.get(kind)), 10, 'right')}`,
      ...(kind === 'new_error' && { tone: 'bad' as const }),
      lines: { title: kind, kind, choice: {} },
    }),
  );
  const heading: BodyRow = {
    id: 'kinds',
    heading: true,
    tone: 'heading',
    text: 'REQUESTS that differ; v shows the latest',
  };
  return rows.length === 0 ? [] : [heading, ...rows];
}

/** The parts of the report that have the text, each from its first line to its last, below their headings. */
function reportRows(lines: readonly Line[], filter: string): BodyRow[] {
  const wanted = filter.toLowerCase();
  const rows: BodyRow[] = [];
  let heading: BodyRow | undefined;
  for (let from = 0; from < lines.length; ) {
    let to = from + 1;
    while (lines[to]?.continues === true) to++;
    const part = lines.slice(from, to).map((each, i) => reportRow(each, from + i));
    const isFound = part.some(({ text }) => text.toLowerCase().includes(wanted));
    if (isFound && heading !== undefined) rows.push(heading);
    if (isFound) rows.push(...part);
    if (isFound || part[0]?.text === '') heading = undefined;
    else if (part[0]?.heading === true) heading = part[0];
    from = to;
  }
  return rows;
}

function reportRow({ text, tone }: Line, number: number): BodyRow {
  return {
    id: `r/${number}`,
    text,
    ...(tone && { tone }),
    ...(tone === 'heading' && { heading: true as const }),
  };
}

/** The widest kind, and two statuses. */
const KIND_WIDTH = 11;
const STATUS_WIDTH = 9;

/** What one looks for, in the width of any terminal; all that is known of the request stands behind it. */
function summaryOf({ kind, bucket, production, mirror }: RequestLine, arrow: string): string {
  const answer = mirror === null ? [] : [mirror.status, mirror.error].filter((each) => each !== null);
  const statuses = `${production.status ?? '-'} ${arrow} ${answer.length === 0 ? '-' : answer.join(' ')}`;
  return `${pad(kind ?? bucket, KIND_WIDTH)}  ${pad(statuses, STATUS_WIDTH)}  ${production.method} ${production.target}`;
}

function requestLines(
  { lines }: CockpitState,
  watch: RequestWatch,
  render: (line: RequestLine) => string,
): LinesModel | undefined {
  if (lines === undefined) return undefined;
  const { chosen, filter } = lines;
  const wanted = filter.toLowerCase();
  const found = watch
    .latest(chosen.kind, render)
    .filter(({ bytes }) => bytes.toString('utf8').toLowerCase().includes(wanted));
  const all = filter === '' && chosen.kind !== undefined ? (watch.counts.get(chosen.kind) ?? 0) : undefined;
  return {
    title: `requests: ${chosen.title}`,
    lines: found,
    missing: all !== undefined && all > found.length ? `the latest of ${formatCount(all)}` : '',
  };
}
