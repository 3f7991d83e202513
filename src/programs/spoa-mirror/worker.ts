/** The life of a worker process: does the work, reports to the process that started it, goes with it. */
import type { Socket } from 'node:net';
import { exitCodeOf } from './exit-codes.ts';
import { noticeOnce } from './notices.ts';
import type { ListenPem } from './pem.ts';
import { become } from './privileges.ts';
import { measureProcess } from './process-stats.ts';
import { type Service, startService } from './service.ts';
import type { LoadTelemetry } from './telemetry.ts';
import type { FromWorker, StartMessage, ToWorker } from './worker-messages.ts';

export async function runWorker(load: LoadTelemetry): Promise<void> {
  const log = (line: string) => tell({ type: 'log', line });
  const notice = noticeOnce((line, kind) => tell({ type: 'notice', line, kind }));
  let work: Service | undefined;
  /** Newer than what it was started with. */
  let pem: ListenPem | undefined;
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Before it works there is nothing to end.
    if (work === undefined) process.exit(0);
    await work.close();
    await report(work);
    process.exit(0);
  };
  // A terminal and some supervisors signal every process of the group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(signal, () => void stop());
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void stop());
  const start = async ({ number, options, mirror, limits }: StartMessage) => {
    process.title = `spoa-mirror: worker ${number}`;
    try {
      work = await startService(options, mirror, log, notice, load, limits);
      if (pem !== undefined) work.renewTls(pem);
      if (options.account !== undefined) become(options.account);
    } catch (error) {
      tell({ type: 'failed', message: (error as Error).message, exitCode: exitCodeOf(error) });
      return;
    }
    process.on('uncaughtExceptionMonitor', (error) => log(`crash: ${error.stack}`));
    tell({ type: 'ready' });
  };
  process.on('message', (message: ToWorker, socket?: Socket) => {
    if (message.type === 'start') void start(message);
    else if (message.type === 'stop') void stop();
    else if (message.type === 'connection') {
      // Without a socket it ended on its way. The next one may come in either case.
      if (socket !== undefined) work?.accept(socket, message.peer);
      tell({ type: 'taken' });
    } else if (message.type === 'renew-tls') {
      pem = message.pem;
      work?.renewTls(pem);
    } else if (message.type === 'stats') void report(work);
    else void work?.reopen();
  });
}

async function report(work: Service | undefined): Promise<void> {
  if (work === undefined) return;
  const stats = { ...work.stats(), process: measureProcess() };
  await new Promise<void>((resolve) => tell({ type: 'stats', stats }, resolve));
}

function tell(message: FromWorker, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => done());
  else done();
}
