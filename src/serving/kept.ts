/**
 * A value that is made of something that grows, kept for all who ask in the meantime, with the version of what it was made of: a
 * page that says another version than its own is taken for newer than it is.
 */

export interface KeptOptions<Value> {
  /** The version of what the value is made of: it grows with that. */
  readonly version: () => number;
  readonly make: (version: number) => Value;
  /** The most of the time that making may take while it grows, as a ratio; as much as it takes without it. */
  readonly share?: number;
  /** The age from which on a value is made anew though nothing grew: ages and silence show without that. Ms; none without it. */
  readonly staleMs?: number;
  /** Ms of a clock that nobody sets. */
  readonly now: () => number;
}

export interface KeptValue<Value> {
  readonly value: Value;
  /** The version that the value was made of. */
  readonly version: number;
}

interface Made<Value> extends KeptValue<Value> {
  readonly atMs: number;
  readonly tookMs: number;
}

export class Kept<Value> {
  readonly #options: KeptOptions<Value>;
  #made: Made<Value> | undefined;

  constructor(options: KeptOptions<Value>) {
    this.#options = options;
  }

  /** @param freshMs what is younger is told though more has come since */
  get(freshMs: number): KeptValue<Value> {
    const made = this.#made;
    if (made !== undefined && !this.#isOver(made, freshMs)) return made;
    const { version: versionNow, make, now } = this.#options;
    const version = versionNow();
    const beganMs = now();
    const value = make(version);
    const atMs = now();
    const next = { value, version, atMs, tookMs: atMs - beganMs };
    this.#made = next;
    return next;
  }

  /** The version that who asks now gets, without making it. */
  versionFor(freshMs: number): number {
    const made = this.#made;
    return made === undefined || this.#isOver(made, freshMs) ? this.#options.version() : made.version;
  }

  /** A value that grew is spared for a while; one that did not is kept until it is stale. */
  #isOver({ version, atMs, tookMs }: Made<Value>, freshMs: number): boolean {
    const { version: versionNow, share, staleMs = Number.POSITIVE_INFINITY, now } = this.#options;
    const age = now() - atMs;
    const sparedMs = Math.max(freshMs, share === undefined ? 0 : tookMs / share);
    return age >= (versionNow() === version ? Math.max(sparedMs, staleMs) : sparedMs);
  }
}
