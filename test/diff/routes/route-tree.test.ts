import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RouteTree } from '../../../src/diff/routes/route-tree.ts';

type Path = readonly [path: string, count?: number];

function namesOf(paths: readonly Path[]): string[] {
  const tree = new RouteTree();
  const places = paths.map(([path, count = 1]) => tree.add(path.slice(1).split('/'), count));
  tree.finish();
  return places.map((place) => tree.pathOf(place));
}

function many(count: number, path: (i: number) => string, requests = 1): Path[] {
  return Array.from({ length: count }, (_, i) => [path(i), requests]);
}

test('up to 50 children of a node keep their names', () => {
  const paths = many(50, (i) => `/users/u${i}`);
  assert.deepEqual(
    namesOf(paths),
    paths.map(([path]) => path),
  );
});

test('more become one', () => {
  const names = namesOf([...many(51, (i) => `/users/u${i}`), ['/users'], ['/orders/a']]);
  assert.deepEqual(new Set(names), new Set(['/users/{…}', '/users', '/orders/a']));
});

test('the wildcard does not count as one of them', () => {
  const names = namesOf([...many(50, (i) => `/users/u${i}`), ['/users/{…}']]);
  assert.equal(new Set(names).size, 51);
});

test('what is below those that become one stays apart by its own name', () => {
  const paths = many(60, (i) => `/users/u${i}/${i % 2 ? 'orders' : 'profile'}`);
  assert.deepEqual([...new Set(namesOf(paths))].sort(), ['/users/{…}/orders', '/users/{…}/profile']);
});

test('below those that became one, children add up, and may become one as well', () => {
  const paths = many(60, (i) => `/users/u${i}/o${i}/x`);
  assert.deepEqual([...new Set(namesOf(paths))], ['/users/{…}/{…}/x']);
});

test('a node that became one keeps being one below another that does so later', () => {
  const deep = many(60, (i) => `/users/anna/o${i}`);
  const wide = many(60, (i) => `/users/u${i}/fixed`);
  assert.deepEqual([...new Set(namesOf([...deep, ...wide]))], ['/users/{…}/{…}']);
  assert.deepEqual([...new Set(namesOf([...wide, ...deep]))], ['/users/{…}/{…}']);
});

test('below the root, what a hundredth of all ask for keeps its name', () => {
  const scanners = many(400, (i) => `/wp-${'abcdefghij'[i % 10]}${i}`);
  const names = namesOf([...scanners, ['/orders', 500], ['/users/anna', 90], ['/rare', 9]]);
  assert.deepEqual([...new Set(names)].sort(), ['/orders', '/users/anna', '/{…}']);
});

test('the root does not become one while it has few children, whatever their shares', () => {
  assert.deepEqual(
    namesOf([
      ['/a', 1_000_000],
      ['/b', 1],
    ]),
    ['/a', '/b'],
  );
});

test('OPTIONS * has no slash', () => {
  const tree = new RouteTree();
  const place = tree.add(['*'], 1);
  tree.finish();
  assert.equal(tree.pathOf(place), '*');
});

test('names that JavaScript knows are names', () => {
  const paths: Path[] = [['/__proto__/constructor'], ['/toString'], ['/__proto__']];
  assert.deepEqual(namesOf(paths), ['/__proto__/constructor', '/toString', '/__proto__']);
});

/** Paths of few letters at each depth, so that nodes are shared; wide enough to collapse at every depth. */
const path = fc
  .array(fc.integer({ min: 0, max: 130 }), { minLength: 1, maxLength: 4 })
  .map((segments) => `/${segments.map((n) => (n > 120 ? '{…}' : `s${n < 60 ? n % 3 : n}`)).join('/')}`);

test('whatever the order of the paths, they have the same names', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(path, fc.integer({ min: 0, max: 20 })), { minLength: 100, maxLength: 700 }),
      fc.infiniteStream(fc.nat()),
      (paths, keys) => {
        const names = new Map(namesOf(paths).map((name, i) => [i, name]));
        const order = [...paths.keys()]
          .map((i) => ({ i, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key);
        const again = namesOf(order.map(({ i }) => paths[i] as Path));
        for (const [at, { i }] of order.entries()) assert.equal(again[at], names.get(i));
      },
    ),
    { numRuns: 150 },
  );
});

test('100,000 paths at the root and below one node take no long time', () => {
  const started = performance.now();
  const names = namesOf([...many(100_000, (i) => `/r${i}`), ...many(100_000, (i) => `/users/u${i}/x`, 2)]);
  assert.deepEqual(new Set(names), new Set(['/{…}', '/users/{…}/x']));
  assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
});
