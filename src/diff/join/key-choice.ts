/**
 * Which key the two sides have in common. Lines themselves decide it: that a line has a unique id says nothing as long as
 * the other side has other ones (a proxy before the mirror gives its own).
 */

import type { CorrelationKey } from '../model.ts';
import { type IdKind, NO_KEY } from './ids.ts';

export type Key = Exclude<CorrelationKey, 'none'>;

/** Best first. */
export const KEYS: readonly Key[] = ['unique-id', 'traceparent', 'pid+sid'];

/** Best first: the same trace and parent id is the same request; of a trace alone there may be several. */
const KINDS: readonly IdKind[] = ['unique-id', 'span', 'trace', 'pid+sid'];

export function keyOfKind(kind: IdKind): Key {
  return kind === 'span' || kind === 'trace' ? 'traceparent' : kind;
}

/** The kinds that `--key` allows, best first. */
export function kindsOf(wanted: 'auto' | Key): IdKind[] {
  return KINDS.filter((kind) => wanted === 'auto' || wanted === keyOfKind(kind));
}

/**
 * The best of the kinds by which so many requests pair; undefined where there is none.
 *
 * @param common requests with an id of their own that is on both sides
 */
export function chooseCommon(
  kinds: readonly IdKind[],
  common: (kind: IdKind) => number,
  enough = 1,
): IdKind | undefined {
  const found = kinds.find((kind) => common(kind) >= enough);
  // Where a proxy between gives requests a parent id of its own, it is the trace that both sides have.
  return found === 'span' && common('trace') > common('span') ? 'trace' : found;
}

/** What to pair by where no id is on both sides; undefined where nothing was asked for and no kind is known to both. */
export function chooseWithoutCommon(
  kinds: readonly IdKind[],
  wanted: 'auto' | Key,
  isKnown: (kind: IdKind, side: 'production' | 'mirror') => boolean,
): IdKind | undefined {
  const onBoth = kinds.find((kind) => isKnown(kind, 'production') && isKnown(kind, 'mirror'));
  if (onBoth !== undefined || wanted === 'auto') return onBoth;
  return kinds.find((kind) => isKnown(kind, 'production')) ?? kinds[0];
}

/** Ids as small numbers: the same number on all sides is the same request; NO_KEY for a line that does not tell. */
export interface NumberedIds {
  readonly production: Int32Array;
  /** By destination. */
  readonly mirrors: readonly Int32Array[];
  /** All are below. */
  readonly bound: number;
}

/** The ids of the lines of a side, as they are. */
export interface SideIds<V> {
  readonly length: number;
  /** Undefined for a line that does not tell. */
  readonly at: (line: number) => V | undefined;
}

export function numberIds<V>(production: SideIds<V>, mirrors: readonly SideIds<V>[]): NumberedIds {
  const numbers = new Map<V, number>();
  const [first, ...others] = [production, ...mirrors].map(({ length, at }) => {
    const ids = new Int32Array(length).fill(NO_KEY);
    for (let line = 0; line < length; line++) {
      const id = at(line);
      if (id === undefined) continue;
      const known = numbers.get(id) ?? numbers.size;
      if (known === numbers.size) numbers.set(id, known);
      ids[line] = known;
    }
    return ids;
  }) as [Int32Array, ...Int32Array[]];
  return { production: first, mirrors: others, bound: numbers.size };
}

/** Requests with an id of their own that is on both sides. */
export function countCommon({ production, mirrors, bound }: NumberedIds): number {
  const inMirror = new Uint8Array(bound);
  for (const ids of mirrors) for (const id of ids) if (id !== NO_KEY) inMirror[id] = 1;
  const asked = countUses(production, bound);
  let count = 0;
  for (const id of production) if (id !== NO_KEY && asked[id] === 1 && inMirror[id] === 1) count++;
  return count;
}

/** By id: 0, 1, or 2 for more. */
export function countUses(ids: Int32Array, bound: number): Uint8Array {
  const uses = new Uint8Array(bound);
  for (const id of ids) if (id !== NO_KEY && (uses[id] as number) < 2) uses[id] = (uses[id] as number) + 1;
  return uses;
}
