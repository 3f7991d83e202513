/**
 * What TLS on the way to a destination costs beyond reason makes its next handshake wait, in proportion: the event loop in which
 * HAProxy waits for its ACKs has most of its time for other things then, however often the destination closes its connections.
 */
export type TlsProblem =
  /** Milliseconds of the event loop that checking the certificates of one handshake took. */
  | { readonly kind: 'certificates'; readonly costMs: number; readonly waitMs: number }
  /** Messages of TLS that carry no data: session tickets, updates of keys. */
  | { readonly kind: 'flood'; readonly waitMs: number }
  /** A connection came to nothing, or ended: what Node or OpenSSL calls it. */
  | { readonly kind: 'failed'; readonly code: string };

/** So many times what it cost. */
const PROPORTION = 100;
const MAX_WAIT_MS = 60_000;
/** Whoever floods does it on purpose, or is broken: at least so long. */
const FLOOD_WAIT_MS = 10_000;
/** After so long without it, it is news again. */
const FORGIVE_MS = 300_000;

/** Of one destination. */
export class TlsRest {
  readonly #onProblem: (problem: TlsProblem) => void;
  readonly #now: () => number;
  readonly #failures = new Set<string>();
  #untilMs = 0;
  #newsAfterMs = 0;

  /** @param onProblem told once an episode */
  constructor(onProblem: (problem: TlsProblem) => void = () => undefined, now: () => number = () => performance.now()) {
    this.#onProblem = onProblem;
    this.#now = now;
  }

  /** How long no handshake shall begin from now on; 0 when one may. */
  get waitMs(): number {
    return Math.max(0, this.#untilMs - this.#now());
  }

  /** It did that lately: more than one connection to it at once would cost as many times. */
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

  /** @param code told once */
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
