/** The time between start and end: signals, figures, the admin pages, the end itself. */
import { shownUrl } from '../../text/shown-url.ts';
import type { AdminPages } from './admin.ts';
import { EntranceHealth } from './entrance-health.ts';
import { MirrorHealth, OBSERVE_MS } from './health.ts';
import type { LineStats } from './line-file.ts';
import type { Log } from './log-file.ts';
import { formatFigures, renderMetrics, type TotalStats } from './metrics.ts';
import { parseAddress } from './option-values.ts';
import type { MirrorAgentOptions } from './options.ts';
import { describeOpenError } from './output-file.ts';
import type { ListenTls } from './pem.ts';
import { measureProcess } from './process-stats.ts';
import { isService, notifySystemd, reloading, reportMs } from './systemd.ts';
import { addUp } from './totals.ts';
import type { Workforce } from './workforce.ts';

export interface ServingHooks {
  /** Resolves with the reason to end. */
  readonly told: Promise<string>;
  /** All is open for which more rights may be needed than for the rest. @throws AgentError */
  opened(): void;
  /** Everything is up. */
  ready(): Promise<void>;
  reopenLog(): Promise<void>;
  /** Null without a log. */
  logStats(): LineStats | null;
  /** What --tls-cert and its like hold now; undefined without them. @throws AgentError */
  readTls(): Promise<ListenTls | undefined>;
}

/** Resolves when the agent was told to end and has ended. */
export async function serve(
  options: MirrorAgentOptions,
  work: Workforce,
  adminConnections: number,
  log: Log,
  hooks: ServingHooks,
): Promise<void> {
  let healthy = true;
  const proxy = options.proxy.url === undefined ? undefined : shownUrl(options.proxy.url);
  const health = new MirrorHealth(log, proxy);
  const entranceHealth = new EntranceHealth(work.entrance, log);
  const watch = setInterval(() => void observe(), OBSERVE_MS).unref();
  const observe = async () => {
    const { agent, mirror } = await totals(work);
    health.observe(mirror, performance.now());
    entranceHealth.observe(agent, performance.now());
  };
  const unready = async () => (healthy ? await reasonsOf(options, work, health) : ['the agent stops']);
  const stopAdmin = await serveAdmin(
    options,
    work,
    adminConnections,
    { healthy: () => healthy, unready },
    hooks.logStats,
  );
  hooks.opened();
  const tell = systemdTeller(log);
  process.on('SIGHUP', async () => {
    await tell(...reloading());
    await reopen(work, log, hooks);
    await tell('READY=1');
  });
  const monitor = options.monitorMs === undefined ? undefined : setInterval(() => void figures(), options.monitorMs);
  const figures = async () => log(formatFigures(await totals(work)));
  if (work.entrance.isOpenToAll && options.listenPem?.ca === undefined) log(OPEN_TO_ALL);
  const way = proxy === undefined ? '' : ` through the proxy ${proxy}`;
  log(`ready on ${describeAddress(options)}, mirroring to ${options.urls.map(shownUrl).join(', ') || 'nowhere'}${way}`);
  await hooks.ready();
  await tell('READY=1');
  const report = isService(process.env)
    ? setInterval(() => void reportFigures(), reportMs(process.env, process.pid))
    : undefined;
  // With nobody left to do the work the watchdog of systemd is to hear nothing.
  const reportFigures = async () =>
    await tell(...(work.size > 0 ? ['WATCHDOG=1'] : []), `STATUS=${formatFigures(await totals(work))}`);
  const why = await Promise.race([hooks.told, endOfTime(options.runtimeMs ?? 0)]);
  healthy = false;
  clearInterval(monitor);
  clearInterval(report);
  clearInterval(watch);
  log(`stopping: ${why}`);
  // First of all, so that workers which were signalled as well are not taken for dead ones.
  const stopped = work.stop();
  await tell('STOPPING=1');
  await stopped;
  log(`stopped: ${formatFigures(await totals(work))}${await abandoned(work)}`);
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

/** Of -r; 0 is no end. */
function endOfTime(runtimeMs: number): Promise<string> {
  return new Promise((resolve) => {
    if (runtimeMs > 0) setTimeout(() => resolve('runtime exceeded'), Math.ceil(runtimeMs)).unref();
  });
}

/** Why HAProxy's requests may not reach the mirror, or nobody answers them there; none when all is well. */
async function reasonsOf({ urls }: MirrorAgentOptions, work: Workforce, health: MirrorHealth): Promise<string[]> {
  if (work.size === 0) return ['no worker answers'];
  const { agent } = await totals(work);
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
  work: Workforce,
  maxConnections: number,
  { healthy, unready }: Pick<AdminPages, 'healthy' | 'unready'>,
  logStats: () => LineStats | null,
): Promise<() => void> {
  if (admin === undefined) return () => {};
  const [{ newAdminStats, startAdmin }, { LATENCY_BOUNDS_MS }] = await Promise.all([
    import('./admin.ts'),
    import('../../mirror/statistics.ts'),
  ]);
  const stats = newAdminStats();
  const all = async () => ({ ...(await totals(work)), admin: stats, log: logStats() });
  const pages = {
    healthy: () => healthy() && work.size > 0,
    unready,
    metrics: async () => renderMetrics(await all(), LATENCY_BOUNDS_MS),
    stats: all,
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

async function totals(work: Workforce): Promise<TotalStats> {
  const all = await work.stats();
  const workers = { running: work.size, restarted: work.restarted, lost: work.lost };
  const sum = addUp(all);
  if (workers.running === 1 && all.length === 1) return { ...sum, workers };
  return { ...sum, process: addUp([sum.process, measureProcess()]), workers };
}

/** What the grace was too short for. */
async function abandoned(work: Workforce): Promise<string> {
  const { mirror } = await totals(work);
  const count = mirror?.errors.shutdown ?? 0;
  return count === 0 ? '' : `; ${count} requests were given up when the grace was over`;
}

async function reopen(work: Workforce, log: Log, hooks: ServingHooks): Promise<void> {
  try {
    await hooks.reopenLog();
    log('log reopened, reopening the record');
  } catch (error) {
    log(`the log stays where it is, reopening the record: ${describeOpenError(error)}`);
  }
  try {
    await work.reopen();
  } catch (error) {
    log(`reopening failed: ${(error as Error).message}`);
  }
  try {
    const tls = await hooks.readTls();
    if (tls === undefined) return;
    work.renewTls(tls.pem);
    for (const warning of tls.warnings) log(warning);
    log(`TLS renewed, the certificate is valid until ${tls.validUntil}`);
  } catch (error) {
    log(`TLS stays as it was: ${(error as Error).message}`);
  }
}

/** Gives what tells systemd, which does nothing where there is none; what goes wrong is said once. */
function systemdTeller(log: Log): (...states: readonly string[]) => Promise<void> {
  let isSaid = false;
  return async (...states) => {
    if (!isService(process.env)) return;
    const problem = await notifySystemd(states, process.pid);
    if (problem === undefined || isSaid) return;
    isSaid = true;
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
