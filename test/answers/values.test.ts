/**
 * What prints say of two answers is what their values say: hashes lose nothing that is reported. Here the values are compared by a second
 * implementation, which sees them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../bench/random.ts';
import { compareAnswers } from '../../src/answers/differences.ts';
import { isIdName, memberPiece } from '../../src/answers/paths.ts';
import { readAnswer } from '../../src/answers/read.ts';
import { fuzz } from '../attack/fuzzing.ts';
import { fingerprinter, jsonAnswer } from './prints.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Places = Map<string, Json[]>;

/** All values by path: what stands there, in order. */
function collect(value: Json, path = '$', places: Places = new Map()): Places {
  places.set(path, [...(places.get(path) ?? []), value]);
  if (Array.isArray(value)) for (const element of value) collect(element, `${path}[*]`, places);
  else if (value !== null && typeof value === 'object') {
    const ids = Object.keys(value).filter(isIdName).sort();
    for (const name of Object.keys(value))
      if (!isIdName(name)) collect(value[name] as Json, path + memberPiece(name), places);
    for (const name of ids) collect(value[name] as Json, `${path}.{…}`, places);
  }
  return places;
}

const typeOf = (value: Json) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const NAMES = ['number', 'string', 'boolean', 'null', 'object', 'array'];
const typesOf = (values: readonly Json[]) =>
  NAMES.filter((name) => values.some((value) => typeOf(value) === name)).join('|');
/** A value without what is inside of it. */
const alone = (value: Json) =>
  Array.isArray(value)
    ? `array of ${value.length}`
    : typeOf(value) === 'object'
      ? 'object'
      : `${typeOf(value)} ${JSON.stringify(value)}`;

/** Of each object that has such: the names that are ids. */
const idsOf = (values: readonly Json[]) =>
  values
    .map((value) =>
      JSON.stringify(
        Object.keys(value ?? {})
          .filter(isIdName)
          .sort(),
      ),
    )
    .filter((ids) => ids !== '[]');

function differencesOfValues(production: Json, other: Json): string[] {
  const [before, after] = [collect(production), collect(other)];
  const found: [path: string, kind: string, shape?: string][] = [];
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(path), after.get(path)];
    if (a === undefined) found.push([path, 'extra']);
    else if (b === undefined) found.push([path, 'missing']);
    else {
      const [ta, tb] = [typesOf(a), typesOf(b)];
      if (ta !== tb) found.push([path, 'type', `${ta} → ${tb}`]);
      if (a.length !== b.length) found.push([path, 'count']);
      if (ta !== tb || a.length !== b.length) continue;
      const [ia, ib] = [a.map(alone), b.map(alone)];
      if (ia.every((text, i) => text === ib[i])) continue;
      const isSame = ia.toSorted().join('\n') === ib.toSorted().join('\n');
      found.push([path, isSame ? 'order' : ta === 'array' ? 'length' : 'value']);
    }
  }
  for (const [path, a] of before) {
    const [b, ids] = [after.get(path), `${path}.{…}`];
    if (b?.length !== a.length || typesOf(a) !== 'object' || typesOf(b) !== 'object') continue;
    if (!before.has(ids) || !after.has(ids) || found.some(([place]) => place === ids)) continue;
    const [was, is] = [idsOf(a), idsOf(b)];
    if (was.join('\n') === is.join('\n')) continue;
    found.push([ids, was.sort().join('\n') === is.sort().join('\n') ? 'order' : 'value']);
  }
  const isIn = (path: string, kinds: readonly string[]) =>
    found.some(([end, kind]) => kinds.includes(kind) && (path.startsWith(`${end}.`) || path.startsWith(`${end}[`)));
  const left = found.filter(([path, kind, shape = '']) => {
    if (isIn(path, ['missing', 'extra', 'type'])) return false;
    const [a, b] = [before.get(path) ?? [], after.get(path) ?? []];
    if (kind === 'missing' || kind === 'extra') {
      if (path.endsWith('[*]')) return false;
      const side = kind === 'missing' ? before : after;
      const above = [...side.keys()].filter((each) => path.startsWith(`${each}.`) || path.startsWith(`${each}[`));
      const parent = above.sort((one, other) => other.length - one.length)[0] as string;
      return !isIn(path, ['length', 'count']) || side.get(parent)?.length === side.get(path)?.length;
    }
    if (!isIn(path, ['length', 'count'])) return true;
    const [was = [], is = []] = shape.split(' → ').map((types) => types.split('|'));
    const [isNew, isGone] = [is.some((type) => !was.includes(type)), was.some((type) => !is.includes(type))];
    return kind === 'type' && ((isNew && b.length <= a.length) || (isGone && b.length >= a.length));
  });
  const orders = left.filter(([, kind]) => kind === 'order').map(([path]) => path);
  const places = orders.map((path) => {
    const outer = path
      .split('[*]')
      .map((_, i, parts) => parts.slice(0, i + 1).join('[*]'))
      .slice(0, -1);
    return (
      outer.find((array) =>
        orders.some((each) => each.slice(0, each.lastIndexOf('[*]')) === array && each.includes('[*]')),
      ) ?? path
    );
  });
  const rest = left.filter(([, kind]) => kind !== 'order').map((each) => each.join(' '));
  return [...rest, ...new Set(places.map((place) => `${place} order`))].sort();
}

const prints = fingerprinter();
let pairs = 0;

/** Of a pair both ways are one; returns how many differences there are. */
function check(production: Json, other: Json): number {
  const [a, b] = [production, other].map((value) =>
    readAnswer(JSON.stringify(prints.print(`uid ${pairs}`, jsonAnswer(value, { headers: [] })))),
  );
  pairs++;
  assert.ok(a !== undefined && b !== undefined);
  const isKnown = [a, b].every(({ body }) => body.state === 'whole');
  assert.ok(isKnown, JSON.stringify([a.body, b.body]));
  const found = compareAnswers(a, b).differences.map(({ place, kind, shape }) =>
    [place, kind, ...(shape === undefined ? [] : [shape])].join(' '),
  );
  assert.deepEqual(found.sort(), differencesOfValues(production, other));
  return found.length;
}

const NAME = fc.constantFrom('a', 'b', 'total', 'x y', "it's", '[*]', '__proto__', '1001', '1002', 'user_12345', 'a.b');
const { document } = fc.letrec<{ document: Json }>((tie) => ({
  document: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, 1, -1.5, 1e21, '', 'a', '1', 'null', 'a\0b', '\ud800', '\u0001x'),
    fc.array(tie('document'), { maxLength: 4 }),
    fc.dictionary(NAME, tie('document'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const container = fc.oneof(
  fc.array(document, { maxLength: 4 }),
  fc.dictionary(NAME, document, { noNullPrototype: true }),
);

/** Another document, made of one by small changes at places that chance finds. */
function changed(value: Json, chance: () => number): Json {
  const dice = Math.floor(chance() * 12);
  if (Array.isArray(value)) {
    const elements = value.map((element) => changed(element, chance));
    if (dice === 0) return elements.reverse();
    if (dice === 1) return elements.slice(1);
    return dice === 2 ? [...elements, null] : elements;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([name, member]) => [name, changed(member, chance)] as const);
    if (dice === 0) entries.shift();
    if (dice === 1) entries.push(['added', 1]);
    return Object.fromEntries(dice === 2 ? entries.reverse() : entries);
  }
  if (dice === 0) return String(value);
  return dice === 1 ? 7 : value;
}

test('differences of prints are those of values, for documents of any kind', () => {
  fuzz(
    fc.property(
      container,
      container,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (one, another, stream) => {
        const chance = () => stream.next().value as number;
        check(one, another);
        check(one, changed(one, chance));
        check(one, one);
      },
    ),
    400,
  );
});

/** A shop: a document with everything that is noise in such, and differences of a new version. */
function shop(seed: number, chance: () => number, isCandidate: boolean): Json {
  const random = new Random(seed);
  const known = () => random.next();
  const count = 2 + Math.floor(known() * 4);
  const related = Array.from({ length: 4 }, (_, i) => 100 * i + Math.floor(known() * 90));
  const items = Array.from({ length: count }, (_, i): { [name: string]: Json } => ({
    id: `${seed}-${i}`,
    quantity: 1 + Math.floor(known() * 9),
    note: known() < 0.3 ? 'gift' : null,
    attributes: {
      color: known() < 0.5 ? 'red' : 'blue',
      sizes: Array.from({ length: 2 }, () => Math.floor(known() * 9)),
    },
  }));
  const stock = Math.floor(known() * 50);
  const score = known();
  if (chance() < 0.2) related.reverse();
  if (chance() < 0.02) items.pop();
  const tags = Array.from({ length: 3 }, (_, i) => `tag ${i} ${Math.floor(known() * 9)}`);
  return {
    id: seed,
    at: chance(),
    token: String(chance()),
    score: chance() < 0.3 ? score * (1 + 1e-9) : score,
    stock: { count: isCandidate ? String(stock) : stock, warehouse: 'A' },
    shipping: isCandidate && chance() < 0.05 ? { free: true } : { free: true, eta: '2 d' },
    tags: isCandidate ? tags.reverse() : tags,
    related,
    items: chance() < 0.05 ? items.reverse() : items,
    sessions: { [`${Math.floor(chance() * 1e9)}`]: { since: chance(), ok: true } },
    ...(chance() < 0.1 && { promotion: { code: Math.floor(chance() * 3) } }),
    ...(chance() < 0.01 && { warnings: ['slow'] }),
  };
}

test('differences of prints are those of values in 445 runs of a shop, with noise and a new version', () => {
  let differing = 0;
  for (let run = 0; run < 445; run++) {
    const random = new Random(run * 7919 + 1);
    const chance = () => random.next();
    for (let i = 0; i < 3; i++) {
      const production = shop(run * 10 + i, chance, false);
      differing +=
        check(production, shop(run * 10 + i, chance, true)) + check(production, shop(run * 10 + i, chance, false));
    }
  }
  assert.ok(differing > 445 * 3 * 4, `${differing} differences`);
});
