/**
 * Numbers of a comparison as text, the same in the verdict's sentences and in every report: no locale, and what is not
 * known is `-`, never a word of JavaScript.
 */
import type { Interval } from './model.ts';

export const NOTHING = '-';

export type Numeric = number | null | undefined;

export function isKnown(value: Numeric): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Every digit: sums must be seen to add up. */
export function formatExact(count: Numeric): string {
  return isKnown(count) ? String(count) : NOTHING;
}

/**
 * A ratio 0–1 in percent, without the sign: `0.29`, `12.3`, `<0.01`, `>99.9`.
 * Two digits where rates of errors live; 0 and 100 are exact.
 */
export function formatShareNumber(ratio: Numeric): string {
  if (!isKnown(ratio)) return NOTHING;
  const percent = ratio * 100;
  if (percent === 0) return '0';
  if (percent > 0 && percent < 0.01) return '<0.01';
  if (percent < 9.995) return percent.toFixed(2);
  if (percent > 99.9 && percent < 100) return '>99.9';
  return percent === 100 ? '100' : percent.toFixed(1);
}

export function formatShare(ratio: Numeric): string {
  return isKnown(ratio) ? `${formatShareNumber(ratio)} %` : NOTHING;
}

/** A difference of two ratios in percentage points, with its sign: `+0.15`, `-12.0`; nearly nothing is `<+0.01`. */
export function formatPointsNumber(difference: Numeric): string {
  if (!isKnown(difference)) return NOTHING;
  const points = difference * 100;
  const size = Math.abs(points);
  if (size === 0) return '0';
  if (size < 0.01) return points > 0 ? '<+0.01' : '>-0.01';
  const digits = size === 100 ? '100' : size.toFixed(size < 9.995 ? 2 : 1);
  return `${points > 0 ? '+' : '-'}${digits}`;
}

export function formatPoints(difference: Numeric): string {
  return isKnown(difference) ? `${formatPointsNumber(difference)} pp` : NOTHING;
}

/** A limit as it was given: `0.5 pp`, `1 pp`. */
export function formatPlainPoints(ratio: Numeric): string {
  return isKnown(ratio) ? `${plainNumber(ratio * 100)} pp` : NOTHING;
}

export function formatPlainShare(ratio: Numeric): string {
  return isKnown(ratio) ? `${plainNumber(ratio * 100)} %` : NOTHING;
}

/** At most three digits after the point; 0.1 + 0.2 is 0.3. */
export function plainNumber(value: Numeric): string {
  if (!isKnown(value)) return NOTHING;
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
}

/** `[+0.11, +0.20]` by the given format of its ends. */
export function formatInterval(interval: Interval | null | undefined, format: (end: number) => string): string {
  if (!hasEnds(interval)) return NOTHING;
  return `[${format(interval[0])}, ${format(interval[1])}]`;
}

export function hasEnds(interval: Interval | null | undefined): interval is Interval {
  return Array.isArray(interval) && isKnown(interval[0]) && isKnown(interval[1]);
}

/** How many times as much: `1.04`, `12.3`. */
export function formatTimes(ratio: Numeric): string {
  if (!isKnown(ratio)) return NOTHING;
  if (ratio !== 0 && Math.abs(ratio) < 0.01) return '<0.01';
  return ratio.toFixed(Math.abs(ratio) < 9.995 ? 2 : Math.abs(ratio) < 99.95 ? 1 : 0);
}

/** A p or q value: `<0.001`, `0.049`, `1`. */
export function formatP(p: Numeric): string {
  if (!isKnown(p)) return NOTHING;
  if (p < 0.001) return '<0.001';
  return p > 0.9995 ? '1' : p.toFixed(3);
}

/** The size of a change in points, whose sign a verb says: `rose by 6.25 pp`. */
export function points(ratio: number): string {
  return formatPoints(Math.abs(ratio)).replace('+', '');
}

/** `p <0.001`, `q 0.031`. */
export function significant(name: 'p' | 'q', value: number): string {
  return `${name} ${formatP(value)}`;
}

/** `5 ms`, `0.42 ms`. */
export function milliseconds(ms: number): string {
  return `${ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(3))} ms`;
}

/** `+3.2 ms`, `-140 ms`: below ten a digit more. */
export function formatSignedMs(ms: Numeric): string {
  if (!isKnown(ms)) return NOTHING;
  const size = Math.abs(ms);
  const digits = size < 9.95 ? String(Number(size.toFixed(1))) : String(Math.round(size));
  return digits === '0' ? '0 ms' : `${ms < 0 ? '-' : '+'}${digits} ms`;
}
