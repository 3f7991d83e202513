/** Small pictures made of characters: a line of errors over time, a bar of a share. */
import type { Timeline } from '../stats/model.ts';

const UNICODE_LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** Plain ASCII, thin to heavy. */
const ASCII_LEVELS = ['_', '.', ':', '-', '=', '+', '*', '#'] as const;

/**
 * One character a step: the lowest level for 0, a level above it for anything more, the highest for the largest.
 * Null is a step without data and becomes a space.
 */
export function renderSparkline(values: readonly (number | null)[], unicode = true): string {
  const levels = unicode ? UNICODE_LEVELS : ASCII_LEVELS;
  const largest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return values
    .map((value) => {
      if (value === null) return ' ';
      if (value <= 0) return levels[0];
      return levels[Math.max(1, Math.round((value / largest) * (levels.length - 1)))] ?? levels[0];
    })
    .join('');
}

/** Errors over time in at most `width` characters; a step in which nothing happened at all is a gap. */
export function renderErrorLine(timeline: Timeline | undefined, width: number, unicode = true): string {
  if (timeline === undefined) return '';
  const counts = resample(timeline.counts, width);
  const errors = resample(timeline.errors, width);
  return renderSparkline(
    errors.map((value, i) => ((counts[i] ?? 0) === 0 && value === 0 ? null : value)),
    unicode,
  );
}

/** A share 0–1 as a bar of at most `width` characters; more than nothing is at least one. */
export function renderBar(share: number, width: number, unicode = true): string {
  const length = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(share, 1) * width));
  return (unicode ? '█' : '#').repeat(length);
}

/** Adds neighbours up so that at most `width` steps are left. */
function resample(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  const sums = new Array<number>(width).fill(0);
  for (const [i, value] of values.entries()) {
    const step = Math.floor((i * width) / values.length);
    sums[step] = (sums[step] ?? 0) + value;
  }
  return sums;
}
