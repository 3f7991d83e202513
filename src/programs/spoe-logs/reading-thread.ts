/**
 * The program of a thread that reads a part of the logs. A bundle of its own (scripts/build.mjs); threads.ts starts it. Counting,
 * which is waited for, is in it; what reads a mirror's logs, nearly as much, is loaded where it is wanted.
 */
import { serveReadingThread } from '../../logs/reading-threads.ts';
import { countRegions } from './parallel.ts';
import type { Threads } from './threads.ts';

serveReadingThread<Threads>({
  counting: countRegions,
  mirror: async (task, side) => (await import('./diff-thread.ts')).readMirror(task, side),
});
