/** Which line of the mirror answers which request of production. Never by time and path: only by what identifies it. */
import type { KeyColumns } from './identity.ts';
import { NO_KEY } from './identity.ts';
import type { MirrorAnswers } from './mirror-answers.ts';
import type { CorrelationKey, DuplicatePolicy } from './model.ts';
import type { ProductionRequests } from './production.ts';
import { isMirrorError, type Rules } from './rules.ts';

type Key = Exclude<CorrelationKey, 'none'>;

const KEYS: readonly Key[] = ['unique-id', 'traceparent', 'pid+sid'];

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
  /** Another key that would have paired more requests. */
  readonly better: Key | undefined;
}

/** The same number on both sides is the same request. */
interface Ids {
  readonly key: Key;
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
    const ids = idsOf(key, production, mirror);
    return { ids, common: countCommon(ids), isOnBoth: ids.production.some(isKey) && ids.mirror.some(isKey) };
  });
  const chosen =
    candidates.find(({ common }) => common > 0) ?? candidates.find(({ isOnBoth }) => isOnBoth || wanted !== 'auto');
  if (chosen === undefined) return unpaired(production, mirror);
  const better = candidates.find(({ common }) => common > chosen.common);
  return { ...join(chosen.ids, mirror, rules), key: chosen.ids.key, better: better?.ids.key };
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
    better: undefined,
  };
}

function idsOf(key: Key, production: ProductionRequests, mirror: MirrorAnswers): Ids {
  if (key === 'pid+sid') return streamIds(production.keys, mirror.keys);
  const column = key === 'unique-id' ? 'uniqueId' : 'traceId';
  const of = ({ keys }: { readonly keys: KeyColumns }) => keys[column].values.subarray(0, keys[column].length);
  return { key, production: of(production), mirror: of(mirror), bound: production.keys.tableSize(column) };
}

/** Streams as small numbers. Where the mirror's lines have no host, those of production are taken without it too. */
function streamIds(production: KeyColumns, mirror: KeyColumns): Ids {
  const numbers = new Map<number, number>();
  const hasHost = mirror.stream.values
    .subarray(0, mirror.stream.length)
    .some((stream, i) => stream !== NO_KEY && stream !== mirror.hostless.at(i));
  const dense = ({ stream, hostless }: KeyColumns) => {
    const { values, length } = hasHost ? stream : hostless;
    return Int32Array.from(values.subarray(0, length), (value) => {
      if (value === NO_KEY) return NO_KEY;
      const known = numbers.get(value);
      if (known !== undefined) return known;
      numbers.set(value, numbers.size);
      return numbers.size - 1;
    });
  };
  return { key: 'pid+sid', production: dense(production), mirror: dense(mirror), bound: numbers.size };
}

/** Requests whose id is on both sides. */
function countCommon({ production, mirror, bound }: Ids): number {
  const inMirror = new Uint8Array(bound);
  for (const id of mirror) if (id !== NO_KEY) inMirror[id] = 1;
  let count = 0;
  for (const id of production) if (id !== NO_KEY && inMirror[id] === 1) count++;
  return count;
}

function join({ production, mirror: ids, bound }: Ids, mirror: MirrorAnswers, rules: Rules) {
  const asked = new Uint8Array(bound);
  for (const id of production) if (id !== NO_KEY) asked[id] = Math.min(2, (asked[id] as number) + 1);
  const best = new Int32Array(bound).fill(NO_ANSWER);
  const retried = new Uint8Array(bound);
  const unknown: number[] = [];
  let withoutId = 0;
  ids.forEach((id, row) => {
    if (id === NO_KEY) {
      withoutId++;
      return;
    }
    if (asked[id] === 0) unknown.push(row);
    const other = best[id] as number;
    if (other === NO_ANSWER) best[id] = row;
    else {
      retried[id] = 1;
      if (isPreferred(row, other, mirror, rules)) best[id] = row;
    }
  });
  const answerOf = production.map((id) => {
    if (id === NO_KEY) return WITHOUT_KEY;
    return asked[id] === 1 ? (best[id] as number) : AMBIGUOUS;
  });
  const retriedIds = retried.reduce((sum, flag) => sum + flag, 0);
  return { answerOf, withoutId, unknownIds: Int32Array.from(unknown), retriedIds };
}

/**
 * Which of two answers to the same request counts. Of two in the same moment (whole seconds, in many logs) the worse one,
 * so that the order of lines decides nothing.
 */
function isPreferred(row: number, other: number, mirror: MirrorAnswers, rules: Rules): boolean {
  const byTime = mirror.time.at(row) - mirror.time.at(other) || 0;
  const byBadness = badness(row, mirror, rules) - badness(other, mirror, rules);
  const byContent = mirror.lineHash.at(row) - mirror.lineHash.at(other);
  const policy: { readonly [name in DuplicatePolicy]: number } = {
    last: byTime || byBadness || byContent,
    first: -byTime || byBadness || byContent,
    worst: byBadness || byTime || byContent,
  };
  return policy[rules.mirrorDuplicates] > 0;
}

/** An error without an answer is worse than any status. */
function badness(row: number, mirror: MirrorAnswers, rules: Rules): number {
  const status = mirror.status.at(row);
  return (isMirrorError(mirror, row, rules) ? 10_000 : 0) + (status < 0 ? 1_000 : status);
}
