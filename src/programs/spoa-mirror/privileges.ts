/** Rights of this process: who it is, whom --user and --group name, and how it becomes that one. */
import { accessSync, fchownSync, fstatSync, readFileSync } from 'node:fs';
import { AgentError } from '../../spoa/errors.ts';
import { isRoot, type Owner } from '../../spoa/ownership.ts';
import { usage } from './option-values.ts';

/** Whom the agent becomes. */
export interface Account extends Owner {
  /** Whose other groups it has too; undefined where the group alone was named, or a number without an entry. */
  readonly name: string | undefined;
}

/** What the umask leaves of a mode. */
export function withUmask(mode: number): number {
  const mask = process.umask(0o077);
  process.umask(mask);
  return mode & ~mask;
}

/**
 * Names are those of /etc/passwd and /etc/group: Node cannot ask the system for others. A number needs no entry.
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

/** The last of 32 bits means that nothing is to change. */
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
 * For good: real, effective and saved ids, and the groups. A process that is that one already stays it.
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

/** A pipe of standard output or error, which is opened anew by whoever writes to it. */
export function handOverPipes({ uid, gid }: Owner): void {
  for (const fd of [1, 2]) {
    try {
      if (fstatSync(fd).isFIFO()) fchownSync(fd, uid, gid);
    } catch {
      // It is closed, or of another container: whether it can be written to is found out by whoever opens it.
    }
  }
}

/** Whether this process, as whom it has become, may open a file so. */
export function mayOpen(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
