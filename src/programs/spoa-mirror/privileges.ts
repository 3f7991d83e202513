/** The user and group of this process: looking up --user and --group, and changing to them. */
import { accessSync, fchownSync, fstatSync, readFileSync } from 'node:fs';
import { AgentError } from '../../spoa/errors.ts';
import { isRoot, type Owner } from '../../spoa/ownership.ts';
import { usage } from './option-values.ts';

/** The user and group that the agent changes to. */
export interface Account extends Owner {
  /** The user whose other groups it has too; undefined where the group alone was named, or a number without an entry. */
  readonly name: string | undefined;
}

/** The mode less the bits of the umask. */
export function withUmask(mode: number): number {
  const mask = process.umask(0o077);
  process.umask(mask);
  return mode & ~mask;
}

/**
 * Looks up names in /etc/passwd and /etc/group: Node cannot ask the system for others. A number needs no entry.
 * @throws AgentError `usage` for one that is not there, or that this process cannot become
 */
export function findAccount(user: string | undefined, group: string | undefined): Account | undefined {
  if (user === undefined && group === undefined) return undefined;
  const own = { uid: process.getuid?.(), gid: process.getgid?.() };
  if (own.uid === undefined || own.gid === undefined) throw usage('--user and --group: this system does not have them');
  const entry = user === undefined ? undefined : findUser(user);
  const gid = group === undefined ? entry?.gid : findGroup(group);
  if (gid === undefined) throw usage(`--user ${user}: /etc/passwd names no group for it, --group has to`);
  const account = { uid: entry?.uid ?? own.uid, gid, name: entry?.name };
  if (!isRoot() && !isAlready(account))
    throw usage(
      `${describeAccount(account)}: only root can become another one, this is uid ${own.uid}, gid ${own.gid}`,
    );
  return account;
}

function findUser(text: string): { name: string | undefined; uid: number; gid: number | undefined } {
  const entries = readEntries('/etc/passwd');
  const entry = entries.find(([name]) => name === text) ?? entries.find(([, , uid]) => isId(text) && uid === text);
  if (entry !== undefined) return { name: entry[0], uid: Number(entry[2]), gid: Number(entry[3]) };
  if (isId(text)) return { name: undefined, uid: Number(text), gid: undefined };
  throw usage(`--user ${text}: /etc/passwd has no such user; a number is taken as it is`);
}

function findGroup(text: string): number {
  const entry = readEntries('/etc/group').find(([name]) => name === text);
  if (entry !== undefined) return Number(entry[2]);
  if (isId(text)) return Number(text);
  throw usage(`--group ${text}: /etc/group has no such group; a number is taken as it is`);
}

function readEntries(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([, , id]) => id !== undefined && isId(id));
  } catch {
    return [];
  }
}

/** Whether a text is the number of a user or group; the largest of 32 bits means that nothing is to change. */
function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1;
}

function isAlready({ uid, gid }: Owner): boolean {
  const users = [process.getuid?.(), process.geteuid?.()];
  const groups = [process.getgid?.(), process.getegid?.()];
  return users.every((each) => each === uid) && groups.every((each) => each === gid);
}

export function describeAccount({ uid, gid, name }: Account): string {
  return name === undefined ? `uid ${uid}, gid ${gid}` : `user ${name} (uid ${uid}, gid ${gid})`;
}

/**
 * Changes the process to the account for good: real, effective and saved ids, and the groups. No change where it has them already.
 * @throws AgentError `start`
 */
export function become(account: Account): void {
  if (isAlready(account)) return;
  const { uid, gid, name } = account;
  const { initgroups } = process as { initgroups?: (user: string, extraGroup: number) => void };
  try {
    if (name === undefined) process.setgroups?.([gid]);
    else initgroups?.(name, gid);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AgentError('start', `cannot become ${describeAccount(account)}: ${code}`, { cause: error });
  }
}

/** Gives a pipe of standard output or error to the account, as its writers open it anew. */
export function handOverPipes({ uid, gid }: Owner): void {
  for (const fd of [1, 2]) {
    try {
      if (fstatSync(fd).isFIFO()) fchownSync(fd, uid, gid);
    } catch {
      // It is closed, or of another container: whether it can be written to is found out by whoever opens it.
    }
  }
}

/** Whether this process may open a file, with the rights it has changed to. */
export function mayOpen(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
