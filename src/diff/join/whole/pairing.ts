/** Which line of the mirror answers which request of production. Never by time and path: only by what identifies it. */

import type { CorrelationKey } from '../../model.ts';
import { isMirrorError, type Rules } from '../../rules.ts';
import { NO_STRAYS, type Strays } from '../../strays.ts';
import { NO_TEXT } from '../../text-table.ts';
import { TimeSpan } from '../../time-span.ts';
import { type Attempt, Attempts, standing } from '../attempts.ts';
import { type IdKind, NO_KEY } from '../ids.ts';
import {
  chooseCommon,
  chooseWithoutCommon,
  countCommon,
  countUses,
  type Key,
  keyOfKind,
  kindsOf,
  type NumberedIds,
  numberIds,
} from '../key-choice.ts';
import type { MirrorAnswers, ProductionRequests } from './request-columns.ts';
import type { KeyColumns } from './request-ids.ts';

/** Marks of `answerOf` besides the number of a line of the mirror. */
export const NO_ANSWER = -1;
export const WITHOUT_KEY = -2;
export const AMBIGUOUS = -3;
/** This and what is below: the agent dropped the request, as the line of the mirror says whose number is added (droppedRow). */
const DROPPED = -4;

export interface Pairing {
  readonly key: CorrelationKey;
  /** What of the key; undefined when there is none. */
  readonly kind: IdKind | undefined;
  /** For each request of production: the line of the mirror that answers it, or one of the marks. */
  readonly answerOf: Int32Array;
  readonly withoutId: number;
  /** Lines of the mirror whose id no request of production has. */
  readonly unknownIds: Int32Array;
  /** Ids with several different answers. */
  readonly retriedIds: number;
  /** By the line of the mirror that counts, how many answers there are of its id; absent for one. */
  readonly attempts: ReadonlyMap<number, number>;
  /** Another key that would have paired more requests. */
  readonly better: Key | undefined;
  readonly strays: Strays;
}

/** The line of the mirror that says why a request never reached it; undefined for any other mark. */
export function droppedRow(answer: number): number | undefined {
  return answer <= DROPPED ? DROPPED - answer : undefined;
}

/** What requests are paired by: the same for all destinations, which the same agent writes about. */
export interface ChosenKey {
  readonly kind: IdKind | undefined;
  readonly ids: NumberedIds | undefined;
  readonly better: Key | undefined;
}

export function chooseKey(
  production: ProductionRequests,
  mirrors: readonly MirrorAnswers[],
  wanted: 'auto' | Key,
): ChosenKey {
  const kinds = kindsOf(wanted);
  const found = new Map(
    kinds.map((kind) => {
      const ids = once(() => idsOf(kind, production, mirrors));
      return [kind, { ids, common: once(() => countCommon(ids())) }] as const;
    }),
  );
  const idsBy = (kind: IdKind) => found.get(kind)?.ids() as NumberedIds;
  const common = (kind: IdKind) => found.get(kind)?.common() ?? 0;
  const isKnown = (kind: IdKind, side: 'production' | 'mirror') => {
    const ids = idsBy(kind);
    return side === 'production' ? ids.production.some(isKey) : ids.mirrors.some((own) => own.some(isKey));
  };
  const kind = chooseCommon(kinds, common) ?? chooseWithoutCommon(kinds, wanted, isKnown);
  if (kind === undefined) return { kind: undefined, ids: undefined, better: undefined };
  const isEnough = isEnoughCommon(common(kind), production.size);
  const better = isEnough ? undefined : kinds.find((other) => common(other) > common(kind));
  return { kind, ids: idsBy(kind), better: better && keyOfKind(better) };
}

/** From this share of production's requests on, no other key is looked for. */
const ENOUGH_COMMON = 0.9;

export function isEnoughCommon(common: number, requests: number): boolean {
  return common >= ENOUGH_COMMON * requests;
}

/** What nobody asks for is not computed, and what is asked for again not either. */
function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}

export function isKey(id: number): boolean {
  return id !== NO_KEY;
}

/** @param isHostKnown whether any line of the mirror has a host */
export function idsOf(
  kind: IdKind,
  production: ProductionRequests,
  mirrors: readonly MirrorAnswers[],
  isHostKnown?: boolean,
): NumberedIds {
  const sides = mirrors.map(({ keys }) => keys);
  const numbered = (valueAt: (keys: KeyColumns, row: number) => number) => {
    const of = (keys: KeyColumns) => ({
      length: keys.stream.length,
      at: (row: number) => knownOf(valueAt(keys, row)),
    });
    return numberIds(of(production.keys), sides.map(of));
  };
  if (kind === 'span') return numbered((keys, row) => keys.spanAt(row));
  if (kind === 'pid+sid') {
    // Where the mirror's lines have no host, those of production are taken without it too.
    const isWithHost = isHostKnown ?? sides.some(hasHost);
    return numbered((keys, row) => (isWithHost ? keys.stream.at(row) : keys.hostlessAt(row)));
  }
  const column = kind === 'unique-id' ? 'uniqueId' : 'traceId';
  const of = ({ uniqueId: { values, length }, traceId }: KeyColumns) =>
    column === 'uniqueId' ? values.subarray(0, length) : traceId.firstValues(length);
  return { production: of(production.keys), mirrors: sides.map(of), bound: production.keys.tableSize(column) };
}

function knownOf(id: number): number | undefined {
  return id === NO_KEY ? undefined : id;
}

function hasHost(keys: KeyColumns): boolean {
  const { stream } = keys;
  for (let row = 0; row < stream.length; row++) if (stream.at(row) !== keys.hostlessAt(row)) return true;
  return false;
}

/** @param destination its number @param span of all of production, where this is a part of it */
export function pair(
  { kind, ids, better }: ChosenKey,
  production: ProductionRequests,
  mirror: MirrorAnswers,
  destination: number,
  rules: Rules,
  span?: TimeSpan,
): Pairing {
  if (kind === undefined || ids === undefined) return unpaired(production, mirror);
  const own = ids.mirrors[destination] as Int32Array;
  const sides = { production, mirror, ids: { production: ids.production, mirror: own, bound: ids.bound } };
  return { ...join(sides, rules, span), key: keyOfKind(kind), kind, better };
}

function unpaired(production: ProductionRequests, mirror: MirrorAnswers): Pairing {
  return {
    key: 'none',
    kind: undefined,
    answerOf: new Int32Array(production.size).fill(WITHOUT_KEY),
    withoutId: mirror.size,
    unknownIds: new Int32Array(0),
    retriedIds: 0,
    attempts: new Map(),
    better: undefined,
    strays: NO_STRAYS,
  };
}

interface JoinedSides {
  readonly production: ProductionRequests;
  readonly mirror: MirrorAnswers;
  /** The number of each line's id; all are below the bound. */
  readonly ids: { readonly production: Int32Array; readonly mirror: Int32Array; readonly bound: number };
}

function join({ production, mirror, ids }: JoinedSides, rules: Rules, span = spanOf(production)) {
  const strays = { lines: 0, errors: 0 };
  const addStray = (row: number) => {
    if (mirror.isDropped(row) || !span.mayInclude(mirror.time.at(row))) return;
    strays.lines++;
    if (isErrorAt(mirror, row, rules)) strays.errors++;
  };
  const asked = countUses(ids.production, ids.bound);
  const best = new Int32Array(ids.bound).fill(NO_ANSWER);
  const retries = new Retries(mirror, rules);
  const unknown: number[] = [];
  let withoutId = 0;
  for (let row = 0; row < ids.mirror.length; row++) {
    const id = ids.mirror[row] as number;
    if (id === NO_KEY) {
      withoutId++;
      addStray(row);
      continue;
    }
    if (asked[id] === 0) unknown.push(row);
    if (asked[id] !== 1) addStray(row);
    const other = best[id] as number;
    if (other === NO_ANSWER) best[id] = row;
    else {
      const place = standing(mirror.lineAt(row), mirror.lineAt(other));
      if (place === 'beside') retries.add(id, other, row);
      else if (place === 'instead') best[id] = row;
    }
  }
  const retried = retries.finish(best);
  const answerOf = ids.production.map((id) => {
    if (id === NO_KEY) return WITHOUT_KEY;
    if (asked[id] !== 1) return AMBIGUOUS;
    const row = best[id] as number;
    return row >= 0 && mirror.isDropped(row) ? DROPPED - row : row;
  });
  return { answerOf, withoutId, unknownIds: Int32Array.from(unknown), strays, ...retried };
}

function spanOf({ time }: ProductionRequests): TimeSpan {
  const span = new TimeSpan();
  for (let row = 0; row < time.length; row++) span.add(time.at(row));
  return span;
}

function isErrorAt({ status, error }: MirrorAnswers, row: number, { errorStatuses }: Rules): boolean {
  return isMirrorError(status.at(row), error.at(row) !== NO_TEXT, errorStatuses);
}

/** Ids that were answered more than once: rare, unless the mirror is broken. */
class Retries {
  readonly #mirror: MirrorAnswers;
  readonly #rules: Rules;
  readonly #attempts = new Map<number, Attempts<Attempt>>();
  readonly #counts = new Map<number, number>();

  constructor(mirror: MirrorAnswers, rules: Rules) {
    this.#mirror = mirror;
    this.#rules = rules;
  }

  /** @param first the first answer to the request, which is in here from the second on */
  add(id: number, first: number, row: number): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 1) + 1);
    let attempts = this.#attempts.get(id);
    if (attempts === undefined) {
      attempts = new Attempts(this.#rules.mirrorDuplicates);
      attempts.add(this.#attempt(first));
      this.#attempts.set(id, attempts);
    }
    attempts.add(this.#attempt(row));
  }

  /** @param best by id the answer that counts, which gets the one that counts of several */
  finish(best: Int32Array): { readonly retriedIds: number; readonly attempts: ReadonlyMap<number, number> } {
    const counts = new Map<number, number>();
    for (const [id, attempts] of this.#attempts) {
      const { line } = attempts.chosen as Attempt;
      best[id] = line;
      counts.set(line, this.#counts.get(id) as number);
    }
    return { retriedIds: this.#attempts.size, attempts: counts };
  }

  #attempt(row: number): Attempt {
    const { time, status, lineHash, input } = this.#mirror;
    return {
      time: time.at(row),
      status: status.at(row),
      isError: isErrorAt(this.#mirror, row, this.#rules),
      lineHash: lineHash.at(row),
      input: input.at(row),
      line: row,
    };
  }
}
