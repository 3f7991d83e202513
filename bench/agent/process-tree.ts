/** CPU and memory of a process with all its children, from /proc: user and system time, resident sets. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the unit of /proc/PID/stat: 100 on every platform Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 100;

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

function listTasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function listTree(pid: number): number[] {
  const children = listTasks(pid).flatMap((task) =>
    readProc(`${pid}/task/${task}/children`)
      .split(' ')
      .filter((text) => text !== ''),
  );
  return [pid, ...children.flatMap((child) => listTree(Number(child)))];
}

/** Of one process and of those of its children that have ended. */
function cpuTicks(pid: number): number {
  // The name in brackets may hold anything; utime, stime, cutime and cstime are fields 14 to 17.
  const fields = readProc(`${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0);
}

function kilobytes(pid: number, field: string, file = 'status'): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readProc(`${pid}/${file}`))?.[1] ?? 0);
}

export class ProcessTree {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #cpuSeconds = 0;
  #peakMegabytes = 0;
  #highWaterMegabytes = 0;

  /** Samples from now on: a process that has crashed cannot be asked any more. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  #sample(): number | undefined {
    const pids = listTree(this.#pid);
    const sum = (read: (pid: number) => number) => pids.reduce((total, pid) => total + read(pid), 0);
    const rss = sum((pid) => kilobytes(pid, 'VmRSS')) / 1024;
    if (rss === 0) return undefined;
    this.#cpuSeconds = Math.max(this.#cpuSeconds, sum(cpuTicks) / TICKS_PER_SECOND);
    this.#peakMegabytes = Math.max(this.#peakMegabytes, rss);
    this.#highWaterMegabytes = Math.max(this.#highWaterMegabytes, sum((pid) => kilobytes(pid, 'VmHWM')) / 1024);
    return rss;
  }

  /** Now; 0 when it has ended. */
  rssMegabytes(): number {
    return this.#sample() ?? 0;
  }

  cpuSeconds(): number {
    this.#sample();
    return this.#cpuSeconds;
  }

  /** The largest sum of all resident sets that was seen. Pages they share, such as Node's code, count in each. */
  get peakMegabytes(): number {
    return this.#peakMegabytes;
  }

  /** The sum of each process's own largest: an upper bound, as these need not have come at the same time. */
  get highWaterMegabytes(): number {
    return this.#highWaterMegabytes;
  }

  /** Now, shared pages divided among those that share them. Too slow to be sampled all the time. */
  pssMegabytes(): number {
    return listTree(this.#pid).reduce((sum, pid) => sum + kilobytes(pid, 'Pss', 'smaps_rollup'), 0) / 1024;
  }

  /** Times that its threads have waited for something, and got it. */
  wakeUps(): number {
    const switches = (pid: number, task: string) =>
      Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readProc(`${pid}/task/${task}/status`))?.[1] ?? 0);
    return listTree(this.#pid)
      .flatMap((pid) => listTasks(pid).map((task) => switches(pid, task)))
      .reduce((sum, count) => sum + count, 0);
  }

  openFiles(): number {
    const count = (pid: number) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).length;
      } catch {
        return 0;
      }
    };
    return listTree(this.#pid).reduce((sum, pid) => sum + count(pid), 0);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
