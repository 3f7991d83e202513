import type { MirrorOptions } from '../../mirror/options.ts';
import { newAgentStats } from '../../spoa/counters.ts';
import type { AgentLimits } from '../../spoa/limits.ts';
import type { Entrance } from './entrance.ts';
import type { Log } from './log-file.ts';
import type { Notice } from './notices.ts';
import type { MirrorAgentOptions } from './options.ts';
import type { ListenPem } from './pem.ts';
import { measureProcess, type ProcessStats } from './process-stats.ts';
import { type ServiceStats, startService } from './service.ts';
import type { LoadTelemetry } from './telemetry.ts';

/** What one process reports. */
export interface WorkerStats extends ServiceStats {
  readonly process: ProcessStats;
}

/** What nobody has done yet. */
export const NOTHING: WorkerStats = {
  agent: newAgentStats(),
  mirror: null,
  record: null,
  trace: null,
  otel: null,
  process: { cpuSeconds: 0, rssBytes: 0 },
};

/** Those who do the work: this process, or several others. */
export interface Workforce {
  /** Where connections come in. */
  readonly entrance: Entrance;
  /** Processes that take connections and answer. */
  readonly size: number;
  readonly restarted: number;
  /** Requests that died with a worker, as far as is known. */
  readonly lost: number;
  /** Of every worker, those that are gone included. */
  stats(): Promise<readonly WorkerStats[]>;
  reopen(): Promise<void>;
  /** For TLS connections that come from now on. */
  renewTls(pem: ListenPem): void;
  stop(): Promise<void>;
}

/** The work of one process. @throws AgentError, MirrorError before anything listens */
export async function startInProcess(
  options: MirrorAgentOptions,
  mirror: MirrorOptions,
  log: Log,
  notice: Notice,
  load: LoadTelemetry,
  limits: Partial<AgentLimits>,
): Promise<Workforce> {
  const service = await startService(options, mirror, log, notice, load, limits);
  await service.listen();
  return {
    entrance: service.entrance,
    size: 1,
    restarted: 0,
    lost: 0,
    stats: async () => [{ ...service.stats(), process: measureProcess() }],
    reopen: () => service.reopen(),
    renewTls: (pem) => service.renewTls(pem),
    stop: () => service.close(),
  };
}
