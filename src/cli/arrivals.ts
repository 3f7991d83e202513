/** When the last event and the last line came: a log's own times tell that only for what was there before. */
import type { LineTally } from '../logs/tally.ts';
import type { PresentAges } from '../report/screen-verdict.ts';
import type { Aggregator } from '../stats/aggregator.ts';
import type { Present } from '../stats/silence.ts';

/** As much at once was there already. */
const BACKLOG_BYTES = 64 * 1024;

export class Arrivals {
  readonly #now: () => number;
  readonly #aggregator: Aggregator;
  readonly #tally: LineTally;
  #bytes = 0;
  #lines = 0;
  #events = 0;
  #lastLineMs: number | null = null;
  #lastEventMs: number | null = null;

  constructor(aggregator: Aggregator, tally: LineTally, now: () => number = Date.now) {
    this.#aggregator = aggregator;
    this.#tally = tally;
    this.#now = now;
  }

  /** Something may have come. */
  note(): void {
    const { bytes, lines, lastRequest } = this.#tally;
    const { events, duplicates, filtered, window } = this.#aggregator;
    const isBacklog = this.#lines === 0 || bytes - this.#bytes >= BACKLOG_BYTES;
    const seen = events + duplicates + filtered;
    const now = this.#now();
    const came = (ms: number | null | undefined) => (isBacklog ? Math.min(now, ms ?? now) : now);
    if (seen !== this.#events) this.#lastEventMs = came(window?.to);
    if (lines !== this.#lines) this.#lastLineMs = Math.max(came(lastRequest ?? window?.to), this.#lastEventMs ?? 0);
    [this.#bytes, this.#lines, this.#events] = [bytes, lines, seen];
  }

  get present(): Present {
    return { nowMs: this.#now(), lastEventMs: this.#lastEventMs, lastLineMs: this.#lastLineMs };
  }

  get ages(): PresentAges {
    const { nowMs, lastEventMs, lastLineMs } = this.present;
    const age = (ms: number | null) => (ms === null ? null : Math.max(0, nowMs - ms));
    return { eventMs: age(lastEventMs), lineMs: age(lastLineMs) };
  }
}
