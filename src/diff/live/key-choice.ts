/**
 * Which key the two sides have in common. As in the comparison of whole files, lines themselves decide it: that a line
 * has a unique id says nothing as long as the other side has other ones (a proxy before the mirror gives its own).
 */
import type { CorrelationKey, DiffSettings } from '../model.ts';
import { KEYS, type Key } from '../pairing.ts';
import type { Keys } from './keys.ts';

/** Requests that pair by a key before it is taken for the one: a single one may share its id with a later one. */
const SEVERAL = 10;

/** How sure one has to be. */
export type Certainty = 'now' | 'due' | 'last';

export class KeyChoice {
  readonly #wanted: DiffSettings['key'];
  /** What lines of each side have, whether it is on the other side or not. */
  readonly #production = new Set<Key>();
  readonly #mirror = new Set<Key>();
  #mirrorHasHost = false;
  #hasMirror = false;
  #chosen: Key | undefined;
  #column: keyof Keys = 'uniqueId';

  constructor(wanted: DiffSettings['key']) {
    this.#wanted = wanted;
    // With or without the host is for the lines to say.
    if (wanted !== 'auto' && wanted !== 'pid+sid') this.#choose(wanted);
  }

  get isMade(): boolean {
    return this.#chosen !== undefined;
  }

  /** Once it is made: what the line is joined by; empty where it has no such key. */
  keyOf(keys: Keys): string {
    return keys[this.#column];
  }

  /** What a report says: `none` when both sides were there with nothing to pair them by. */
  get reported(): CorrelationKey {
    if (this.#chosen !== undefined) return this.#chosen;
    const known = KEYS.filter((key) => this.#production.has(key) && (this.#mirror.has(key) || !this.#hasMirror));
    return this.#wanted === 'auto' ? (known[0] ?? 'none') : this.#wanted;
  }

  addProduction(keys: Keys): void {
    note(this.#production, keys);
  }

  addMirror(keys: Keys): void {
    this.#hasMirror = true;
    note(this.#mirror, keys);
    if (keys.stream !== keys.hostless) this.#mirrorHasHost = true;
  }

  /**
   * Makes the choice if the waiting lines allow it. `now`: only the best key can be seen to be the one, by several
   * requests; `due`: lines have waited for as long as they may, so that nothing better is to be expected; `last`:
   * nothing more comes.
   */
  decide(production: Iterable<Keys>, mirror: Iterable<Keys>, certainty: Certainty): void {
    const [before, after] = [[...production], [...mirror]];
    const candidates = KEYS.filter((key) => this.#wanted === 'auto' || this.#wanted === key);
    const [tried, enough] = certainty === 'now' ? [candidates.slice(0, 1), SEVERAL] : [candidates, 1];
    const common = tried.find((key) => countCommon(this.#columnOf(key), before, after) >= enough);
    if (common !== undefined) this.#choose(common);
    else if (certainty === 'last') {
      const onBoth = candidates.find((key) => this.#production.has(key) && this.#mirror.has(key));
      if (onBoth !== undefined || this.#wanted !== 'auto') this.#choose(onBoth ?? (this.#wanted as Key));
    }
  }

  #choose(key: Key): void {
    this.#chosen = key;
    this.#column = this.#columnOf(key);
  }

  #columnOf(key: Key): keyof Keys {
    if (key === 'pid+sid') return this.#mirrorHasHost ? 'stream' : 'hostless';
    return key === 'unique-id' ? 'uniqueId' : 'traceId';
  }
}

/** Requests with an id of their own that is on both sides. */
function countCommon(column: keyof Keys, production: readonly Keys[], mirror: readonly Keys[]): number {
  const uses = new Map<string, number>();
  for (const { [column]: id } of production) if (id !== '') uses.set(id, (uses.get(id) ?? 0) + 1);
  const ids = new Set(mirror.map((keys) => keys[column]));
  let count = 0;
  for (const [id, times] of uses) if (times === 1 && ids.has(id)) count++;
  return count;
}

function note(seen: Set<Key>, { uniqueId, traceId, stream }: Keys): void {
  if (uniqueId !== '') seen.add('unique-id');
  if (traceId !== '') seen.add('traceparent');
  if (stream !== '') seen.add('pid+sid');
}
