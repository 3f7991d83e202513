/** A worker process: it serves connections, reports to the primary process that started it, and ends with it. */
import type { Socket } from 'node:net';
import type { MirrorOptions } from '../../mirror/options.ts';
import type { AgentLimits } from '../../spoa/limits.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { ListenPem } from './handshakes.ts';
import { type NoticeKind, noticeOnce } from './notices.ts';
import type { MirrorAgentOptions } from './options.ts';
import { become } from './privileges.ts';
import { measureProcess } from './process-stats.ts';
import type { WorkerStats } from './processes.ts';
import { type Service, startService } from './service.ts';
import type { LoadTelemetry } from './telemetry.ts';

/** The messages of a worker to the primary process. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** The worker could not start; `exitCode` is that of the whole program. */
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number }
  | { readonly type: 'log'; readonly line: string }
  /** A line that every worker may send, and that is written once. */
  | { readonly type: 'notice'; readonly line: string; readonly kind: NoticeKind }
  | { readonly type: 'stats'; readonly stats: WorkerStats }
  /** The worker has the connection it was sent. */
  | { readonly type: 'accepted' };

/** The first message to a worker: its arguments, which everybody can read, do not hold all of it. */
export interface StartMessage {
  readonly type: 'start';
  /** The worker's number from 1; one that replaces another has its number. */
  readonly number: number;
  readonly options: MirrorAgentOptions;
  /** The worker's share of the mirror's options. */
  readonly mirror: MirrorOptions;
  readonly limits: Partial<AgentLimits>;
  /** The worker's share of --answers-values. */
  readonly values: number | undefined;
}

/** The messages of the primary process to a worker. */
export type ToWorker =
  | StartMessage
  | { readonly type: 'stats' }
  | { readonly type: 'reopen' }
  | { readonly type: 'renew-tls'; readonly pem: ListenPem }
  | { readonly type: 'stop' }
  /** A connection, whose socket is sent with the message. */
  | { readonly type: 'connection'; readonly peer: string };

export async function runWorker(load: LoadTelemetry): Promise<void> {
  const log = (line: string) => send({ type: 'log', line });
  const notice = noticeOnce((line, kind) => send({ type: 'notice', line, kind }));
  let service: Service | undefined;
  /** The certificate that was renewed since the start message. */
  let pem: ListenPem | undefined;
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Before the service is up there is nothing to close.
    if (service === undefined) process.exit(0);
    await service.close();
    await report(service);
    process.exit(0);
  };
  // A terminal and some supervisors signal every process of the group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(signal, () => void stop());
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void stop());
  const start = async ({ number, options: all, mirror, limits, values }: StartMessage) => {
    const options = { ...all, answersValues: values };
    process.title = `spoa-mirror: worker ${number}`;
    try {
      service = await startService(options, mirror, log, notice, load, limits);
      if (pem !== undefined) service.renewTls(pem);
      if (options.account !== undefined) become(options.account);
    } catch (error) {
      send({ type: 'failed', message: (error as Error).message, exitCode: exitCodeOf(error) });
      return;
    }
    process.on('uncaughtExceptionMonitor', (error) => log(`crash: ${error.stack}`));
    send({ type: 'ready' });
  };
  process.on('message', (message: ToWorker, socket?: Socket) => {
    if (message.type === 'start') void start(message);
    else if (message.type === 'stop') void stop();
    else if (message.type === 'connection') {
      // Without a socket the connection ended on its way. The next one may come in either case.
      if (socket !== undefined) service?.accept(socket, message.peer);
      send({ type: 'accepted' });
    } else if (message.type === 'renew-tls') {
      pem = message.pem;
      service?.renewTls(pem);
    } else if (message.type === 'stats') void report(service);
    else void service?.reopen();
  });
}

async function report(service: Service | undefined): Promise<void> {
  if (service === undefined) return;
  const stats = { ...service.stats(), process: measureProcess() };
  await new Promise<void>((resolve) => send({ type: 'stats', stats }, resolve));
}

function send(message: FromWorker, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => done());
  else done();
}
