/**
 * The collector of the agent's telemetry is talked to in a thread of its own: what arrives is the collector's choice, and
 * HAProxy waits for its ACKs in the event loop of the process. A thread that fails, or does not come back, is replaced.
 */
import { Worker } from 'node:worker_threads';
import type { Answer, Transport } from './answer.ts';
import type { Signal } from './batch.ts';
import type { SignalSettings } from './settings.ts';

/** SignalSettings as another thread can have them. */
export type SettingsText = Omit<SignalSettings, 'url'> & { readonly url: string };

export interface Question {
  readonly id: number;
  readonly signal: Signal;
  readonly request: Uint8Array;
  readonly withinMs: number;
}

export interface CollectorReply {
  readonly id: number;
  readonly answer: Answer;
}

/** Requests are held outside the heap of JavaScript; what else a collector makes it hold ends the thread alone. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };
/** A thread that has not answered so long after its own time is over hangs. */
const MARGIN_MS = 2_000;

export class CollectorThread {
  readonly #file: URL;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  /** They were read when the program might read what is theirs. */
  readonly #settings = new Map<Signal, SettingsText>();
  #worker: Worker | undefined;
  #next = 0;

  /** @param file a module that calls serveCollectorThread */
  constructor(file: URL) {
    this.#file = file;
  }

  transport(signal: Signal, settings: SignalSettings): Transport {
    const { url, protocol, timeoutMs } = settings;
    this.#settings.set(signal, { ...settings, url: url.href });
    return {
      endpoint: protocol === 'grpc' ? url.origin : `${url.origin}${url.pathname}`,
      send: (request, withinMs) => this.#send(signal, request, Math.min(withinMs, timeoutMs)),
      close: async () => void (await this.#worker?.terminate()),
    };
  }

  #send(signal: Signal, request: Uint8Array, withinMs: number): Promise<Answer> {
    const id = this.#next++;
    const worker = this.#start();
    return new Promise((resolve) => {
      const late = setTimeout(() => void worker.terminate(), withinMs + MARGIN_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(answer);
      });
      worker.postMessage({ id, signal, request, withinMs } satisfies Question);
    });
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#file, { resourceLimits: HEAP, workerData: this.#settings });
    // A caller that waits for an answer has a timer.
    worker.unref();
    worker.on('message', ({ id, answer }: CollectorReply) => this.#waiting.get(id)?.(answer));
    worker.on('error', (error) => this.#ended(worker, error.message));
    worker.on('exit', () => this.#ended(worker, 'it did not come back in time'));
    this.#worker = worker;
    return worker;
  }

  #ended(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    for (const answered of this.#waiting.values())
      answered({ kind: 'retry', reason: `the thread that talks to the collector ended: ${why}` });
  }
}
