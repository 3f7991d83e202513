/**
 * The load generator, in a process of its own: plays HAProxy with pipelining on a few connections.
 *
 *   node --import tsx bench/agent/load.ts --port PORT [--rate 1000] [--seconds 10] [--warm-up 2]
 *                                          [--connections 4] [--depth 20] [--answers BYTES]
 *
 * With a rate the loop is open: every millisecond what is due is sent, and an ACK's latency counts from the moment its
 * NOTIFY was due, also where that had to wait as `depth` frames were on their way on every connection already (HAProxy
 * waits then too). Without one it is closed: as many as fit are always on their way. Prints its result as JSON; started
 * by a bench it says when it is warm, and waits to be told to measure. With --answers the ACK of a request is followed by production's answer,
 * as HAProxy sends it.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../measure.ts';
import {
  acknowledgedNumber,
  answerTemplate,
  disconnectFrame,
  helloFrame,
  type NotifyTemplate,
  requestTemplate,
} from './frames.ts';
import { Latencies } from './latencies.ts';
import { type LoadFigures, report } from './messages.ts';
import { SpopConnection } from './spop-connection.ts';

/** How long ACKs are waited for at the end of a phase. */
const DRAIN_MS = 10_000;
const HELLO_MS = 5_000;
/** More than can be on their way at once; a power of two that divides the number of stream-ids. */
const SLOTS = 2 ** 16;

interface Rate {
  /** Requests a second; undefined for a closed loop. */
  readonly rate: number | undefined;
  readonly seconds: number;
}

interface Phase {
  readonly rate: number | undefined;
  readonly beginMs: number;
  /** How many may be sent by now. */
  target: number;
  sent: number;
  acked: number;
  lastAckMs: number;
  readonly latencies: Latencies;
  readonly fromWrite: Latencies;
  answersSent: number;
  answersAcked: number;
  readonly answers: Latencies;
}

class Load {
  readonly #connections: SpopConnection[] = [];
  readonly #depth: number;
  readonly #request: NotifyTemplate;
  readonly #answer: NotifyTemplate | undefined;
  #next = 0;
  /** By number: when it was due, and when it was written; 0 when nothing is expected. */
  readonly #due = new Float64Array(SLOTS);
  readonly #written = new Float64Array(SLOTS);
  /** 1 for an answer. */
  readonly #isAnswer = new Uint8Array(SLOTS);
  #number = 0;
  #phase: Phase | undefined;
  unexpected = 0;
  disconnects = 0;

  constructor(depth: number, answerBytes: number | undefined) {
    this.#depth = depth;
    this.#request = requestTemplate(answerBytes !== undefined);
    this.#answer = answerBytes === undefined ? undefined : answerTemplate(answerBytes);
  }

  get frameBytes(): number {
    return this.#request.length;
  }

  static async open(port: number, connections: number, depth: number, answerBytes?: number): Promise<Load> {
    const load = new Load(depth, answerBytes);
    const hello = helloFrame(`bench-engine-${process.pid}`);
    for (let i = 0; i < connections; i++) {
      const connection = new SpopConnection(port, hello);
      connection.onAck = (bytes, at, nowMs) => load.#acknowledge(connection, bytes, at, nowMs);
      connection.onChunk = () => load.#fill(performance.now());
      connection.onDisconnect = () => {
        load.disconnects++;
      };
      load.#connections.push(connection);
    }
    const timer = setTimeout(() => fail(`no AGENT-HELLO in ${HELLO_MS / 1000} s`), HELLO_MS);
    await Promise.all(load.#connections.map((connection) => connection.ready));
    clearTimeout(timer);
    return load;
  }

  get #alive(): boolean {
    return this.#connections.some(({ closed }) => !closed);
  }

  /** One phase: load for so long, then whatever is left of it, and its ACKs. */
  async run({ rate, seconds }: Rate): Promise<LoadFigures> {
    const cpu = process.cpuUsage();
    const beginMs = performance.now();
    const phase: Phase = {
      rate,
      beginMs,
      target: rate === undefined ? Number.POSITIVE_INFINITY : 0,
      sent: 0,
      acked: 0,
      lastAckMs: beginMs,
      latencies: new Latencies(),
      fromWrite: new Latencies(),
      answersSent: 0,
      answersAcked: 0,
      answers: new Latencies(),
    };
    this.#phase = phase;
    const total = rate === undefined ? undefined : Math.round(rate * seconds);
    const tick = () => {
      const nowMs = performance.now();
      if (total !== undefined && rate !== undefined)
        phase.target = Math.min(total, Math.floor(((nowMs - beginMs) / 1000) * rate));
      this.#fill(nowMs);
    };
    const timer = setInterval(tick, total === undefined ? 1000 : 1);
    tick();
    await pause(seconds * 1000);
    clearInterval(timer);
    phase.target = total ?? phase.sent;
    await this.#drained(phase);
    const { user, system } = process.cpuUsage(cpu);
    const wallSeconds = (performance.now() - beginMs) / 1000;
    const elapsed = Math.max(0.001, (phase.lastAckMs - beginMs) / 1000);
    return {
      sent: phase.sent,
      acked: phase.acked,
      lost: phase.target - phase.acked,
      ackedPerSecond: phase.acked / elapsed,
      ...phase.latencies.summary(),
      fromWrite: phase.fromWrite.summary(),
      ...(this.#answer !== undefined && { answers: phase.answers.summary() }),
      cpuSeconds: (user + system) / 1e6,
      cpuRatio: (user + system) / 1e6 / wallSeconds,
    };
  }

  async #drained(phase: Phase): Promise<void> {
    const deadline = performance.now() + DRAIN_MS;
    const isDone = () => phase.acked >= phase.target && phase.answersAcked >= phase.answersSent;
    while (!isDone() && performance.now() < deadline && this.#alive) {
      this.#fill(performance.now());
      await pause(5);
    }
    // What comes later belongs to no phase.
    if (!isDone()) this.#due.fill(0);
  }

  /** Sends what is due, to the connections in turn. */
  #fill(nowMs: number): void {
    const phase = this.#phase;
    if (phase === undefined) return;
    while (phase.sent < phase.target) {
      const connection = this.#withRoom();
      if (connection === undefined) break;
      phase.sent++;
      const slot = this.#number % SLOTS;
      this.#due[slot] = phase.rate === undefined ? nowMs : phase.beginMs + (phase.sent / phase.rate) * 1000;
      this.#written[slot] = nowMs;
      connection.inFlight++;
      connection.outgoing.push(this.#number++);
    }
    for (const connection of this.#connections) {
      this.#write(connection);
    }
  }

  #write(connection: SpopConnection): void {
    const { outgoing, answers } = connection;
    if (outgoing.length > 0) connection.write(this.#request.frames(outgoing));
    if (answers.numbers.length > 0 && this.#answer !== undefined)
      connection.write(this.#answer.frames(answers.numbers, answers.requests));
    outgoing.length = 0;
    answers.numbers.length = 0;
    answers.requests.length = 0;
  }

  #withRoom(): SpopConnection | undefined {
    for (let i = 0; i < this.#connections.length; i++) {
      const connection = this.#connections[this.#next];
      this.#next = (this.#next + 1) % this.#connections.length;
      // Without pipelining HAProxy sends one at a time.
      if (connection === undefined || connection.closed) continue;
      if (connection.inFlight < (connection.pipelining ? this.#depth : 1)) return connection;
    }
    return undefined;
  }

  #acknowledge(connection: SpopConnection, bytes: Buffer, at: number, nowMs: number): void {
    const number = acknowledgedNumber(bytes, at);
    const slot = number & (SLOTS - 1);
    const dueMs = this.#due[slot] as number;
    const phase = this.#phase;
    if (dueMs === 0 || phase === undefined) {
      this.unexpected++;
      return;
    }
    this.#due[slot] = 0;
    connection.inFlight--;
    if (this.#isAnswer[slot] === 1) {
      this.#isAnswer[slot] = 0;
      phase.answersAcked++;
      phase.answers.add(nowMs - (this.#written[slot] as number));
      return;
    }
    if (this.#answer !== undefined) this.#sendAnswer(connection, number, phase, nowMs);
    phase.acked++;
    phase.lastAckMs = nowMs;
    phase.latencies.add(nowMs - dueMs);
    phase.fromWrite.add(nowMs - (this.#written[slot] as number));
  }

  #sendAnswer(connection: SpopConnection, request: number, phase: Phase, nowMs: number): void {
    phase.answersSent++;
    const slot = this.#number % SLOTS;
    this.#due[slot] = nowMs;
    this.#written[slot] = nowMs;
    this.#isAnswer[slot] = 1;
    connection.inFlight++;
    connection.answers.numbers.push(this.#number++);
    connection.answers.requests.push(request);
  }

  close(): void {
    this.#phase = undefined;
    for (const connection of this.#connections) connection.end(disconnectFrame());
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      rate: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      'warm-up': { type: 'string', default: '2' },
      connections: { type: 'string', default: '4' },
      depth: { type: 'string', default: '20' },
      answers: { type: 'string' },
    },
  });
  const rate = values.rate === undefined ? undefined : Number(values.rate);
  const load = await Load.open(
    Number(values.port),
    Number(values.connections),
    Number(values.depth),
    values.answers === undefined ? undefined : Number(values.answers),
  );
  const warm = await load.run({ rate, seconds: Number(values['warm-up']) });
  if (process.connected) {
    process.on('disconnect', () => process.exit());
    const told = once(process, 'message');
    report('warm', warm);
    await told;
  }
  const measured = await load.run({ rate, seconds: Number(values.seconds) });
  const { unexpected, disconnects } = load;
  const result = { ...measured, unexpected, disconnects, frameBytes: load.frameBytes };
  load.close();
  // The bench ends this process when it has read that.
  if (process.connected) report('result', result);
  else console.log(JSON.stringify(result));
}

main().catch((error) => fail(messageOf(error)));
