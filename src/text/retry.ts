/** The policy of retries: full jitter with growing waits, never before the other side allows it. */

export interface RetryPolicy {
  /** The first wait is random below this; then twice as much, and so on. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** How long retries go on, in ms; 0 retries nothing. */
  readonly forMs: number;
}

export const RETRY: RetryPolicy = { firstMs: 1000, mostMs: 30_000, forMs: 300_000 };

/** Time and random numbers, injected for tests. */
export interface Clock {
  /** A clock in ms. Only differences count, but for Retry-After dates, which want epoch ms. */
  now(): number;
  /** Waits; ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A random number in [0, 1). */
  random(): number;
}

/** The wait before the n-th repetition, from 0 on. */
export function backoffMs({ firstMs, mostMs }: RetryPolicy, attempt: number, random: number): number {
  return random * Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
}
