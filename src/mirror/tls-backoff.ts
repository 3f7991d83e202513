/**
 * TLS to a destination that costs beyond reason makes its next handshake wait, in proportion: the event loop in which
 * HAProxy waits for its ACKs has most of its time for other things then, however often the destination closes its connections.
 */
export type TlsProblem =
  /** Milliseconds of the event loop that checking the certificates of one handshake took. */
  | { readonly kind: 'certificates'; readonly costMs: number; readonly waitMs: number }
  /** TLS messages that carry no data: session tickets, key updates. */
  | { readonly kind: 'flood'; readonly waitMs: number }
  /** A connection that failed or ended, with the code of Node or OpenSSL. */
  | { readonly kind: 'failed'; readonly code: string };

/** The wait as a multiple of the cost. */
const PROPORTION = 100;
const MAX_WAIT_MS = 60_000;
/** The shortest wait after a flood, which is on purpose or of a broken peer. */
const FLOOD_WAIT_MS = 10_000;
/** A problem that was absent for so long is reported again. */
const FORGIVE_MS = 300_000;

/** The pauses before TLS handshakes with one destination. */
export class TlsBackoff {
  readonly #onProblem: (problem: TlsProblem) => void;
  readonly #now: () => number;
  readonly #failures = new Set<string>();
  #untilMs = 0;
  #newsAfterMs = 0;

  /** @param onProblem called once an episode */
  constructor(onProblem: (problem: TlsProblem) => void = () => undefined, now: () => number = () => performance.now()) {
    this.#onProblem = onProblem;
    this.#now = now;
  }

  /** The time from now on in which no handshake may begin; 0 when one may. */
  get waitMs(): number {
    return Math.max(0, this.#untilMs - this.#now());
  }

  /** True after a recent problem: several connections at once would cost as many times as much. */
  get isSuspect(): boolean {
    return this.#now() < this.#newsAfterMs;
  }

  costly(costMs: number): void {
    this.#wait({ kind: 'certificates', costMs, waitMs: inProportion(costMs) });
  }

  /** @param costMs as far as it is known */
  flooded(costMs: number): void {
    this.#wait({ kind: 'flood', waitMs: Math.max(FLOOD_WAIT_MS, inProportion(costMs)) });
  }

  /** @param code reported once */
  failed(code: string): void {
    if (this.#failures.has(code)) return;
    this.#failures.add(code);
    this.#onProblem({ kind: 'failed', code });
  }

  #wait(problem: Exclude<TlsProblem, { kind: 'failed' }>): void {
    const nowMs = this.#now();
    this.#untilMs = Math.max(this.#untilMs, nowMs + problem.waitMs);
    const isNews = nowMs >= this.#newsAfterMs;
    this.#newsAfterMs = this.#untilMs + FORGIVE_MS;
    if (isNews) this.#onProblem(problem);
  }
}

function inProportion(costMs: number): number {
  return Math.min(MAX_WAIT_MS, costMs * PROPORTION);
}
