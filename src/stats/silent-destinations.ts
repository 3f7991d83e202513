/** Destinations of the agent's record to which nothing goes any more while others get requests. */
import { timeText } from '../text/times.ts';
import { type MirrorRecordTally, type MirrorTally, OTHER_DESTINATIONS } from './mirror-tally.ts';
import type { Cause } from './model.ts';
import { type FoundSilence, hush } from './silence.ts';

/** Requests that a destination should have had meanwhile: chance does not leave out so many. */
const EXPECTED_REQUESTS = 20;
const SHORTEST_MS = 60_000;
const INTERVALS = 20;

/** Longest first. */
export function findSilentDestinations({ destinations }: MirrorRecordTally): FoundSilence[] {
  return destinations
    .flatMap(({ destination, tally }): FoundSilence[] => {
      const others = destinations.filter((other) => other.tally !== tally).map((other) => other.tally);
      const { from, to, requests } = tally;
      if (destination === OTHER_DESTINATIONS || requests === 0 || !(from <= to)) return [];
      const end = Math.max(...others.map((other) => other.to));
      const usualMs = requests < 2 ? 0 : (to - from) / (requests - 1);
      if (!(end - to > Math.max(SHORTEST_MS, INTERVALS * usualMs))) return [];
      const since = others.reduce((sum, other) => sum + countBetween(other, to, Number.POSITIVE_INFINITY), 0);
      const before = others.reduce((sum, other) => sum + countBetween(other, Number.NEGATIVE_INFINITY, to), 0);
      const expected = (since * requests) / Math.max(1, before);
      return before > 0 && expected >= EXPECTED_REQUESTS
        ? [{ since: to, traffic: true, lines: since, destination }]
        : [];
    })
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
}

/** Requests that were to be sent, in the steps of the timeline that begin in (fromMs, toMs]: about as many. */
function countBetween({ troubles }: MirrorTally, fromMs: number, toMs: number): number {
  const state = troubles.dropped.timeline.toState();
  if (state === undefined) return 0;
  const widthMs = 2 ** state.widthLog2 * 1000;
  return state.counts.reduce((sum, count, i) => {
    const startMs = (state.first + i) * widthMs;
    return startMs > fromMs && startMs <= toMs ? sum + count : sum;
  }, 0);
}

/** Adds silent destinations to the mirror's judgement: one that gets nothing is not made up for by others. */
export function withSilentDestinations<Known extends Parameters<typeof hush>[0]>(
  known: Known,
  silences: readonly FoundSilence[],
): Known {
  return silences.reduceRight<Known>((judged, silence) => {
    const { destination = '', since } = silence;
    const text = `nothing of ${destination} since ${since === null ? '' : timeText(since)}, while others get requests`;
    const hushed = hush(judged, text, stoppedCause(text));
    const status = known.status === 'degraded' && known.until === null ? known.status : hushed.status;
    return { ...hushed, status, silence };
  }, known);
}

function stoppedCause(message: string): Cause {
  return {
    code: 'destination-silent',
    message,
    next: "Look whether this destination is still in the agent's -u, at its sample and at the agent's log.",
  };
}
