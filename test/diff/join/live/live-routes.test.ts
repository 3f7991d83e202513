import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveRoutes } from '../../../../src/diff/join/live/live-routes.ts';
import { RouteOverrides } from '../../../../src/diff/route-overrides.ts';

/** One more pair of this route. */
function count(routes: LiveRoutes, method: string, target: string): void {
  routes.tallyOf(routes.add(method, target, 1)).pairs.add({
    kind: 'same',
    before: '200',
    after: '200',
    productionStatus: 200,
    mirrorStatus: 200,
    isOther: false,
    isBodiless: false,
    timeMs: 0,
  });
}

function summaryOf(routes: LiveRoutes, maxRoutes = 200): [string, number][] {
  const { names, tallies } = routes.summarize(maxRoutes, ({ pairs }) => pairs.comparable);
  return names.map((name, i) => [name, tallies[i]?.pairs.comparable as number]);
}

test('what was counted apart is counted together once its paths are one route', () => {
  const routes = new LiveRoutes(undefined);
  for (let i = 0; i < 200; i++)
    count(routes, 'GET', `/blog/${'abcdefghij'.charAt(i % 10)}${'klmno'.charAt(i % 5)}x${i}y`);
  assert.deepEqual(summaryOf(routes), [['GET /blog/{…}', 200]]);
});

test('a summary changes nothing, and a request is called what it is called in one', () => {
  const routes = new LiveRoutes(undefined);
  for (let i = 0; i < 100; i++) count(routes, 'GET', '/shop');
  for (let i = 0; i < 60; i++) count(routes, 'GET', `/scan-${i}x`);
  const expected = [
    ['GET /shop', 100],
    ['GET /{…}', 60],
  ];
  assert.deepEqual(summaryOf(routes), expected);
  assert.equal(routes.nameOfRequest('GET', '/scan-7x'), 'GET /{…}');
  assert.deepEqual(summaryOf(routes), expected);
});

test('routes that are given win, and a request without a path has none', () => {
  const routes = new LiveRoutes(new RouteOverrides(['/users/{id}']));
  count(routes, 'GET', '/users/me?x=1');
  count(routes, '', '');
  assert.deepEqual(summaryOf(routes), [
    ['(no path)', 1],
    ['GET /users/{id}', 1],
  ]);
});

test('scanners do not cost the routes that many ask for their names', () => {
  const routes = new LiveRoutes(undefined, { nodes: 200, tallies: 100 });
  for (let i = 0; i < 20_000; i++) {
    if (i % 3 === 0) count(routes, 'GET', '/shop');
    else count(routes, 'GET', `/scan-${i}x/y`);
  }
  const { nodes, tallies } = routes.size;
  assert.ok(nodes <= 200 && tallies <= 100, `${nodes} nodes, ${tallies} tallies`);
  const summary = summaryOf(routes);
  assert.deepEqual(
    summary.find(([name]) => name === 'GET /shop'),
    ['GET /shop', 6_667],
  );
  assert.equal(
    summary.reduce((sum, [, paired]) => sum + paired, 0),
    20_000,
  );
});

test('beyond the bound requests are counted as (other), and how many is known', () => {
  const routes = new LiveRoutes(undefined, { nodes: 1_000, tallies: 10 });
  for (let i = 0; i < 30; i++) count(routes, `M${i}`, '/shop');
  assert.deepEqual(summaryOf(routes).at(-1), ['(other)', 20]);
  assert.equal(routes.overflow, 20);
});
