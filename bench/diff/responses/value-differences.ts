/** What the prints of two answers would say of them, from the values: some ten times as fast. A test holds both against each other. */
import type { Comparison, Difference, DifferenceKind } from '../../../src/answers/differences.ts';
import type { Json, SimulatedAnswer } from './simulated-answer.ts';

const LEFT_OUT: ReadonlySet<string> = new Set(['date', 'age', 'content-length', 'connection', 'keep-alive']);
const ID_LENGTH = 36;
const ID_MEMBER = '.{…}';
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** What stands at a path: types and values, in document order. */
interface Leaf {
  readonly types: string[];
  readonly values: string[];
  /** Lengths of the arrays that stand there. */
  readonly lengths: string[];
  /** Names of members that are ids, of each object that has such. */
  readonly ids: string[];
  /** All of it, once everything is read. */
  all: string;
}

export type Leaves = ReadonlyMap<string, Leaf>;

export interface ReadAnswer {
  readonly answer: SimulatedAnswer;
  readonly leaves: Leaves;
}

export function readAnswer(answer: SimulatedAnswer): ReadAnswer {
  const leaves = new Map<string, Leaf>();
  walk(answer.body, '$', leaves);
  for (const leaf of leaves.values())
    leaf.all = [leaf.types, leaf.lengths, leaf.values, leaf.ids].map((list) => list.join('\0')).join('\n');
  return { answer, leaves };
}

/** Texts that are made once are found in maps much faster. Sites have few names. */
const PATHS = new Map<string, Map<string, string>>();

function pathBelow(path: string, name: string): string {
  let below = PATHS.get(path);
  if (below === undefined) {
    below = new Map();
    PATHS.set(path, below);
  }
  let known = below.get(name);
  if (known === undefined) {
    known = /^[.[]/.test(name) ? path + name : `${path}.${name}`;
    below.set(name, known);
  }
  return known;
}

function walk(value: Json, path: string, into: Map<string, Leaf>): void {
  let leaf = into.get(path);
  if (leaf === undefined) {
    leaf = { types: [], values: [], lengths: [], ids: [], all: '' };
    into.set(path, leaf);
  }
  if (Array.isArray(value)) {
    leaf.types.push('array');
    leaf.lengths.push(String(value.length));
    const below = pathBelow(path, '[*]');
    for (const element of value) walk(element, below, into);
  } else if (typeof value === 'object' && value !== null) {
    leaf.types.push('object');
    const ids: string[] = [];
    for (const [name, member] of Object.entries(value)) {
      const isId = name.length === ID_LENGTH && ID.test(name);
      if (isId) ids.push(name);
      walk(member, pathBelow(path, isId ? ID_MEMBER : name), into);
    }
    if (ids.length > 0) leaf.ids.push(ids.sort().join());
  } else {
    leaf.types.push(value === null ? 'null' : typeof value);
    leaf.values.push(String(value));
  }
}

export function compareValues(production: ReadAnswer, other: ReadAnswer): Comparison {
  const [a, b] = [production.answer, other.answer];
  if (a.status !== b.status)
    return {
      differences: [{ place: 'status', kind: 'status', shape: `${a.status} → ${b.status}` }],
      body: 'other-status',
    };
  const differences: Difference[] = [];
  for (const [name, value] of Object.entries(a.headers)) {
    if (LEFT_OUT.has(name) || b.headers[name] === value) continue;
    differences.push({ place: `header ${name}`, kind: name in b.headers ? 'value' : 'missing' });
  }
  for (const name of Object.keys(b.headers))
    if (!(name in a.headers)) differences.push({ place: `header ${name}`, kind: 'extra' });
  differences.push(...compareLeaves(production.leaves, other.leaves));
  return { differences, body: 'compared' };
}

function compareLeaves(a: Leaves, b: Leaves): Difference[] {
  const differences: Difference[] = [];
  for (const [place, leaf] of a) {
    const other = b.get(place);
    if (leaf.all === other?.all) continue;
    const kind = kindOf(leaf, other);
    if (kind === undefined) {
      const ids = leaf.ids.join('\n') === other?.ids.join('\n') ? undefined : pathBelow(place, ID_MEMBER);
      if (ids !== undefined && a.has(ids) && b.has(ids) && a.get(ids)?.all === b.get(ids)?.all)
        differences.push({ place: ids, kind: 'value' });
      continue;
    }
    differences.push(
      kind === 'type' && other !== undefined
        ? { place, kind, shape: `${typesOf(leaf)} → ${typesOf(other)}` }
        : { place, kind },
    );
  }
  for (const place of b.keys()) if (!a.has(place)) differences.push({ place, kind: 'extra' });
  return inArrays(pruned(differences, a, b));
}

/** Another order is that of the array, however many fields its elements have. No array here is in another one. */
function inArrays(differences: readonly Difference[]): Difference[] {
  const reported = new Set<string>();
  return differences.flatMap((difference) => {
    if (difference.kind !== 'order') return [difference];
    const place = difference.place.replace(/\[\*\].*$/, '');
    if (reported.has(place)) return [];
    reported.add(place);
    return [{ place, kind: 'order' as const }];
  });
}

function kindOf(a: Leaf, b: Leaf | undefined): DifferenceKind | undefined {
  if (b === undefined) return 'missing';
  if (typesOf(a) !== typesOf(b)) return 'type';
  if (a.lengths.join() !== b.lengths.join()) return 'length';
  if (a.types.length !== b.types.length) return 'count';
  const [before, after] = [a.values.join('\0'), b.values.join('\0')];
  if (before === after) return undefined;
  return [...a.values].sort().join('\0') === [...b.values].sort().join('\0') ? 'order' : 'value';
}

function typesOf({ types }: Leaf): string {
  return types.length === 1 ? (types[0] as string) : [...new Set(types)].sort().join('|');
}

/**
 * Below what is missing or of another type nothing is said, and in an array of another length of types and of what is missing only what other
 * elements do not explain.
 */
function pruned(differences: readonly Difference[], a: Leaves, b: Leaves): Difference[] {
  const isBelow = (place: string, kinds: readonly DifferenceKind[]) =>
    differences.some((top) => kinds.includes(top.kind) && /^[.[]/.test(restOf(place, top.place)));
  return differences.filter(({ place, kind }) => {
    if (isBelow(place, ['missing', 'extra', 'type'])) return false;
    if ((kind === 'missing' || kind === 'extra') && place.endsWith('[*]')) return false;
    if (!isBelow(place, ['length', 'count'])) return true;
    if (kind === 'missing') return isOfEach(place, a);
    if (kind === 'extra') return isOfEach(place, b);
    if (kind !== 'type') return false;
    const [before, after] = [a.get(place)?.types ?? [], b.get(place)?.types ?? []];
    const isNew = after.some((type) => !before.includes(type));
    const isGone = before.some((type) => !after.includes(type));
    return (isNew && after.length <= before.length) || (isGone && after.length >= before.length);
  });
}

function restOf(place: string, top: string): string {
  return place.startsWith(top) ? place.slice(top.length) : '';
}

function isOfEach(place: string, leaves: Leaves): boolean {
  const above = place.slice(0, Math.max(place.lastIndexOf('.'), place.lastIndexOf('[')));
  return leaves.get(above)?.types.length === leaves.get(place)?.types.length;
}
