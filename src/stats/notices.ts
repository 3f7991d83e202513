/** Notices that a reader needs to trust the numbers. */
import { MAX_KEYS, MAX_ORIGINS } from '../logs/names.ts';
import type { LineTally } from '../logs/tally.ts';
import { formatAmount } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import type { Aggregator } from './aggregator.ts';
import type { ReadSource } from './completeness.ts';
import { MAX_GROUPS } from './grouping.ts';
import type { MirrorRecordTally } from './mirror-tally.ts';
import { SHORTEST_QUIET_MS } from './mirror-verdict.ts';
import type { Group, Notice } from './model.ts';
import { MAX_WINDOWS } from './series.ts';
import { hasStopped } from './silence.ts';
import { MAX_STREAMS } from './streams.ts';

/** Where SPOE lines are, for a log without any. */
export const NO_EVENTS_HINT =
  "HAProxy writes them where the spoe-agent section's log line points: add 'log global' there and read that log";

export function findNotices(
  aggregator: Aggregator,
  sources: readonly ReadSource[],
  total: Group,
  lines: LineTally,
  record: MirrorRecordTally | undefined,
): Notice[] {
  return [
    ...contentNotices(aggregator, sources, total),
    ...lineNotices(lines),
    ...boundNotices(aggregator, sources),
    ...(record === undefined ? [] : recordNotices(record, aggregator)),
  ];
}

function contentNotices(aggregator: Aggregator, sources: readonly ReadSource[], total: Group): Notice[] {
  const notices: Notice[] = [];
  if (total.count > 0 && total.errorRate === null) {
    const unlogged = total.completeness?.unlogged ?? null;
    const why =
      unlogged === null
        ? 'how many events have no line is not known'
        : `${formatAmount(unlogged, 'event')} have no line`;
    notices.push({
      code: 'only-failures-logged',
      message: `no line has st=0, and ${why} (option dontlog-normal?): the error rate is not known`,
    });
  }
  if (sources.some(({ errorsRoseAlone }) => errorsRoseAlone)) {
    notices.push({
      code: 'nb-error-unreliable',
      message:
        'nb_error rises by more than lines failed (HAProxy counts ordinary stream ends in it too): it is not used',
    });
  }
  const withPhases = aggregator.withPhases;
  const withoutPhases = total.count - withPhases;
  if (withPhases > 0 && withoutPhases > 0) {
    notices.push({
      code: 'mixed-formats',
      message: `${withPhases} lines of HAProxy <= 3.0 (five timers) and ${withoutPhases} of >= 3.1 (pT only): phases and gauges cover the former`,
    });
  }
  const steps = sources.reduce((sum, { source }) => sum + source.clockSteps, 0);
  if (steps > 0) {
    const largest = Math.max(...sources.map(({ source }) => source.largestClockStepMs));
    notices.push({
      code: 'clock-stepped-back',
      message: `times of one process step back ${times(steps)}, by up to ${Math.round(largest / 1000)} s: rates and since are approximate`,
    });
  }
  if (aggregator.hasCounters && sources.some(({ unlogged }) => unlogged === null)) {
    notices.push({
      code: 'counters-interleave',
      message:
        'several nb_processed counters share one process and agent (several frontends?): events without a line cannot be counted',
    });
  }
  if (total.perSecond === null && aggregator.window !== undefined && total.count > 0) {
    notices.push({
      code: 'rate-unknown',
      message:
        'a few events are far from all others in time (a clock that was wrong?), too far to tell a rate: leave them out with --since or --until',
    });
  }
  const { withoutTime } = aggregator;
  if (withoutTime > 0 && withoutTime < total.count) {
    notices.push({
      code: 'lines-without-time',
      message: `${withoutTime} events carry no time: rates, since and series leave them out`,
    });
  }
  return notices;
}

function lineNotices(lines: LineTally): Notice[] {
  const notices: Notice[] = [];
  if (hasStopped(lines)) {
    const at = lines.endsInStop?.timeMs ?? null;
    const when = at === null ? '' : ` at ${timeText(at)}`;
    notices.push({
      code: 'haproxy-stopped',
      message: `the log ends with HAProxy saying that it stopped${when}: whether a new process mirrors is in its own log`,
    });
  }
  if (lines.spoofed > 0) {
    notices.push({
      code: 'spoofed',
      message: `${lines.spoofed} lines carry SPOE text that a client sent (in a header or path): not counted as events`,
    });
  }
  if (lines.malformed > 0) {
    notices.push({
      code: 'malformed',
      message: `${lines.malformed} SPOE ${lines.malformed === 1 ? 'line is' : 'lines are'} cut off or no event that HAProxy writes (a bound on the length of lines, a log that was torn): not counted`,
    });
  }
  const unread = lines.describeUnread();
  if (unread !== undefined) {
    notices.push({
      code: 'header-not-read',
      message: `${unread}: each ends in a whole SPOE event and is not counted; ${lines.unreadHint}`,
    });
  }
  if (lines.overlong > 0)
    notices.push({
      code: 'overlong-lines',
      message: `${lines.overlong} lines were longer than 64 KiB and were cut there`,
    });
  return notices;
}

/** From this part of copies on a notice says so: lines that name neither host nor process, and those that name no process. */
const MANY_COPIES = 0.1;
const HALF_COPIES = 0.4;

/** Copies among lines that do not say who wrote them: as likely events of another process as of a second log target. */
function mayMergeSources({ duplicates, sources, events: counted }: Aggregator): boolean {
  const keys = [...sources.values()].map(({ key }) => key).filter(({ pid }) => pid === undefined || pid === null);
  const share = duplicates / Math.max(1, duplicates + counted);
  return (
    share >= (keys.some(({ host }) => host === undefined || host === null) ? MANY_COPIES : HALF_COPIES) &&
    keys.length > 0
  );
}

function boundNotices(aggregator: Aggregator, sources: readonly ReadSource[]): Notice[] {
  const notices: Notice[] = [];
  if (aggregator.grouping.overflowed) {
    const bounds = `${MAX_GROUPS} groups, ${MAX_ORIGINS} processes and ${MAX_KEYS} events are kept apart`;
    notices.push({ code: 'groups-overflow', message: `${bounds}; the rest is counted as (other)` });
  }
  if (mayMergeSources(aggregator))
    notices.push({
      code: 'duplicates-of-whom',
      message: `${aggregator.duplicates} lines were taken for copies of others, and no line says which process wrote it: if several HAProxies write here, have their names written in front (kubectl logs --prefix, docker compose logs, journalctl -o short); else --keep-duplicates counts each line`,
    });
  const unchecked = aggregator.unchecked + (aggregator.options.seen?.unchecked ?? 0);
  if (unchecked > 0)
    notices.push({
      code: 'duplicates-unchecked',
      message: `${formatAmount(unchecked, 'event')} could not be checked for being there twice: too many were read in between, or of too many processes`,
    });
  if (aggregator.undecided > 0) {
    const message = `${aggregator.undecided} events are of hosts, processes or agents past the bound: the filters left them out, wanted or not`;
    notices.push({ code: 'filter-undecided', message });
  }
  if (aggregator.series?.overflow)
    notices.push({
      code: 'windows-overflow',
      message: `${MAX_WINDOWS} windows are kept apart; the rest is counted as (other)`,
    });
  if (aggregator.sourcesOverflowed) {
    notices.push({
      code: 'sources-overflow',
      message: `only ${sources.length} processes are followed: restarts and unlogged events are not known`,
    });
  }
  if (aggregator.streams.overflowed) {
    const message = `only ${MAX_STREAMS} hosts and agents are followed one by one: whether another one is silent is not known`;
    notices.push({ code: 'streams-overflow', message });
  }
  const uncounted = aggregator.grouping.groups().reduce((sum, { tally }) => sum + tally.uncounted, 0);
  if (uncounted > 0)
    notices.push({
      code: 'codes-overflow',
      message: `${uncounted} errors have status codes past the first 256: they are counted as errors only`,
    });
  return notices;
}

function recordNotices(record: MirrorRecordTally, { window }: Aggregator): Notice[] {
  const notices: Notice[] = [];
  const { window: ofRecord } = record;
  if (window !== undefined && ofRecord !== undefined && ofRecord.to - window.to > SHORTEST_QUIET_MS)
    notices.push({
      code: 'log-ends-before-record',
      message: `the log ends at ${timeText(window.to)}, the record at ${timeText(ofRecord.to)}: requests are still mirrored, so a newer log is somewhere else, or the clocks differ (--tz)`,
    });
  if (record.unread > 0)
    notices.push({
      code: 'record-unread',
      message: `${record.unread} of ${record.lines} lines of the record are no request that the agent wrote`,
    });
  return notices;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
