/** Durations as people write them, one grammar for both programs: a number, a fraction too, and its unit. */

const UNIT_MS = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** The range of a date (ECMA-262, Time Values): what is counted from now stays one. */
export const LONGEST_MS = 8.64e15;

/** So many digits are beyond any clock; more would make an infinity of them. */
const DURATION = /^(\d{1,15}(?:\.\d{1,15})?)(us|ms|s|m|h|d|)$/;

/**
 * `250us`, `500ms`, `1.5s`, `1m`, `2h`, `7d` in ms; undefined for anything else.
 * @param bare what a number alone is: milliseconds, as the original agent has it, or nothing. A person who writes
 *   `--retry-for 30` means seconds, and is asked.
 */
export function parseDuration(text: string, bare: 'ms' | 'none' = 'none'): number | undefined {
  const [, number, unit] = DURATION.exec(text.trim()) ?? [];
  if (number === undefined || (unit === '' && bare === 'none')) return undefined;
  // To the nanosecond: 0.57 · 1000 is less than 570.
  return Math.round(Number(number) * UNIT_MS[(unit || 'ms') as Unit] * 1e6) / 1e6;
}

/** As an option takes it, in the largest unit that leaves no fraction and is not 1 alone: `5s`, `60s`, `2m`. */
export function durationText(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((each) => ms >= 2 * UNIT_MS[each] && ms % UNIT_MS[each] === 0);
  return unit === undefined ? `${ms}ms` : `${ms / UNIT_MS[unit]}${unit}`;
}

/** What is wrong with one that an option was given, where it is only that. */
export function durationHint(text: string, examples: string): string {
  const number = /^\d+(?:\.\d+)?$/.exec(text.trim())?.[0];
  return number === undefined ? `write ${examples}` : `it has no unit: write ${number}s or ${number}ms`;
}
