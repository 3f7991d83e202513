/** The tables. */
import { fixed, formatSpread, formatTable } from '../measure.ts';
import type { AgentContender } from './contenders.ts';
import type { Figures } from './measured-run.ts';
import { describeKept, describeLimits, type Scenario } from './scenarios.ts';

export interface Result {
  readonly scenario: Scenario;
  readonly contender: AgentContender;
  /** Undefined where it died in each round. */
  readonly figures: Figures | undefined;
  readonly runs: readonly Figures[];
  /** Rounds that it did not outlive. */
  readonly crashes: number;
  /** The C agent's, where it was measured. */
  readonly peer: Figures | undefined;
}

export const NOTES = `\
CPU-s/10k: user and system time of all processes of the agent per 10,000 requests mirrored (acknowledged, where the
mirror never answers), median (least–most) of the rounds; ×: its median over that of the C agent. ack p50, p99: from
the moment the request was due; from write: without the wait for the generator's tick, a millisecond at most on a
quiet machine. missing: acknowledged, but neither mirrored nor counted as dropped or failed. RSS: the largest sum over
all processes at one moment, where pages they share, such as Node's code, count in each. VmHWM: each process's own
peak, added up: an upper bound of that. PSS: after the load, shared pages counted once. generator, mirror: how much of
one core they took. Of memory, and of what is dropped, failed or missing, the worst round counts.`;

export function renderFigures(results: readonly Result[]): string {
  const rows = results.map(({ scenario, contender, figures, runs, crashes, peer }) => [
    scenario.name,
    contender.name,
    formatSpread(
      runs.map(({ cpuPer10k }) => cpuPer10k),
      2,
    ),
    figures === undefined || peer === undefined ? '' : fixed(figures.cpuPer10k / peer.cpuPer10k, 2),
    fixed(figures?.p50Ms, 2),
    fixed(figures?.p99Ms, 2),
    fixed(figures?.mirroredPerSecond, 0),
    fixed(figures?.missing, 0),
    fixed(figures?.rssMegabytes, 0),
    contender.own ? describeLimits(scenario.limits) : '',
    contender.own && figures !== undefined ? describeKept(scenario.limits, figures, peer) : describeCrashes(crashes),
  ]);
  const head = ['load', 'agent', 'CPU-s/10k', '×', 'ack p50 ms', 'p99 ms', 'mirrored/s', 'missing', 'RSS MB'];
  return formatTable([...head, 'required', 'kept'], rows);
}

function describeCrashes(crashes: number): string {
  if (crashes === 0) return '';
  return crashes === 1 ? 'died in 1 round' : `died in ${crashes} rounds`;
}

/** What says whether the figures can be trusted. */
export function renderDetails(results: readonly Result[]): string {
  const percent = (ratio: number | undefined) => fixed(ratio === undefined ? undefined : ratio * 100, 0);
  const rows = results.map(({ scenario, contender, figures }) => [
    scenario.name,
    contender.name,
    fixed(figures?.ackedPerSecond, 0),
    fixed(figures?.lost, 0),
    fixed(figures?.dropped, 0),
    fixed(figures?.failed, 0),
    fixed(figures?.maxMs, 1),
    fixed(figures?.writeP50Ms, 2),
    fixed(figures?.writeP99Ms, 2),
    fixed(figures?.highWaterMegabytes, 0),
    fixed(figures?.pssMegabytes, 0),
    percent(figures?.loadRatio),
    percent(figures?.sinkRatio),
  ]);
  const head = ['load', 'agent', 'acked/s', 'no ACK', 'dropped', 'failed', 'ack max ms', 'p50 from write'];
  return formatTable([...head, 'p99 from write', 'VmHWM MB', 'PSS MB', 'generator %', 'mirror %'], rows);
}
