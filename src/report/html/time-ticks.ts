/** Times at the foot of a chart: round ones, in UTC, the date where it changes. */
import type { TimeAxis } from './time-chart.ts';

export interface TimeTick {
  /** 0–1 of the width. */
  readonly at: number;
  readonly label: string;
  /** Left out where there is no room. */
  readonly isMinor: boolean;
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const DISTANCES = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 56, 112, 364].map((n) => n * DAY),
];
const MOST_TICKS = 12;
/** Of labels with seconds or a year: every other one has to fit the width of a telephone. */
const MOST_WIDE_TICKS = 8;

export function timeTicks({ fromMs, stepMs, steps }: TimeAxis): TimeTick[] {
  const span = steps * stepMs;
  const hasYears = span > 300 * DAY;
  const most = (ms: number) => (ms < MINUTE || hasYears ? MOST_WIDE_TICKS : MOST_TICKS);
  const distance = DISTANCES.find((ms) => span / ms <= most(ms)) ?? Math.ceil(span / MOST_WIDE_TICKS / DAY) * DAY;
  const ticks: TimeTick[] = [];
  let day = '';
  for (let ms = Math.ceil(fromMs / distance) * distance; ms <= fromMs + span; ms += distance) {
    const at = (ms - fromMs) / span;
    // A label in the middle of its time would leave the chart at both ends.
    if (at < 0.03 || at > 0.97) continue;
    const iso = new Date(ms).toISOString();
    const [date, clock] = [iso.slice(0, 10), iso.slice(11, distance < MINUTE ? 19 : 16)];
    const isDate = distance >= DAY || (day !== date && clock.startsWith('00:00'));
    ticks.push({
      at,
      label: isDate ? (hasYears ? date : date.slice(5)) : clock,
      isMinor: ticks.length % 2 === 1,
    });
    day = date;
  }
  return ticks;
}
