/**
 * Which key the two sides have in common. As in the comparison of whole files, lines themselves decide it: that a line
 * has a unique id says nothing as long as the other side has other ones (a proxy before the mirror gives its own).
 */
import type { IdKind } from '../identity.ts';
import type { CorrelationKey, DiffSettings } from '../model.ts';
import { keyOfKind, kindsOf } from '../pairing.ts';
import type { IdCounts } from '../pairing-warnings.ts';
import type { Keys } from './keys.ts';

/** Requests that pair by a key before it is taken for the one: a single one may share its id with a later one. */
const SEVERAL = 10;

/** How sure one has to be. */
export type Certainty = 'now' | 'due' | 'last';

const COLUMNS: { readonly [kind in Exclude<IdKind, 'pid+sid'>]: keyof Keys } = {
  'unique-id': 'uniqueId',
  span: 'span',
  trace: 'traceId',
};

export class KeyChoice {
  readonly #wanted: DiffSettings['key'];
  /** What lines of each side have, whether it is on the other side or not. */
  readonly #production = new IdTally();
  readonly #mirror = new IdTally();
  #mirrorHasHost = false;
  #chosen: IdKind | undefined;
  #column: keyof Keys = 'uniqueId';

  constructor(wanted: DiffSettings['key']) {
    this.#wanted = wanted;
    // What of a traceparent, and whether with the host, is for the lines to say.
    if (wanted === 'unique-id') this.#choose(wanted);
  }

  get isMade(): boolean {
    return this.#chosen !== undefined;
  }

  /** Undefined until it is made. */
  get kind(): IdKind | undefined {
    return this.#chosen;
  }

  /** Once it is made: what the line is joined by; empty where it has no such key. */
  keyOf(keys: Keys): string {
    return keys[this.#column];
  }

  /** What a report says: `none` when both sides were there with nothing to pair them by. */
  get reported(): CorrelationKey {
    if (this.#chosen !== undefined) return keyOfKind(this.#chosen);
    if (this.#wanted !== 'auto') return this.#wanted;
    const known = kindsOf('auto').find(
      (kind) => this.#production.has(kind) && (this.#mirror.has(kind) || this.#mirror.lines === 0),
    );
    return known === undefined ? 'none' : keyOfKind(known);
  }

  /** How many lines of each side have which id. */
  get ids(): { readonly production: IdCounts; readonly mirror: IdCounts } {
    return { production: this.#production.counts, mirror: this.#mirror.counts };
  }

  addProduction(keys: Keys): void {
    this.#production.add(keys);
  }

  addMirror(keys: Keys): void {
    this.#mirror.add(keys);
    if (keys.stream !== keys.hostless) this.#mirrorHasHost = true;
  }

  /**
   * Makes the choice if the waiting lines allow it. `now`: only the best key can be seen to be the one, by several
   * requests; `due`: lines have waited for as long as they may, so that nothing better is to be expected; `last`:
   * nothing more comes.
   */
  decide(production: Iterable<Keys>, mirror: Iterable<Keys>, certainty: Certainty): void {
    const [before, after] = [[...production], [...mirror]];
    const kinds = kindsOf(this.#wanted);
    const common = (kind: IdKind) => countCommon(this.#columnOf(kind), before, after);
    const [tried, enough] = certainty === 'now' ? [kinds.slice(0, 1), SEVERAL] : [kinds, 1];
    const found = tried.find((kind) => common(kind) >= enough);
    // A proxy between may give requests a parent id of its own: then it is the trace that both sides have.
    if (found === 'span') this.#choose(common('trace') > common('span') ? 'trace' : 'span');
    else if (found !== undefined) this.#choose(found);
    else if (certainty === 'last') this.#chooseLast(kinds);
  }

  /** As chooseKey does it where no id is on both sides. */
  #chooseLast(kinds: readonly IdKind[]): void {
    const onBoth = kinds.find((kind) => this.#production.has(kind) && this.#mirror.has(kind));
    const known = kinds.find((kind) => this.#production.has(kind)) ?? kinds[0];
    const chosen = onBoth ?? (this.#wanted === 'auto' ? undefined : known);
    if (chosen !== undefined) this.#choose(chosen);
  }

  #choose(kind: IdKind): void {
    this.#chosen = kind;
    this.#column = this.#columnOf(kind);
  }

  #columnOf(kind: IdKind): keyof Keys {
    return kind === 'pid+sid' ? (this.#mirrorHasHost ? 'stream' : 'hostless') : COLUMNS[kind];
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

class IdTally {
  lines = 0;
  readonly #of: { [kind in IdKind]: number } = { 'unique-id': 0, span: 0, trace: 0, 'pid+sid': 0 };

  add({ uniqueId, traceId, span, stream }: Keys): void {
    this.lines++;
    if (uniqueId !== '') this.#of['unique-id']++;
    if (span !== '') this.#of.span++;
    if (traceId !== '') this.#of.trace++;
    if (stream !== '') this.#of['pid+sid']++;
  }

  has(kind: IdKind): boolean {
    return this.#of[kind] > 0;
  }

  get counts(): IdCounts {
    const { 'unique-id': uniqueIds, trace, 'pid+sid': streams } = this.#of;
    return { lines: this.lines, 'unique-id': uniqueIds, traceparent: trace, 'pid+sid': streams };
  }
}
