/**
 * The mirror's logs read on a thread of their own, while production's are read on the main one: reading lines is most of the
 * work of a comparison. What is read comes back in batches, of which only a few may wait.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { describeSide, openMirror, readSide, type SideFacts, type SideReading } from '../../diff/sides.ts';
import type { AccessRecord } from '../../logs/access-record.ts';
import type { Problem } from '../../logs/input-errors.ts';
import { type RecordBatch, RecordBatcher, unpack } from '../../logs/record-batch.ts';
import type { LogOptions } from './log-options.ts';

/** Batches that were sent and not taken yet. */
const MAX_WAITING = 16;

export interface MirrorTask {
  readonly paths: readonly string[];
  readonly reading: SideReading;
  readonly options: LogOptions;
}

interface WorkerTask extends MirrorTask {
  readonly purpose: typeof PURPOSE;
  /** Its first word is the number of batches that wait. */
  readonly waiting: Int32Array;
}

const PURPOSE = 'diff-mirror';

export interface MirrorReading {
  readonly facts: SideFacts;
  readonly problems: readonly Problem[];
}

type Message = { readonly path: string; readonly batch: RecordBatch } | MirrorReading;

const NO_FACTS: SideFacts = { inputs: [], agentLines: 0, contents: new Map(), unread: [] };

/** `take` gets each request with the input it is from. Rejects with what `take` throws, and when the signal comes. */
export function readMirrorOnThread(
  task: MirrorTask,
  signal: AbortSignal,
  take: (path: string, record: AccessRecord, lineHash: number) => void,
): Promise<MirrorReading> {
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const workerTask: WorkerTask = { ...task, purpose: PURPOSE, waiting };
  const worker = new Worker(new URL(import.meta.url), { workerData: workerTask });
  return new Promise<MirrorReading>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if (!('batch' in message)) {
        resolve(message);
        return;
      }
      try {
        unpack(message.batch, (record, lineHash) => take(message.path, record, lineHash));
      } catch (error) {
        reject(error);
      }
      Atomics.sub(waiting, 0, 1);
      Atomics.notify(waiting, 0);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that reads the mirror ended with code ${code}`)));
    signal.addEventListener('abort', () => resolve({ facts: NO_FACTS, problems: [] }), { once: true });
  }).finally(() => worker.terminate());
}

/** What such a thread does. Nothing in any other. */
export async function runMirrorThread(): Promise<void> {
  const task = workerData as Partial<WorkerTask> | null;
  if (isMainThread || parentPort === null || task?.purpose !== PURPOSE) return;
  const { paths, reading, options, waiting } = task as WorkerTask;
  const port = parentPort;
  let path = '';
  const batcher = new RecordBatcher((batch) => {
    while (Atomics.load(waiting, 0) >= MAX_WAITING) Atomics.wait(waiting, 0, MAX_WAITING);
    Atomics.add(waiting, 0, 1);
    port.postMessage({ path, batch } satisfies Message, [batch.numbers.buffer as ArrayBuffer]);
  });
  const side = openMirror(paths, reading, (record, lineHash) => {
    batcher.add(record, lineHash);
    return 'added';
  });
  const enter = (next: string) => {
    side.enter(next);
    batcher.flush();
    path = next;
  };
  const problems = await readSide({ ...side, enter }, options, new AbortController().signal);
  batcher.flush();
  port.postMessage({ facts: describeSide(side), problems } satisfies Message);
}
