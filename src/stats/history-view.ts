/** A history as charts show it: steps that follow one another, those without an event among them, and not too many. */
import type { CoarseHistogram } from '../sketch/coarse-histogram.ts';
import { coarseBucketStart } from '../sketch/coarse-histogram.ts';
import { isoTime } from './describe.ts';
import type { History } from './history.ts';
import { HistoryStep, historySeconds, MAX_HISTORY_STEPS } from './history.ts';
import type { Saturation } from './model.ts';

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
  /** Events in the steps. */
  readonly events: number;
  /** Events that are so far away in time that charts of all would show nothing else; absent without any. */
  readonly outside?: { readonly count: number; readonly first: string; readonly last: string };
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
}

/** A part of the events that may stand outside of charts. */
const STRAY = 0.01;
/** A pause after which the times are another time: this part of all. */
const LONG_PAUSE = 0.5;

type Numbered = readonly [at: number, step: HistoryStep];

/** Undefined where no event had a time. */
export function viewHistory(history: History, most = MAX_HISTORY_STEPS): HistoryView | undefined {
  const all = history.steps();
  if (all.length === 0) return undefined;
  const { kept, strays } = spanOf(all) > most ? withoutStrays(all) : { kept: all, strays: [] };
  const { width, steps } = widened(kept, history.width, most);
  const seconds = historySeconds(width);
  const first = steps[0]?.[0] ?? 0;
  const known = new Map(steps);
  const length = (steps.at(-1)?.[0] ?? first) - first + 1;
  const codes = codesOf(steps);
  const buckets = steps.flatMap(([, { pT }]) => everySecond(pT.toState()));
  const heatRows = rowsBetween(
    buckets.reduce((least, bucket) => Math.min(least, bucket), Number.POSITIVE_INFINITY),
    buckets.reduce((largest, bucket) => Math.max(largest, bucket), -1),
  );
  const far = strays.map(([at]) => at * historySeconds(history.width) * 1000);
  const empty = new HistoryStep();
  return {
    from: isoTime(first * seconds * 1000),
    seconds,
    steps: Array.from({ length }, (_, i) =>
      viewStep(known.get(first + i) ?? empty, (first + i) * seconds * 1000, codes, heatRows),
    ),
    heatRows: heatRows.map(coarseBucketStart),
    codes,
    events: countOf(steps),
    ...(strays.length > 0 && {
      outside: {
        count: countOf(strays),
        first: isoTime(far[0] as number),
        last: isoTime(far.at(-1) as number),
      },
    }),
  };
}

function countOf(steps: readonly Numbered[]): number {
  return steps.reduce((sum, [, { count }]) => sum + count, 0);
}

function spanOf(steps: readonly Numbered[]): number {
  return (steps.at(-1)?.[0] ?? 0) - (steps[0]?.[0] ?? 0) + 1;
}

/** Leaves out few events that a pause of most of the time parts from all others, again and again. */
function withoutStrays(all: readonly Numbered[]): { kept: readonly Numbered[]; strays: readonly Numbered[] } {
  const most = countOf(all) * STRAY;
  let kept = all;
  let strays: Numbered[] = [];
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

/** The steps as narrow as their number allows, those without an event counted. */
function widened(
  steps: readonly Numbered[],
  from: number,
  most: number,
): { readonly width: number; readonly steps: readonly Numbered[] } {
  let width = from;
  const at = (number: number, to: number) => Math.floor((number * historySeconds(from)) / historySeconds(to));
  const [first, last] = [steps[0]?.[0] ?? 0, steps.at(-1)?.[0] ?? 0];
  while (at(last, width) - at(first, width) >= most) width += 1;
  if (width === from) return { width, steps };
  const wide = new Map<number, HistoryStep>();
  for (const [number, step] of steps) {
    const to = at(number, width);
    const sum = wide.get(to) ?? new HistoryStep();
    sum.merge(step.toState(to));
    wide.set(to, sum);
  }
  return { width, steps: [...wide] };
}

function codesOf(steps: readonly Numbered[]): number[] {
  const sums = new Map<number, number>();
  for (const [, { codes }] of steps) for (const [code, count] of codes) sums.set(code, (sums.get(code) ?? 0) + count);
  return [...sums].sort(([a, m], [b, n]) => n - m || a - b).map(([code]) => code);
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
