import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './retry.ts';

/** Real time and chance. */
export const systemClock: Clock = {
  // Never goes back, and is epoch ms all the same.
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  random: Math.random,
};
