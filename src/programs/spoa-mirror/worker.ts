/** A worker process: it serves connections, reports to the primary process that started it, and ends with it. */
import type { SendHandle } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { MirrorOptions, Share } from '../../mirror/options.ts';
import type { AgentLimits } from '../../spoa/limits.ts';
import type { SystemSocket } from '../../spoa/listener.ts';
import { exitCodeOf } from './exit-codes.ts';
import { type Load, partOf } from './growth.ts';
import type { ListenPem } from './handshakes.ts';
import { LoadMeter } from './load.ts';
import type { MovingConnection } from './moves.ts';
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
  | { readonly type: 'stats'; readonly stats: WorkerStats; readonly load: WorkerLoad }
  /** The worker has the connection it was sent. */
  | { readonly type: 'accepted' }
  /** A connection for another worker, whose socket is sent with the message. */
  | ({ readonly type: 'given' } & MovingConnection)
  /** The worker has the connection with this number, which another one has given away; or there was no file descriptor for it. */
  | { readonly type: 'gone-on'; readonly id: number; readonly isHere: boolean };

/** What a worker says of its load beside its figures. */
export type WorkerLoad = Pick<Load, 'busy' | 'connections'>;

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
  | { readonly type: 'connection'; readonly peer: string }
  /** Another share of the mirror's bounds, as there is one more worker now. */
  | { readonly type: 'share'; readonly share: Share }
  /** Give the last of so many workers its part of the connections, at most so many. */
  | { readonly type: 'give'; readonly workers: number; readonly most: number }
  /** A connection that another worker has given away, whose socket is sent with the message. */
  | ({ readonly type: 'go-on'; readonly id: number } & MovingConnection);

/** How often, and how many times, a worker tries to give away connections of which something waits. */
const GIVE_MS = 10;
const GIVE_TIMES = 100;

export async function runWorker(load: LoadTelemetry): Promise<void> {
  const log = (line: string) => send({ type: 'log', line });
  const notice = noticeOnce((line, kind) => send({ type: 'notice', line, kind }));
  let number = 0;
  let service: Service | undefined;
  /** The certificate that was renewed since the start message. */
  let pem: ListenPem | undefined;
  let stopping = false;
  const give = async (connections: Service['connections'], { workers, most }: Extract<ToWorker, { type: 'give' }>) => {
    const { busyConnections } = connections;
    const given = await giveAway(connections, Math.min(partOf(busyConnections, workers), most));
    log(`worker ${number} has given ${given} of ${busyConnections} connections to worker ${workers}`);
  };
  const meter = new LoadMeter();
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Before the service is up there is nothing to close.
    if (service === undefined) process.exit(0);
    await service.close();
    await report(service, meter);
    process.exit(0);
  };
  // A terminal and some supervisors signal every process of the group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(signal, () => void stop());
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void stop());
  const start = async ({ options: all, mirror, limits, values, ...message }: StartMessage) => {
    number = message.number;
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
  process.on('message', (message: ToWorker, socket?: SystemSocket) => {
    if (message.type === 'start') void start(message);
    else if (message.type === 'stop') void stop();
    else if (message.type === 'connection') {
      // Without a socket the connection ended on its way. The next one may come in either case.
      if (socket !== undefined) service?.connections.take(socket, message.peer);
      send({ type: 'accepted' });
    } else if (message.type === 'go-on') {
      if (socket !== undefined) service?.connections.take(socket, message.peer, message.open);
      send({ type: 'gone-on', id: message.id, isHere: socket !== undefined });
    } else if (message.type === 'give') {
      if (service !== undefined) void give(service.connections, message);
    } else if (message.type === 'share') {
      service?.resize(message.share);
    } else if (message.type === 'renew-tls') {
      pem = message.pem;
      service?.renewTls(pem);
    } else if (message.type === 'stats') void report(service, meter);
    else void service?.reopen();
  });
}

async function report(service: Service | undefined, meter: LoadMeter): Promise<void> {
  if (service === undefined) return;
  const stats = { ...service.stats(), process: measureProcess() };
  const load = { busy: meter.measure(), connections: service.connections.busyConnections };
  await new Promise<void>((resolve) => send({ type: 'stats', stats, load }, resolve));
}

/** Gives connections away, those of which nothing waits at first. @returns how many */
async function giveAway(connections: Service['connections'], count: number): Promise<number> {
  let given = 0;
  for (let i = 0; i < GIVE_TIMES && given < count; i++) {
    if (i > 0) await pause(GIVE_MS, undefined, { ref: false });
    given += connections.giveAway(count - given, (handle, peer, open) => {
      send({ type: 'given', peer, open }, () => handle.close(), handle);
    });
  }
  return given;
}

function send(message: FromWorker, done: () => void = () => {}, handle?: SystemSocket): void {
  if (process.connected) process.send?.(message, handle as unknown as SendHandle, undefined, () => done());
  else done();
}
