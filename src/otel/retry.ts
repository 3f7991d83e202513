/** When to try again: full jitter, later and later, and never before the collector wants it. */

export interface RetryPolicy {
  /** The first wait is random below this; then twice as much, and so on. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** Given up when it could not be delivered for so long. 0: never tried again. */
  readonly forMs: number;
}

export const RETRY: RetryPolicy = { firstMs: 1000, mostMs: 30_000, forMs: 300_000 };

/** Time and chance, so that tests need neither. */
export interface Clock {
  /** ms; only differences count, but for Retry-After dates, which want epoch ms. */
  now(): number;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

/** The wait before the n-th repetition, from 0 on. */
export function backoffMs({ firstMs, mostMs }: RetryPolicy, attempt: number, random: number): number {
  return random * Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
}
