/** The bounds of queues by the memory that there is: a queue that fills it ends the process, and all that waits with it. */
import { getHeapStatistics } from 'node:v8';
import { type MirrorOptions, queueBytesOf } from '../../mirror/options.ts';
import type { Notice } from './notices.ts';

/**
 * The share of the heap for queues. Beside them, lines of record, trace and log wait (10 MiB at most), data is read, and the
 * program needs its own.
 */
const SHARE_OF_QUEUES = 1 / 6;
const MIB = 1024 * 1024;

export const MORE_MEMORY = 'NODE_OPTIONS=--max-old-space-size=MB gives more';

/** The options with queues of no more bytes than fit. */
export function fitQueues(
  options: MirrorOptions,
  notice: Notice,
  heapBytes = getHeapStatistics().heap_size_limit,
): MirrorOptions {
  const wanted = queueBytesOf(options);
  const most = Math.floor((heapBytes * SHARE_OF_QUEUES) / Math.max(1, options.destinations.length));
  if (wanted <= most) return options;
  notice(
    `the heap of a process has ${mib(heapBytes)} MiB: of ${mib(wanted)} MiB for each of its queues ${mib(most)} MiB are used; ${MORE_MEMORY}`,
    'memory',
  );
  return { ...options, maxQueueBytes: most };
}

function mib(bytes: number): number {
  return Math.max(1, Math.round(bytes / MIB));
}
