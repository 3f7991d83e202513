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

const names = (paths: readonly Path[]) => [...new Set(namesOf(paths))].sort();
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** A word for each number, of letters alone. */
const word = (i: number) => `${LETTERS[i % 26]}${LETTERS[(i * 7) % 26]}${LETTERS[Math.floor(i / 26) % 26]}o`;

test('many names that are asked for once are values', () => {
  assert.deepEqual(names(many(60, (i) => `/blog/the-${word(i)}-story`)), ['/blog/{…}']);
  assert.deepEqual(names([...many(60, (i) => `/wiki/${word(i)}`), ['/wiki'], ['/orders/a']]), [
    '/orders/a',
    '/wiki',
    '/wiki/{…}',
  ]);
});

test('a few that are asked for often are names', () => {
  const paths = many(6, (i) => `/account/${word(i)}`, 50);
  assert.deepEqual(
    namesOf(paths),
    paths.map(([path]) => path),
  );
});

test('what follows the plural of a thing is one of many, and what does something is not', () => {
  const users: Path[] = ['anna', 'bo', 'chen', 'search', 'me'].map((name) => [`/users/${name}`, 40]);
  assert.deepEqual(names(users), ['/users/me', '/users/search', '/users/{…}']);
});

test('names that have the same below them are values, however often they are asked for', () => {
  const tenants = ['acme', 'globex', 'initech', 'hooli'].flatMap((tenant): Path[] =>
    ['orders', 'people', 'invoices'].map((name) => [`/t/${tenant}/${name}`, 90]),
  );
  assert.deepEqual(names(tenants), ['/t/{…}/invoices', '/t/{…}/orders', '/t/{…}/people']);
});

test('owners and repositories of a code host', () => {
  const paths = many(40, (i) => `/repos/${word(i % 15)}/${word(i + 100)}/${['issues', 'pulls', 'commits'][i % 3]}`, 2);
  assert.deepEqual(names(paths), ['/repos/{…}/{…}/commits', '/repos/{…}/{…}/issues', '/repos/{…}/{…}/pulls']);
});

test('resources are told apart, though each has the same below it', () => {
  const resources = ['users', 'orders', 'invoices', 'products', 'roles'];
  const below = ['', '/{…}', '/{…}/comments', '/{…}/edit', '/archived', '/export'];
  const paths = resources.flatMap((resource): Path[] => below.map((rest) => [`/api/${resource}${rest}`, 20]));
  assert.equal(names(paths).length, resources.length * below.length);
});

test('versions of an API are told apart', () => {
  const paths = ['v1', 'v2', 'v3'].flatMap((version): Path[] =>
    ['users', 'orders', 'carts'].map((name) => [`/api/${version}/${name}`, 9]),
  );
  assert.equal(names(paths).length, 9);
});

test('120 methods of procedures are 120 routes', () => {
  const verbs = ['get', 'list', 'create', 'update', 'delete', 'send', 'find', 'sync'];
  const things =
    'User Order Invoice Product Session Report Device Ticket Message Payment Cart Label Parcel Voucher Quote'.split(
      ' ',
    );
  const methods = verbs.flatMap((verb) => things.map((thing) => ({ verb, thing })));
  for (const write of [
    ({ verb, thing }: { verb: string; thing: string }) => `/api/${verb}${thing}`,
    ({ verb, thing }: { verb: string; thing: string }) => `/api/${thing.toLowerCase()}s.${verb}`,
    ({ verb, thing }: { verb: string; thing: string }) => `/rpc/${verb}-${thing.toLowerCase()}`,
    ({ verb, thing }: { verb: string; thing: string }) =>
      `/twirp/acme.v1.${thing}Service/${verb[0]?.toUpperCase()}${verb.slice(1)}${thing}`,
  ]) {
    assert.equal(
      names(methods.map((method, i): Path => [write(method), 1 + (i % 5)])).length,
      120,
      write({ verb: 'get', thing: 'User' }),
    );
  }
});

test('folders and files that go on to any depth are one place, and the folder itself another', () => {
  const file = (i: number) =>
    [...Array.from({ length: i % 6 }, (_, depth) => word(i * 3 + depth * 5)), `${word(i + 300)}.csv`].join('/');
  const paths: Path[] = [...many(300, (i) => `/bucket/${file(i)}`), ['/bucket/'], ['/bucket']];
  assert.deepEqual(names(paths), ['/bucket', '/bucket/', '/bucket/{…}']);
});

test('files of a build are told apart by what they were made for, the many by their extension', () => {
  const paths: Path[] = [
    ['/js/main.{…}.js', 40],
    ['/js/vendor.{…}.js', 40],
    ...many(40, (i) => `/js/${word(i)}.{…}.chunk.js`),
    ...many(40, (i) => `/css/${word(i)}.css`),
  ];
  assert.deepEqual(names(paths), ['/css/{…}.css', '/js/main.{…}.js', '/js/vendor.{…}.js', '/js/{…}.chunk.js']);
});

test('words next to ids that have the same below them are values, too', () => {
  const docs = ['{…}', 'latest', 'next'].flatMap((version): Path[] =>
    ['intro', 'setup'].map((page) => [`/docs/${version}/${page}`, 9]),
  );
  assert.deepEqual(names(docs), ['/docs/{…}/intro', '/docs/{…}/setup']);
});

test('languages and codes are values', () => {
  assert.deepEqual(names(['en', 'de', 'fr', 'pt-BR'].map((language): Path => [`/${language}/about-us`, 30])), [
    '/{…}/about-us',
  ]);
  assert.deepEqual(names(['EUR', 'USD', 'CHF', 'JPY'].map((code): Path => [`/rates/of/${code}`, 30])), [
    '/rates/of/{…}',
  ]);
});

test('below the root, what many ask for keeps its name among what scanners ask for', () => {
  const scanners = many(400, (i) => `/wp-${word(i)}-x`);
  const found = names([...scanners, ['/orders', 500], ['/users/anna', 90], ['/backend/a/b', 200]]);
  assert.deepEqual(found, ['/backend/a/b', '/orders', '/users/anna', '/{…}']);
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

const COMMON_NAMES = ['users', 'api', 'orders', 'main.js', 'getOrder', 'en', 'de', 'v1', ''];

function segmentOf(n: number): string {
  if (n > 120) return '{…}';
  if (n < 60) return COMMON_NAMES[n % COMMON_NAMES.length] as string;
  return n % 3 === 0 ? `${word(n)}-${word(n + 1)}` : word(n);
}

/** Paths of few letters at each depth, so that nodes are shared; wide enough to collapse at every depth. */
const path = fc
  .array(fc.integer({ min: 0, max: 130 }), { minLength: 1, maxLength: 4 })
  .map((segments) => `/${segments.map(segmentOf).join('/')}`);

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

test('20,000 paths at the root and below one node each take no long time', () => {
  const found = names([...many(20_000, (i) => `/r${i}`), ...many(20_000, (i) => `/users/u${i}/x`, 2)]);
  assert.deepEqual(found, ['/users/{…}/x', '/{…}']);
});
