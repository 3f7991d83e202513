/**
 * The first argument of a thread that reads a part. Loading node:worker_threads only to ask whether this is one would
 * cost every start some milliseconds.
 */
export const READING_THREAD = '--reading-thread';
