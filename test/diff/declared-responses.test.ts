import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Difference } from '../../src/answers/differences.ts';
import { DiffError } from '../../src/diff/errors.ts';
import { ResponseRules } from '../../src/diff/response-rules.ts';
import type { Declared, DifferenceContext } from '../../src/diff/responses/difference-rules.ts';

const ORDER: DifferenceContext = { method: 'GET', target: '/orders/17', status: 200 };

/** A description whose GET /orders/{id} answers 200 with that schema. */
function describing(schema: unknown, rest: object = {}): object {
  return {
    openapi: '3.1.0',
    paths: { '/orders/{id}': { get: { responses: { 200: { content: { 'application/json': { schema } } } } } } },
    ...rest,
  };
}

function declared(description: unknown, seen: string, context = ORDER): Declared | undefined {
  const [kind, place, shape] = seen.split(' | ') as [Difference['kind'], string, string?];
  return new ResponseRules({}, description).declaredOf({ kind, place, ...(shape && { shape }) }, context);
}

function check(description: unknown, expected: { readonly [seen: string]: Declared | undefined }) {
  for (const [seen, what] of Object.entries(expected)) assert.equal(declared(description, seen), what, seen);
}

const ITEM = {
  type: 'object',
  required: ['sku'],
  properties: { sku: { type: 'string' }, price: { type: ['number', 'null'] }, parent: { $ref: '#/$defs/Item' } },
};

test('members that are declared, required, of a type, or not mentioned', () => {
  const schema = {
    type: 'object',
    required: ['id', 'items'],
    properties: { id: { type: 'integer' }, note: { type: 'string' }, items: { type: 'array', items: ITEM }, any: {} },
  };
  check(describing(schema), {
    'extra | $.note': 'additive',
    'extra | $.other': 'undeclared',
    'extra | $.items[*].price': 'additive',
    'extra | $.items[*].other': 'undeclared',
    'missing | $.id': 'breaking',
    'missing | $.note': undefined,
    'missing | $.other': 'undeclared',
    'missing | $.items[*].sku': 'breaking',
    'type | $.id | number → string': 'breaking',
    'type | $.id | string → number': undefined,
    'type | $.items[*].price | number → null': undefined,
    'type | $.items[*].price | number → string|null': 'breaking',
    'type | $.items | array → object': 'breaking',
    'type | $.any | array → object': undefined,
    'type | $ | object → array': 'breaking',
    'type | $.other | number → string': 'undeclared',
    'value | $.other': 'undeclared',
    'value | $.note': undefined,
    'extra | $.any.below': 'undeclared',
    'extra | $.__proto__': 'undeclared',
    'extra | $.constructor': 'undeclared',
    'value | body': undefined,
  });
});

test('members without names of their own are those of additionalProperties', () => {
  const map = { type: 'object', properties: { all: { type: 'number' } }, additionalProperties: ITEM };
  const closed = { type: 'object', properties: { a: {} }, additionalProperties: false };
  const patterned = { type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false };
  check(
    describing({
      type: 'object',
      properties: { map, closed, patterned, open: { type: 'object', additionalProperties: true } },
    }),
    {
      'extra | $.map.{…}': 'additive',
      'missing | $.map.{…}.sku': 'breaking',
      'type | $.map.all | number → string': 'breaking',
      'type | $.map.other.sku | string → number': 'breaking',
      'extra | $.closed.b': 'breaking',
      'extra | $.closed.a': 'additive',
      'extra | $.patterned.x-a': 'additive',
      'extra | $.patterned.y': 'breaking',
      'extra | $.open.b': 'undeclared',
    },
  );
});

test('allOf holds at once, of oneOf and anyOf one', () => {
  const cat = { required: ['kind', 'lives'], properties: { kind: { const: 'cat' }, lives: { type: 'integer' } } };
  const dog = { required: ['kind'], properties: { kind: { enum: ['dog', null] }, bark: { type: 'string' } } };
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Base' }, { required: ['name'], properties: { name: { type: 'string' } } }],
    oneOf: [cat, dog],
  };
  const Base = {
    type: 'object',
    required: ['id'],
    properties: { id: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
  };
  check(describing(schema, { components: { schemas: { Base } } }), {
    'missing | $.id': 'breaking',
    'missing | $.name': 'breaking',
    'missing | $.kind': 'breaking',
    'missing | $.lives': undefined,
    'extra | $.bark': 'additive',
    'type | $.id | string → number': undefined,
    'type | $.id | string → boolean': 'breaking',
    'type | $.kind | string → null': undefined,
    'type | $.kind | string → number': 'breaking',
  });
});

test('nullable of 3.0 counts beside a type and beside a reference', () => {
  const Name = { type: 'string' };
  const properties = {
    a: { type: 'string', nullable: true },
    b: { $ref: '#/components/schemas/Name', nullable: true },
    c: { $ref: '#/components/schemas/Name' },
  };
  check(describing({ properties }, { openapi: '3.0.3', components: { schemas: { Name } } }), {
    'type | $.a | string → null': undefined,
    'type | $.b | string → null': undefined,
    'type | $.c | string → null': 'breaking',
    'type | $ | object → null': 'breaking',
  });
});

test('Swagger 2 has a schema for the answer itself, and paths below its basePath', () => {
  const description = {
    swagger: '2.0',
    basePath: '/api',
    paths: { '/orders/{id}': { get: { responses: { 200: { $ref: '#/responses/Order' } } } } },
    responses: { Order: { schema: { $ref: '#/definitions/Order' }, headers: { 'X-Rate': { type: 'integer' } } } },
    definitions: {
      Order: { type: 'object', required: ['id'], properties: { id: { type: 'string', 'x-nullable': true } } },
    },
  };
  const context = { ...ORDER, target: '/api/orders/17' };
  for (const at of [ORDER, context]) {
    assert.equal(declared(description, 'missing | $.id', at), 'breaking');
    assert.equal(declared(description, 'type | $.id | string → null', at), undefined);
    assert.equal(declared(description, 'extra | header x-rate', at), 'additive');
    assert.equal(declared(description, 'extra | $.new', at), 'undeclared');
  }
});

test('statuses, media types and headers are held against it, too', () => {
  const answer = {
    content: { 'application/json; charset=utf-8': {}, 'image/*': {} },
    headers: { ETag: { required: true }, 'X-Page': { $ref: '#/components/headers/Page' }, Link: {} },
  };
  const description = {
    paths: { '/orders/{id}': { get: { responses: { 200: answer, '4XX': {} } } } },
    components: { headers: { Page: { required: true } } },
  };
  check(description, {
    'status | status | 200 → 404': undefined,
    'status | status | 200 → 201': 'undeclared',
    'status | status | 200 → none': undefined,
    'content-type | content-type | text/plain → application/json': undefined,
    'content-type | content-type | application/json → image/png': undefined,
    'content-type | content-type | application/json → text/html': 'breaking',
    'missing | header etag': 'breaking',
    'missing | header x-page': 'breaking',
    'missing | header link': undefined,
    'extra | header link': 'additive',
    'extra | header x-other': undefined,
    // No schema of JSON is there.
    'missing | $.id': undefined,
  });
  const anything = { paths: { '/orders/{id}': { get: { responses: { default: {} } } } } };
  assert.equal(declared(anything, 'status | status | 200 → 599'), undefined);
});

test('nothing is said about operations and statuses that are not declared', () => {
  const description = describing(ITEM, { $defs: { Item: ITEM } });
  assert.equal(declared(description, 'extra | $.price'), 'additive');
  for (const context of [
    { ...ORDER, method: 'PUT' },
    { ...ORDER, target: '/other' },
    { ...ORDER, method: '', target: '' },
    { ...ORDER, method: '__proto__' },
    { ...ORDER, status: 404 },
    { ...ORDER, status: -1 },
  ]) {
    assert.equal(declared(description, 'extra | $.price', context), undefined);
  }
  assert.equal(new ResponseRules({}).declaredOf({ kind: 'extra', place: '$.x' }, ORDER), undefined);
});

test('a description that refers to itself, grows without end or is nonsense is bounded', () => {
  const loop = { $ref: '#/components/schemas/A' };
  const A = {
    allOf: [loop, loop, loop],
    oneOf: [loop, loop],
    anyOf: [loop, loop],
    properties: { a: loop },
    required: ['a'],
  };
  const description = describing(loop, { components: { schemas: { A, B: { $ref: '#/components/schemas/B' } } } });
  assert.equal(declared(description, 'missing | $.a'), 'breaking');
  assert.equal(declared(description, `extra | $${'.a'.repeat(60)}`), 'additive');
  for (const schema of [
    { $ref: '#/components/schemas/B' },
    { $ref: '#/nowhere' },
    { $ref: 'http://example.org/other.json' },
    { $ref: '#/%E0%A4%A' },
    { allOf: 7, oneOf: {}, properties: [], items: 'x', required: 'a', type: [1], enum: 3 },
    { patternProperties: { '(a+)+$': {}, '[': {} } },
    true,
    [],
    null,
  ])
    declared(describing(schema), `missing | $.${'a'.repeat(180)}.b`);
  for (const responses of [null, [], 'x', { 200: null }, { 200: { content: 7, headers: 'x' } }])
    declared({ paths: { '/orders/{id}': { get: { responses } } } }, 'missing | $.a');
});

test('a description without paths is refused', () => {
  for (const description of [{}, null, [], { paths: {} }])
    assert.throws(
      () => new ResponseRules({}, description),
      (error) => error instanceof DiffError && error.code === 'bad-openapi',
    );
});

test('additive-fine takes out what the description allows for or does not mention, never what it excludes', () => {
  const schema = {
    type: 'object',
    properties: { a: {}, closed: { additionalProperties: false, properties: { b: {} } } },
  };
  const rules = new ResponseRules({ additiveFine: true }, describing(schema));
  assert.ok(rules.classify({ place: '$.a', kind: 'extra' }, ORDER));
  assert.ok(rules.classify({ place: '$.new', kind: 'extra' }, ORDER));
  assert.equal(rules.classify({ place: '$.closed.c', kind: 'extra' }, ORDER), undefined);
});
