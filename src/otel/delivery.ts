/**
 * Delivers batchs so that nothing is lost without being counted: every item ends as exported, rejected or failed.
 *
 * | answer | |
 * |---|---|
 * | taken | exported; what a partial success rejects is rejected |
 * | try again | after a wait, until it has taken too long: then failed |
 * | too large | halved, down to one span, which is rejected |
 * | refused | halved to find the span that is the reason, which is rejected |
 * | failed | failed |
 * | fatal | failed, and everything stops |
 */

import { backoffMs, type Clock, type RetryPolicy } from '../text/retry.ts';
import type { Answer, Transport } from './answer.ts';
import type { Batch, Signal } from './batch.ts';
import type { OtelErrorCode } from './errors.ts';
import type { DeliveryCounts, DeliveryReport } from './export-report.ts';

/** The answer because of which nothing more is sent. */
export interface DeliveryStop {
  readonly code: OtelErrorCode;
  readonly endpoint: string;
  readonly reason: string;
  readonly hint: string;
}

export interface DeliveryOptions {
  readonly transports: { readonly [signal in Signal]?: Transport };
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  /** The callback for a stop, called at most once. */
  readonly onStop: (stop: DeliveryStop) => void;
}

/** After so many single refusals without one span taken, the rest of a batch is not tried one by one. */
const HOPELESS_REFUSALS = 32;

const INTERRUPTED = 'interrupted before they were delivered';

/** State of one batch while parts of it are delivered. */
interface Progress {
  taken: number;
  refusals: number;
}

export class Delivery {
  readonly counts: { readonly [signal in Signal]: DeliveryCounts } = {
    traces: { exported: 0, rejected: 0, failed: 0, retried: 0 },
    metrics: { exported: 0, rejected: 0, failed: 0, retried: 0 },
  };
  readonly #options: DeliveryOptions;
  readonly #reasons: { rejected?: string; failed?: string; retried?: string } = {};
  #alarm = new AbortController();
  #isStopped = false;
  /** When everything that is not delivered is given up. */
  #deadline = Number.POSITIVE_INFINITY;
  /** Before this moment nothing is sent, as the collector asked. */
  #notBefore = 0;
  #lastAnswer: number;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#lastAnswer = options.clock.now();
  }

  get report(): DeliveryReport {
    return { ...this.counts, reasons: this.#reasons };
  }

  /** True after a fatal answer, or when nothing was delivered for as long as is tried. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The user waits: what waits for another attempt makes it now, and all ends after so long. */
  hurry(forMs: number): void {
    this.#deadline = Math.min(this.#deadline, this.#options.clock.now() + forMs);
    this.#wake();
  }

  /** Delivers a batch and counts what came of its items. Never throws. */
  async deliver(batch: Batch): Promise<void> {
    await this.#deliverRange(batch, 0, batch.size, { taken: 0, refusals: 0 });
    batch.release();
  }

  /** Items that will not be sent. */
  countFailed(signal: Signal, items: number): void {
    this.counts[signal].failed += items;
  }

  async #deliverRange(batch: Batch, from: number, to: number, progress: Progress): Promise<void> {
    const counts = this.counts[batch.signal];
    const answer = await this.#sendUntilAnswered(batch, from, to);
    const size = to - from;
    switch (answer.kind) {
      case 'accepted': {
        const rejected = Math.min(size, answer.rejected);
        counts.exported += size - rejected;
        counts.rejected += rejected;
        progress.taken += size - rejected;
        if (answer.message !== '' || rejected > 0) this.#reasons.rejected = answer.message || 'no reason given';
        return;
      }
      case 'too-large':
      case 'refused': {
        const hopeless = progress.taken === 0 && progress.refusals >= HOPELESS_REFUSALS;
        if (size > 1 && !hopeless) {
          const middle = from + (size >> 1);
          await this.#deliverRange(batch, from, middle, progress);
          await this.#deliverRange(batch, middle, to, progress);
          return;
        }
        progress.refusals += 1;
        counts.rejected += size;
        this.#reasons.rejected = answer.reason;
        return;
      }
      default:
        counts.failed += size;
        this.#reasons.failed = answer.reason;
        if (answer.kind === 'fatal') this.#stop(batch.signal, answer);
    }
  }

  #stop(signal: Signal, { code, reason, hint }: Omit<DeliveryStop, 'endpoint'>): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#wake();
    this.#options.onStop({ code, endpoint: this.#options.transports[signal]?.endpoint ?? '', reason, hint });
  }

  #wake(): void {
    this.#alarm.abort();
    this.#alarm = new AbortController();
  }

  /** Sends, and again after `retry` answers, until there is another answer or it has taken too long. */
  async #sendUntilAnswered(batch: Batch, from: number, to: number): Promise<Answer> {
    const { clock, retry, transports } = this.#options;
    const transport = transports[batch.signal] as Transport;
    const begun = clock.now();
    for (let attempt = 0; ; attempt++) {
      await this.#waitUntil(this.#notBefore);
      if (clock.now() >= this.#deadline) this.#isStopped = true;
      if (this.isStopped) return { kind: 'failed', reason: this.#reasons.failed ?? INTERRUPTED };
      if (attempt > 0) this.counts[batch.signal].retried += 1;
      const answer = await transport.send(batch.encode(from, to), this.#deadline - clock.now());
      const now = clock.now();
      if (answer.kind !== 'retry') {
        this.#lastAnswer = now;
        return answer;
      }
      this.#reasons.retried = answer.reason;
      const { afterMs = 0 } = answer;
      const waitMs = Math.max(afterMs, backoffMs(retry, attempt, clock.random()));
      const givesUpAt = Math.min(begun + retry.forMs, this.#deadline);
      if (now + afterMs > givesUpAt || now >= givesUpAt) return this.#giveUp(batch.signal, answer.reason, now);
      this.#notBefore = Math.max(this.#notBefore, now + afterMs);
      await this.#waitUntil(Math.min(now + waitMs, givesUpAt));
    }
  }

  /** Gives a range up. When nothing at all was answered for so long, the next batch would wait in vain, so delivery stops. */
  #giveUp(signal: Signal, reason: string, now: number): Answer {
    if (now - this.#lastAnswer >= this.#options.retry.forMs)
      this.#stop(signal, {
        code: 'collector-unavailable',
        reason,
        hint: 'see that the collector runs, or wait longer with --retry-for',
      });
    return { kind: 'failed', reason: now >= this.#deadline ? INTERRUPTED : reason };
  }

  async #waitUntil(moment: number): Promise<void> {
    const { clock } = this.#options;
    const alarm = this.#alarm.signal;
    for (let left = moment - clock.now(); left > 0 && !alarm.aborted; left = moment - clock.now()) {
      await clock.sleep(left, alarm);
    }
  }
}
