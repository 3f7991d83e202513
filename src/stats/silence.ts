/** Whether events have stopped to come: in a log that goes on without them, or live, where nothing comes any more. */
import type { LineTally } from '../logs/tally.ts';
import type { Aggregator } from './aggregator.ts';
import type { Cause } from './model.ts';
import type { Judgement } from './verdict.ts';
import { timeText } from './words.ts';

/** Silence that is told only from the clock is at least this long. */
const SHORTEST_MS = 2000;
/** So many times the usual interval between two events: chance does not make that. */
const LIVE_INTERVALS = 20;
const TRAFFIC_INTERVALS = 5;
/** Events that the lines since the last one should have held. */
const EXPECTED_EVENTS = 6;
/** With fewer events than this, what a log is used to is not known. */
const KNOWN_EVENTS = 20;
const UNKNOWN_MS = 60_000;

/** What is known of the present; injected, so that a summary of the same input is the same. */
export interface Present {
  /** Epoch ms, of one clock. When the last event and the last line came; null before the first. */
  readonly nowMs: number;
  readonly lastEventMs: number | null;
  readonly lastLineMs: number | null;
  /** The same of the requests in the agent's record; absent where none is followed. */
  readonly lastRequestMs?: number | null;
  /** When the first event came after that request; null without one. Absent where no log is read beside the record. */
  readonly firstUnansweredMs?: number | null;
}

export interface FoundSilence {
  /** Epoch ms of the last event. */
  readonly since: number;
  readonly traffic: boolean;
  readonly lines: number;
}

/** What is said of one half of mirroring: HAProxy to the agent, or the agent to the mirror. */
export interface Half extends Judgement {
  readonly causes: readonly Cause[];
  readonly silence?: FoundSilence;
}

/** What was last known is of a time that is over: only that it failed still holds. */
export function hush<Known extends Half>(known: Known, reason: string, cause: Cause): Known {
  return {
    ...known,
    status: known.status === 'failing' ? 'failing' : 'unknown',
    reasons: [reason, ...known.reasons],
    causes: [cause, ...known.causes],
  };
}

/** The half of the events, which do not come any more. */
export function silenced(events: Half, silence: FoundSilence, tally: LineTally): Half {
  const since = timeText(silence.since);
  const reason = silence.traffic
    ? `traffic, but nothing mirrored since ${since}: none of the ${silence.lines} lines since then is an event`
    : `no event since ${since}: longer than this log is used to`;
  return { ...hush(events, reason, describeSilence(silence, tally)), silence };
}

function describeSilence({ since, traffic, lines }: FoundSilence, tally: LineTally): Cause {
  if (hasStopped(tally))
    return {
      code: 'haproxy-stopped',
      message: 'HAProxy says that it stopped: nothing more comes from this process',
      next: 'Look whether HAProxy runs (systemctl status haproxy), and whether a new process logs to another file.',
    };
  if (traffic)
    return {
      code: 'not-mirrored',
      message: `requests are logged without an SPOE line since ${timeText(since)} (${lines} lines): they are not mirrored, or it is not logged`,
      next: 'Check that the frontend still has its filter spoe line (a reload?), the condition of the event, and that the log target takes notices.',
    };
  return {
    code: 'silent',
    message:
      lines === 0
        ? 'nothing is logged any more: no request comes, HAProxy has stopped, or the log was rotated under tail -f'
        : 'no event comes any more, and few other lines: no request comes, or they are not mirrored',
    next: 'Look whether the log still grows; spoe-logs summarize --follow FILE goes on with the new file after a rotation.',
  };
}

/** The last that is known of the log is that HAProxy stopped. */
export function hasStopped({ sinceEvent, endsInStop }: LineTally): boolean {
  return sinceEvent > 0 && endsInStop !== undefined;
}

/** Undefined while events come as they are used to, or where that cannot be said. */
export function findSilence(aggregator: Aggregator, tally: LineTally, present?: Present): FoundSilence | undefined {
  const { window, events } = aggregator;
  // Filters leave out events, not lines.
  const isWhole = aggregator.options.filter === undefined;
  if (window === undefined || events === 0) return undefined;
  const usualMs = (window.to - window.from) / events;
  const { sinceEvent, lastRequest, lines } = tally;
  const expected = sinceEvent / Math.max(1, (lines - sinceEvent) / (events + aggregator.duplicates));
  const quietMs = lastRequest === null ? 0 : lastRequest - window.to;
  const goesOn = isWhole && expected >= EXPECTED_EVENTS && quietMs > Math.max(1000, TRAFFIC_INTERVALS * usualMs);
  if (goesOn) return { since: window.to, traffic: true, lines: sinceEvent };
  if (present === undefined || present.lastEventMs === null) return undefined;
  const ageMs = present.nowMs - present.lastEventMs;
  if (ageMs <= patience(aggregator, usualMs)) return undefined;
  return { since: window.to, traffic: expected >= EXPECTED_EVENTS, lines: sinceEvent };
}

/** The longest pause that is nothing unusual in this log, in ms. One that came three times belongs to it. */
function patience({ events, gaps }: Aggregator, usualMs: number): number {
  if (events < KNOWN_EVENTS) return UNKNOWN_MS;
  return Math.max(SHORTEST_MS, LIVE_INTERVALS * usualMs, 2 * (gaps[2] ?? 0));
}
