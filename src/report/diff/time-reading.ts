/** The pairs over time as small pictures and sentences. Text of the report in it is not escaped yet. */
import type { DiffReport, OverTime } from '../../diff/model.ts';
import { formatAmount, formatDuration, formatShare } from '../../text/numbers.ts';
import { formatClock, formatTime } from '../../text/times.ts';
import { renderErrorLine } from '../sparkline.ts';

export interface TimeLine {
  readonly name: string;
  /** One character a step; a gap where nothing was asked. */
  readonly picture: string;
  /** The highest step in words. */
  readonly note: string;
}

const WIDEST_PICTURE = 60;
/** The width of a name, a note and the gaps between. */
const BESIDE_PICTURE = 40;
const NARROWEST_PICTURE = 10;

/** The timeline of errors. It has no lines where there is nothing to be seen: one step, or no error and no lost answer. */
export function readTimeLines(
  { overTime }: DiffReport,
  width: number,
  unicode = true,
): { readonly heading: string; readonly lines: readonly TimeLine[] } {
  if (overTime === undefined || overTime.steps.length < 2) return { heading: '', lines: [] };
  const room = Math.max(NARROWEST_PICTURE, Math.min(WIDEST_PICTURE, width - BESIDE_PICTURE));
  const lines = COUNTED.flatMap(({ name, count }) => {
    const counts = overTime.steps.map(count);
    const most = Math.max(...counts);
    if (most === 0) return [];
    const steps = overTime.steps.map(({ pairs, unanswered }) => pairs + unanswered);
    const timeline = { from: '', seconds: overTime.stepMs / 1000, counts: steps, errors: counts };
    const at = overTime.steps[counts.indexOf(most)];
    return [
      { name, picture: renderErrorLine(timeline, room, unicode), note: `most ${most} at ${formatClock(at?.from)}` },
    ];
  });
  const first = overTime.steps[0];
  const heading = `from ${formatTime(first?.from)}, steps of ${formatDuration(overTime.stepMs)}`;
  return { heading, lines };
}

type Step = OverTime['steps'][number];

const COUNTED: readonly { readonly name: string; readonly count: (step: Step) => number }[] = [
  { name: 'new errors', count: ({ newErrors }) => newErrors },
  { name: 'no answer', count: ({ unanswered }) => unanswered },
];

/** `burst from 12:03:00 to 12:04:00: 38 new errors (95.0 % of all) in 20 pairs`. */
export function burstWords({ overTime }: DiffReport): string[] {
  return (overTime?.bursts ?? []).map(
    ({ from, to, pairs, newErrors, share }) =>
      `burst from ${formatTime(from)} to ${formatTime(to)}: ${formatAmount(newErrors, 'new error')} (${formatShare(share)} of all) in ${formatAmount(pairs, 'pair')}`,
  );
}
