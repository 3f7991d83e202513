export interface ProcessStats {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

let rssBytes = 0;

/** Of this process. Its memory is read from a file: without a file descriptor left, it is what it was last time. */
export function measureProcess(): ProcessStats {
  try {
    rssBytes = process.memoryUsage.rss();
  } catch {
    // Too many open files.
  }
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes };
}

/** For lines that several workers write into one file. */
export function ownPid(): number {
  return process.pid;
}
