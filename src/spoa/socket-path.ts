/** Paths of unix sockets. */
import { once } from 'node:events';
import { lchownSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { AgentError } from './errors.ts';
import { isRoot, type Owner } from './ownership.ts';

export interface SocketRights {
  /** Rights of a unix socket; without it the umask decides. */
  readonly mode?: number | undefined;
  /** The owner of a unix socket that root makes; root replaces a stale socket of this owner, too. */
  readonly owner?: Owner | undefined;
}

/** Longest path the system takes, in bytes. Node cuts off what is longer, without an error. */
const MAX_PATH_BYTES = 107;

/**
 * Removes a stale socket at the path: one outlives its process, and prevents listening where no process answers. Anything
 * else at the path is left alone.
 * @throws AgentError `listen`
 */
export async function claimSocketPath(path: string, { owner }: SocketRights = {}): Promise<void> {
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
  // A socket at which a process answers is reported when this process listens.
  if (!(await isStale(path))) return;
  if (isRoot() && found.uid !== 0 && found.uid !== owner?.uid)
    throw new AgentError(
      'listen',
      `cannot listen on ${path}: nobody answers there, and it belongs to uid ${found.uid}: start with --user of that one, or remove it`,
    );
  removeStale(path);
}

async function isStale(path: string): Promise<boolean> {
  const probe = connect({ path });
  try {
    await once(probe, 'connect');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    probe.destroy();
  }
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AgentError(
      'listen',
      `cannot listen on ${path}: nobody answers there, but it cannot be removed (${code})`,
    );
  }
}

/** Gives a listening socket to its owner. */
export function handOverSocket(path: string, { owner }: SocketRights): void {
  if (owner !== undefined && isRoot() && lstatSync(path).isSocket()) lchownSync(path, owner.uid, owner.gid);
}
