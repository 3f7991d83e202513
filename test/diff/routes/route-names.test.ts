import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RouteOverrides } from '../../../src/diff/route-overrides.ts';
import { PathShapes } from '../../../src/diff/routes/path-shapes.ts';
import { analyse, answer, pairs, report, request } from '../records.ts';

test('a route is the method and the general form of the path', () => {
  const analysis = analyse(pairs([{ target: 'https://shop.example/orders/17?x=1', method: 'POST' }, {}, 1]));
  assert.deepEqual(analysis.routes, ['POST /orders/{…}']);
});

test('without a method, or without a target, the rest of it is the name', () => {
  const lines = pairs(
    [{ method: '', target: '/a' }, {}, 1],
    [{ method: 'GET', target: '' }, {}, 1],
    [{ method: 'OPTIONS', target: '*' }, {}, 1],
  );
  assert.deepEqual([...analyse(lines).routes].sort(), ['/a', 'GET (no path)', 'OPTIONS *']);
});

test('given routes win over what is found', () => {
  const lines = pairs([{ target: '/users/anna' }, {}, 1], [{ target: '/users/17/x' }, {}, 1]);
  const overrides = new RouteOverrides(['/users/{id}']);
  assert.deepEqual([...analyse(lines, {}, { overrides }).routes].sort(), ['GET /users/{id}', 'GET /users/{…}/x']);
});

test('what only the mirror was asked for says nothing about the routes of production', () => {
  const lines = pairs([{ target: '/users/anna' }, {}, 1]);
  const scans = Array.from({ length: 100 }, (_, i) => answer({ uniqueId: `other-${i}`, target: `/users/s${i}x` }));
  const { routes } = analyse({ ...lines, mirror: [...lines.mirror, ...scans] });
  assert.deepEqual(routes, ['GET /users/anna']);
});

test('the 200 routes with the most pairs keep their names, the rest is one', () => {
  const kinds = Array.from({ length: 210 }, (_, i) => [{ method: `M${i}` }, {}, i < 200 ? 2 : 1] as const);
  const { routes } = analyse(pairs(...kinds));
  assert.equal(routes.length, 201);
  assert.equal(routes.at(-1), '(other)');
  assert.ok(routes.includes('M199 /') && !routes.includes('M200 /'));
});

test('with nothing in common, both sides make the routes', () => {
  const { routes, isUnmatched } = analyse({
    production: [request({ target: '/a' })],
    mirror: [answer({ target: '/b' })],
  });
  assert.equal(isUnmatched, true);
  assert.deepEqual([...routes].sort(), ['GET /a', 'GET /b']);
});

test("a scanner's hundred thousand deep paths take no routes away from people, in any order", () => {
  const shapes = () => {
    const paths = new PathShapes();
    const add = (path: string, count: number) => paths.add(path.slice(1).split('/'), count);
    return { paths, add };
  };
  const used = ['/', '/orders/items/open', '/users/profile'];
  const scans = Array.from({ length: 60_000 }, (_, i) => `/s${i % 97}/a/b/c/d/e/f/g/h/i${i}/j`);
  const [first, second] = [shapes(), shapes()];
  const before = [...used.map((path) => first.add(path, 5000)), ...scans.map((path) => first.add(path, 1))];
  const scansAfter = [...scans].reverse().map((path) => second.add(path, 1));
  const after = [...used.map((path) => second.add(path, 5000)), ...scansAfter.reverse()];
  const named = ({ paths }: ReturnType<typeof shapes>, numbers: readonly number[]) => {
    const { names, routeOf } = paths.routes();
    return numbers.map((number) => names[routeOf[number] as number]);
  };
  const names = named(first, before);
  assert.deepEqual(names.slice(0, 3), used);
  assert.deepEqual(named(second, after), names);
  assert.ok(new Set(names).size <= 10, `${new Set(names).size}`);
});

test('routes that were learned from a part of the paths are those of the others as well', () => {
  const paths = new PathShapes(300);
  const numbers = Array.from({ length: 1_000 }, (_, i) =>
    paths.add(['users', `anna-${i}-berg`, i % 2 ? 'orders' : 'cart'], 1),
  );
  const { names, routeOf } = paths.routes();
  assert.deepEqual(
    new Set(numbers.map((number) => names[routeOf[number] as number])),
    new Set(['/users/{…}/orders', '/users/{…}/cart']),
  );
});

test('the report says which places became {…} because of their values, and how many there were', () => {
  const kinds = Array.from(
    { length: 30 },
    (_, i) => [{ target: `/users/${'abcdefghij'[i % 10]}${'klm'[i % 3]}x/17` }, {}, 1] as const,
  );
  const { generalized } = report(pairs(...kinds, [{ target: '/health' }, {}, 50]));
  assert.deepEqual(generalized, [{ route: '/users/{…}', values: 30 }]);
  assert.equal(report(pairs([{ target: '/orders/17' }, {}, 3])).generalized, undefined);
});
