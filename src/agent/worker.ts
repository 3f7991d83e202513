/** The life of a worker process: does the work, reports to the process that started it, goes with it. */
import { exitCodeOf } from './exit-codes.ts';
import { noticeOnce } from './notices.ts';
import { become } from './privileges.ts';
import type { LoadTelemetry } from './telemetry.ts';
import type { FromWorker, StartMessage, ToWorker } from './worker-messages.ts';
import { startInProcess, type Workforce } from './workforce.ts';

export async function runWorker(load: LoadTelemetry): Promise<void> {
  const log = (line: string) => tell({ type: 'log', line });
  const notice = noticeOnce((line, kind) => tell({ type: 'notice', line, kind }));
  let work: Workforce | undefined;
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Before it works there is nothing to end.
    if (work === undefined) process.exit(0);
    await work.stop();
    await report(work);
    process.exit(0);
  };
  // A terminal and some supervisors signal every process of the group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(signal, () => void stop());
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void stop());
  const start = async ({ options, mirror }: StartMessage) => {
    try {
      work = await startInProcess(options, mirror, log, notice, load);
      if (options.account !== undefined) become(options.account);
    } catch (error) {
      tell({ type: 'failed', message: (error as Error).message, exitCode: exitCodeOf(error) });
      return;
    }
    process.on('uncaughtExceptionMonitor', (error) => log(`crash: ${error.stack}`));
    tell({ type: 'ready' });
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'start') void start(message);
    else if (message.type === 'stop') void stop();
    else if (message.type === 'stats') void report(work);
    else work?.reopen().catch((error) => log(error.message));
  });
}

async function report(work: Workforce | undefined): Promise<void> {
  const [stats] = (await work?.stats()) ?? [];
  if (stats !== undefined) await new Promise<void>((resolve) => tell({ type: 'stats', stats }, resolve));
}

function tell(message: FromWorker, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => done());
  else done();
}
