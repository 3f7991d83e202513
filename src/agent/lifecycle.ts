/** The life of spoa-mirror, from its arguments to its exit code. */
import cluster from 'node:cluster';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type MirrorOptions, resolveOptions, shareOf } from '../mirror/options.ts';
import { isDaemon, startDaemon, tellStarter } from './daemon.ts';
import { AgentError } from './errors.ts';
import { EX_OK, EX_USAGE, exitCodeOf } from './exit-codes.ts';
import { formatLogLine, type Log, LogFile } from './log-file.ts';
import { type CommandLine, type MirrorAgentOptions, mirrorOptions, parseCommandLine } from './options.ts';
import { removePidFile, writePidFile } from './pid-file.ts';
import { measureProcess } from './process-stats.ts';
import { serve } from './serving.ts';
import { renderHelp } from './usage.ts';
import { runWorker } from './worker.ts';
import { startWorkers, WorkerFailure } from './workers.ts';
import { startInProcess, type Workforce } from './workforce.ts';

const PROGRAM = 'spoa-mirror';

/** Runs until it is told to end; gives the exit code, or undefined for a worker, which ends by itself. */
export async function runMirrorAgent(args: readonly string[], version: string): Promise<number | undefined> {
  const line = parseCommandLine(args);
  if (!('run' in line)) return show(line, version);
  const options = absolute(line.run);
  if (cluster.isWorker) {
    await runWorker(options, shareOf(workerCount(options), mirrorOptions(options, readPem(options))));
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
    return await run(options);
  } catch (error) {
    return await fail(error);
  }
}

function show(line: Exclude<CommandLine, { run: unknown }>, version: string): number {
  for (const error of line.errors) complain(error);
  if ('exitCode' in line) {
    if (line.exitCode === EX_USAGE) process.stderr.write(`For help type: ${PROGRAM} -h\n`);
    return line.exitCode;
  }
  process.stdout.write(line.show === 'help' ? renderHelp(PROGRAM) : `\n${PROGRAM} v${version} by spoe-logs\n\n`);
  return line.errors.length > 0 ? EX_USAGE : EX_OK;
}

function complain(message: string): void {
  process.stderr.write(`${PROGRAM}: ${message}\n`);
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

/** @throws AgentError `usage` */
function readPem({ tlsFiles }: MirrorAgentOptions): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const read = ([name, path]: [string, string]) => {
    try {
      return [name, readFileSync(path)];
    } catch (error) {
      throw new AgentError('usage', `unable to read --${name} ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
  };
  return Object.fromEntries(Object.entries(tlsFiles).map(read));
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

async function run(options: MirrorAgentOptions): Promise<number> {
  const mirror = mirrorOptions(options, readPem(options));
  if (options.proxy.url === undefined) await checkNames(options.urls);
  const { pidFile } = options;
  if (pidFile !== undefined) writePidFile(pidFile, process.pid);
  try {
    const logFile = options.logFile === undefined ? undefined : new LogFile(options.logFile);
    // Standard output is the record's when it asks for it.
    const stream = options.record === '-' ? process.stderr : process.stdout;
    const log: Log = (line) => {
      const text = formatLogLine(line, process.pid, new Date());
      if (logFile !== undefined) logFile.write(text);
      else if (!options.daemonize) stream.write(text);
    };
    process.on('uncaughtExceptionMonitor', (error) => log(`crash: ${error.stack}`));
    // Whoever read the log may be gone.
    stream.on('error', () => {});
    const work = await startWork(options, mirror, log);
    await serve(options, work, log, {
      ready: async () => {
        if (isDaemon()) await tellStarter({ type: 'ready' });
      },
      reopenLog: () => logFile?.reopen(),
    });
    return EX_OK;
  } finally {
    if (pidFile !== undefined) removePidFile(pidFile, process.pid);
  }
}

/** -n is an upper bound: more processes than cores only get in each other's way. */
function workerCount({ workers }: MirrorAgentOptions): number {
  return Math.min(workers, availableParallelism());
}

async function startWork(options: MirrorAgentOptions, mirror: MirrorOptions, log: Log): Promise<Workforce> {
  const count = workerCount(options);
  for (const warning of options.warnings) log(warning);
  if (options.urls.length === 0) log('no -u is given: requests are acknowledged and mirrored nowhere');
  if (options.insecure) log('--insecure: certificates of the mirror are not verified');
  log(`starting ${count} of at most ${options.workers} workers, ${availableParallelism()} cores`);
  if (count === 1) return await startInProcess(options, mirror, log, measureProcess);
  // An option that makes no sense is found here rather than by each worker.
  if (options.urls.length > 0) resolveOptions(mirror);
  return await startWorkers(count, log);
}
