/** The threads that this program starts: the task and the answer of each kind. */
import { runReadingThread, type ThreadOptions } from '../../logs/reading-threads.ts';
import type { MirrorThread } from './diff-thread.ts';
import type { CountingThread } from './parallel.ts';

export interface Threads {
  /** A thread that counts the events of a part of the log. */
  readonly counting: CountingThread;
  /** A thread that reads the requests of the mirror's side of a comparison. */
  readonly mirror: MirrorThread;
}

const FILE = import.meta.url.endsWith('.ts') ? './reading-thread.ts' : './spoe-logs-thread.cjs';

/** Runs a thread; rejects with an error of the thread or of `onBatch`. */
export function runThread<Kind extends keyof Threads>(
  kind: Kind,
  task: Threads[Kind]['task'],
  options: ThreadOptions<Threads[Kind]>,
): Promise<Threads[Kind]['result']> {
  return runReadingThread<Threads, Kind>(new URL(FILE, import.meta.url), kind, task, options);
}
