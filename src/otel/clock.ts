import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../text/retry.ts';

/** The real clock and random numbers. */
export const systemClock: Clock = {
  // Epoch ms that never go back.
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  random: Math.random,
};
