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

const IS_SOURCE = import.meta.url.endsWith('.ts');
const FILE = IS_SOURCE ? './reading-thread.ts' : './spoe-logs-thread.cjs';
const PIPE_FILE = IS_SOURCE ? './pipe-thread.ts' : './spoe-logs-pipe-thread.cjs';

/** The program of a thread that reads a pipe ahead: a small one, for its start is part of the reading. */
export function pipeProgram(): URL {
  return new URL(PIPE_FILE, import.meta.url);
}

/** Runs a thread; rejects with an error of the thread or of `onBatch`. */
export function runThread<Kind extends keyof Threads>(
  kind: Kind,
  task: Threads[Kind]['task'],
  options: ThreadOptions<Threads[Kind]>,
): Promise<Threads[Kind]['result']> {
  return runReadingThread<Threads, Kind>(new URL(FILE, import.meta.url), kind, task, options);
}
