/** Whether events have stopped to come: in a log that goes on without them, or live, where nothing comes any more. */
import type { LineTally } from '../logs/tally.ts';
import type { Aggregator } from './aggregator.ts';

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
}

export interface FoundSilence {
  /** Epoch ms of the last event. */
  readonly since: number;
  readonly traffic: boolean;
  readonly lines: number;
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
