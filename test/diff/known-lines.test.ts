import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownLines } from '../../src/diff/known-lines.ts';
import { analyse, answer, report, request } from './records.ts';

/** As a line of nginx has it: whole seconds, no id. */
const PLAIN = { termination: '', timeMs: Date.UTC(2026, 10, 22, 7) };

test('equal lines without an id are as many requests', () => {
  const production = Array.from({ length: 40 }, () => request(PLAIN));
  const mirror = Array.from({ length: 30 }, () => answer(PLAIN));
  const { coverage, errors } = report({ production, mirror });
  assert.deepEqual([coverage.productionRequests, errors.mirrorN], [40, 30]);
});

for (const [what, values] of [
  ['a unique id', { uniqueId: 'a' }],
  ['trace and parent id', { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }],
  ['process and stream', { pid: 1, sid: 2 }],
  ['milliseconds', { timeMs: PLAIN.timeMs + 7 }],
  ["HAProxy's termination state", { termination: '----' }],
] as const) {
  test(`an equal line with ${what} is the same request`, () => {
    const line = request({ ...PLAIN, ...values });
    assert.equal(analyse({ production: [line, line], mirror: [] }).collection.production.size, 1);
  });
}

test('a trace alone is no reason to drop a line: it has several requests', () => {
  const line = request({ ...PLAIN, traceId: 'a'.repeat(32) });
  assert.equal(analyse({ production: [line, line], mirror: [] }).collection.production.size, 2);
});

test('lines without an id that are in several files are counted, in whatever order the files come', () => {
  for (const files of [
    [0, 1, 0, 1],
    [1, 0, 1, 0],
    [0, 0, 1, 1],
  ]) {
    const lines = new KnownLines();
    files.forEach((file, i) => {
      assert.equal(lines.addRequest(request(PLAIN), i >> 1 === 0 ? 5 : 5, file), true);
    });
    assert.equal(lines.inSeveralFiles, 1);
  }
});
