/** The place of the errors: the one host, process, agent or event that has nearly all of them; and restarts near them. */

import { formatAmount, formatPercent } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import type { Aggregator } from './aggregator.ts';
import type { ReadSource } from './completeness.ts';
import type { Cause } from './model.ts';
import { type Counts, DEGRADED_ERROR_RATE } from './outage.ts';

/** Something stands out when it has this part of the errors, on a much smaller part of the events. */
const STANDS_OUT_ERRORS = 0.8;
const STANDS_OUT_RATIO = 1.5;
/** A restart this close to the beginning of the trouble is suspected. */
const NEAR_MS = 120_000;
/** Errors that begin so soon may be those of a start, whatever came later. */
const AT_ONCE_MS = 10_000;
/** The resolution of most logs: whole seconds. */
const CLOCK_RESOLUTION_MS = 2000;
/** How long the process before may go on for its last streams, when the next one takes over. */
const SOFT_STOP_MS = 60_000;

type Kind = 'agent' | 'event' | 'host' | 'process';

const PLURALS: { readonly [kind in Kind]: string } = {
  agent: 'agents',
  event: 'events',
  host: 'hosts',
  process: 'processes',
};

const CODES: { readonly [kind in Kind]: string } = {
  agent: 'agent-stands-out',
  event: 'event-stands-out',
  host: 'host-stands-out',
  process: 'pid-stands-out',
};

/** The next step: what to compare. An event is a choice of the configuration, so there its messages are. */
function nextStep(kind: Kind, name: string): string {
  if (kind === 'event') return `Look at the messages that are sent on ${name}: their size, their conditions.`;
  if (kind === 'agent') return `Start with agent ${name}: its processes, its log, its backend.`;
  return `Compare ${kind} ${name} with the others: configuration, agent address, network.`;
}

interface Outstanding extends Cause {
  readonly counts: Counts;
}

export function findOutstanding(sources: readonly ReadSource[], { grouping }: Aggregator): Cause[] {
  const of = (name: (key: ReadSource['key']) => string) =>
    sources.map(({ key, source }) => ({ name: name(key), count: source.count, errors: source.errors }));
  const host = ({ host }: ReadSource['key']) => host ?? '(unknown)';
  const pid = (key: ReadSource['key']) =>
    key.host === undefined ? `${key.pid ?? '-'}` : `${key.host}[${key.pid ?? '-'}]`;
  const groups = grouping.groups();
  const named = groups.every(({ key }) => key.name !== undefined);
  const byEvent = groups.map(({ key, tally }) => ({ name: key.name ?? '', count: tally.count, errors: tally.errors }));
  const ofHost = findOne('host', of(host));
  const ofProcess = findOne('process', of(pid));
  const ofAgent = findOne(
    'agent',
    of(({ agent }) => agent),
  );
  const ofEvent = named ? findOne('event', byEvent) : undefined;
  // Where one contains the other, the narrower one is named, unless it is no narrower.
  const place = ofProcess && ofHost && ofProcess.counts.count === ofHost.counts.count ? ofHost : (ofProcess ?? ofHost);
  const subject = ofEvent && ofAgent && ofEvent.counts.count === ofAgent.counts.count ? ofAgent : (ofEvent ?? ofAgent);
  return [subject, place].flatMap((found) => {
    if (found === undefined) return [];
    const { counts: _, ...cause } = found;
    return [cause];
  });
}

function findOne(kind: Kind, parts: readonly (Counts & { readonly name: string })[]): Outstanding | undefined {
  const sums = new Map<string, Counts>();
  const all: Counts = { count: 0, errors: 0 };
  for (const { name, count, errors } of parts) {
    const sum = sums.get(name) ?? { count: 0, errors: 0 };
    sums.set(name, { count: sum.count + count, errors: sum.errors + errors });
    all.count += count;
    all.errors += errors;
  }
  if (all.errors === 0) return undefined;
  for (const [name, counts] of sums) {
    const share = counts.errors / all.errors;
    if (share < STANDS_OUT_ERRORS || share < STANDS_OUT_RATIO * (counts.count / all.count)) continue;
    const others = sums.size === 2 ? `the other ${kind}` : `the other ${sums.size - 1} ${PLURALS[kind]}`;
    const rest = { count: all.count - counts.count, errors: all.errors - counts.errors };
    const message = `${kind} ${name} stands out: ${describeRate(counts)}; ${others}: ${describeRate(rest)}`;
    return { code: CODES[kind], message, share, next: nextStep(kind, name), counts };
  }
  return undefined;
}

function describeRate({ count, errors }: Counts): string {
  if (errors === 0) return `none of ${formatAmount(count, 'event')} failed`;
  return errors === count
    ? `all ${formatAmount(count, 'event')} failed`
    : `${errors} of ${formatAmount(count, 'event')} failed (${formatPercent(errors / count)})`;
}

/** A restart or reload shortly before the errors began: what came after cannot have caused them. */
export function findRestart(since: number | null, sources: readonly ReadSource[]): Cause[] {
  if (since === null) return [];
  const near = restartsOf(sources)
    // Blamed is only what the new process itself suffers from.
    .filter(({ time, fails }) => fails !== 'no' && time <= since + CLOCK_RESOLUTION_MS && since - time <= NEAR_MS)
    // One that went well for a while before it failed was not broken by its start.
    .filter(({ time, fails }) => fails === 'mostly' || since - time <= AT_ONCE_MS)
    .sort((a, b) => a.time - b.time)[0];
  if (near === undefined) return [];
  return [
    {
      code: 'restart',
      message: `HAProxy was restarted or reloaded at ${timeText(near.time)}${near.how}, when the errors began`,
      next: 'Check what that restart or reload changed: configuration, agent address, certificates.',
    },
  ];
}

/** How much of what a process did failed. */
type Share = 'no' | 'partly' | 'mostly';

interface Restart {
  readonly time: number;
  /** The events of the process that began then fail. */
  readonly fails: Share;
  readonly how: string;
}

/** Counters that began again, and processes that took over from one of the same host and agent. */
function restartsOf(sources: readonly ReadSource[]): Restart[] {
  const restarts = sources.flatMap(({ restartTimes, source }) =>
    restartTimes.map((time) => ({ time, how: '', fails: doFail(source) })),
  );
  const lives = new Map<string, { pid: number | undefined; from: number; to: number; fails: Share }[]>();
  for (const { key, source } of sources) {
    const { firstTime, lastTime } = source;
    if (firstTime === null || lastTime === null || key.pid === undefined) continue;
    const place = JSON.stringify([key.host, key.agent]);
    lives.set(place, [
      ...(lives.get(place) ?? []),
      { pid: key.pid, from: firstTime, to: lastTime, fails: doFail(source) },
    ]);
  }
  for (const processes of lives.values()) {
    processes.sort((a, b) => a.from - b.from);
    for (const [i, next] of processes.entries()) {
      const before = processes[i - 1];
      if (before === undefined || before.to >= next.to) continue;
      const together = before.to - next.from;
      // Processes that run side by side are not a restart.
      if (together > SOFT_STOP_MS || together * 2 >= before.to - before.from) continue;
      restarts.push({ time: next.from, how: ` (pid ${before.pid}, then ${next.pid})`, fails: next.fails });
    }
  }
  return restarts;
}

function doFail({ count, errors }: Counts): Share {
  if (errors === 0 || errors / count < DEGRADED_ERROR_RATE) return 'no';
  return errors * 2 >= count ? 'mostly' : 'partly';
}
