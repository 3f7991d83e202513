import { closeSync, constants, fchmodSync, fchownSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { isRoot, type Owner } from '../../spoa/ownership.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;
/** The flag O_NONBLOCK, which Windows does not have. */
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;

const BASE = O_WRONLY | O_APPEND | O_NONBLOCK;

/** The paths of links that the system makes to files this process has open already. */
const DESCRIPTOR = /^(\/dev\/(stdin|stdout|stderr|fd\/\d+)|\/proc\/self\/fd\/\d+)$/;

export interface FileRights {
  /** The mode of a file that is made, whatever the umask. One that is there keeps its own. */
  readonly mode: number;
  /** The owner of a file that root makes; besides root, only this one may own a file that root finds. */
  readonly owner?: Owner | undefined;
  /** What is written is for its owner alone: a file that is there and that others can read or write is refused, at each opening. */
  readonly isSecret?: boolean | undefined;
}

/** The error of a file that is there and that this process shall not write to; the message says why. */
class ForeignFile extends Error {
  override readonly name = 'ForeignFile';
}

export function isDescriptor(path: string): boolean {
  return DESCRIPTOR.test(path);
}

/**
 * Opens a file to write at its end: `a` keeps what is there, `w` empties it, `x` refuses one that exists.
 * A FIFO nobody reads is refused with ENXIO, and one that is full says EAGAIN: a reader that stands still must never
 * make this process stand still. A symbolic link is refused with ELOOP: what it points to is for whoever made it to say.
 * @throws ForeignFile, what the system says
 */
export function openOutput(path: string, mode: 'a' | 'w' | 'x', rights: FileRights): number {
  try {
    return makeFile(path, rights);
  } catch (error) {
    if (mode === 'x' || (error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // O_CREAT has the system refuse files of others in /tmp (fs.protected_regular), and fills in for one that is just gone.
  const follow = isDescriptor(path) ? 0 : O_NOFOLLOW;
  const fd = openSync(path, BASE | O_CREAT | follow, rights.mode);
  try {
    if (!isDescriptor(path)) checkOwner(fd, rights);
    if (rights.isSecret === true) checkSecret(fd);
    if (mode === 'w' && fstatSync(fd).isFile()) ftruncateSync(fd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The descriptor is asked, not the path, which may lead to another file by then. */
function checkSecret(fd: number): void {
  if ((fstatSync(fd).mode & 0o077) !== 0) throw new ForeignFile('others can read or write it');
}

function makeFile(path: string, { mode, owner }: FileRights): number {
  const fd = openSync(path, BASE | O_CREAT | O_EXCL, mode);
  try {
    fchmodSync(fd, mode);
    if (owner !== undefined && isRoot()) fchownSync(fd, owner.uid, owner.gid);
  } catch {
    // A file system without rights of its own. Whether the one it is for can write to it is asked later.
  }
  return fd;
}

/** Refuses files of others to root, who may write to everything: somebody could have made a link to any file there. */
function checkOwner(fd: number, { owner }: FileRights): void {
  const found = fstatSync(fd);
  if (!isRoot() || !(found.isFile() || found.isFIFO())) return;
  if (found.uid !== 0 && found.uid !== owner?.uid) {
    throw new ForeignFile(`it belongs to uid ${found.uid}: as root only files of root and of --user are written to`);
  }
  if (found.isFile() && found.nlink > 1) throw new ForeignFile(`it has ${found.nlink} names (hard links)`);
}

/**
 * Standard output or standard error. A pipe is opened a second time: whether writing blocks belongs to what was opened, and whoever starts
 * another process (a worker) makes the one that both share block again.
 */
export function openStream(descriptor: 1 | 2): number {
  if (!fstatSync(descriptor).isFIFO()) return descriptor;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK);
  } catch {
    return descriptor;
  }
}

const WORDS: { readonly [code: string]: string | undefined } = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link',
  ENOENT: 'there is no such folder',
  ENOSPC: 'the disk is full',
  ENXIO: 'nobody reads it',
};

/** The reason why a file could not be opened, for a message. */
export function describeOpenError(error: unknown): string {
  if (error instanceof ForeignFile) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined ? String(code) : `${words} (${code})`;
}
