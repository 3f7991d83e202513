/** Processes of this machine, as /proc has them: who HAProxy and the agent are, and what they use. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export interface RunningProcess {
  readonly pid: number;
  /** Its own, of 15 characters at most. */
  readonly name: string;
  readonly args: readonly string[];
  readonly uid: number;
  readonly rssBytes: number;
  /** User and system, of all its threads. */
  readonly cpuSeconds: number;
  readonly upSeconds: number;
  /** Open ones and their limit; undefined where this user may not see them. */
  readonly descriptors: { readonly open: number; readonly limit: number } | undefined;
  /** The program's file; undefined where this user may not see it. */
  readonly program: string | undefined;
  readonly cwd: string | undefined;
}

/** USER_HZ, which Linux has on every machine that Node runs on. */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

/** Undefined on a system without /proc. */
export function listProcesses(
  isWanted: (name: string, args: readonly string[]) => boolean,
): RunningProcess[] | undefined {
  const upSeconds = Number(attempt(() => readFileSync('/proc/uptime', 'latin1'))?.split(' ')[0]);
  const pids = attempt(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name)));
  if (pids === undefined || Number.isNaN(upSeconds)) return undefined;
  return pids.flatMap((pid) => attempt(() => readProcess(Number(pid), upSeconds, isWanted)) ?? []);
}

/** Undefined for one that is not wanted. @throws where it is gone meanwhile */
function readProcess(
  pid: number,
  upSeconds: number,
  isWanted: (name: string, args: readonly string[]) => boolean,
): RunningProcess | undefined {
  const folder = `/proc/${pid}`;
  const name = readFileSync(`${folder}/comm`, 'utf8').trimEnd();
  // A process that has given itself a title leaves NULs behind it.
  const args = readFileSync(`${folder}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
  // One that has ended and was not waited for has no arguments left.
  if (args.join('') === '' || !isWanted(name, args)) return undefined;
  // A name may hold anything: what follows its last bracket are numbers.
  const stat = readFileSync(`${folder}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, started = 0, pages = 0] = [stat[11], stat[12], stat[19], stat[21]];
  const status = readFileSync(`${folder}/status`, 'utf8');
  const limit = attempt(() => /^Max open files +(\d+)/m.exec(readFileSync(`${folder}/limits`, 'utf8'))?.[1]);
  const open = attempt(() => readdirSync(`${folder}/fd`).length);
  return {
    pid,
    name,
    args,
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]),
    rssBytes: pages * PAGE_BYTES,
    cpuSeconds: (user + system) / TICKS_A_SECOND,
    upSeconds: upSeconds - started / TICKS_A_SECOND,
    descriptors: open === undefined || limit === undefined ? undefined : { open, limit: Number(limit) },
    program: attempt(() => readlinkSync(`${folder}/exe`)),
    cwd: attempt(() => readlinkSync(`${folder}/cwd`)),
  };
}

/** Of the machine; undefined where it is not known. */
export function readMemory(): { readonly totalBytes: number; readonly availableBytes: number } | undefined {
  const text = attempt(() => readFileSync('/proc/meminfo', 'latin1')) ?? '';
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024;
  const [totalBytes, availableBytes] = [of('MemTotal'), of('MemAvailable')];
  return Number.isNaN(totalBytes + availableBytes) ? undefined : { totalBytes, availableBytes };
}

/** Whether nobody but these users could have put a file, or a folder above it, in its place. */
export function isOnlyOf(file: string, uids: readonly number[]): boolean {
  for (let at = file; ; at = path.dirname(at)) {
    const stat = attempt(() => lstatSync(at));
    if (stat === undefined || !uids.includes(stat.uid)) return false;
    const isSticky = stat.isDirectory() && (stat.mode & 0o1000) !== 0;
    if ((stat.mode & 0o022) !== 0 && !isSticky) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** Undefined where the system refuses, or the process has ended. */
function attempt<Result>(step: () => Result): Result | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}
