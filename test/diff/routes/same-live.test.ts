import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LiveRoutes } from '../../../src/diff/join/live/live-routes.ts';
import { RouteNames } from '../../../src/diff/routes/route-names.ts';
import { TextTable } from '../../../src/diff/text-table.ts';

function namesOf(targets: readonly string[]): { readonly names: string[]; readonly generalized: unknown } {
  const [texts, methods] = [new TextTable(), new TextTable()];
  const method = methods.intern('GET');
  const rows = targets.map((target) => texts.intern(target));
  const requests = {
    size: rows.length,
    target: { at: (row: number) => rows[row] as number },
    method: { at: () => method },
  };
  const routes = new RouteNames([{ requests, counts: () => true }], { targets: texts, methods }, undefined);
  const names = rows.map((_, row) => routes.names[routes.routeOf(requests, row)] as string);
  return { names, generalized: routes.generalized };
}

function liveNamesOf(targets: readonly string[]): { readonly names: string[]; readonly generalized: unknown } {
  const live = new LiveRoutes(undefined);
  const routes = targets.map((target) => live.add('GET', target, 1));
  for (const route of routes) live.tallyOf(route);
  const { nameOf, generalized } = live.summarize(1_000_000, () => 1);
  return { names: routes.map(nameOf), generalized };
}

const name = fc.constantFrom(
  'acme',
  'globex',
  'initech',
  'hooli',
  'red-socks',
  'blue-shoes',
  'main.js',
  'getOrder',
  'listOrders',
  'de',
);
const folder = fc.constantFrom('users', 'orders', 'api', 'v1', 'blog', 'files', 'settings', 'products');
const value = fc.oneof(
  name,
  folder,
  fc.nat(400).map(String),
  fc.nat(300).map((n) => `title-${'abcdefghij'[n % 10]}${'klmno'[n % 5]}${n % 7 ? 'x' : ''}-z`),
);
const targets = fc.array(
  fc.tuple(folder, fc.array(value, { maxLength: 4 })).map(([first, rest]) => `/${[first, ...rest].join('/')}`),
  { minLength: 1, maxLength: 400 },
);

test('routes of a log that goes on are those of the whole log', () => {
  fc.assert(
    fc.property(targets, (targets) => assert.deepEqual(liveNamesOf(targets), namesOf(targets))),
    { numRuns: 100 },
  );
});

test('routes do not depend on the order of the lines', () => {
  fc.assert(
    fc.property(targets, (targets) => {
      const [forward, backward] = [namesOf(targets), namesOf([...targets].reverse())];
      assert.deepEqual(backward, { ...forward, names: [...forward.names].reverse() });
    }),
    { numRuns: 100 },
  );
});

test('while requests come, a route has the name that a report would give it', () => {
  const live = new LiveRoutes(undefined);
  for (let i = 0; i < 300; i++)
    live.add('GET', `/blog/the-${'abcdefghij'[i % 10]}${'klm'[i % 3]}${'nopqrstuvw'[(i / 30) | 0]}-story`, 1);
  assert.equal(live.nameOf(live.add('GET', '/blog/one-more-story', 1)), 'GET /blog/{…}');
  assert.equal(live.nameOfRequest('GET', '/blog/not-counted-story'), 'GET /blog/{…}');
  assert.equal(live.nameOfRequest('GET', '/health'), 'GET /health');
});
