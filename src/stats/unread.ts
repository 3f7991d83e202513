/** Lines of SPOE that could not be read: what they would have said is not known. */
import type { LineTally } from '../logs/tally.ts';
import { DEGRADED_ERROR_RATE } from './outage.ts';
import type { HalfJudgement } from './silence.ts';

/** How many unread lines are only the ends of logs that were cut. */
const FEW = 3;

export interface UnreadEvents {
  readonly unread: number;
  /** All events, with those that were read. */
  readonly all: number;
}

/**
 * Undefined where what was not read changes nothing: so many failures would not make a log degraded.
 * @param read events that were read, whether they count or not
 */
export function findUnread({ malformed, headerNotRead }: LineTally, read: number): UnreadEvents | undefined {
  const unread = malformed + headerNotRead;
  const all = read + unread;
  return unread >= FEW && unread / all >= DEGRADED_ERROR_RATE ? { unread, all } : undefined;
}

export function describeUnread({ unread, all }: UnreadEvents): string {
  return `${unread} of ${all} SPOE lines were not read`;
}

/** Makes a judgement unknown because of what was not there to be read, in words. */
export function doubtMissing(known: HalfJudgement, missing: readonly string[] = []): HalfJudgement {
  if (missing.length === 0) return known;
  const status = known.status === 'healthy' ? 'unknown' : known.status;
  return { ...known, status, reasons: [...missing, ...known.reasons] };
}

/** Makes a judgement unknown: events that were not read may have failed. */
export function doubtEvents(known: HalfJudgement, unread: UnreadEvents | undefined): HalfJudgement {
  if (unread === undefined) return known;
  const status = known.status === 'healthy' ? 'unknown' : known.status;
  const reason = `${describeUnread(unread)}: how those events ended is not known`;
  return { ...known, status, reasons: [reason, ...known.reasons] };
}
