/**
 * Numbers as text, the same in a sentence and in the table beside it: no locale, and what is not known is `-`, never a word
 * of JavaScript.
 */

export const NOTHING = '-';

export type Numeric = number | null | undefined;

/** Both ends of an interval. */
type Ends = readonly [number, number];

function isKnown(value: Numeric): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** `1 event`, `3 events`. */
export function formatAmount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Largest count a table column shows digit by digit. */
const EXACT_MAX = 9_999_999;
const COUNT_UNITS = ['k', 'M', 'G', 'T', 'P', 'E'] as const;

/** A count for a narrow column: exact up to 7 digits, then three digits and a unit (`12.3M`). */
export function formatCount(count: Numeric): string {
  if (!isKnown(count)) return NOTHING;
  return count <= EXACT_MAX ? String(count) : scaled(count);
}

function scaled(value: number): string {
  let scaledValue = value / 1000;
  let unit = 0;
  while (scaledValue >= 999.5 && unit < COUNT_UNITS.length - 1) {
    scaledValue /= 1000;
    unit++;
  }
  return `${threeDigits(scaledValue)}${COUNT_UNITS[unit]}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Bytes in decimal units: `0 B`, `812 B`, `1.24 kB`, `3.1 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const text = scaled(bytes);
  return `${text.slice(0, -1)} ${text.slice(-1)}B`;
}

/** Events per second: `0.02`, `3.4`, `61`, `1234`, `12.3k`; something above nothing is never shown as 0. */
export function formatRate(perSecond: Numeric): string {
  if (!isKnown(perSecond)) return NOTHING;
  if (perSecond === 0) return '0';
  if (perSecond < 0.01) return '<0.01';
  if (perSecond >= 9999.5) return scaled(perSecond);
  if (perSecond >= 9.95) return perSecond.toFixed(0);
  return trimZeros(perSecond.toFixed(perSecond < 0.995 ? 2 : 1));
}

/**
 * A ratio 0–1 in percent without the sign: `25`, `2.5`, `0.05`: two significant digits below ten, whole percents above.
 * 0 and 100 are exact: one failure among a million is not 0 %, one success among a million failures not 100 %.
 */
export function formatPercentNumber(ratio: Numeric): string {
  if (!isKnown(ratio)) return NOTHING;
  const percent = ratio * 100;
  // Below that a number has an exponent.
  if (percent > 0 && percent < 1e-6) return '<0.000001';
  if (percent > 99 && percent < 100) return String(Math.floor(percent * 10) / 10);
  return percent >= 10 ? percent.toFixed(0) : String(Number(percent.toPrecision(2)));
}

/** As formatPercentNumber, with the sign: `25 %`. */
export function formatPercent(ratio: Numeric): string {
  return isKnown(ratio) ? `${formatPercentNumber(ratio)} %` : NOTHING;
}

/** Milliseconds for a narrow column, without a unit: whole below 100,000, then `123k`. */
export function formatMs(ms: Numeric): string {
  if (!isKnown(ms)) return NOTHING;
  const rounded = Math.round(ms);
  return rounded < 100_000 ? String(rounded) : scaled(rounded);
}

/** A length of time in words: `250 ms`, `43 s`, `2 m 43 s`, `3 h 5 m`, `2 d 4 h`. */
export function formatDuration(ms: Numeric): string {
  if (!isKnown(ms)) return NOTHING;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${trimZeros((Math.floor(ms / 100) / 10).toFixed(1))} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'm', 's');
  if (seconds < 86_400) return twoUnits(Math.floor(seconds / 60), 60, 'h', 'm');
  return twoUnits(Math.floor(seconds / 3600), 24, 'd', 'h');
}

function twoUnits(small: number, perBig: number, big: string, little: string): string {
  const rest = small % perBig;
  const whole = `${Math.floor(small / perBig)} ${big}`;
  return rest === 0 ? whole : `${whole} ${rest} ${little}`;
}

/** Milliseconds for a column; HAProxy's -1 is no time. */
export function formatMilliseconds(ms: Numeric): string {
  return isKnown(ms) && ms >= 0 ? formatMs(ms) : NOTHING;
}

/** `+12 ms`, `-3.2 s`. */
export function formatSkew(ms: Numeric): string {
  if (!isKnown(ms)) return NOTHING;
  return `${ms < 0 ? '-' : '+'}${formatDuration(Math.abs(ms))}`;
}

/** An approximate duration, for a sentence: `2.6 s`, `29 s`, `12 min`, `3 h`. */
export function durationInWords(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

/** Every digit: sums must be seen to add up. */
export function formatExact(count: Numeric): string {
  return isKnown(count) ? String(count) : NOTHING;
}

/**
 * A ratio of a comparison in percent, without the sign: `0.29`, `12.3`, `<0.01`, `>99.9`. It has digits that formatPercent
 * leaves out: there a difference of two is what it is about. 0 and 100 are exact.
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

/** The number with at most three digits after the point; 0.1 + 0.2 is 0.3. */
export function plainNumber(value: Numeric): string {
  if (!isKnown(value)) return NOTHING;
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
}

/** `[+0.11, +0.20]` by the given format of its ends. */
export function formatInterval(interval: Ends | null | undefined, format: (end: number) => string): string {
  if (!hasEnds(interval)) return NOTHING;
  return `[${format(interval[0])}, ${format(interval[1])}]`;
}

export function hasEnds(interval: Ends | null | undefined): interval is Ends {
  return Array.isArray(interval) && isKnown(interval[0]) && isKnown(interval[1]);
}

/** A ratio, without a unit: `1.04`, `12.3`. */
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

/** `1.50` → `1.5`, `3.00` → `3`. */
function trimZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
