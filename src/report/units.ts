/** Numbers as text: fixed formats, no locale. Null is `-` everywhere. */

const NOTHING = '-';

/** Largest count a table column shows digit by digit. */
const EXACT_MAX = 9_999_999;
const COUNT_UNITS = ['k', 'M', 'G', 'T', 'P', 'E'] as const;

/** A count for a narrow column: exact up to 7 digits, then three digits and a unit (`12.3M`). */
export function formatCount(count: number | null | undefined): string {
  if (count === null || count === undefined) return NOTHING;
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
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return NOTHING;
  if (perSecond === 0) return '0';
  if (perSecond < 0.01) return '<0.01';
  if (perSecond >= 9999.5) return scaled(perSecond);
  if (perSecond >= 9.95) return perSecond.toFixed(0);
  return trimZeros(perSecond.toFixed(perSecond < 0.995 ? 2 : 1));
}

/**
 * A ratio 0–1 in percent without the sign: `25`, `2.5`, `<0.1`.
 * 0 and 100 are exact: one failure among a million is not 0 %, one success among a million failures not 100 %.
 */
export function formatPercentNumber(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return NOTHING;
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.1) return '<0.1';
  if (percent < 100 && percent > 99.9) return '99.9';
  return trimZeros(percent.toFixed(1));
}

/** As formatPercentNumber, with the sign: `25 %`. */
export function formatPercent(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? NOTHING : `${formatPercentNumber(ratio)} %`;
}

/** Milliseconds for a narrow column, without a unit: whole below 100,000, then `123k`. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NOTHING;
  const rounded = Math.round(ms);
  return rounded < 100_000 ? String(rounded) : scaled(rounded);
}

/** A length of time in words: `250 ms`, `43 s`, `2 m 43 s`, `3 h 5 m`, `2 d 4 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NOTHING;
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

/** `2026-11-22T07:02:28.123Z` → `2026-11-22 07:02:28Z`; the model's times are UTC, nothing is converted. */
export function formatTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
}

/** Month, day and time only, for a column whose heading says UTC: `11-22 07:02:28`. */
export function formatShortTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : `${iso.slice(5, 10)} ${iso.slice(11, 19)}`;
}

/** The time of day only: `07:02:28`. */
export function formatClock(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : iso.slice(11, 19);
}

/** `1 event`, `3 events`. */
export function formatAmount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1.50` → `1.5`, `3.00` → `3`. */
function trimZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
