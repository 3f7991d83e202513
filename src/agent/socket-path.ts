/** Paths of unix sockets. */
import { once } from 'node:events';
import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { AgentError } from './errors.ts';

/** Room of the system for a path. Node cuts off what is longer, without a word. */
const MAX_PATH_BYTES = 107;

/**
 * Makes way for a new socket. One outlives its process, and one that nobody answers at is in the way; anything else at
 * the path is somebody's.
 * @throws AgentError `listen`
 */
export async function claimSocketPath(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw new AgentError(
      'listen',
      `cannot listen on ${path}: a path has ${MAX_PATH_BYTES} bytes at most, not ${bytes}`,
    );
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new AgentError('listen', `cannot listen on ${path}: it exists and is no socket`);
  const probe = connect({ path });
  try {
    await once(probe, 'connect');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') unlinkSync(path);
  } finally {
    probe.destroy();
  }
}
