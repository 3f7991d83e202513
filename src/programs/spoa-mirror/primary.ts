/** The primary process: it accepts connections, hands them out to worker processes in turn, and replaces workers that die. */
import cluster, { type Worker } from 'node:cluster';
import type { Socket } from 'node:net';
import { turnedAway } from '../../spoa/counters.ts';
import { AgentError } from '../../spoa/errors.ts';
import { type SystemSocket, systemSocketOf } from '../../spoa/listener.ts';
import { Entrance, listenOptions } from './entrance.ts';
import { Growth, type Load } from './growth.ts';
import { Handoff, type Receiver } from './handoff.ts';
import type { ListenPem } from './handshakes.ts';
import { MORE_MEMORY } from './heap.ts';
import type { Log } from './log-file.ts';
import { type Mover, Moves, type MovingConnection } from './moves.ts';
import { type Notice, noticeOnce } from './notices.ts';
import type { MirrorAgentOptions } from './options.ts';
import { NO_STATS, type ServingProcesses, type WorkerStats } from './processes.ts';
import { addUp, withoutGauges } from './totals.ts';
import type { FromWorker, StartMessage, ToWorker, WorkerLoad } from './worker.ts';
import { WorkerStderr } from './worker-stderr.ts';

/** The interval of the workers' reports, so that one that dies leaves its figures. */
const REPORT_MS = 1_000;
const ANSWER_MS = 2_000;
/** The most questions in a row that a worker leaves unanswered: one more, and it hangs, while HAProxy still sends it requests. */
const MAX_UNANSWERED = 5;
/** The time after all its limits after which a worker that has not ended never will. */
const MARGIN_MS = 5_000;
/** The most characters of the workers' standard error that wait to be read. */
const MAX_UNREAD = 64 * 1024;
/** The age of a worker below which its death makes the next replacement slower. */
const STEADY_MS = 10_000;
/** The time after which a further worker is tried again where one could not start. */
const GROW_AGAIN_MS = 30_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Node's options for workers. Requests live for milliseconds: more room for garbage (in MiB) would cost memory and gain nothing
 * measurable, and so would more threads to collect it.
 */
const LEAN = ['--max-semi-space-size=1', '--v8-pool-size=1'];

/** The error of a worker that could not start; the program ends with its exit code. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a worker starts with, but for the options: its number, and how many there are. */
type StartMessageOf = (number: number, workers: number) => Omit<StartMessage, 'options'>;

/** How many workers there are: at first, and when the load needs them. */
export interface WorkerCount {
  readonly first: number;
  readonly most: number;
}

interface WorkerEntry extends Receiver, Mover {
  readonly number: number;
  readonly worker: Worker;
  readonly stderr: WorkerStderr;
  readonly startedMs: number;
  /** True once it accepts connections. */
  isReady: boolean;
  /** The number of questions for its figures since its last answer. */
  unanswered: number;
  last: WorkerStats | undefined;
  load: WorkerLoad;
  answered: (() => void) | undefined;
  readonly delayMs: number;
}

/**
 * @param lastMs the time that a worker may take after its grace, to send its telemetry
 * @param maxWaiting connections that are accepted and have no worker yet
 * @param startMessageOf makes the start message of a worker, but for the options, from its number
 * @throws WorkerFailure when one of them cannot start; AgentError `listen`
 */
export async function startPrimary(
  count: WorkerCount,
  options: MirrorAgentOptions,
  lastMs: number,
  maxWaiting: number,
  log: Log,
  startMessageOf: StartMessageOf,
): Promise<ServingProcesses> {
  // Each worker may take the grace to answer, and again to mirror.
  const primary = new Primary(
    options,
    log,
    2 * options.graceMs + lastMs + MARGIN_MS,
    maxWaiting,
    startMessageOf,
    count,
  );
  await primary.start();
  return primary;
}

class Primary implements ServingProcesses {
  readonly #log: Log;
  readonly #notice: Notice;
  readonly #patienceMs: number;
  readonly #startMessageOf: StartMessageOf;
  #options: MirrorAgentOptions;
  readonly #count: WorkerCount;
  readonly #maxWaiting: number;
  readonly #handoff: Handoff;
  readonly #moves = new Moves();
  readonly #growth = new Growth();
  /** When a further worker may start, epoch ms: not while one is starting, nor at once where one could not. */
  #growsFromMs = Number.NEGATIVE_INFINITY;
  readonly entrance: Entrance;
  readonly #workers: WorkerEntry[] = [];
  /** The numbers of workers that died and could not be replaced. */
  readonly #unreplaced = new Set<number>();
  #endedStats: WorkerStats = NO_STATS;
  #gathering: Promise<readonly WorkerStats[]> | undefined;
  #reporter: NodeJS.Timeout | undefined;
  #stopping = false;
  restarted = 0;
  lost = 0;

  constructor(
    options: MirrorAgentOptions,
    log: Log,
    patienceMs: number,
    maxWaiting: number,
    startMessageOf: StartMessageOf,
    count: WorkerCount,
  ) {
    this.#count = count;
    this.#maxWaiting = maxWaiting;
    this.#options = options;
    this.#handoff = new Handoff(maxWaiting);
    this.entrance = new Entrance(options.allow, (socket, peer) => this.#handoff.offer(socket, peer));
    this.#log = log;
    this.#notice = noticeOnce(log);
    this.#patienceMs = patienceMs;
    this.#startMessageOf = startMessageOf;
    cluster.setupPrimary({
      // Workers get messages instead: the list of processes is for everybody to read.
      args: [],
      stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    });
  }

  get size(): number {
    return this.#workers.filter(({ isReady, unanswered, worker }) => isReady && unanswered <= 2 && !worker.isDead())
      .length;
  }

  async start(): Promise<void> {
    // The first finds out whether the options can be used; then the others.
    await this.#startWorker(1);
    await Promise.all(Array.from({ length: this.#count.first - 1 }, (_, i) => this.#startWorker(i + 2)));
    // Not before all are there: HAProxy's few long connections would not be spread over them.
    await this.entrance.open(listenOptions(this.#options), true);
    this.#reporter = setInterval(() => this.#check(), REPORT_MS).unref();
  }

  #check(): void {
    this.#handoff.check();
    this.#moves.check();
    for (const entry of this.#workers) {
      if (!entry.isReady || entry.worker.isDead() || ++entry.unanswered <= MAX_UNANSWERED) continue;
      this.#log(`worker ${entry.number} (pid ${entry.worker.process.pid}) hangs: it is killed`);
      entry.worker.process.kill('SIGKILL');
    }
    if (this.#workers.length < this.#count.most && this.#isReadyToGrow()) void this.#grow();
    this.#send({ type: 'stats' });
  }

  /** Whether all workers have too much to do; while one is missing or starting it is not known. */
  #isReadyToGrow(): boolean {
    const areAllHere = this.#workers.every(({ isReady, unanswered }) => isReady && unanswered <= 1);
    return this.#growth.look(areAllHere ? this.#workers.map(loadOf) : []) && Date.now() >= this.#growsFromMs;
  }

  /** Starts one more worker, and has the others give it a part of their connections. */
  async #grow(): Promise<void> {
    const number = this.#workers.length + 1;
    this.#log(`starting worker ${number} of at most ${this.#count.most}: ${describeLoad(this.#workers.map(loadOf))}`);
    this.#growsFromMs = Number.POSITIVE_INFINITY;
    let entry: WorkerEntry | undefined;
    try {
      entry = this.#fork(number, FIRST_DELAY_MS, number);
      await this.#started(entry);
    } catch (error) {
      entry?.worker.process.kill();
      if (!this.#stopping)
        this.#log(`worker ${number} cannot be started: ${(error as Error).message}; it is tried again`);
      this.#growsFromMs = Date.now() + GROW_AGAIN_MS;
      return;
    }
    if (this.#stopping) return;
    this.#growsFromMs = Number.NEGATIVE_INFINITY;
    this.#workers.push(entry);
    // All that are on their way at a time are here for a moment.
    const most = Math.max(1, Math.floor(this.#maxWaiting / (number - 1)));
    for (const { worker, number: each } of this.#workers) {
      if (each === number || !worker.isConnected()) continue;
      const { maxRate, maxQueueRequests, maxQueueBytes } = this.#startMessageOf(each, number).mirror;
      worker.send({ type: 'share', share: { maxRate, maxQueueRequests, maxQueueBytes } } satisfies ToWorker);
      worker.send({ type: 'give', workers: number, most } satisfies ToWorker);
    }
  }

  async #startWorker(number: number): Promise<void> {
    const entry = this.#fork(number, FIRST_DELAY_MS, this.#count.first);
    this.#workers.push(entry);
    await this.#started(entry);
  }

  /** Gathers the figures; a call meanwhile gets the same. */
  stats(): Promise<readonly WorkerStats[]> {
    this.#gathering ??= this.#gather().finally(() => {
      this.#gathering = undefined;
    });
    return this.#gathering;
  }

  async #gather(): Promise<readonly WorkerStats[]> {
    const answers = this.#workers.map(
      (entry) =>
        new Promise<void>((resolve) => {
          entry.answered = resolve;
          if (entry.worker.isDead() || !entry.worker.isConnected()) resolve();
        }),
    );
    this.#send({ type: 'stats' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS);
    });
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
    return this.latest();
  }

  latest(): readonly WorkerStats[] {
    const agent = turnedAway(this.entrance.notAllowed, this.#handoff.refused);
    agent.connectionsRefused += this.#moves.lost;
    const front = { ...NO_STATS, agent };
    return [this.#endedStats, front, ...this.#workers.flatMap(({ last }) => last ?? [])];
  }

  async reopen(): Promise<void> {
    this.#send({ type: 'reopen' });
  }

  renewTls(listenPem: ListenPem): void {
    // Workers that replace others get it as well.
    this.#options = { ...this.#options, listenPem };
    this.#send({ type: 'renew-tls', pem: listenPem });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#reporter);
    this.entrance.close();
    this.#handoff.close();
    // Not events.once: an error of one that is just ending, which cannot be sent to, would end the waiting.
    const exits = this.#workers
      .filter(({ worker }) => !worker.isDead())
      .map(({ worker }) => new Promise((resolve) => worker.once('exit', resolve)));
    this.#send({ type: 'stop' });
    const late = setTimeout(() => this.#kill(), this.#patienceMs);
    await Promise.all(exits);
    clearTimeout(late);
  }

  #kill(): void {
    for (const { number, worker } of this.#workers.filter(({ worker }) => !worker.isDead())) {
      this.#log(`worker ${number} (pid ${worker.process.pid}) does not end: it is killed, what it held is lost`);
      worker.process.kill('SIGKILL');
    }
  }

  /** @param workers how many there are, with this one */
  #fork(number: number, delayMs: number, workers: number): WorkerEntry {
    const worker = cluster.fork({ NODE_OPTIONS: [process.env.NODE_OPTIONS, ...LEAN].join(' ').trim() });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      // What is sent to one that is just ending finds its pipe closed.
      if (!this.#stopping || error.code !== 'EPIPE') this.#log(`worker ${number}: ${error.message}`);
    });
    if (worker.process.pid === undefined)
      throw new AgentError(
        'start',
        `worker ${number} cannot be started: there are no file descriptors or processes left`,
      );
    const entry: WorkerEntry = {
      number,
      worker,
      stderr: new WorkerStderr(worker.process.stderr, passOn),
      startedMs: Date.now(),
      isReady: false,
      unanswered: 0,
      last: undefined,
      load: { busy: 0, connections: 0 },
      answered: undefined,
      delayMs,
      get isAnswering() {
        return this.unanswered === 0;
      },
      give: (socket, peer, done) => {
        const message: ToWorker = { type: 'connection', peer };
        // The socket stays open here until the worker confirms that it has it.
        worker.send(message, systemSocketOf(socket) as unknown as Socket | undefined, undefined, done);
      },
      move: (id, handle, connection, done) => {
        const message: ToWorker = { type: 'go-on', id, ...connection };
        worker.send(message, handle as unknown as Socket, undefined, done);
      },
    };
    worker.on('message', (message: FromWorker, handle?: unknown) => {
      if (message.type === 'given') this.#passOn(entry, message, handle as SystemSocket | undefined);
      else this.#receive(entry, message);
    });
    worker.send({ ...this.#startMessageOf(number, workers), options: this.#options } satisfies StartMessage);
    return entry;
  }

  /** Resolves when the worker accepts connections. */
  async #started(entry: WorkerEntry): Promise<void> {
    const { worker } = entry;
    await new Promise<void>((resolve, reject) => {
      const listen = (message: FromWorker) => {
        if (message.type === 'ready') resolve();
        if (message.type === 'failed') reject(new WorkerFailure(message.message, message.exitCode));
      };
      worker.on('message', listen);
      worker.once('error', reject);
      worker.once('exit', (code, signal) => {
        reject(new AgentError('start', `worker ${entry.number} ended with ${signal ?? code} before it was ready`));
      });
    });
    entry.isReady = true;
    this.#handoff.add(entry);
    worker.once('exit', async (code, signal) => {
      this.#handoff.remove(entry);
      this.#moves.ended(entry);
      await entry.stderr.ended;
      this.#ended(entry, signal ?? String(code));
    });
  }

  /** Passes a connection on to the newest worker; without one it goes back. */
  #passOn(from: WorkerEntry, { peer, open }: MovingConnection, handle: SystemSocket | undefined): void {
    const others = this.#workers.filter((each) => each !== from && each.isReady && each.worker.isConnected());
    this.#moves.begin(handle, { peer, open }, [...others.reverse(), from]);
  }

  #receive(entry: WorkerEntry, message: FromWorker): void {
    if (message.type === 'log') this.#log(message.line);
    if (message.type === 'notice') this.#notice(message.line, message.kind);
    if (message.type === 'accepted') this.#handoff.accepted(entry);
    if (message.type === 'gone-on') this.#moves.confirmed(message.id, message.isHere);
    if (message.type !== 'stats') return;
    entry.last = message.stats;
    entry.load = message.load;
    entry.unanswered = 0;
    entry.answered?.();
  }

  #ended(entry: WorkerEntry, how: string): void {
    entry.answered?.();
    entry.isReady = false;
    const lost = describeLoss(entry.last);
    if (entry.last !== undefined) {
      // One entry has all workers that have ended, so that one that dies for ever does not fill the memory.
      this.#endedStats = addUp([this.#endedStats, withoutGauges(entry.last)]);
      this.lost += (entry.last.mirror?.queued ?? 0) + (entry.last.mirror?.inFlight ?? 0);
    }
    entry.last = undefined;
    if (this.#stopping) return;
    this.restarted++;
    const end = entry.stderr.ranOutOfMemory ? `ran out of memory (${MORE_MEMORY})` : `ended with ${how}`;
    this.#log(`worker ${entry.number} (pid ${entry.worker.process.pid}) ${end}: ${lost}; it is replaced`);
    // Where it was the only one, HAProxy waits for the next.
    const firstMs = this.size === 0 ? 0 : FIRST_DELAY_MS;
    const delayMs = Date.now() - entry.startedMs >= STEADY_MS ? firstMs : entry.delayMs;
    setTimeout(() => void this.#replace(entry, delayMs), delayMs).unref();
  }

  async #replace(entry: WorkerEntry, delayMs: number): Promise<void> {
    if (this.#stopping) return;
    const nextMs = Math.min(Math.max(2 * delayMs, FIRST_DELAY_MS), MAX_DELAY_MS);
    let next: WorkerEntry;
    try {
      next = this.#fork(entry.number, nextMs, this.#workers.length);
    } catch (error) {
      this.#log((error as Error).message);
      setTimeout(() => void this.#replace(entry, nextMs), nextMs).unref();
      return;
    }
    this.#workers[this.#workers.indexOf(entry)] = next;
    try {
      await this.#started(next);
    } catch (error) {
      if (this.#stopping) return;
      next.worker.process.kill();
      if (!this.#unreplaced.has(entry.number))
        this.#log(
          `worker ${entry.number} cannot be replaced: ${(error as Error).message}; ${this.size} go on without it, and it is tried again`,
        );
      this.#unreplaced.add(entry.number);
      setTimeout(() => void this.#replace(next, nextMs), nextMs).unref();
      return;
    }
    if (this.#unreplaced.delete(entry.number)) this.#log(`worker ${entry.number} works again`);
  }

  #send(message: ToWorker): void {
    for (const { worker } of this.#workers) if (worker.isConnected()) worker.send(message);
  }
}

/** Passes a line on to standard error; of what nobody reads only the beginning is kept. */
function passOn(line: string): void {
  if (process.stderr.writableLength < MAX_UNREAD) process.stderr.write(line);
}

function loadOf({ load, last }: WorkerEntry): Load {
  const { connections = 0, connectionsMax = 0 } = last?.agent ?? {};
  return { ...load, filled: connectionsMax === 0 ? 0 : connections / connectionsMax };
}

function describeLoad(loads: readonly Load[]): string {
  const percent = (ratio: number) => `${Math.round(ratio * 100)} %`;
  const [busy, filled] = [Math.min(...loads.map(({ busy }) => busy)), Math.max(...loads.map(({ filled }) => filled))];
  return `the others are busy ${percent(busy)} of the time, ${percent(filled)} of their places are taken`;
}

function describeLoss(last: WorkerStats | undefined): string {
  if (last === undefined) return 'it had not reported yet, what it held is lost';
  if (last.mirror === null) return 'it had nothing to mirror';
  const { queued, inFlight } = last.mirror;
  return `at its last report ${queued} requests were queued and ${inFlight} in flight, they are lost`;
}
