/** What the prints of two answers would say of them, from the values: some ten times as fast. A test holds both against each other. */
import type { Comparison, Difference, DifferenceKind } from '../../../src/answers/differences.ts';
import type { Json, SimulatedAnswer } from './simulated-answer.ts';

const LEFT_OUT: ReadonlySet<string> = new Set(['date', 'age', 'content-length', 'connection', 'keep-alive']);
const ID_LENGTH = 36;
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** What stands at a path: types and values, in document order. */
interface Leaf {
  readonly types: string[];
  readonly values: string[];
  /** Lengths of the arrays that stand there. */
  readonly lengths: string[];
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
    leaf.all = [leaf.types, leaf.lengths, leaf.values].map((list) => list.join('\0')).join('\n');
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
    leaf = { types: [], values: [], lengths: [], all: '' };
    into.set(path, leaf);
  }
  if (Array.isArray(value)) {
    leaf.types.push('array');
    leaf.lengths.push(String(value.length));
    const below = pathBelow(path, '[*]');
    for (const element of value) walk(element, below, into);
  } else if (typeof value === 'object' && value !== null) {
    leaf.types.push('object');
    for (const [name, member] of Object.entries(value))
      walk(member, pathBelow(path, name.length === ID_LENGTH && ID.test(name) ? '.{…}' : name), into);
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
  differences.push(...pruned(compareLeaves(production.leaves, other.leaves)));
  return { differences, body: 'compared' };
}

function compareLeaves(a: Leaves, b: Leaves): Difference[] {
  const differences: Difference[] = [];
  for (const [place, leaf] of a) {
    const other = b.get(place);
    if (leaf.all === other?.all) continue;
    const kind = kindOf(leaf, other);
    if (kind === undefined) continue;
    differences.push(
      kind === 'type' && other !== undefined
        ? { place, kind, shape: `${typesOf(leaf)} → ${typesOf(other)}` }
        : { place, kind },
    );
  }
  for (const place of b.keys()) if (!a.has(place)) differences.push({ place, kind: 'extra' });
  return inArrays(differences);
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

/** Below what is missing, of another type or of another length nothing is said. */
function pruned(differences: readonly Difference[]): Difference[] {
  const tops = differences.filter(({ kind }) => kind !== 'order' && kind !== 'value').map(({ place }) => place);
  return differences.filter(
    ({ place }) => !tops.some((top) => place.startsWith(`${top}.`) || place.startsWith(`${top}[`)),
  );
}
