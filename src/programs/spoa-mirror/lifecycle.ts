/** The life of spoa-mirror, from its arguments to its exit code. */
import cluster from 'node:cluster';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type MirrorOptions, resolveOptions, shareOf } from '../../mirror/options.ts';
import { isRoot } from '../../spoa/ownership.ts';
import { formatAmount } from '../../text/numbers.ts';
import { escapeLogLine } from '../../text/terminal.ts';
import { checkAccess } from './access.ts';
import { isDaemon, optionsOfStarter, startDaemon, tellStarter } from './daemon.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import {
  type DescriptorPlan,
  describeShortage,
  descriptorNeeds,
  planDescriptors,
  readFileLimit,
} from './descriptors.ts';
import type { Entrance } from './entrance.ts';
import { EX_OK, EX_USAGE, exitCodeOf } from './exit-codes.ts';
import { formatLogLine, type Log, LogFile } from './log-file.ts';
import { sayUnknownNames, urlsToResolve } from './names.ts';
import { noticeOnce } from './notices.ts';
import { usage } from './option-values.ts';
import {
  type CommandLine,
  type MirrorAgentOptions,
  mirrorOptions,
  parseCommandLine,
  shownArguments,
  valuesFile,
} from './options.ts';
import { isDescriptor } from './output-file.ts';
import { checkPem, readListenTls, readPem } from './pem.ts';
import { PidFile } from './pid-file.ts';
import { startPrimary, WorkerFailure } from './primary.ts';
import { become, findAccount, handOverPipes, withUmask } from './privileges.ts';
import { type ServingProcesses, startInProcess } from './processes.ts';
import { PROXY_CREDENTIALS, readSecrets } from './secrets.ts';
import { supervise, waitForEnd } from './supervision.ts';
import { isService, takeSocket } from './systemd.ts';
import { type LoadTelemetry, TELEMETRY_CLOSE_MS } from './telemetry.ts';
import { renderHelp } from './usage.ts';
import type { StartMessage } from './worker.ts';

const PROGRAM = 'spoa-mirror';
/** Random bytes of the key of --answers. */
const KEY_BYTES = 32;

/** Runs until the request to end; returns the exit code, or undefined for a worker, which ends by itself. */
export async function runMirrorAgent(
  args: readonly string[],
  version: string,
  load: LoadTelemetry,
): Promise<number | undefined> {
  if (cluster.isWorker) {
    // The first process of several does not need what they are made of.
    const { runWorker } = await import('./worker.ts');
    await runWorker(load);
    return undefined;
  }
  try {
    if (isDaemon()) {
      nameProcess(args);
      return await run(await optionsOfStarter(), load);
    }
    const shown = shownArguments(args);
    nameProcess(shown);
    const line = parseCommandLine(args);
    if (!('run' in line)) return show(line, version);
    const options = absolute(readSecrets(line.run, process.env));
    refuseSharedPidFile(options);
    delete process.env[PROXY_CREDENTIALS];
    if (options.check) return await check(options, load);
    if (options.daemonize && !isService(process.env)) return await startDaemon(options, shown, complain);
    return await run(asService(options), load);
  } catch (error) {
    // Before all was up no connection was accepted, so no worker holds anything.
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
    if (error instanceof EndedBeforeReady && !isDaemon()) return EX_OK;
    const exitCode = error instanceof WorkerFailure ? error.exitCode : exitCodeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (isDaemon()) await tellStarter({ type: 'failed', message, exitCode });
    else complain(message);
    return exitCode;
  }
}

/** Sets the name in the list of processes, which everybody can read: without secrets. The system cuts it to the room there is. */
function nameProcess(shown: readonly string[]): void {
  process.title = [PROGRAM, ...shown].join(' ');
  try {
    // The name that pgrep and top show was set to the beginning of that.
    writeFileSync('/proc/self/comm', PROGRAM);
  } catch {
    // There is no such file on this system.
  }
}

function show(line: Exclude<CommandLine, { run: unknown }>, version: string): number {
  // One line each: the last one says where help is.
  const isUsage = 'exitCode' in line && line.exitCode === EX_USAGE;
  for (const [i, error] of line.errors.entries())
    complain(isUsage && i === line.errors.length - 1 ? `${error} (help: ${PROGRAM} -h)` : error);
  if ('exitCode' in line) return line.exitCode;
  process.stdout.write(line.show === 'help' ? renderHelp(PROGRAM) : `\n${PROGRAM} v${version} by spoe-logs\n\n`);
  return line.errors.length > 0 ? EX_USAGE : EX_OK;
}

/** Adapts the options to systemd, which keeps this process in the background and may listen already. @throws AgentError `listen` */
function asService(options: MirrorAgentOptions): MirrorAgentOptions {
  const listenFd = takeSocket(process.env, process.pid);
  if (!options.daemonize) return { ...options, listenFd };
  const warnings = [...options.warnings, '-D is not needed and has no effect: this is a service of systemd'];
  return { ...options, listenFd, daemonize: false, warnings };
}

/** Runs --check, whose code is loaded only where it is asked for. */
async function check(options: MirrorAgentOptions, load: LoadTelemetry): Promise<number> {
  const { checkStart } = await import('./check.ts');
  return await checkStart(options, workerCount(options), load, (text) => process.stdout.write(text));
}

function complain(message: string): void {
  process.stderr.write(`${PROGRAM}: ${escapeLogLine(message)}\n`);
}

/** A pidfile is emptied and removed. @throws AgentError `usage` where it is another file of the agent as well */
function refuseSharedPidFile(options: MirrorAgentOptions): void {
  const { pidFile, logFile, record, traceFrames } = options;
  if (pidFile !== undefined && [logFile?.path, record, traceFrames, valuesFile(options)].includes(pidFile))
    throw usage(`pidfile ${pidFile} is also the log, record or trace: name a file of its own`);
}

/** The options with absolute paths: a daemon and its workers live in /. */
function absolute(options: MirrorAgentOptions): MirrorAgentOptions {
  const { pidFile, logFile, record, traceFrames, address, admin, tlsFiles, listenTlsFiles } = options;
  const unix = (text: string) => (text.startsWith('unix:') ? `unix:${resolve(text.slice(5))}` : text);
  const all = (files: MirrorAgentOptions['tlsFiles']) =>
    Object.fromEntries(Object.entries(files).map(([name, path]) => [name, resolve(path)]));
  return {
    ...options,
    address: unix(address),
    admin: admin === undefined ? undefined : unix(admin),
    pidFile: pidFile === undefined ? undefined : resolve(pidFile),
    logFile: logFile === undefined ? undefined : { ...logFile, path: resolve(logFile.path) },
    record: record === undefined || record === '-' ? record : resolve(record),
    traceFrames: traceFrames === undefined ? undefined : resolve(traceFrames),
    verdictProduction: options.verdictProduction.map((path) => resolve(path)),
    tlsFiles: all(tlsFiles),
    listenTlsFiles: all(listenTlsFiles),
  };
}

/** The error of an end before all was up: workers that are starting end with this process. */
class EndedBeforeReady extends Error {
  override readonly name = 'EndedBeforeReady';
}

/** @throws EndedBeforeReady when the request to end comes first: a start may wait long, for a name server say */
function unlessEnded<T>(start: Promise<T>, endRequest: Promise<string>): Promise<T> {
  const end = endRequest.then((why) => {
    throw new EndedBeforeReady(`stopping before it was ready: ${why}`);
  });
  return Promise.race([start, end]);
}

async function run(given: MirrorAgentOptions, load: LoadTelemetry): Promise<number> {
  const endRequest = waitForEnd();
  const pem = readPem(given);
  await checkPem(pem);
  const listenTls = await readListenTls(given);
  const plan = planOf(given);
  const mirror = fitted(mirrorOptions(given, pem), plan);
  const account = findAccount(given.user, given.group);
  const options: MirrorAgentOptions = {
    ...given,
    account,
    answersKey: await keyOf(given),
    recordMode: given.recordMode ?? withUmask(AGENT_DEFAULTS.fileMode),
    listenPem: listenTls?.pem,
    warnings: [...given.warnings, ...(listenTls?.warnings ?? [])],
  };
  const pidFile =
    options.pidFile === undefined
      ? undefined
      : new PidFile(options.pidFile, process.pid, { mode: withUmask(AGENT_DEFAULTS.pidFileMode) });
  let logFile: LogFile | undefined;
  let entrance: Entrance | undefined;
  try {
    logFile = openLog(options);
    const log: Log = (line) => logFile?.write(formatLogLine(line, process.pid, new Date()));
    process.on('uncaughtExceptionMonitor', (error) => {
      logFile?.writeLast(formatLogLine(`crash: ${error.stack}`, process.pid, new Date()));
    });
    // The readers of the log, or of the workers' standard error, may be gone.
    for (const each of [process.stdout, process.stderr]) each.on('error', () => {});
    const processes = await unlessEnded(startProcesses(options, mirror, plan, log, load), endRequest);
    entrance = processes.entrance;
    pidFile?.write();
    await supervise(options, processes, plan.adminConnections, log, {
      endRequest,
      opened: () => becomeAccount(options, log),
      ready: async () => {
        if (isDaemon()) await tellStarter({ type: 'ready' });
      },
      reopenLog: async () => logFile?.reopen(),
      logStats: () => logFile?.stats ?? null,
      readTls: () => readListenTls(options),
    });
    return EX_OK;
  } finally {
    // A start that failed would leave its unix socket behind.
    entrance?.close();
    await logFile?.close();
    pidFile?.remove();
  }
}

/** The key of --answers. Workers get it with the options, those that replace others as well; it is said and written nowhere. */
async function keyOf({ answers, answersKey }: MirrorAgentOptions): Promise<string | undefined> {
  if (answers === undefined || answersKey !== undefined) return answersKey;
  const { randomBytes } = await import('node:crypto');
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** Opens the log. Standard output is the record's when it asks for it; a daemon without a file has no log. */
function openLog({ logFile, record, daemonize, account }: MirrorAgentOptions): LogFile | undefined {
  if (logFile !== undefined) {
    const rights = { mode: withUmask(AGENT_DEFAULTS.fileMode), owner: account };
    return new LogFile(logFile, process.pid, rights, daemonize ? undefined : complain);
  }
  if (daemonize) return undefined;
  const path = record === '-' ? 2 : 1;
  return new LogFile({ path, mode: 'a' }, process.pid, undefined, path === 1 ? complain : undefined);
}

/** The number of workers, at most -n: more processes than cores only get in each other's way, and each needs a port of -P. */
function workerCount({ workers, mirror: { localPorts } }: MirrorAgentOptions): number {
  const ports = localPorts === undefined ? workers : localPorts[1] - localPorts[0] + 1;
  return Math.min(workers, availableParallelism(), ports);
}

/**
 * The number of workers that start at once. All of them where a part of each is settled with the start, as ports are and lines
 * of --answers-values, and with TLS, whose connections cannot go to another process.
 */
function firstWorkers(options: MirrorAgentOptions, count: number): number {
  const { mirror, answersValues, listenPem, minWorkers } = options;
  const areSettled = mirror.localPorts !== undefined || answersValues !== undefined || listenPem !== undefined;
  return areSettled ? count : Math.min(count, minWorkers);
}

/** @throws AgentError `start` when there are too few file descriptors for anything */
function planOf(options: MirrorAgentOptions): DescriptorPlan {
  return planDescriptors(readFileLimit(), descriptorNeeds(options, workerCount(options)));
}

/** The options with no more connections than there are file descriptors for. */
function fitted(mirror: MirrorOptions, { mirrorConnections }: DescriptorPlan): MirrorOptions {
  return { ...mirror, connections: mirrorConnections };
}

async function startProcesses(
  options: MirrorAgentOptions,
  mirror: MirrorOptions,
  plan: DescriptorPlan,
  log: Log,
  load: LoadTelemetry,
): Promise<ServingProcesses> {
  const count = workerCount(options);
  for (const warning of options.warnings) log(warning);
  if (options.urls.length === 0) log('no -u is given: requests are acknowledged and mirrored nowhere');
  if (isRoot() && (options.account?.uid ?? 0) === 0)
    log('this runs as root: --user NAME gives that up when everything is open');
  if (options.traceFrames !== undefined)
    log(`--trace-frames: for debugging, each frame is written to ${options.traceFrames}`);
  const values = valuesFile(options);
  if (values !== undefined)
    log(
      `--answers-values: for debugging, values of answers are written to ${values}: passwords, cookies, whatever they hold`,
    );
  if (options.insecure) log('--insecure: certificates of the mirror are not verified');
  const shortage = describeShortage(plan, descriptorNeeds(options, count));
  if (shortage !== undefined) log(shortage);
  void sayUnknownNames(urlsToResolve(options), log);
  const first = firstWorkers(options, count);
  log(
    first < count
      ? `starting ${formatAmount(first, 'worker')}, up to ${count} when the load needs them (-n${options.workers}, ${availableParallelism()} cores)`
      : `starting ${formatAmount(first, 'worker')} (-n${options.workers}, ${availableParallelism()} cores)`,
  );
  if (count === 1) return await startInProcess(options, mirror, log, noticeOnce(log), load, plan.haproxy);
  // An option that makes no sense is found here rather than by each worker.
  if (options.urls.length > 0) resolveOptions(mirror);
  const samples = sharesOf(options.answersValues, count);
  const startMessageOf = (number: number, of: number): Omit<StartMessage, 'options'> => ({
    type: 'start',
    number,
    mirror: shareOf({ number, of }, mirror),
    limits: plan.haproxy,
    values: samples(number),
  });
  return await startPrimary(
    { first, most: count },
    options,
    options.otel ? TELEMETRY_CLOSE_MS : 0,
    plan.maxWaiting,
    log,
    startMessageOf,
  );
}

/** The share of each of several workers, by number; one that replaces another has nothing left of it. */
function sharesOf(all: number | undefined, count: number): (number: number) => number | undefined {
  const started = new Set<number>();
  return (number) => {
    if (all === undefined) return undefined;
    if (started.has(number)) return 0;
    started.add(number);
    return Math.floor(all / count) + (number <= all % count ? 1 : 0);
  };
}

/** Gives up being root, for good, and checks that all goes on from there. @throws AgentError */
function becomeAccount(options: MirrorAgentOptions, log: Log): void {
  const { account, logFile, record, traceFrames } = options;
  if (account === undefined) return;
  const paths = [logFile?.path, record, traceFrames];
  if (paths.some((path) => path === '-' || (path !== undefined && isDescriptor(path)))) handOverPipes(account);
  become(account);
  checkAccess(options, account, workerCount(options), log);
}
