/** The life of a worker process: does the work, reports to the process that started it, goes with it. */
import type { MirrorOptions } from '../mirror/options.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { MirrorAgentOptions } from './options.ts';
import { measureProcess } from './process-stats.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';
import { startInProcess, type Workforce } from './workforce.ts';

export async function runWorker(options: MirrorAgentOptions, mirror: MirrorOptions): Promise<void> {
  const log = (line: string) => tell({ type: 'log', line });
  let work: Workforce;
  try {
    work = await startInProcess(options, mirror, log, measureProcess);
  } catch (error) {
    tell({ type: 'failed', message: (error as Error).message, exitCode: exitCodeOf(error) });
    return;
  }
  process.on('uncaughtExceptionMonitor', (error) => log(`crash: ${error.stack}`));
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await work.stop();
    await report(work);
    process.exit(0);
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stats') void report(work);
    else if (message.type === 'reopen') work.reopen().catch((error) => log(error.message));
    else void stop();
  });
  // A terminal and some supervisors signal every process of the group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(signal, () => void stop());
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void stop());
  tell({ type: 'ready' });
}

async function report(work: Workforce): Promise<void> {
  const [stats] = await work.stats();
  if (stats !== undefined) await new Promise<void>((resolve) => tell({ type: 'stats', stats }, resolve));
}

function tell(message: FromWorker, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => done());
  else done();
}
