import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffError } from '../../../src/diff/errors.ts';
import { openApiPaths, RouteOverrides } from '../../../src/diff/route-overrides.ts';

function find(templates: readonly string[], path: string): string | undefined {
  return new RouteOverrides(templates).find(path);
}

test('a parameter takes one whole segment, and not an empty one', () => {
  assert.equal(find(['/users/{id}'], '/users/anna'), '/users/{id}');
  assert.equal(find(['/users/{id}'], '/users/'), undefined);
  assert.equal(find(['/users/{id}'], '/users/anna/orders'), undefined);
  assert.equal(find(['/users/{id}'], '/users'), undefined);
  assert.equal(find(['/users/{id}/'], '/users/anna'), undefined);
});

test('a parameter within a segment takes what the text around it leaves', () => {
  const templates = ['/files/{name}.json', '/report.{format}', '/users/{id}:activate', '/compare/{a}...{b}'];
  assert.equal(find(templates, '/files/x.json'), '/files/{name}.json');
  assert.equal(find(templates, '/files/x.xml'), undefined);
  assert.equal(find(templates, '/files/.json'), undefined);
  assert.equal(find(templates, '/health'), undefined);
  assert.equal(find(templates, '/report.pdf'), '/report.{format}');
  assert.equal(find(templates, '/users/7:activate'), '/users/{id}:activate');
  assert.equal(find(templates, '/compare/main...feature'), '/compare/{a}...{b}');
  assert.equal(find(templates, '/compare/main---feature'), undefined);
});

test('of several that fit, the one with the fewest parameters is taken, then the one with text around them', () => {
  const templates = ['/{a}/{b}', '/users/{id}', '/users/me', '/users/{id}:activate'];
  assert.equal(find(templates, '/users/me'), '/users/me');
  assert.equal(find(templates, '/users/7:activate'), '/users/{id}:activate');
  assert.equal(find(templates, '/users/7'), '/users/{id}');
  assert.equal(find(templates, '/x/y'), '/{a}/{b}');
});

test('between two that fit equally well, their text decides, not their order', () => {
  const templates = ['/{x}/list', '/users/{y}'];
  assert.equal(find(templates, '/users/list'), '/users/{y}');
  assert.equal(find([...templates].reverse(), '/users/list'), '/users/{y}');
});

test('parameters of the path itself are left out, as in routes that are found', () => {
  assert.equal(find(['/users/{id}/orders'], '/users;v=1/7;x=2/orders'), '/users/{id}/orders');
});

test('what is no path fits nothing', () => {
  assert.equal(find(['/', '/{x}'], '*'), undefined);
  assert.equal(find(['/'], '/'), '/');
  assert.equal(find(['/{x}'], ''), undefined);
});

test('text of a template is text', () => {
  assert.equal(find(['/a.b/{x}', '/(.*)/{x}.+'], '/aXb/1'), undefined);
  assert.equal(find(['/(.*)/{x}.+'], '/(.*)/1.+'), '/(.*)/{x}.+');
  assert.equal(find(['/__proto__/{x}'], '/__proto__/1'), '/__proto__/{x}');
  assert.equal(find([], '/__proto__'), undefined);
});

test('a route that does not begin with a slash, and too many of them, are refused', () => {
  assert.throws(
    () => new RouteOverrides(['users/{id}']),
    (error) => error instanceof DiffError && error.code === 'bad-route',
  );
  const many = Array.from({ length: 10_001 }, (_, i) => `/r${i}`);
  assert.throws(
    () => new RouteOverrides(many),
    (error) => error instanceof DiffError && error.code === 'bad-route',
  );
});

// To try each of them for each path would be 1,000 million comparisons.
test('10,000 templates are looked through in no long time', () => {
  const overrides = new RouteOverrides(
    Array.from({ length: 10_000 }, (_, i) => `/api/r${i}/{id}/${i % 2 ? 'a' : '{b}'}`),
  );
  for (let i = 0; i < 100_000; i++) {
    assert.equal(overrides.find(`/api/r${i % 10_000}/7/a`), `/api/r${i % 10_000}/{id}/${i % 2 ? 'a' : '{b}'}`);
  }
});

test('the paths of an OpenAPI file are routes, also below the paths of its servers', () => {
  const description = {
    openapi: '3.1.0',
    servers: [{ url: 'https://api.example/v1/' }, { url: '/v2' }, { url: 'https://other.example' }, {}, null],
    paths: { '/users/{id}': {}, '/orders': {}, 'x-internal': {} },
  };
  assert.deepEqual(openApiPaths(description), [
    '/users/{id}',
    '/orders',
    '/v1/users/{id}',
    '/v1/orders',
    '/v2/users/{id}',
    '/v2/orders',
  ]);
});

test('Swagger 2 has a basePath', () => {
  assert.deepEqual(openApiPaths({ swagger: '2.0', basePath: '/v1', paths: { '/a': {} } }), ['/a', '/v1/a']);
});

test('what has no paths is no OpenAPI file', () => {
  for (const value of [
    undefined,
    null,
    1,
    'x',
    [],
    {},
    { paths: null },
    { paths: {} },
    { paths: { x: {} } },
    { paths: [] },
  ]) {
    assert.throws(
      () => openApiPaths(value),
      (error) => error instanceof DiffError && error.code === 'bad-openapi',
    );
  }
});
