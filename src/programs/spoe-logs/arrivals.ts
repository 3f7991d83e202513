/** When the last event, line and request came: their own times tell that only of what was there before. */
import type { LineTally } from '../../logs/tally.ts';
import type { PresentAges } from '../../report/screen-verdict.ts';
import type { Aggregator } from '../../stats/aggregator.ts';
import type { MirrorRecordTally } from '../../stats/mirror-tally.ts';
import type { Present } from '../../stats/silence.ts';

/** As much at once was there already. */
const BACKLOG_BYTES = 64 * 1024;

/** What is read while it is written. */
export interface LiveInputs {
  readonly log?: { readonly aggregator: Aggregator; readonly tally: LineTally } | undefined;
  /** The agent's record; `read` counts its bytes. */
  readonly record?: { readonly tally: MirrorRecordTally; readonly read: LineTally } | undefined;
}

export class Arrivals {
  readonly #inputs: LiveInputs;
  readonly #now: () => number;
  readonly #log = new Growth();
  readonly #record = new Growth();
  readonly #events = new Newest();
  readonly #lines = new Newest();
  readonly #requests = new Newest();
  #firstUnansweredMs: number | null = null;

  constructor(inputs: LiveInputs, now: () => number = Date.now) {
    this.#inputs = inputs;
    this.#now = now;
  }

  /** Something may have come. */
  note(): void {
    const { log, record } = this.#inputs;
    const now = this.#now();
    let hasEvents = false;
    if (log !== undefined) {
      const { bytes, lines } = log.tally;
      const { events, duplicates, filtered, window } = log.aggregator;
      const came = this.#log.take(bytes, now);
      hasEvents = this.#events.note(events + duplicates + filtered, () => came(window?.to));
      // The last lines are looked at only when somebody asks.
      this.#lines.note(lines, () => Math.max(came(log.tally.lastRequest ?? window?.to), this.#events.ms ?? 0));
    }
    if (record !== undefined) {
      const came = this.#record.take(record.read.bytes, now);
      const { window } = record.tally;
      const isAnswered = this.#requests.note(record.tally.requests, () => came(window?.to));
      if (isAnswered) this.#firstUnansweredMs = null;
      else if (hasEvents) this.#firstUnansweredMs ??= now;
    }
  }

  get present(): Present {
    const { log, record } = this.#inputs;
    return {
      nowMs: this.#now(),
      lastEventMs: this.#events.ms,
      lastLineMs: this.#lines.ms,
      ...(record && { lastRequestMs: this.#requests.ms }),
      ...(log && record && { firstUnansweredMs: this.#firstUnansweredMs }),
    };
  }

  get ages(): PresentAges {
    const { nowMs, lastEventMs, lastLineMs, lastRequestMs } = this.present;
    const age = (ms: number | null) => (ms === null ? null : Math.max(0, nowMs - ms));
    return {
      ...(this.#inputs.log && { eventMs: age(lastEventMs), lineMs: age(lastLineMs) }),
      ...(lastRequestMs !== undefined && { requestMs: age(lastRequestMs) }),
    };
  }
}

/** Tells what an input held already, which is as old as it says, from what came to it since. */
class Growth {
  #bytes = 0;
  #isBacklog = true;

  /** From the time that something bears to when it came, both epoch ms. */
  take(bytes: number, nowMs: number): (ms: number | undefined) => number {
    const fresh = bytes - this.#bytes;
    // The rest of a backlog may be short.
    const isBacklog = this.#isBacklog || fresh >= BACKLOG_BYTES;
    if (fresh > 0) this.#isBacklog = fresh >= BACKLOG_BYTES;
    this.#bytes = bytes;
    return (ms = nowMs) => (isBacklog ? Math.min(nowMs, ms) : nowMs);
  }
}

/** Of one kind of thing that is counted. */
class Newest {
  #ms: number | null = null;
  #came: (() => number) | undefined;
  #count = 0;

  /** `came` tells when the newest one came, in epoch ms. True when something came. */
  note(count: number, came: () => number): boolean {
    const isNew = count !== this.#count;
    if (isNew) this.#came = came;
    this.#count = count;
    return isNew;
  }

  /** Epoch ms; null before the first. */
  get ms(): number | null {
    if (this.#came !== undefined) this.#ms = this.#came();
    this.#came = undefined;
    return this.#ms;
  }
}
