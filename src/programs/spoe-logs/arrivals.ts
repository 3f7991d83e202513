/** The times at which the last event, line and request arrived: their own times count only for what was there before. */
import type { LineTally } from '../../logs/tally.ts';
import type { PresentAges } from '../../report/screen-verdict.ts';
import type { Aggregator } from '../../stats/aggregator.ts';
import type { MirrorRecordTally } from '../../stats/mirror-tally.ts';
import type { Present } from '../../stats/silence.ts';

/** The least bytes of one read that count as a backlog, which was there before. */
const BACKLOG_BYTES = 64 * 1024;
/** So long after such a read more of the backlog may come. */
const POURING_MS = 1000;

/** The inputs that are read while they are written. */
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

  /** Looks whether something has arrived. */
  note(): void {
    const { log, record } = this.#inputs;
    const now = this.#now();
    let hasEvents = false;
    if (log !== undefined) {
      const { bytes, lines } = log.tally;
      const { events, duplicates, filtered, window, recent } = log.aggregator;
      const came = this.#log.take(bytes, now);
      // What a clock that is ahead has written did not come now for that.
      const lastEvent = () => (window !== undefined && window.to > now ? recent.latestUpTo(now) : window?.to);
      hasEvents = this.#events.note(events + duplicates + filtered, () => came(lastEvent()));
      // The last lines are looked at only when somebody asks.
      this.#lines.note(lines, () => {
        const { lastRequest } = log.tally;
        const isKnown = lastRequest !== null && lastRequest <= now;
        return Math.max(came(isKnown ? lastRequest : lastEvent()), this.#events.ms ?? 0);
      });
    }
    if (record !== undefined) {
      const came = this.#record.take(record.read.bytes, now);
      const { window } = record.tally;
      const isAnswered = this.#requests.note(record.tally.requests, () => came(window?.to));
      if (isAnswered) this.#firstUnansweredMs = null;
      else if (hasEvents) this.#firstUnansweredMs ??= now;
    }
  }

  /** Of a backlog that is still read, the last one has not come yet: nothing is silent by it. */
  get present(): Present {
    const { log, record } = this.#inputs;
    const nowMs = this.#now();
    const lastMs = ({ ms }: Newest, read: Growth) => (ms !== null && read.pours(nowMs) ? nowMs : ms);
    return {
      nowMs,
      lastEventMs: lastMs(this.#events, this.#log),
      lastLineMs: lastMs(this.#lines, this.#log),
      ...(record && { lastRequestMs: lastMs(this.#requests, this.#record) }),
      ...(log && record && { firstUnansweredMs: this.#firstUnansweredMs }),
    };
  }

  get ages(): PresentAges {
    const { log, record } = this.#inputs;
    const nowMs = this.#now();
    const age = ({ ms }: Newest) => (ms === null ? null : Math.max(0, nowMs - ms));
    return {
      ...(log && { eventMs: age(this.#events), lineMs: age(this.#lines) }),
      ...(record && { requestMs: age(this.#requests) }),
    };
  }
}

/** Tells the backlog of an input, which is as old as its own times, from what was appended since. */
class Growth {
  #bytes = 0;
  #isBacklog = true;
  /** When so much of it came at once for the last time, epoch ms. */
  #pouredMs = Number.NEGATIVE_INFINITY;

  /** Whether more of a backlog may come. */
  pours(nowMs: number): boolean {
    return nowMs - this.#pouredMs < POURING_MS;
  }

  /** Notes the bytes so far; returns the function from the time in a line to the time of its arrival, both epoch ms. */
  take(bytes: number, nowMs: number): (ms: number | undefined) => number {
    const fresh = bytes - this.#bytes;
    // The rest of a backlog may be short.
    const isBacklog = this.#isBacklog || fresh >= BACKLOG_BYTES;
    if (fresh > 0) this.#isBacklog = fresh >= BACKLOG_BYTES;
    if (fresh >= BACKLOG_BYTES) this.#pouredMs = nowMs;
    this.#bytes = bytes;
    return (ms = nowMs) => (isBacklog ? Math.min(nowMs, ms) : nowMs);
  }
}

/** The arrival of the newest of one kind of counted things. */
class Newest {
  #ms: number | null = null;
  #came: (() => number) | undefined;
  #count = 0;

  /** Notes the count; `came` returns when the newest one arrived, in epoch ms. True when the count has changed. */
  note(count: number, came: () => number): boolean {
    const isNew = count !== this.#count;
    if (isNew) this.#came = came;
    this.#count = count;
    return isNew;
  }

  /** The arrival in epoch ms; null before the first. */
  get ms(): number | null {
    if (this.#came !== undefined) this.#ms = this.#came();
    this.#came = undefined;
    return this.#ms;
  }
}
