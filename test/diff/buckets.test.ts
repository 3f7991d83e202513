import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUCKETS, type Bucket } from '../../src/diff/model.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { analyse, answer, type Lines, report, request } from './records.ts';

/** Something else that is paired, so that ids are what requests are paired by. */
const COMPANY = { production: request({ uniqueId: 'company' }), mirror: answer({ uniqueId: 'company' }) };

function bucketOf(record: Partial<AccessRecord>, { mirror = [], spoe = [], production = [] }: Lines = {}): Bucket {
  const lines = {
    production: [request(record), COMPANY.production, ...production],
    mirror: [COMPANY.mirror, ...mirror],
    spoe,
  };
  return BUCKETS[analyse(lines).buckets[0] as number] as Bucket;
}

const A = { uniqueId: 'a', host: 'lb1', pid: 1, sid: 5 };
const ANSWERED = { mirror: [answer({ uniqueId: 'a' })] };
const OTHERS_SPOE = [{ sid: 6, st: 0, host: 'lb1' }];

test('a request whose answer is there is paired', () => {
  assert.equal(bucketOf(A, ANSWERED), 'paired');
});

test('each test comes before those after it', () => {
  const twin = { production: [request({ ...A, target: '/twin' })] };
  const all = { ...A, malformed: true, termination: 'CR--', firstByteMs: -1, noServer: true };
  assert.equal(bucketOf({ ...all, uniqueId: '' }, { ...ANSWERED, ...twin }), 'malformed');
  assert.equal(bucketOf({ ...all, malformed: false, uniqueId: '' }, ANSWERED), 'no_id');
  assert.equal(bucketOf({ ...all, malformed: false }, { ...ANSWERED, ...twin }), 'ambiguous_id');
  assert.equal(bucketOf({ ...all, malformed: false }, ANSWERED), 'client_abort');
  assert.equal(bucketOf({ ...all, malformed: false, firstByteMs: 3 }, ANSWERED), 'answered_by_proxy');
  assert.equal(bucketOf({ ...all, malformed: false, firstByteMs: 3, noServer: false }, ANSWERED), 'paired');
});

test('a client abort begins with C or c and has no response, whatever status is logged', () => {
  for (const termination of ['CR--', 'CH--', 'CC--', 'cD--', 'CD']) {
    for (const status of [-1, 200, 400, 503]) {
      assert.equal(bucketOf({ ...A, termination, status, firstByteMs: -1 }, ANSWERED), 'client_abort');
    }
  }
});

test('a client that went away during the response is compared, and so is one of whom no Tr is known', () => {
  assert.equal(bucketOf({ ...A, termination: 'CD--', firstByteMs: 0 }, ANSWERED), 'paired');
  assert.equal(bucketOf({ ...A, termination: 'CD--', firstByteMs: Number.NaN }, ANSWERED), 'paired');
  assert.equal(bucketOf({ ...A, termination: 'SD--', firstByteMs: -1 }, ANSWERED), 'paired');
});

test('without a server HAProxy answered itself, unless the termination blames the servers', () => {
  assert.equal(bucketOf({ ...A, noServer: true, termination: 'PR--', status: 403 }, ANSWERED), 'answered_by_proxy');
  assert.equal(bucketOf({ ...A, noServer: true, termination: 'LR--', status: 302 }, ANSWERED), 'answered_by_proxy');
  assert.equal(bucketOf({ ...A, noServer: true, termination: 'SC--', status: 503 }, ANSWERED), 'paired');
  assert.equal(bucketOf({ ...A, noServer: true, termination: 'sQ--', status: 503 }, ANSWERED), 'paired');
});

test('a request that HAProxy answered or refused before it asked a server is not compared', () => {
  for (const termination of ['LR--', 'LR-', 'PR--', 'PT--', 'PC--', 'RC--', 'IR--', 'KQ--', 'LH--']) {
    assert.equal(bucketOf({ ...A, termination, status: 403 }, ANSWERED), 'answered_by_proxy', termination);
  }
  for (const termination of ['PH--', 'PD--', 'SC--', 'sH--', '----', '--NI']) {
    assert.equal(bucketOf({ ...A, termination, status: 502 }, ANSWERED), 'paired', termination);
  }
});

test('what is missing is explained by the SPOE line of the agent', () => {
  assert.equal(bucketOf(A, { spoe: OTHERS_SPOE }), 'not_mirrored');
  assert.equal(bucketOf(A, { spoe: [{ sid: 5, st: 1, host: 'lb1' }] }), 'spoe_failed');
  assert.equal(bucketOf(A, { spoe: [{ sid: 5, st: 0, host: 'lb1' }] }), 'acked_but_missing');
});

test('of several SPOE lines of a request the worst one counts, in any order', () => {
  const good = { sid: 5, st: 0, host: 'lb1' };
  const bad = { sid: 5, st: 3, host: 'lb1' };
  assert.equal(bucketOf(A, { spoe: [good, bad] }), 'spoe_failed');
  assert.equal(bucketOf(A, { spoe: [bad, good] }), 'spoe_failed');
});

test('without SPOE lines, without one of this agent, or without a process it is missing', () => {
  assert.equal(bucketOf(A), 'missing');
  assert.equal(bucketOf(A, { spoe: [{ agent: 'iprep', sid: 5, st: 0, host: 'lb1' }] }), 'missing');
  assert.equal(bucketOf(A, { spoe: [{ sid: 5, st: 0, host: 'lb1', pid: -1 }] }), 'missing');
  assert.equal(bucketOf({ uniqueId: 'a' }, { spoe: OTHERS_SPOE }), 'missing');
});

test('the SPOE line of another process or host with the same stream number explains nothing', () => {
  assert.equal(bucketOf(A, { spoe: [{ sid: 5, st: 0, host: 'lb1', pid: 2 }] }), 'not_mirrored');
  assert.equal(bucketOf(A, { spoe: [{ sid: 5, st: 0, host: 'lb2' }] }), 'not_mirrored');
});

test('shares are of what was comparable and attempted', () => {
  const production = ['a', 'b', 'c', 'd'].map((uniqueId, sid) => request({ uniqueId, pid: 1, sid, host: 'lb1' }));
  production.push(request({ malformed: true }), request(), request({ uniqueId: 'e', noServer: true }));
  const spoe = [
    { sid: 0, st: 0, host: 'lb1' },
    { sid: 1, st: 1, host: 'lb1' },
    { sid: 2, st: 0, host: 'lb1' },
  ];
  const { coverage } = report({ production, mirror: [answer({ uniqueId: 'a' })], spoe });
  assert.deepEqual(
    [coverage.productionRequests, coverage.comparable, coverage.paired, coverage.attempted],
    [7, 4, 1, 3],
  );
  assert.deepEqual([coverage.pairedShare, coverage.deliveredShare], [1 / 4, 1 / 3]);
});

test('without SPOE lines nobody knows what was attempted', () => {
  const { coverage } = report({ production: [request({ uniqueId: 'a' })], mirror: [answer({ uniqueId: 'a' })] });
  assert.deepEqual([coverage.attempted, coverage.deliveredShare, coverage.pairedShare], [null, null, 1]);
});

test('nothing at all is no share', () => {
  const { coverage } = report({});
  assert.deepEqual([coverage.productionRequests, coverage.pairedShare, coverage.deliveredShare], [0, null, null]);
});

const record = fc.record({
  uniqueId: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'),
  traceId: fc.constantFrom('', 't'),
  host: fc.constantFrom('', 'lb1', 'lb2'),
  pid: fc.integer({ min: -1, max: 2 }),
  sid: fc.integer({ min: -1, max: 3 }),
  malformed: fc.boolean(),
  noServer: fc.boolean(),
  termination: fc.constantFrom('', '----', 'CD--', 'cR--', 'SD--', 'PR--'),
  firstByteMs: fc.constantFrom(-1, 0, 7, Number.NaN),
  status: fc.constantFrom(-1, 200, 404, 500),
  error: fc.constantFrom('', 'timeout'),
  target: fc.constantFrom('/a', '/b', ''),
});
const spoeLine = fc.record({
  agent: fc.constantFrom('mirror', 'iprep'),
  sid: fc.integer({ min: 0, max: 3 }),
  st: fc.integer({ min: 0, max: 2 }),
  host: fc.constantFrom('lb1', 'lb2'),
  pid: fc.integer({ min: -1, max: 2 }),
});

test('whatever the lines, each request is in one bucket, and each pair in one cell', () => {
  fc.assert(
    fc.property(fc.array(record), fc.array(record), fc.array(spoeLine), (production, mirror, spoe) => {
      const lines = { production: production.map(request), mirror: mirror.map(answer), spoe };
      const { coverage, errors, routes, correlation, transitions } = report(lines);
      const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
      assert.equal(sum(Object.values(coverage.buckets)), coverage.productionRequests);
      assert.deepEqual(Object.keys(coverage.buckets), [...BUCKETS]);
      assert.equal(sum(routes.map((route) => route.errors.n)), errors.n);
      if (correlation.mode === 'paired') {
        assert.equal(errors.bothOk + errors.newError + errors.fixedError + errors.bothError, errors.n);
        assert.equal(errors.n + errors.ignored, coverage.paired);
        assert.equal(sum(transitions.map(({ count }) => count)), coverage.paired);
      }
    }),
    { numRuns: 300 },
  );
});
