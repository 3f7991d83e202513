import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { analyse, answer, lineAt, pairs, report, request } from './records.ts';

const START = Date.UTC(2026, 10, 22, 7);

const dropped = (uniqueId: string, error: string) =>
  answer({ uniqueId, status: -1, error, firstByteMs: -1, totalMs: -1, message: 'mirror' });

for (const error of [
  'dropped-queue-full',
  'dropped-max-rate',
  'skipped-truncated',
  'shutdown',
  'queue-timeout',
  'invalid-path',
]) {
  test(`a request that the agent did not send (${error}) says nothing about the release`, () => {
    const fine = pairs([{}, {}, 300]);
    const { coverage, errors } = report({
      production: [...fine.production, request({ uniqueId: 'lost' })],
      mirror: [...fine.mirror, dropped('lost', error)],
    });
    assert.deepEqual([errors.newError, errors.n, coverage.buckets.dropped], [0, 300, 1]);
    assert.deepEqual(coverage.dropped, { [error]: 1 });
    assert.deepEqual([coverage.comparable, coverage.mirrorOnly.retriedIds], [301, 0]);
  });
}

test('a mirror that does not answer is an error of the release all the same', () => {
  for (const error of ['connect-refused', 'timeout', 'reset', 'closed', 'tls', 'dns']) {
    const { errors } = report({ production: [request({ uniqueId: 'a' })], mirror: [dropped('a', error)] });
    assert.equal(errors.newError, 1, error);
  }
});

test('of a request that got there and was dropped as well the answer counts, in any order', () => {
  const lines = [dropped('a', 'dropped-queue-full'), answer({ uniqueId: 'a', status: 404 })];
  for (const mirror of [lines, [...lines].reverse()]) {
    const { coverage, transitions } = report({ production: [request({ uniqueId: 'a' })], mirror });
    assert.deepEqual([coverage.buckets.dropped, coverage.paired, coverage.mirrorOnly.retriedIds], [0, 1, 0]);
    assert.deepEqual(transitions, [{ production: '200', mirror: '404', count: 1 }]);
  }
});

/** The answer to a request whose body HAProxy's buffer cut, and that was sent all the same. */
const cut = (fields: Partial<AccessRecord>) => answer({ status: 400, isSentCut: true, ...fields });
const posts = (n: number) =>
  Array.from({ length: n }, (_, i) => ({
    uniqueId: `post-${i}`,
    method: 'POST',
    target: '/orders',
    timeMs: START + i,
  }));

test('a mirror that answers 400 to cut bodies alone is INCONCLUSIVE, and it is said why', () => {
  const { verdict, coverage, errors, warnings } = report({
    production: posts(600).map(request),
    mirror: posts(600).map(cut),
  });
  assert.equal(verdict.exitCode, 3);
  const why = '600 requests were sent with the body cut (tune.bufsize, --truncated): their answers are not compared';
  assert.deepEqual(verdict.reasons, ['no request is paired with what the mirror answered', why]);
  assert.deepEqual(coverage.dropped, { 'sent-truncated': 600 });
  assert.deepEqual([coverage.paired, coverage.buckets.dropped, errors.n], [0, 600, 0]);
  assert.deepEqual(warnings.find(({ code }) => code === 'sent-truncated')?.message, why);
});

test('answers to cut bodies are no evidence, be they fine, refusals or failures', () => {
  const fine = pairs([{}, {}, 3000]);
  const few = posts(5).map((post) => ({ ...post, method: 'GET', target: '/' }));
  for (const fields of [{ status: 200 }, { status: 400 }, { status: 500 }, { status: -1, error: 'timeout' }]) {
    const found = report({
      production: [...fine.production, ...few.map(request)],
      mirror: [...fine.mirror, ...few.map((line) => cut({ ...line, ...fields }))],
    });
    assert.deepEqual([found.verdict.status, found.errors.n, found.coverage.unanswered], ['pass', 3000, 5]);
    assert.match(found.warnings.map(({ message }) => message).join('\n'), /^5 requests were sent with the body cut/m);
  }
});

test('many of them are a doubt, and a route of nothing else is not known', () => {
  const fine = pairs([{}, {}, 1000]);
  const { verdict } = report({
    production: [...fine.production, ...posts(100).map(request)],
    mirror: [...fine.mirror, ...posts(100).map(cut)],
  });
  assert.equal(verdict.status, 'inconclusive');
  const said = verdict.reasons.join('\n');
  assert.match(
    said,
    /100 of 1100 requests have no answer of the mirror that counts \(100 sent with the body cut: tune.bufsize, --truncated\)/,
  );
  assert.match(
    said,
    /POST \/orders: 0 of 100 requests are answered .*; answers to requests that were sent with the body cut do not count/,
  );
});

test('where nothing is paired they are no answers of a route either, and what was never sent is none', () => {
  const times = (n: number) => Array.from({ length: n }, (_, i) => ({ timeMs: START + i }));
  const { errors } = report({
    production: times(400).map(request),
    mirror: [
      ...times(400).map(answer),
      ...times(50).map(cut),
      ...times(50).map((time) => ({ ...dropped('', 'shutdown'), ...time })),
    ],
  });
  assert.deepEqual([errors.mirrorN, errors.mirrorErrors], [400, 0]);
});

test('what was dropped was attempted, and a single request says why it was', () => {
  const production = ['a', 'b'].map((uniqueId, sid) => request({ uniqueId, pid: 1, sid, host: 'lb1' }));
  const spoe = [0, 1].map((sid) => ({ sid, st: 0, host: 'lb1' }));
  const lines = { production, mirror: [answer({ uniqueId: 'a' }), dropped('b', 'shutdown')], spoe };
  const { coverage } = report(lines);
  assert.deepEqual([coverage.attempted, coverage.deliveredShare], [2, 1 / 2]);
  const line = lineAt(analyse(lines), 1);
  assert.deepEqual([line.bucket, line.dropped, line.mirror], ['dropped', 'shutdown', null]);
});
