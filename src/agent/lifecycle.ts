/** The life of spoa-mirror, from its arguments to its exit code. */
import cluster from 'node:cluster';
import { lookup } from 'node:dns/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type MirrorOptions, resolveOptions, shareOf } from '../mirror/options.ts';
import { isDaemon, startDaemon, tellStarter } from './daemon.ts';
import { AgentError } from './errors.ts';
import { EX_OK, EX_USAGE, exitCodeOf } from './exit-codes.ts';
import { formatLogLine, type Log, LogFile, printable } from './log-file.ts';
import { noticeOnce } from './notices.ts';
import { type CommandLine, type MirrorAgentOptions, mirrorOptions, parseCommandLine } from './options.ts';
import { checkPem, readPem } from './pem.ts';
import { PidFile } from './pid-file.ts';
import { serve, waitForEnd } from './serving.ts';
import { type LoadTelemetry, TELEMETRY_CLOSE_MS } from './telemetry.ts';
import { renderHelp } from './usage.ts';
import { runWorker } from './worker.ts';
import { startWorkers, WORKER_NUMBER, WorkerFailure } from './workers.ts';
import { startInProcess, type Workforce } from './workforce.ts';

const PROGRAM = 'spoa-mirror';
/** Of a log that goes to a pipe nobody empties. */
const MAX_UNREAD_LOG = 1024 * 1024;

/** Runs until it is told to end; gives the exit code, or undefined for a worker, which ends by itself. */
export async function runMirrorAgent(
  args: readonly string[],
  version: string,
  load: LoadTelemetry,
): Promise<number | undefined> {
  const line = parseCommandLine(args);
  if (!('run' in line)) return show(line, version);
  const options = absolute(line.run);
  if (cluster.isWorker) {
    const part = { number: Number(process.env[WORKER_NUMBER]), of: workerCount(options) };
    await runWorker(options, () => shareOf(part, mirrorOptions(options, readPem(options))), load);
    return undefined;
  }
  if (options.daemonize && !isDaemon()) return await startDaemon(complain);
  const fail = async (error: unknown) => {
    const exitCode = error instanceof WorkerFailure ? error.exitCode : exitCodeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (isDaemon()) await tellStarter({ type: 'failed', message, exitCode });
    else complain(message);
    return exitCode;
  };
  try {
    return await run(options, load);
  } catch (error) {
    return await fail(error);
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

function complain(message: string): void {
  process.stderr.write(`${PROGRAM}: ${printable(message)}\n`);
}

/** A daemon lives in /, so every file is named from there. */
function absolute(options: MirrorAgentOptions): MirrorAgentOptions {
  const { pidFile, logFile, record, address, admin } = options;
  const unix = (text: string) => (text.startsWith('unix:') ? `unix:${resolve(text.slice(5))}` : text);
  return {
    ...options,
    address: unix(address),
    admin: admin === undefined ? undefined : unix(admin),
    pidFile: pidFile === undefined ? undefined : resolve(pidFile),
    logFile: logFile === undefined ? undefined : { ...logFile, path: resolve(logFile.path) },
    record: record === undefined || record === '-' ? record : resolve(record),
  };
}

/** @throws AgentError `usage` for a destination nobody can find */
async function checkNames(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    try {
      await lookup(host);
    } catch (error) {
      throw new AgentError('usage', `Invalid hostname '${host}' of ${url}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
}

async function run(options: MirrorAgentOptions, load: LoadTelemetry): Promise<number> {
  const told = waitForEnd(options.runtimeMs ?? 0);
  const pem = readPem(options);
  await checkPem(pem);
  const mirror = mirrorOptions(options, pem);
  if (options.proxy.url === undefined) await checkNames(options.urls);
  const pidFile = options.pidFile === undefined ? undefined : new PidFile(options.pidFile, process.pid);
  let logFile: LogFile | undefined;
  try {
    logFile = options.logFile === undefined ? undefined : new LogFile(options.logFile, process.pid);
    // Standard output is the record's when it asks for it.
    const stream = options.record === '-' ? process.stderr : process.stdout;
    const log: Log = (line) => {
      const text = formatLogLine(line, process.pid, new Date());
      if (logFile !== undefined) logFile.write(text);
      else if (!options.daemonize && stream.writableLength < MAX_UNREAD_LOG) stream.write(`${text}\n`);
    };
    process.on('uncaughtExceptionMonitor', (error) => {
      const text = formatLogLine(`crash: ${error.stack}`, process.pid, new Date());
      if (logFile !== undefined) logFile.writeLast(text);
      else if (!options.daemonize) stream.write(`${text}\n`);
    });
    // Whoever read the log may be gone.
    stream.on('error', () => {});
    const work = await startWork(options, mirror, log, load);
    pidFile?.write();
    await serve(options, work, log, {
      told,
      ready: async () => {
        if (isDaemon()) await tellStarter({ type: 'ready' });
      },
      reopenLog: async () => logFile?.reopen(),
    });
    return EX_OK;
  } finally {
    await logFile?.close();
    pidFile?.remove();
  }
}

/** -n is an upper bound: more processes than cores only get in each other's way, and each needs a port of -P. */
function workerCount({ workers, mirror: { localPorts } }: MirrorAgentOptions): number {
  const ports = localPorts === undefined ? workers : localPorts[1] - localPorts[0] + 1;
  return Math.min(workers, availableParallelism(), ports);
}

async function startWork(
  options: MirrorAgentOptions,
  mirror: MirrorOptions,
  log: Log,
  load: LoadTelemetry,
): Promise<Workforce> {
  const count = workerCount(options);
  for (const warning of options.warnings) log(warning);
  if (options.urls.length === 0) log('no -u is given: requests are acknowledged and mirrored nowhere');
  if (options.insecure) log('--insecure: certificates of the mirror are not verified');
  log(`starting ${count} of at most ${options.workers} workers, ${availableParallelism()} cores`);
  if (count === 1) return await startInProcess(options, mirror, log, noticeOnce(log), load);
  // An option that makes no sense is found here rather than by each worker.
  if (options.urls.length > 0) resolveOptions(mirror);
  return await startWorkers(count, options.graceMs, options.otel ? TELEMETRY_CLOSE_MS : 0, log);
}
