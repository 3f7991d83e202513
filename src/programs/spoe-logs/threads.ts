/** The threads that this program starts: what each kind is asked, and what it answers. */
import { runReadingThread, type ThreadOptions } from '../../logs/reading-threads.ts';
import type { MirrorThread } from './diff-thread.ts';
import type { CountingThread } from './parallel.ts';

export interface Threads {
  /** Counts the events of a part of the log. */
  readonly counting: CountingThread;
  /** Reads the requests of the mirror's side of a comparison. */
  readonly mirror: MirrorThread;
}

const FILE = import.meta.url.endsWith('.ts') ? './reading-thread.ts' : './spoe-logs-thread.cjs';

/** Rejects with what fails in the thread or in `onBatch`. */
export function runThread<Kind extends keyof Threads>(
  kind: Kind,
  task: Threads[Kind]['task'],
  options: ThreadOptions<Threads[Kind]>,
): Promise<Threads[Kind]['result']> {
  return runReadingThread<Threads, Kind>(new URL(FILE, import.meta.url), kind, task, options);
}
