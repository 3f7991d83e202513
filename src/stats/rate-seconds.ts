/**
 * The time that events a second are counted over: from the first event to the last one, without the few that a wrong clock has
 * put far from all others. One such line would stretch a minute to hours, and make every rate a small part of what it was.
 */
import type { History } from './history.ts';
import type { TimelineState } from './timeline.ts';

/** As many events, and one always, may be of a wrong clock. */
const FEW_OF = 1000;
/** Of fewer events nobody knows which of them are far from the others. */
const KNOWN_EVENTS = 20;
/** The end of a time that is known by its steps alone is known to a step: of fewer of them it says nothing. */
const LEAST_STEPS = 8;

interface Step {
  /** Its number: it begins at × width after the epoch. */
  readonly at: number;
  readonly count: number;
}

export interface StepsOfTime {
  readonly seconds: number;
  /** Those in which something came, the earliest first. */
  readonly steps: readonly Step[];
}

export function stepsOfHistory(history: History): StepsOfTime {
  return { seconds: history.seconds, steps: history.steps().map(([at, { count }]) => ({ at, count })) };
}

export function stepsOfTimeline({ widthLog2, first, counts }: TimelineState): StepsOfTime {
  const steps = counts.map((count, i) => ({ at: first + i, count })).filter(({ count }) => count > 0);
  return { seconds: 2 ** widthLog2, steps };
}

/**
 * @param window from the first event to the last one, epoch ms
 * @returns seconds; null where a clock was wrong, and steps are too wide to tell the rest
 */
export function rateSeconds(
  window: { readonly from: number; readonly to: number },
  { seconds, steps }: StepsOfTime,
): number | null {
  const lengthOf = (from: number, to: number) => (steps[to] as Step).at - (steps[from] as Step).at + 1;
  const events = steps.reduce((sum, { count }) => sum + count, 0);
  const few = events < KNOWN_EVENTS ? 0 : Math.max(1, Math.floor(events / FEW_OF));
  let from = splitOf(steps, few);
  let to = steps.length - 1 - splitOf(steps.toReversed(), few);
  // Most of them are where the log is, and a pause as long as all of that is none of its own.
  if (from > to) return (window.to - window.from) / 1000;
  if (from > 0 && lengthOf(from - 1, from) - 1 <= lengthOf(from, to)) from = 0;
  if (to < steps.length - 1 && lengthOf(to, to + 1) - 1 <= lengthOf(from, to)) to = steps.length - 1;
  if (from > 0 && lengthOf(from - 1, from) - 1 <= lengthOf(from, to)) from = 0;
  if (from === 0 && to === steps.length - 1) return (window.to - window.from) / 1000;
  if (lengthOf(from, to) < LEAST_STEPS) return null;
  const middle = (step: number) => ((steps[step] as Step).at + 0.5) * seconds;
  return (to < steps.length - 1 ? middle(to) : window.to / 1000) - (from > 0 ? middle(from) : window.from / 1000);
}

/** The step before which the longest pause is, of the first ones that hold few events together; 0 without one. */
function splitOf(steps: readonly Step[], few: number): number {
  let [split, longest, seen] = [0, 0, 0];
  for (let i = 1; i < steps.length; i++) {
    seen += (steps[i - 1] as Step).count;
    if (seen > few) break;
    const pause = Math.abs((steps[i] as Step).at - (steps[i - 1] as Step).at);
    if (pause > longest) [split, longest] = [i, pause];
  }
  return split;
}
