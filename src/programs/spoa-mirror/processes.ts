import type { MirrorOptions } from '../../mirror/options.ts';
import { newAgentStats } from '../../spoa/counters.ts';
import type { AgentLimits } from '../../spoa/limits.ts';
import type { Entrance } from './entrance.ts';
import type { ListenPem } from './handshakes.ts';
import type { Log } from './log-file.ts';
import type { Notice } from './notices.ts';
import type { MirrorAgentOptions } from './options.ts';
import { measureProcess, type ProcessStats } from './process-stats.ts';
import type { ServiceStats } from './service.ts';
import type { LoadTelemetry } from './telemetry.ts';

/** The figures of one process. */
export interface WorkerStats extends ServiceStats {
  readonly process: ProcessStats;
}

/** The figures before anything was done. */
export const NO_STATS: WorkerStats = {
  agent: newAgentStats(),
  mirror: null,
  record: null,
  answers: null,
  trace: null,
  otel: null,
  process: { cpuSeconds: 0, rssBytes: 0 },
};

/** The processes that serve connections: this one alone, or the workers of a primary process. */
export interface ServingProcesses {
  /** The entrance of connections. */
  readonly entrance: Entrance;
  /** The number of processes that accept connections and answer. */
  readonly size: number;
  readonly restarted: number;
  /** Requests that were lost with a worker, as far as is known. */
  readonly lost: number;
  /** The figures of every worker, those that have ended included. */
  stats(): Promise<readonly WorkerStats[]>;
  /** The same as they were when the processes were asked last: within the last second, as a rule. */
  latest(): readonly WorkerStats[];
  reopen(): Promise<void>;
  /** Sets the certificate of TLS connections from now on. */
  renewTls(pem: ListenPem): void;
  stop(): Promise<void>;
}

/** Serves connections in this process. @throws AgentError, MirrorError before anything listens */
export async function startInProcess(
  options: MirrorAgentOptions,
  mirror: MirrorOptions,
  log: Log,
  notice: Notice,
  load: LoadTelemetry,
  limits: Partial<AgentLimits>,
): Promise<ServingProcesses> {
  // A process that has workers does not need what they are made of.
  const { startService } = await import('./service.ts');
  const service = await startService(options, mirror, log, notice, load, limits);
  await service.listen();
  const measure = () => [{ ...service.stats(), process: measureProcess() }];
  return {
    entrance: service.entrance,
    size: 1,
    restarted: 0,
    lost: 0,
    stats: async () => measure(),
    latest: measure,
    reopen: () => service.reopen(),
    renewTls: (pem) => service.renewTls(pem),
    stop: () => service.close(),
  };
}
