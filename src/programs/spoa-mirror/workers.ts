/** Several processes share one port: this one accepts connections and hands them out in turn. */
import cluster, { type Worker } from 'node:cluster';
import { turnedAway } from '../../spoa/counters.ts';
import { AgentError } from '../../spoa/errors.ts';
import { Entrance, listenOptions } from './entrance.ts';
import { HandingOut, type Taker } from './handing-out.ts';
import { MORE_MEMORY } from './heap.ts';
import { LastWords } from './last-words.ts';
import type { Log } from './log-file.ts';
import { type Notice, noticeOnce } from './notices.ts';
import type { MirrorAgentOptions } from './options.ts';
import type { ListenPem } from './pem.ts';
import { addUp, withoutGauges } from './totals.ts';
import type { FromWorker, StartMessage, ToWorker } from './worker-messages.ts';
import { NOTHING, type WorkerStats, type Workforce } from './workforce.ts';

/** How often workers report, so that one that dies leaves its figures. */
const REPORT_MS = 1_000;
const ANSWER_MS = 2_000;
/** A worker that leaves so many questions in a row unanswered hangs: HAProxy still sends it requests. */
const MAX_UNANSWERED = 5;
/** One that has not ended so long after all its time was over never will. */
const MARGIN_MS = 5_000;
/** Of what workers write to standard error. */
const MAX_UNREAD = 64 * 1024;
/** A worker that dies sooner is replaced more and more slowly. */
const STEADY_MS = 10_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Requests live for milliseconds: more room for garbage (in MiB) would cost memory and gain nothing measurable, and so would
 * more threads to collect it.
 */
const LEAN = ['--max-semi-space-size=1', '--v8-pool-size=1'];

/** A worker could not start; the program ends with its exit code. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

type Brief = (number: number) => Omit<StartMessage, 'options'>;

interface Seat extends Taker {
  readonly number: number;
  readonly worker: Worker;
  readonly words: LastWords;
  readonly startedMs: number;
  /** It takes connections. */
  isReady: boolean;
  /** Times it was asked for its figures since it last gave them. */
  unanswered: number;
  last: WorkerStats | undefined;
  answered: (() => void) | undefined;
  readonly delayMs: number;
}

/**
 * @param lastMs what a worker may take after its grace, to send its telemetry
 * @param maxWaiting connections that are accepted and have no worker yet
 * @param brief what a worker is told beside the options, by its number from 1
 * @throws WorkerFailure when one of them cannot start; AgentError `listen`
 */
export async function startWorkers(
  count: number,
  options: MirrorAgentOptions,
  lastMs: number,
  maxWaiting: number,
  log: Log,
  brief: Brief,
): Promise<Workforce> {
  // Each may take the grace to answer, and again to mirror.
  const crew = new Crew(options, log, 2 * options.graceMs + lastMs + MARGIN_MS, maxWaiting, brief);
  await crew.start(count);
  return crew;
}

class Crew implements Workforce {
  readonly #log: Log;
  readonly #notice: Notice;
  readonly #patienceMs: number;
  readonly #brief: Brief;
  #options: MirrorAgentOptions;
  readonly #handing: HandingOut;
  readonly entrance: Entrance;
  readonly #seats: Seat[] = [];
  /** Numbers of those that died and could not be replaced. */
  readonly #absent = new Set<number>();
  #gone: WorkerStats = NOTHING;
  #gathering: Promise<readonly WorkerStats[]> | undefined;
  #reporter: NodeJS.Timeout | undefined;
  #stopping = false;
  restarted = 0;
  lost = 0;

  constructor(options: MirrorAgentOptions, log: Log, patienceMs: number, maxWaiting: number, brief: Brief) {
    this.#options = options;
    this.#handing = new HandingOut(maxWaiting);
    this.entrance = new Entrance(options.allow, (socket, peer) => this.#handing.offer(socket, peer));
    this.#log = log;
    this.#notice = noticeOnce(log);
    this.#patienceMs = patienceMs;
    this.#brief = brief;
    cluster.setupPrimary({
      // They are told, and the list of processes is for everybody to read.
      args: [],
      stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    });
  }

  get size(): number {
    return this.#seats.filter(({ isReady, unanswered, worker }) => isReady && unanswered <= 2 && !worker.isDead())
      .length;
  }

  async start(count: number): Promise<void> {
    // The first finds out whether the options can be used; then the others.
    await this.#seat(1);
    await Promise.all(Array.from({ length: count - 1 }, (_, i) => this.#seat(i + 2)));
    // Not before all are there: HAProxy's few long connections would not be spread over them.
    await this.entrance.open(listenOptions(this.#options), true);
    this.#reporter = setInterval(() => this.#check(), REPORT_MS).unref();
  }

  #check(): void {
    this.#handing.check();
    for (const seat of this.#seats) {
      if (!seat.isReady || seat.worker.isDead() || ++seat.unanswered <= MAX_UNANSWERED) continue;
      this.#log(`worker ${seat.number} (pid ${seat.worker.process.pid}) hangs: it is killed`);
      seat.worker.process.kill('SIGKILL');
    }
    this.#tell({ type: 'stats' });
  }

  async #seat(number: number): Promise<void> {
    const seat = this.#fork(number, FIRST_DELAY_MS);
    this.#seats.push(seat);
    await this.#started(seat);
  }

  /** Whoever asks meanwhile gets the same. */
  stats(): Promise<readonly WorkerStats[]> {
    this.#gathering ??= this.#gather().finally(() => {
      this.#gathering = undefined;
    });
    return this.#gathering;
  }

  async #gather(): Promise<readonly WorkerStats[]> {
    const answers = this.#seats.map(
      (seat) =>
        new Promise<void>((resolve) => {
          seat.answered = resolve;
          if (seat.worker.isDead() || !seat.worker.isConnected()) resolve();
        }),
    );
    this.#tell({ type: 'stats' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS);
    });
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
    const front = { ...NOTHING, agent: turnedAway(this.entrance.notAllowed, this.#handing.refused) };
    return [this.#gone, front, ...this.#seats.flatMap(({ last }) => last ?? [])];
  }

  async reopen(): Promise<void> {
    this.#tell({ type: 'reopen' });
  }

  renewTls(listenPem: ListenPem): void {
    // Those that take the place of others get it as well.
    this.#options = { ...this.#options, listenPem };
    this.#tell({ type: 'renew-tls', pem: listenPem });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#reporter);
    this.entrance.close();
    this.#handing.close();
    // Not events.once: an error of one that is just ending, which cannot be told to, would end the waiting.
    const exits = this.#seats
      .filter(({ worker }) => !worker.isDead())
      .map(({ worker }) => new Promise((resolve) => worker.once('exit', resolve)));
    this.#tell({ type: 'stop' });
    const late = setTimeout(() => this.#kill(), this.#patienceMs);
    await Promise.all(exits);
    clearTimeout(late);
  }

  #kill(): void {
    for (const { number, worker } of this.#seats.filter(({ worker }) => !worker.isDead())) {
      this.#log(`worker ${number} (pid ${worker.process.pid}) does not end: it is killed, what it held is lost`);
      worker.process.kill('SIGKILL');
    }
  }

  #fork(number: number, delayMs: number): Seat {
    const worker = cluster.fork({ NODE_OPTIONS: [process.env.NODE_OPTIONS, ...LEAN].join(' ').trim() });
    worker.on('error', (error) => this.#log(`worker ${number}: ${error.message}`));
    if (worker.process.pid === undefined)
      throw new AgentError(
        'start',
        `worker ${number} cannot be started: there are no file descriptors or processes left`,
      );
    const seat: Seat = {
      number,
      worker,
      words: new LastWords(worker.process.stderr, passOn),
      startedMs: Date.now(),
      isReady: false,
      unanswered: 0,
      last: undefined,
      answered: undefined,
      delayMs,
      get isAnswering() {
        return this.unanswered === 0;
      },
      give: (socket, peer, done) => {
        const message: ToWorker = { type: 'connection', peer };
        // It stays open here until the worker says that it has it.
        worker.send(message, socket, { keepOpen: true }, done);
      },
    };
    worker.on('message', (message: FromWorker) => this.#hear(seat, message));
    worker.send({ ...this.#brief(number), options: this.#options } satisfies StartMessage);
    return seat;
  }

  /** Resolves when it takes connections. */
  async #started(seat: Seat): Promise<void> {
    const { worker } = seat;
    await new Promise<void>((resolve, reject) => {
      const hear = (message: FromWorker) => {
        if (message.type === 'ready') resolve();
        if (message.type === 'failed') reject(new WorkerFailure(message.message, message.exitCode));
      };
      worker.on('message', hear);
      worker.once('error', reject);
      worker.once('exit', (code, signal) => {
        reject(new AgentError('start', `worker ${seat.number} ended with ${signal ?? code} before it was ready`));
      });
    });
    seat.isReady = true;
    this.#handing.add(seat);
    worker.once('exit', async (code, signal) => {
      this.#handing.remove(seat);
      await seat.words.ended;
      this.#ended(seat, signal ?? String(code));
    });
  }

  #hear(seat: Seat, message: FromWorker): void {
    if (message.type === 'log') this.#log(message.line);
    if (message.type === 'notice') this.#notice(message.line, message.kind);
    if (message.type === 'taken') this.#handing.taken(seat);
    if (message.type !== 'stats') return;
    seat.last = message.stats;
    seat.unanswered = 0;
    seat.answered?.();
  }

  #ended(seat: Seat, how: string): void {
    seat.answered?.();
    seat.isReady = false;
    const lost = describeLoss(seat.last);
    if (seat.last !== undefined) {
      // One entry for all that are gone, so that a worker that dies for ever does not fill the memory.
      this.#gone = addUp([this.#gone, withoutGauges(seat.last)]);
      this.lost += (seat.last.mirror?.queued ?? 0) + (seat.last.mirror?.inFlight ?? 0);
    }
    seat.last = undefined;
    if (this.#stopping) return;
    this.restarted++;
    const end = seat.words.areOfMemory ? `ran out of memory (${MORE_MEMORY})` : `ended with ${how}`;
    this.#log(`worker ${seat.number} (pid ${seat.worker.process.pid}) ${end}: ${lost}; it is replaced`);
    const delayMs = Date.now() - seat.startedMs >= STEADY_MS ? FIRST_DELAY_MS : seat.delayMs;
    setTimeout(() => void this.#replace(seat, delayMs), delayMs).unref();
  }

  async #replace(seat: Seat, delayMs: number): Promise<void> {
    if (this.#stopping) return;
    const nextMs = Math.min(2 * delayMs, MAX_DELAY_MS);
    let next: Seat;
    try {
      next = this.#fork(seat.number, nextMs);
    } catch (error) {
      this.#log((error as Error).message);
      setTimeout(() => void this.#replace(seat, nextMs), nextMs).unref();
      return;
    }
    this.#seats[this.#seats.indexOf(seat)] = next;
    try {
      await this.#started(next);
    } catch (error) {
      if (this.#stopping) return;
      next.worker.process.kill();
      if (!this.#absent.has(seat.number))
        this.#log(
          `worker ${seat.number} cannot be replaced: ${(error as Error).message}; ${this.size} go on without it, and it is tried again`,
        );
      this.#absent.add(seat.number);
      setTimeout(() => void this.#replace(next, nextMs), nextMs).unref();
      return;
    }
    if (this.#absent.delete(seat.number)) this.#log(`worker ${seat.number} works again`);
  }

  #tell(message: ToWorker): void {
    for (const { worker } of this.#seats) if (worker.isConnected()) worker.send(message);
  }
}

/** Of what nobody reads only the beginning is kept. */
function passOn(line: string): void {
  if (process.stderr.writableLength < MAX_UNREAD) process.stderr.write(line);
}

function describeLoss(last: WorkerStats | undefined): string {
  if (last === undefined) return 'it had not reported yet, what it held is lost';
  if (last.mirror === null) return 'it had nothing to mirror';
  const { queued, inFlight } = last.mirror;
  return `at its last report ${queued} requests were queued and ${inFlight} in flight, they are lost`;
}
