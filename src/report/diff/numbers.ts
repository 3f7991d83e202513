/** Numbers of a comparison in the columns and words of a report; figures of the statistics are in diff/numbers.ts. */
import { isKnown, NOTHING, type Numeric } from '../../diff/numbers.ts';
import { formatCount, formatDuration, formatMs } from '../units.ts';

/** For a narrow column: above 7 digits `12.3M`. */
export function formatNumber(count: Numeric): string {
  return isKnown(count) ? formatCount(count) : NOTHING;
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
