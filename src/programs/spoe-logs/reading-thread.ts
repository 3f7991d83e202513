/** The program of a thread that reads a part of the logs. A bundle of its own (scripts/build.mjs); threads.ts starts it. */
import { serveReadingThread } from '../../logs/reading-threads.ts';
import { readMirror } from './diff-thread.ts';
import { countRegions } from './parallel.ts';
import type { Threads } from './threads.ts';

serveReadingThread<Threads>({ counting: countRegions, mirror: readMirror });
