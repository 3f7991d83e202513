/** What all charts over time share: figures of steps, which are also the columns of their table, and scales. */
import type { HistoryViewStep } from '../../stats/history-view.ts';
import { formatTime } from '../../text/times.ts';
import { msLabel } from '../html/axis-labels.ts';
import { type LegendEntry, linearAxis, logAxis, type ValueAxis } from '../html/time-chart.ts';

/** As many colours as can be told apart; the others are one. */
const MOST_KINDS = 6;
/** From this ratio of the largest to the usual, a linear scale shows the largest only. */
const WIDE_RANGE = 20;

/** A figure of each step: a column of the table, and a line of what is said of a step in these charts. */
export interface Figure {
  readonly head: string;
  readonly of: readonly string[];
  readonly text: (step: HistoryViewStep) => string;
}

/** The columns of a chart; the first one of the table is the time. */
export function columnsOf(figures: readonly Figure[], chart: string): number[] {
  return figures.flatMap(({ of }, i) => (of.includes(chart) ? [i + 1] : []));
}

/** As many of them as have colours of their own; with more the last colour is for the rest. */
export function apart<Kind>(kinds: readonly Kind[]): readonly Kind[] {
  return kinds.length > MOST_KINDS ? kinds.slice(0, MOST_KINDS - 1) : kinds;
}

export function largest(steps: readonly HistoryViewStep[], of: (step: HistoryViewStep) => number): number {
  return steps.reduce((most, step) => Math.max(most, of(step)), 0);
}

/** The time of the step of the largest value. */
export function timeOfMost(steps: readonly HistoryViewStep[], of: (step: HistoryViewStep) => number): string {
  const most = largest(steps, of);
  return formatTime(steps.find((step) => of(step) === most)?.from);
}

/** The legend of a dashed line, where there is one. */
export function legendOf(then: readonly (number | null)[], label: string): LegendEntry[] {
  return then.every((value) => value === null) ? [] : [{ kind: 'then', label }];
}

/** Linear, unless single steps are so much slower than the others that nothing else could be seen. */
export function latencyAxis(values: readonly number[]): ValueAxis & { readonly isLog: boolean } {
  const sorted = [...values].sort((a, b) => a - b);
  const [middle, most] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
  const isLog = most > 10 && most > WIDE_RANGE * Math.max(1, middle);
  return { ...(isLog ? logAxis(most, msLabel) : linearAxis(most, 'ms')), isLog };
}
