/** A history as charts show it: steps that follow one another, those without an event among them, and not too many. */
import type { CoarseHistogram } from '../sketch/coarse-histogram.ts';
import { coarseBucketStart } from '../sketch/coarse-histogram.ts';
import { isoTime } from './describe.ts';
import { type History, HistoryStep, OTHER_CODE } from './history.ts';
import { type MirrorHistory, MirrorHistoryStep } from './mirror-history.ts';
import type { Saturation } from './model.ts';
import { historySeconds, MAX_HISTORY_STEPS, type Mergeable, type Numbered } from './step-grid.ts';

export interface HistoryView {
  /** The start of the first step, ISO 8601. */
  readonly from: string;
  /** The width of a step. */
  readonly seconds: number;
  readonly steps: readonly HistoryViewStep[];
  /** The lower bound in ms of each row of `heat`, ascending; each row ends where the next begins. */
  readonly heatRows: readonly number[];
  /** Codes of failures by count. */
  readonly codes: readonly number[];
  /** Events in the steps; 0 also where steps were not kept of them. */
  readonly events: number;
  /** Events that are so far away in time that charts of all would show nothing else; absent without any. */
  readonly outside?: Outside;
  /** What the mirror answered; absent where no request of a record has a step. */
  readonly mirror?: MirrorHistoryView;
}

export interface Outside {
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

export interface MirrorHistoryView {
  /** Names of failures by count; undefined stands for those that are not told apart. */
  readonly failures: readonly (string | undefined)[];
  /** Requests in the steps. */
  readonly requests: number;
  /** Requests that are so far away in time. */
  readonly outside?: Outside;
}

export interface HistoryViewStep {
  readonly from: string;
  readonly count: number;
  readonly errors: number;
  /** Counts of `codes`, in their order. */
  readonly byCode: readonly number[];
  /** ms, within 3.2 %; null without an event. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Events in each of `heatRows`. */
  readonly heat: readonly number[];
  /** Means in ms; absent where lines do not tell them. */
  readonly phases?: readonly [reqT: number, qT: number, wT: number, resT: number];
  readonly saturation?: Saturation;
  /** Present where the view has a mirror. */
  readonly mirror?: MirrorViewStep;
}

export interface MirrorViewStep {
  /** Requests of each of MIRROR_KINDS. */
  readonly kinds: readonly number[];
  /** Counts of the view's `failures`, in their order. */
  readonly byFailure: readonly number[];
  /** Latency of answers: ms, within 3.2 %; null without one. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** A part of the events that may stand outside of charts. */
const STRAY = 0.01;
/** A pause after which the times are another time: this part of all. */
const LONG_PAUSE = 0.5;

/** Steps as they are kept. */
interface Counted<Step> {
  readonly width: number;
  readonly steps: () => readonly Numbered<Step>[];
}

interface Countable<State> extends Mergeable<State> {
  readonly count: number;
}

/** The steps that charts are of, and those that stand outside of them. */
interface Chosen<Step> {
  readonly width: number;
  readonly kept: readonly Numbered<Step>[];
  readonly strays: readonly Numbered<Step>[];
}

/** Events and the mirror's answers on one axis. Undefined where nothing had a time. */
export function viewHistory(
  history: History | undefined,
  mirror?: MirrorHistory,
  most = MAX_HISTORY_STEPS,
): HistoryView | undefined {
  const log = chosenOf(history, most);
  const record = beside(log, chosenOf(mirror, most));
  const all = [log, record].filter(({ kept }) => kept.length > 0);
  if (all.length === 0) return undefined;
  const width = sharedWidth(all, most);
  const steps = new Map(widened(log, width, () => new HistoryStep()));
  const answers = new Map(widened(record, width, () => new MirrorHistoryStep()));
  const seconds = historySeconds(width);
  const [first, last] = boundsOf(all, width);
  const codes = codesOf([...steps.values()]);
  const places = placesOf([...answers.values()]);
  const buckets = [...steps.values()].flatMap(({ pT }) => everySecond(pT.toState()));
  const heatRows = rowsBetween(
    buckets.reduce((least, bucket) => Math.min(least, bucket), Number.POSITIVE_INFINITY),
    buckets.reduce((largest, bucket) => Math.max(largest, bucket), -1),
  );
  const [empty, unasked] = [new HistoryStep(), new MirrorHistoryStep()];
  const [outside, outsideOfRecord] = [outsideOf(log), outsideOf(record)];
  return {
    from: isoTime(first * seconds * 1000),
    seconds,
    steps: Array.from({ length: last - first + 1 }, (_, i) => ({
      ...viewStep(steps.get(first + i) ?? empty, (first + i) * seconds * 1000, codes, heatRows),
      ...(answers.size > 0 && { mirror: viewMirror(answers.get(first + i) ?? unasked, places) }),
    })),
    heatRows: heatRows.map(coarseBucketStart),
    codes,
    events: countOf(log.kept),
    ...(outside && { outside }),
    ...((answers.size > 0 || outsideOfRecord !== undefined) && {
      mirror: {
        failures: places.map((place) => (place === OTHER_CODE ? undefined : mirror?.failures[place])),
        requests: countOf(record.kept),
        ...(outsideOfRecord && { outside: outsideOfRecord }),
      },
    }),
  };
}

function chosenOf<Step extends Countable<State>, State>(
  counted: Counted<Step> | undefined,
  most: number,
): Chosen<Step> {
  const all = counted?.steps() ?? [];
  const isLong = spanOf(all) > most;
  return { width: counted?.width ?? 0, ...(isLong ? withoutStrays(all) : { kept: all, strays: [] }) };
}

/** A record of another time than the log's would leave neither of them anything to see: then charts are of the log. */
function beside<Step>(log: Chosen<unknown>, record: Chosen<Step>): Chosen<Step> {
  if (log.kept.length === 0 || record.kept.length === 0) return record;
  const [a, b] = [log, record].map((each) => {
    const [first, last] = boundsOf([each], each.width);
    const seconds = historySeconds(each.width);
    return { from: first * seconds, to: (last + 1) * seconds };
  }) as [{ from: number; to: number }, { from: number; to: number }];
  const pause = Math.max(a.from - b.to, b.from - a.to);
  if (pause <= LONG_PAUSE * (Math.max(a.to, b.to) - Math.min(a.from, b.from))) return record;
  return { ...record, kept: [], strays: [...record.strays, ...record.kept].sort(([one], [other]) => one - other) };
}

function outsideOf<Step extends { readonly count: number }>({ width, strays }: Chosen<Step>): Outside | undefined {
  const [first, last] = [strays[0], strays.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const time = ([at]: Numbered<Step>) => isoTime(at * historySeconds(width) * 1000);
  return { count: countOf(strays), first: time(first), last: time(last) };
}

function countOf(steps: readonly Numbered<{ readonly count: number }>[]): number {
  return steps.reduce((sum, [, { count }]) => sum + count, 0);
}

function spanOf(steps: readonly Numbered<unknown>[]): number {
  return (steps.at(-1)?.[0] ?? 0) - (steps[0]?.[0] ?? 0) + 1;
}

/** Leaves out few events that a pause of most of the time parts from all others, again and again. */
function withoutStrays<Step extends { readonly count: number }>(
  all: readonly Numbered<Step>[],
): { kept: readonly Numbered<Step>[]; strays: readonly Numbered<Step>[] } {
  const most = countOf(all) * STRAY;
  let kept = all;
  let strays: Numbered<Step>[] = [];
  for (;;) {
    const span = spanOf(kept);
    const cut = kept.findIndex(([at], i) => i > 0 && at - (kept[i - 1]?.[0] ?? at) > span * LONG_PAUSE);
    if (cut < 0) break;
    const [before, after] = [kept.slice(0, cut), kept.slice(cut)];
    const [few, many] = countOf(before) < countOf(after) ? [before, after] : [after, before];
    if (countOf(strays) + countOf(few) > most) break;
    strays = [...strays, ...few].sort(([a], [b]) => a - b);
    kept = many;
  }
  return { kept, strays };
}

/** The number of the step of another width that a step lies in. */
function stepIn(at: number, from: number, to: number): number {
  return Math.floor((at * historySeconds(from)) / historySeconds(to));
}

/** The numbers of the first and the last step of all, in steps of a width. */
function boundsOf(all: readonly Chosen<unknown>[], width: number): readonly [first: number, last: number] {
  const ends = all.flatMap(({ kept, width: own }) =>
    [kept[0], kept.at(-1)].flatMap((step) => (step === undefined ? [] : [stepIn(step[0], own, width)])),
  );
  return [Math.min(...ends), Math.max(...ends)];
}

/** The steps as narrow as their number allows, those without an event counted. */
function sharedWidth(all: readonly Chosen<unknown>[], most: number): number {
  let width = Math.max(...all.map((each) => each.width));
  for (; ; width += 1) {
    const [first, last] = boundsOf(all, width);
    if (last - first < most) return width;
  }
}

function widened<Step extends Mergeable<State>, State>(
  { width: from, kept }: Chosen<Step>,
  width: number,
  make: () => Step,
): readonly Numbered<Step>[] {
  if (width === from) return kept;
  const wide = new Map<number, Step>();
  for (const [number, step] of kept) {
    const to = stepIn(number, from, width);
    const sum = wide.get(to) ?? make();
    sum.merge(step.toState(to));
    wide.set(to, sum);
  }
  return [...wide];
}

function codesOf(steps: readonly HistoryStep[]): number[] {
  return byCount(steps.map(({ codes }) => codes));
}

function placesOf(steps: readonly MirrorHistoryStep[]): number[] {
  return byCount(steps.map(({ failures }) => failures));
}

/** The keys of counts, the most frequent first; last the one of all that are not told apart. */
function byCount(counted: readonly ReadonlyMap<number, number>[]): number[] {
  const sums = new Map<number, number>();
  for (const counts of counted) for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  const isRest = (key: number) => Number(key === OTHER_CODE);
  return [...sums].sort(([a, m], [b, n]) => isRest(a) - isRest(b) || n - m || a - b).map(([key]) => key);
}

/** First buckets of rows that cover the buckets from `least` to `most`: one a ms below 4 ms, then two an octave. */
function rowsBetween(least: number, most: number): number[] {
  const starts = [0, 1, 2, 3];
  for (let start = 4; start < 32; start *= 2) starts.push(start, start * 1.5);
  // From 32 ms on there are 16 buckets an octave.
  for (let start = 32; start <= most; start += 8) starts.push(start);
  const first = starts.findLastIndex((start) => start <= least);
  return starts.slice(Math.max(0, first), starts.findLastIndex((start) => start <= most) + 1);
}

function everySecond(flat: readonly number[]): number[] {
  return flat.filter((_, i) => i % 2 === 0);
}

function viewStep(
  step: HistoryStep,
  fromMs: number,
  codes: readonly number[],
  heatRows: readonly number[],
): HistoryViewStep {
  const { phases, saturation, pT } = step;
  return {
    from: isoTime(fromMs),
    count: step.count,
    errors: step.errors,
    byCode: codes.map((code) => step.codes.get(code) ?? 0),
    p50: pT.quantile(0.5),
    p95: pT.quantile(0.95),
    p99: pT.quantile(0.99),
    heat: heatOf(pT, heatRows),
    ...(phases && { phases }),
    ...(saturation && { saturation }),
  };
}

function viewMirror(step: MirrorHistoryStep, places: readonly number[]): MirrorViewStep {
  return {
    kinds: [...step.kinds],
    byFailure: places.map((place) => step.failures.get(place) ?? 0),
    p50: step.quantile(0.5),
    p95: step.quantile(0.95),
    p99: step.quantile(0.99),
  };
}

function heatOf(pT: CoarseHistogram, heatRows: readonly number[]): number[] {
  const heat = heatRows.map(() => 0);
  const state = pT.toState();
  let row = 0;
  for (let i = 0; i + 1 < state.length; i += 2) {
    while (row + 1 < heatRows.length && (heatRows[row + 1] as number) <= (state[i] as number)) row += 1;
    heat[row] = (heat[row] as number) + (state[i + 1] as number);
  }
  return heat;
}
