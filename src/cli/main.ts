/** The command line `spoe-logs`. Runs when loaded; in a thread that it started itself, reads that thread's part. */
import { isReadingThread, runReadingThread } from './parallel.ts';
import { runProgram } from './program.ts';

// Not awaited: the bundle is CommonJS. A thread that fails is reported by the one that started it.
void (isReadingThread() ? runReadingThread() : runProgram(process.argv.slice(2)));
