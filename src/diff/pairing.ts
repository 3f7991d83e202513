/** Which line of the mirror answers which request of production. Never by time and path: only by what identifies it. */
import type { KeyColumns } from './identity.ts';
import { NO_KEY } from './identity.ts';
import type { MirrorAnswers } from './mirror-answers.ts';
import type { CorrelationKey, DuplicatePolicy } from './model.ts';
import type { ProductionRequests } from './production.ts';
import { isMirrorError, type Rules } from './rules.ts';

export type Key = Exclude<CorrelationKey, 'none'>;

/** Best first. */
export const KEYS: readonly Key[] = ['unique-id', 'traceparent', 'pid+sid'];

/** Marks of `answerOf` besides the number of a line of the mirror. */
export const NO_ANSWER = -1;
export const WITHOUT_KEY = -2;
export const AMBIGUOUS = -3;

export interface Pairing {
  readonly key: CorrelationKey;
  /** For each request of production: the line of the mirror that answers it, or one of the marks. */
  readonly answerOf: Int32Array;
  readonly withoutId: number;
  /** Lines of the mirror whose id no request of production has. */
  readonly unknownIds: Int32Array;
  /** Ids with several different lines of the mirror. */
  readonly retriedIds: number;
  /** By the line of the mirror that counts, how many there are of its id; absent for one. */
  readonly attempts: ReadonlyMap<number, number>;
  /** Another key that would have paired more requests. */
  readonly better: Key | undefined;
}

/** The same number on both sides is the same request. */
interface Ids {
  readonly production: Int32Array;
  readonly mirror: Int32Array;
  /** All are below. */
  readonly bound: number;
}

export function pair(
  production: ProductionRequests,
  mirror: MirrorAnswers,
  wanted: 'auto' | Key,
  rules: Rules,
): Pairing {
  const candidates = KEYS.filter((key) => wanted === 'auto' || wanted === key).map((key) => {
    const ids = once(() => idsOf(key, production, mirror));
    return { key, ids, common: once(() => countCommon(ids())) };
  });
  const chosen =
    candidates.find(({ common }) => common() > 0) ??
    candidates.find(({ ids }) => wanted !== 'auto' || (ids().production.some(isKey) && ids().mirror.some(isKey)));
  if (chosen === undefined) return unpaired(production, mirror);
  const isEnough = chosen.common() >= ENOUGH_COMMON * production.size;
  const better = isEnough ? undefined : candidates.find(({ common }) => common() > chosen.common());
  return { ...join(chosen.ids(), mirror, rules), key: chosen.key, better: better?.key };
}

/** From this share of production's requests on, no other key is looked for. */
const ENOUGH_COMMON = 0.9;

/** What nobody asks for is not computed, and what is asked for again not either. */
function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}

function isKey(id: number): boolean {
  return id !== NO_KEY;
}

function unpaired(production: ProductionRequests, mirror: MirrorAnswers): Pairing {
  return {
    key: 'none',
    answerOf: new Int32Array(production.size).fill(WITHOUT_KEY),
    withoutId: mirror.size,
    unknownIds: new Int32Array(0),
    retriedIds: 0,
    attempts: new Map(),
    better: undefined,
  };
}

function idsOf(key: Key, production: ProductionRequests, mirror: MirrorAnswers): Ids {
  if (key === 'pid+sid') return streamIds(production.keys, mirror.keys);
  const column = key === 'unique-id' ? 'uniqueId' : 'traceId';
  const of = ({ keys }: { readonly keys: KeyColumns }) => keys[column].values.subarray(0, keys[column].length);
  return { production: of(production), mirror: of(mirror), bound: production.keys.tableSize(column) };
}

/** Streams as small numbers. Where the mirror's lines have no host, those of production are taken without it too. */
function streamIds(production: KeyColumns, mirror: KeyColumns): Ids {
  const numbers = new Map<number, number>();
  const column = hasHost(mirror) ? 'stream' : 'hostless';
  const dense = ({ [column]: { values, length } }: KeyColumns) => {
    const ids = new Int32Array(length).fill(NO_KEY);
    for (let row = 0; row < length; row++) {
      const value = values[row] as number;
      if (value === NO_KEY) continue;
      const known = numbers.get(value) ?? numbers.size;
      if (known === numbers.size) numbers.set(value, known);
      ids[row] = known;
    }
    return ids;
  };
  return { production: dense(production), mirror: dense(mirror), bound: numbers.size };
}

function hasHost({ stream, hostless }: KeyColumns): boolean {
  for (let row = 0; row < stream.length; row++) if (stream.at(row) !== hostless.at(row)) return true;
  return false;
}

/** Requests with an id of their own that is on both sides. */
function countCommon({ production, mirror, bound }: Ids): number {
  const inMirror = new Uint8Array(bound);
  for (const id of mirror) if (id !== NO_KEY) inMirror[id] = 1;
  const asked = countUses(production, bound);
  let count = 0;
  for (const id of production) if (id !== NO_KEY && asked[id] === 1 && inMirror[id] === 1) count++;
  return count;
}

/** By id: 0, 1, or 2 for more. */
function countUses(ids: Int32Array, bound: number): Uint8Array {
  const uses = new Uint8Array(bound);
  for (const id of ids) if (id !== NO_KEY && (uses[id] as number) < 2) uses[id] = (uses[id] as number) + 1;
  return uses;
}

function join({ production, mirror: ids, bound }: Ids, mirror: MirrorAnswers, rules: Rules) {
  const asked = countUses(production, bound);
  const best = new Int32Array(bound).fill(NO_ANSWER);
  const lines = new Map<number, number>();
  const unknown: number[] = [];
  let withoutId = 0;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] as number;
    if (id === NO_KEY) {
      withoutId++;
      continue;
    }
    if (asked[id] === 0) unknown.push(row);
    const other = best[id] as number;
    if (other === NO_ANSWER) best[id] = row;
    else {
      lines.set(id, (lines.get(id) ?? 1) + 1);
      const [now, before] = [attempt(row, mirror, rules), attempt(other, mirror, rules)];
      if (isPreferred(now, before, rules.mirrorDuplicates)) best[id] = row;
    }
  }
  const answerOf = production.map((id) => {
    if (id === NO_KEY) return WITHOUT_KEY;
    return asked[id] === 1 ? (best[id] as number) : AMBIGUOUS;
  });
  const attempts = new Map([...lines].map(([id, count]) => [best[id] as number, count]));
  return { answerOf, withoutId, unknownIds: Int32Array.from(unknown), retriedIds: lines.size, attempts };
}

/**
 * Which of two answers to the same request counts. Of two in the same moment (whole seconds, in many logs) the worse one,
 * so that the order of lines decides nothing.
 */
export function isPreferred(answer: Attempt, other: Attempt, wanted: DuplicatePolicy): boolean {
  // One whose time is known goes before one of which it is not, or three of them could beat each other in a circle.
  const byKnowledge = Number(Number.isNaN(other.time)) - Number(Number.isNaN(answer.time));
  const byTime = answer.time - other.time || 0;
  const byBadness = badness(answer) - badness(other);
  const byContent = answer.lineHash - other.lineHash;
  const policy: { readonly [name in DuplicatePolicy]: number } = {
    last: byKnowledge || byTime || byBadness || byContent,
    first: byKnowledge || -byTime || byBadness || byContent,
    worst: byBadness || byKnowledge || byTime || byContent,
  };
  return policy[wanted] > 0;
}

/** One of several answers to the same request. */
export interface Attempt {
  readonly time: number;
  readonly status: number;
  readonly isError: boolean;
  readonly lineHash: number;
}

function attempt(row: number, mirror: MirrorAnswers, rules: Rules): Attempt {
  const { time, status, lineHash } = mirror;
  return {
    time: time.at(row),
    status: status.at(row),
    isError: isMirrorError(mirror, row, rules),
    lineHash: lineHash.at(row),
  };
}

/** An error without an answer is worse than any status. */
function badness({ status, isError }: Attempt): number {
  return (isError ? 10_000 : 0) + (status < 0 ? 1_000 : status);
}
