/** Lines that nobody writes in good faith. None may make the core fail, wait, or say something that is no JSON. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Collection } from '../../src/diff/collection.ts';
import { DiffError } from '../../src/diff/errors.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { fuzz } from '../attack/fuzzing.ts';
import { CODE_POINT } from '../text/code-points.ts';
import { answer, pairs, report, request, rulesOf } from './records.ts';

function statusOf(status: number): string | undefined {
  return report(pairs([{ status }, {}, 1])).transitions[0]?.production;
}

test('what is no status is none, also where 16 bits would make one of it', () => {
  for (const status of [
    -5,
    0,
    99,
    1000,
    99_999,
    65_736,
    -65_336,
    2 ** 31 + 200,
    200.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]) {
    assert.equal(statusOf(status), 'none', `${status}`);
  }
  for (const status of [100, 200, 599, 999]) assert.equal(statusOf(status), String(status));
});

test('a mirror without a proper status has failed', () => {
  assert.equal(report(pairs([{}, { status: 99_999 }, 1])).errors.newError, 1);
});

const any = fc.oneof(
  fc.double(),
  fc.constantFrom(
    -1,
    0,
    1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    8.64e15 + 1,
  ),
);
const text = fc.oneof(
  fc.string({ unit: CODE_POINT }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '\ud800',
    '\udc00x',
    '\0',
    '\n\r',
    '\u001b[31m',
    '\u2028',
    '(other)',
    '{…}',
    '*',
  ),
);
const record = fc.record({
  timeMs: any,
  method: text,
  target: fc.oneof(
    text,
    text.map((path) => `/${path}/x`),
  ),
  malformed: fc.boolean(),
  status: any,
  termination: text,
  noServer: fc.boolean(),
  firstByteMs: any,
  totalMs: any,
  uniqueId: fc.oneof(text, fc.constantFrom('a', 'b', 'c')),
  traceId: fc.oneof(text, fc.constant('')),
  sid: any,
  pid: any,
  host: text,
  error: fc.oneof(text, fc.constant('')),
});

test('whatever lines say, there is a report, and it is JSON', () => {
  fuzz(
    fc.property(fc.array(record, { maxLength: 25 }), fc.array(record, { maxLength: 25 }), (production, mirror) => {
      const found = report({ production, mirror });
      assert.ok(found.coverage.productionRequests <= production.length);
      const again = JSON.parse(JSON.stringify(found));
      assert.deepEqual(again.coverage, found.coverage);
      const reversed = report({ production: [...production].reverse(), mirror: [...mirror].reverse() });
      assert.equal(JSON.stringify(reversed), JSON.stringify(found));
    }),
    150,
  );
});

test('names that JavaScript knows are routes, methods, errors and ids like others', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  const kinds = names.map(
    (name) =>
      [{ method: name, target: `/${name}`, uniqueId: name }, { uniqueId: name, status: -1, error: name }, 1] as const,
  );
  const { routes, transitions, samples, errors } = report(pairs(...kinds));
  assert.deepEqual(new Set(routes.map(({ route }) => route)), new Set(names.map((name) => `${name} /${name}`)));
  assert.deepEqual(new Set(transitions.map(({ mirror }) => mirror)), new Set(names));
  assert.deepEqual(new Set(samples.map(({ id }) => id)), new Set(names));
  assert.equal(errors.newError, names.length);
});

test('half surrogate pairs on both sides are the same id', () => {
  const { coverage } = report(pairs([{ uniqueId: '\ud800x' }, { uniqueId: '\ud800x' }, 1]));
  assert.equal(coverage.paired, 1);
});

test('a target of a megabyte is kept in part, an id of a megabyte is an id', () => {
  const [target, uniqueId] = [`/${'x'.repeat(2 ** 20)}?y`, 'i'.repeat(2 ** 20)];
  const found = report(pairs([{ target, uniqueId }, { status: 500, uniqueId, target }, 1]));
  assert.deepEqual([found.coverage.paired, found.routes[0]?.route], [1, 'GET /{…}']);
  assert.ok((found.samples[0]?.production.target.length ?? 0) <= 300);
});

test('more requests of a side than allowed are refused, equal lines do not count', () => {
  const collection = new Collection({ agent: 'mirror', maxRequests: 2 });
  for (const hash of [1, 1, 2, 2]) collection.addProduction(request(), hash, 0);
  for (const hash of [1, 1, 2]) collection.addMirror(answer({ uniqueId: `a${hash}` }), hash, 0);
  const isRefused = (error: unknown) =>
    error instanceof DiffError && error.code === 'too-many-requests' && error.hint !== '';
  assert.throws(() => collection.addProduction(request(), 3, 0), isRefused);
  assert.throws(() => collection.addMirror(answer(), 3, 0), isRefused);
});

test('requests that are not wanted are counted apart', () => {
  const collection = new Collection({ agent: 'mirror', accepts: ({ method }: AccessRecord) => method === 'GET' });
  assert.equal(collection.addProduction(request(), 1, 0), 'added');
  assert.equal(collection.addProduction(request({ method: 'PUT' }), 2, 0), 'filtered');
  assert.equal(collection.addProduction(request({ method: 'PUT' }), 2, 0), 'duplicate');
  assert.deepEqual([collection.production.size, collection.filtered], [1, 1]);
});

// Below, what is quadratic would be 10,000 million steps: longer than the runner waits.

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const paired = (
  count: number,
  before: (i: number) => Partial<AccessRecord>,
  after: (i: number) => Partial<AccessRecord> = () => ({}),
) =>
  report({
    production: many(count, (i) => request({ uniqueId: `${i}`, timeMs: i, ...before(i) })),
    mirror: many(count, (i) => answer({ uniqueId: `${i}`, timeMs: i, ...after(i) })),
  });

test('100,000 paths at the root take no long time', () => {
  assert.equal(paired(100_000, (i) => ({ target: `/r${i}x` })).routes.length, 1);
});

// 640,000 segments.
test('40,000 deep paths take no long time', () => {
  paired(40_000, (i) => ({ target: `/${many(16, (depth) => `s${(i >> depth) % 7}x${i % (depth + 1)}`).join('/')}` }));
});

test('100,000 methods and errors take no long time', () => {
  paired(
    100_000,
    (i) => ({ method: `M${i}` }),
    (i) => ({ error: `e${i}`, status: -1 }),
  );
});

test('100,000 answers to one request take no long time', () => {
  const mirror = many(100_000, (timeMs) => answer({ uniqueId: 'a', timeMs }));
  assert.equal(report({ production: [request({ uniqueId: 'a' })], mirror }).coverage.paired, 1);
});

test('100,000 slow errors of one moment on one route take no long time', () => {
  paired(
    100_000,
    () => ({ timeMs: 5 }),
    () => ({ timeMs: 5, status: 500, totalMs: 900 }),
  );
});

test('100,000 processes take no long time', () => {
  const line = (i: number) => ({ pid: i, sid: 1, host: `h${i % 1000}` });
  const { coverage } = report({
    production: many(100_000, (i) => request(line(i))),
    mirror: many(100_000, (i) => answer(line(i))),
  });
  assert.equal(coverage.paired, 100_000);
});

test('rules that are refused leave nothing behind', () => {
  assert.throws(() => rulesOf({ ...report({}).settings, ignore: ['x'] }));
});
