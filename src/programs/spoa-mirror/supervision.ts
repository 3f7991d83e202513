/** The supervision of the processes that serve, from start to end: signals, figures, admin pages, systemd, the end itself. */

import { parseAddress } from '../../options/address.ts';
import { RATIO } from '../../options/kinds.ts';
import { shownUrl } from '../../text/shown-url.ts';
import type { AdminPages } from './admin.ts';
import { EntranceHealth } from './entrance-health.ts';
import { MirrorHealth, OBSERVE_MS } from './health.ts';
import type { LineStats } from './line-file.ts';
import type { Log } from './log-file.ts';
import { formatFigures, metricFamilies, type TotalStats } from './metrics.ts';
import type { MirrorAgentOptions } from './options.ts';
import { describeOpenError } from './output-file.ts';
import type { ListenTls } from './pem.ts';
import { measureProcess } from './process-stats.ts';
import type { ServingProcesses } from './processes.ts';
import { isService, notifySystemd, reloading, reportMs } from './systemd.ts';
import { addUp } from './totals.ts';
import type { VerdictProcess } from './verdict.ts';

export interface SupervisionHooks {
  /** Resolves with the reason to end. */
  readonly endRequest: Promise<string>;
  /** Called when all is open that needs more rights than the rest. @throws AgentError */
  opened(): void;
  /** Called when everything is up. */
  ready(): Promise<void>;
  reopenLog(): Promise<void>;
  /** The figures of the log; null without one. */
  logStats(): LineStats | null;
  /** Reads --tls-cert and its like again; undefined without them. @throws AgentError */
  readTls(): Promise<ListenTls | undefined>;
}

/** Supervises the processes; resolves when they have ended, after the request for it. */
export async function supervise(
  options: MirrorAgentOptions,
  processes: ServingProcesses,
  adminConnections: number,
  log: Log,
  hooks: SupervisionHooks,
): Promise<void> {
  let healthy = true;
  const proxy = options.proxy.url === undefined ? undefined : shownUrl(options.proxy.url);
  const health = new MirrorHealth(log, proxy);
  const entranceHealth = new EntranceHealth(processes.entrance, log);
  const watch = setInterval(() => observe(), OBSERVE_MS).unref();
  const observe = () => {
    const { agent, mirror } = addUp(processes.latest());
    health.observe(mirror, performance.now());
    entranceHealth.observe(agent, performance.now());
  };
  const verdict = await verdictOf(options, processes, log);
  const unready = async () => (healthy ? await reasonsOf(options, processes, health) : ['the agent stops']);
  const stopAdmin = await serveAdmin(
    options,
    processes,
    adminConnections,
    { healthy: () => healthy, unready },
    hooks.logStats,
    verdict,
  );
  hooks.opened();
  // It reads as the user that the agent has become.
  verdict?.start();
  const notify = systemdNotifier(log);
  process.on('SIGHUP', async () => {
    await notify(...reloading());
    await reopen(processes, log, hooks);
    await notify('READY=1');
  });
  const monitor = options.monitorMs === undefined ? undefined : setInterval(() => void figures(), options.monitorMs);
  const figures = async () => log(formatFigures(await totals(processes)));
  if (processes.entrance.isOpenToAll && options.listenPem?.ca === undefined) log(OPEN_TO_ALL);
  const way = proxy === undefined ? '' : ` through the proxy ${proxy}`;
  log(`ready on ${describeAddress(options)}, mirroring to ${options.urls.map(shownUrl).join(', ') || 'nowhere'}${way}`);
  await hooks.ready();
  await notify('READY=1');
  const report = isService(process.env)
    ? setInterval(() => void reportFigures(), reportMs(process.env, process.pid))
    : undefined;
  // With no process left the watchdog of systemd is to hear nothing.
  const reportFigures = async () =>
    await notify(...(processes.size > 0 ? ['WATCHDOG=1'] : []), `STATUS=${formatFigures(await totals(processes))}`);
  const why = await Promise.race([hooks.endRequest, endOfTime(options.runtimeMs ?? 0)]);
  healthy = false;
  clearInterval(monitor);
  clearInterval(report);
  clearInterval(watch);
  log(`stopping: ${why}`);
  // First of all, so that workers which were signalled as well are not taken for dead ones.
  const stopped = processes.stop();
  verdict?.stop();
  await notify('STOPPING=1');
  await stopped;
  log(`stopped: ${formatFigures(await totals(processes))}${await abandoned(processes)}`);
  stopAdmin();
}

/**
 * Resolves when a signal says so. From then on no signal ends the process by itself, nor has Node open its debugger, as it
 * would with SIGUSR1.
 */
export function waitForEnd(): Promise<string> {
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
      process.on(signal, () => resolve(`signal received - ${signal}`));
    }
  });
}

/** Resolves at the end of the time of -r; 0 is no end. */
function endOfTime(runtimeMs: number): Promise<string> {
  return new Promise((resolve) => {
    if (runtimeMs > 0) setTimeout(() => resolve('runtime exceeded'), Math.ceil(runtimeMs)).unref();
  });
}

/** The reasons why HAProxy's requests may not reach the mirror, or get no answer there; none when all is well. */
async function reasonsOf(
  { urls }: MirrorAgentOptions,
  processes: ServingProcesses,
  health: MirrorHealth,
): Promise<string[]> {
  if (processes.size === 0) return ['no worker answers'];
  const { agent } = await totals(processes);
  return [
    ...(agent.hellos === 0 ? ['HAProxy has not said HELLO: no request can have come'] : []),
    ...(urls.length === 0 ? ['no -u is given: nothing is mirrored'] : []),
    ...health.unready,
  ];
}

const OPEN_TO_ALL =
  'whoever reaches this machine can connect and have requests mirrored: name the addresses of HAProxy with --allow, or ' +
  'listen on one address with -a';

async function serveAdmin(
  { admin, adminHosts, socketMode, account }: MirrorAgentOptions,
  processes: ServingProcesses,
  maxConnections: number,
  { healthy, unready }: Pick<AdminPages, 'healthy' | 'unready'>,
  logStats: () => LineStats | null,
  verdict: VerdictProcess | undefined,
): Promise<() => void> {
  if (admin === undefined) return () => {};
  const [{ newAdminStats, startAdmin }, { LATENCY_BOUNDS_MS }] = await Promise.all([
    import('./admin.ts'),
    import('../../mirror/statistics.ts'),
  ]);
  const stats = newAdminStats();
  const startedMs = performance.timeOrigin;
  const all = async () => ({
    ...{ ...(await totals(processes)), startedMs, admin: stats, log: logStats() },
    ...(verdict && { verdict: verdict.stats }),
  });
  const ask = verdict && ((path: string, search: string) => verdict.ask(path, search));
  const pages = {
    healthy: () => healthy() && processes.size > 0,
    unready,
    metrics: async () => metricFamilies(await all(), LATENCY_BOUNDS_MS),
    stats: all,
    verdict: ask,
  };
  const server = await startAdmin(parseAddress(admin), pages, {
    hosts: adminHosts,
    maxConnections,
    stats,
    rights: { mode: socketMode, owner: account },
  });
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

/** A smaller share is as good as none, and not written as digits alone. */
const LEAST_SHARE = 1e-6;

/** Loads what asks for the verdict only where it is wanted. */
async function verdictOf(
  { verdictProduction: production, verdictArguments, record, mirror: { sample } }: MirrorAgentOptions,
  processes: ServingProcesses,
  log: Log,
): Promise<VerdictProcess | undefined> {
  if (production.length === 0 || record === undefined) return undefined;
  const { VerdictProcess } = await import('./verdict.ts');
  const share = sample === undefined || sample < LEAST_SHARE ? [] : [`--expect-coverage=${RATIO.format(sample)}`];
  const args = [...verdictArguments, ...share];
  const lostLines = async () => (await totals(processes)).record?.dropped ?? 0;
  return new VerdictProcess({ production, record, args, lostLines, log });
}

async function totals(processes: ServingProcesses): Promise<TotalStats> {
  const all = await processes.stats();
  const workers = { running: processes.size, restarted: processes.restarted, lost: processes.lost };
  const sum = addUp(all);
  if (workers.running === 1 && all.length === 1) return { ...sum, workers };
  return { ...sum, process: addUp([sum.process, measureProcess()]), workers };
}

/** The text about requests that the grace was too short for. */
async function abandoned(processes: ServingProcesses): Promise<string> {
  const { mirror } = await totals(processes);
  const count = mirror?.errors.shutdown ?? 0;
  return count === 0 ? '' : `; ${count} requests were given up when the grace was over`;
}

async function reopen(processes: ServingProcesses, log: Log, hooks: SupervisionHooks): Promise<void> {
  try {
    await hooks.reopenLog();
    log('log reopened, reopening the record');
  } catch (error) {
    log(`the log stays where it is, reopening the record: ${describeOpenError(error)}`);
  }
  try {
    await processes.reopen();
  } catch (error) {
    log(`reopening failed: ${(error as Error).message}`);
  }
  try {
    const tls = await hooks.readTls();
    if (tls === undefined) return;
    processes.renewTls(tls.pem);
    for (const warning of tls.warnings) log(warning);
    log(`TLS renewed, the certificate is valid until ${tls.validUntil}`);
  } catch (error) {
    log(`TLS stays as it was: ${(error as Error).message}`);
  }
}

/** A function that notifies systemd, and does nothing where there is none; an error is logged once. */
function systemdNotifier(log: Log): (...states: readonly string[]) => Promise<void> {
  let isReported = false;
  return async (...states) => {
    if (!isService(process.env)) return;
    const problem = await notifySystemd(states, process.pid);
    if (problem === undefined || isReported) return;
    isReported = true;
    log(problem);
  };
}

export function describeAddress({ address, port, listenPem, listenFd }: MirrorAgentOptions): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const named = address.startsWith('unix:') ? address : `${host}:${port}`;
  const where = listenFd === undefined ? named : 'the socket that systemd listens on';
  if (listenPem === undefined) return where;
  return `${where} with TLS${listenPem.ca === undefined ? '' : ' and client certificates'}`;
}
