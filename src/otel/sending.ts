/** Sends one request, and again after answers that ask for it, until its time is over. */

import { backoffMs, type Clock, RETRY } from '../text/retry.ts';
import type { Answer, Transport } from './answer.ts';

/** The end is known from the start, or comes nearer when the program stops. */
export class Deadline {
  readonly #alarm = new AbortController();
  #ms = Number.POSITIVE_INFINITY;

  get ms(): number {
    return this.#ms;
  }

  /** Aborted when it is set: who waits to try again does so now, for the last time. */
  get signal(): AbortSignal {
    return this.#alarm.signal;
  }

  set(ms: number): void {
    this.#ms = Math.min(this.#ms, ms);
    this.#alarm.abort();
  }
}

export interface AttemptLimits {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly timeoutMs: number;
}

/** The last answer; `retry` when there was no time for another attempt. Never throws. */
export async function sendWithin(request: Uint8Array, attempts: AttemptLimits): Promise<Answer> {
  const { transport, clock, deadline, timeoutMs } = attempts;
  const givesUpAt = clock.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const isLast = deadline.signal.aborted;
    const answer = await transport.send(request, Math.min(givesUpAt, deadline.ms) - clock.now());
    if (answer.kind !== 'retry' || isLast) return answer;
    const waitMs = Math.max(answer.afterMs ?? 0, backoffMs(RETRY, attempt, clock.random()));
    if (clock.now() + waitMs >= Math.min(givesUpAt, deadline.ms)) return answer;
    await clock.sleep(waitMs, deadline.signal);
  }
}

/** The reason why a request was not delivered. */
export function reasonOf(answer: Answer): string {
  return answer.kind === 'accepted' ? answer.message || 'no reason given' : answer.reason;
}
