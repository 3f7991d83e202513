import type { ProcessStats } from './metrics.ts';

/** Of this process. */
export function measureProcess(): ProcessStats {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
}
