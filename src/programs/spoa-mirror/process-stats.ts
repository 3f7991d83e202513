export interface ProcessStats {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

let rssBytes = 0;

/** Measures this process. Its memory is read from a file: without a file descriptor left, the last figure is given again. */
export function measureProcess(): ProcessStats {
  try {
    rssBytes = process.memoryUsage.rss();
  } catch {
    // There are too many open files.
  }
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes };
}

/** The process id, for lines that several workers write into one file. */
export function ownPid(): number {
  return process.pid;
}
