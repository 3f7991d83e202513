import { constants, fstatSync, openSync } from 'node:fs';

const { O_APPEND, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = constants;
/** Not on Windows. */
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;

const FLAGS = { a: 0, w: O_TRUNC, x: O_EXCL } as const;
const PERMISSIONS = 0o644;

/**
 * Opens a file to write at its end: `a` keeps what is there, `w` empties it, `x` refuses one that exists.
 * A FIFO nobody reads is refused with ENXIO, and one that is full says EAGAIN: a reader that stands still must never
 * make this process stand still.
 */
export function openOutput(path: string, mode: 'a' | 'w' | 'x'): number {
  return openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | FLAGS[mode], PERMISSIONS);
}

const STDOUT = 1;

/**
 * Standard output. A pipe is opened a second time: whether writing blocks belongs to what was opened, and whoever starts
 * another process (a worker) makes the one that both share block again.
 */
export function openStdout(): number {
  if (!fstatSync(STDOUT).isFIFO()) return STDOUT;
  try {
    return openSync(`/proc/self/fd/${STDOUT}`, O_WRONLY | O_NONBLOCK);
  } catch {
    return STDOUT;
  }
}

/** Why it could not be opened, for whoever named the file. */
export function describeOpenError(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENXIO' ? 'nobody reads it (ENXIO)' : String(code);
}
