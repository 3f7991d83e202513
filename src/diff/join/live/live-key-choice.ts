/**
 * The key of two logs that grow: it is chosen as soon as the lines that wait are enough to tell, and not changed any more.
 */

import type { CorrelationKey, DiffSettings } from '../../model.ts';
import type { IdCounts } from '../../pairing-warnings.ts';
import type { IdKind } from '../ids.ts';
import { chooseCommon, chooseWithoutCommon, countCommon, keyOfKind, kindsOf, numberIds } from '../key-choice.ts';
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

  /**
   * What a report says: `none` when both sides were there with nothing to pair them by.
   * @param isEnded nothing more comes: a side without a line has none
   */
  reported(isEnded: boolean): CorrelationKey {
    if (this.#chosen !== undefined) return keyOfKind(this.#chosen);
    if (this.#wanted !== 'auto') return this.#wanted;
    const known = kindsOf('auto').find(
      (kind) =>
        (this.#production.has(kind) || (!isEnded && this.#production.lines === 0)) &&
        (this.#mirror.has(kind) || this.#mirror.lines === 0),
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
    const common = (kind: IdKind) => {
      const column = this.#columnOf(kind);
      const of = (lines: readonly Keys[]) => ({
        length: lines.length,
        at: (line: number) => lines[line]?.[column] || undefined,
      });
      return countCommon(numberIds(of(before), [of(after)]));
    };
    const [tried, enough] = certainty === 'now' ? [kinds.slice(0, 1), SEVERAL] : [kinds, 1];
    const isKnown = (kind: IdKind, side: 'production' | 'mirror') =>
      (side === 'production' ? this.#production : this.#mirror).has(kind);
    const found = chooseCommon(tried, common, enough);
    const chosen = found ?? (certainty === 'last' ? chooseWithoutCommon(kinds, this.#wanted, isKnown) : undefined);
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
