/** The program of a thread that reads a pipe ahead. A bundle of its own, for it is started while a log is being read. */
import { type PipeThreads, readPipeAhead } from '../../logs/pipe-into-ring.ts';
import { serveReadingThread } from '../../logs/reading-threads.ts';

serveReadingThread<PipeThreads>({ pipe: readPipeAhead });
