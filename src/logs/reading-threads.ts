/**
 * Reading on threads of their own: one protocol, whatever is read. A thread is started for one task. It answers with batches,
 * of which only a few may wait, and at last with a result. What fails in it fails whoever waits for the result.
 */
import { setMaxListeners } from 'node:events';
import { type MessagePort, parentPort, type Transferable, Worker, workerData } from 'node:worker_threads';

/** Batches that were sent and not taken yet: a thread that has so many out waits. */
const MAX_WAITING = 16;

/** What a kind of thread is asked, and answers: plain data. */
export interface ThreadKind {
  readonly task: unknown;
  /** `never` where there is only a result. */
  readonly batch: unknown;
  readonly result: unknown;
}

/** Every kind of thread that a program has, by name. */
export type ThreadKinds<Kinds> = { readonly [Name in keyof Kinds]: ThreadKind };

/** What a thread begins with. */
interface Start<Kinds extends ThreadKinds<Kinds>, Name extends keyof Kinds> {
  readonly kind: Name;
  readonly task: Kinds[Name]['task'];
  /** Shared: its only word is the number of batches that wait. */
  readonly waiting: Int32Array;
}

/** What a thread is told later. */
type Order = { readonly kind: 'stop' };

/** What a thread says. */
type Answer<Kind extends ThreadKind> =
  | { readonly kind: 'batch'; readonly batch: Kind['batch'] }
  | { readonly kind: 'result'; readonly result: Kind['result'] };

/** What is handed over instead of copied. */
export type Handed = readonly Transferable[];

export interface ThreadOptions<Kind extends ThreadKind> {
  /** Tells the thread to end its reading; its result is what it has read. */
  readonly signal: AbortSignal;
  /** In the order in which they were sent. What it throws ends the thread. */
  readonly onBatch?: (batch: Kind['batch']) => void;
}

/**
 * Has a thread do a task. Rejects with what failed in it or in `onBatch`, and when it ends without a result.
 *
 * @param file a program that calls serveReadingThread
 */
export async function runReadingThread<Kinds extends ThreadKinds<Kinds>, Name extends keyof Kinds>(
  file: URL,
  kind: Name,
  task: Kinds[Name]['task'],
  { signal, onBatch }: ThreadOptions<Kinds[Name]>,
): Promise<Kinds[Name]['result']> {
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const start: Start<Kinds, Name> = { kind, task, waiting };
  const worker = new Worker(file, { workerData: start });
  const stop = () => worker.postMessage({ kind: 'stop' } satisfies Order);
  // As many threads as there are listen to one signal.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (answer: Answer<Kinds[Name]>) => {
        if (answer.kind === 'result') {
          resolve(answer.result);
          return;
        }
        try {
          onBatch?.(answer.batch);
        } catch (error) {
          reject(error);
        }
        Atomics.sub(waiting, 0, 1);
        Atomics.notify(waiting, 0);
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`a reading thread ended with code ${code}`)));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    void worker.terminate();
  }
}

/** What a job knows of who waits for it. */
export interface ThreadSide<Kind extends ThreadKind> {
  /** Comes when the reading is to end. It is heard where the job gives the event loop a turn. */
  readonly signal: AbortSignal;
  /** Waits, with the whole thread, while too many batches do. */
  readonly send: (batch: Kind['batch'], handed: Handed) => void;
}

/** What a kind of thread does. */
export type ThreadJob<Kind extends ThreadKind> = (
  task: Kind['task'],
  side: ThreadSide<Kind>,
) => Promise<{ readonly result: Kind['result']; readonly handed: Handed }>;

type Jobs<Kinds extends ThreadKinds<Kinds>> = { readonly [Name in keyof Kinds]: ThreadJob<Kinds[Name]> };

/** All that a thread does, once it is loaded: the task that it was started for. Throws where nobody has started it. */
export function serveReadingThread<Kinds extends ThreadKinds<Kinds>>(jobs: Jobs<Kinds>): void {
  if (parentPort === null) throw new Error('this is a reading thread: it does not run by itself');
  // What fails in a thread is told to whoever waits for its result.
  void serve(parentPort, jobs);
}

async function serve<Kinds extends ThreadKinds<Kinds>>(port: MessagePort, jobs: Jobs<Kinds>): Promise<void> {
  const { kind, task, waiting }: Start<Kinds, keyof Kinds> = workerData;
  const stopping = new AbortController();
  port.on('message', (order: Order) => {
    if (order.kind === 'stop') stopping.abort();
  });
  // It listens until it is ended from outside. A thread of Node 20 without anything to listen to waits for what V8 compiles beside
  // it, which may wait for this thread to collect garbage: both then wait for ever.
  const say = (answer: Answer<Kinds[typeof kind]>, handed: Handed) => port.postMessage(answer, handed);
  const { result, handed } = await jobs[kind](task, {
    signal: stopping.signal,
    send: (batch, given) => {
      for (let count = Atomics.load(waiting, 0); count >= MAX_WAITING; count = Atomics.load(waiting, 0))
        Atomics.wait(waiting, 0, count);
      Atomics.add(waiting, 0, 1);
      say({ kind: 'batch', batch }, given);
    },
  });
  say({ kind: 'result', result }, handed);
}
