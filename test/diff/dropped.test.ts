import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse, answer, lineAt, pairs, report, request } from './records.ts';

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

test('what was dropped was attempted, and a single request says why it was', () => {
  const production = ['a', 'b'].map((uniqueId, sid) => request({ uniqueId, pid: 1, sid, host: 'lb1' }));
  const spoe = [0, 1].map((sid) => ({ sid, st: 0, host: 'lb1' }));
  const lines = { production, mirror: [answer({ uniqueId: 'a' }), dropped('b', 'shutdown')], spoe };
  const { coverage } = report(lines);
  assert.deepEqual([coverage.attempted, coverage.deliveredShare], [2, 1 / 2]);
  const line = lineAt(analyse(lines), 1);
  assert.deepEqual([line.bucket, line.dropped, line.mirror], ['dropped', 'shutdown', null]);
});
