import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from '../../src/diff/model.ts';
import { shownTarget } from '../../src/diff/request-line.ts';
import { answer, type Lines, pairs, randomOf, report, request, shuffled } from './records.ts';

function samplesOf(lines: Lines, kind: Sample['kind'], settings = {}): readonly Sample[] {
  return report(lines, { settings }).samples.filter((sample) => sample.kind === kind);
}

test('of a kind there are at most 3 of a route and 10 in all, the worst route first, the earliest first', () => {
  const kinds = Array.from({ length: 6 }, (_, i) => [{ target: `/r${i}` }, { status: 500 }, 10 - i] as const);
  const samples = samplesOf(pairs(...kinds), 'new_error');
  assert.deepEqual(
    samples.map(({ route, id }) => `${route} ${id}`),
    [
      'GET /r0 id-0',
      'GET /r0 id-1',
      'GET /r0 id-2',
      'GET /r1 id-10',
      'GET /r1 id-11',
      'GET /r1 id-12',
      'GET /r2 id-19',
      'GET /r2 id-20',
      'GET /r2 id-21',
      'GET /r3 id-27',
    ],
  );
});

test('a million errors give no more samples than twelve', () => {
  const { samples } = report(pairs([{}, { status: 500 }, 20_000]));
  assert.equal(samples.length, 3);
});

test('a sample shows both sides, with what the mirror was asked for', () => {
  const [sample] = samplesOf(
    pairs([
      { target: '/a?token=secret', traceId: 'ab', status: 200 },
      { target: '/b/a?token=secret', status: -1, error: 'timeout', totalMs: 2000 },
      1,
    ]),
    'new_error',
  );
  assert.deepEqual(sample, {
    kind: 'new_error',
    id: 'id-0',
    route: 'GET /a',
    production: { status: 200, target: '/a?…', termination: '----', ms: 12 },
    mirror: { status: null, target: '/b/a?…', error: 'timeout', ms: 2000 },
    traceId: 'ab',
    time: '2026-11-22T07:00:00.000Z',
  });
});

test('what is missing is shown as well, as long as nobody knows that it never left', () => {
  const lines = {
    production: [
      request({ uniqueId: 'a', pid: 1, sid: 1, host: 'h' }),
      request({ uniqueId: 'b', pid: 1, sid: 2, host: 'h' }),
      request({ uniqueId: 'c', pid: 1, sid: 3, host: 'h' }),
    ],
    mirror: [answer({ uniqueId: 'a' })],
  };
  assert.deepEqual(
    samplesOf(lines, 'missing').map(({ id, mirror }) => [id, mirror]),
    [
      ['b', undefined],
      ['c', undefined],
    ],
  );
  const spoe = [{ sid: 2, st: 0, host: 'h' }];
  assert.deepEqual(
    samplesOf({ ...lines, spoe }, 'missing').map(({ id }) => id),
    ['b'],
  );
});

test('slow is 50 ms more and twice as much, the slowest first', () => {
  const times = [
    [100, 199],
    [100, 200],
    [10, 59],
    [10, 60],
    [0, 50],
    [0, 49],
    [-1, 500],
    [400, 700],
    [1, 1000],
  ];
  const kinds = times.map(
    ([before, after]) => [{ totalMs: before as number }, { totalMs: after as number }, 1] as const,
  );
  assert.deepEqual(
    samplesOf(pairs(...kinds), 'slow').map(({ production, mirror }) => [production.ms, mirror?.ms]),
    [
      [1, 1000],
      [100, 200],
      [10, 60],
    ],
  );
});

test('requests without a time come last, and have none', () => {
  const samples = samplesOf(
    pairs([{ timeMs: Number.NaN }, { status: 500 }, 1], [{ timeMs: 5 }, { status: 500 }, 1]),
    'new_error',
  );
  assert.deepEqual(
    samples.map(({ time }) => time),
    ['1970-01-01T00:00:00.005Z', null],
  );
});

test('a time that no calendar has is none', () => {
  for (const timeMs of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e17]) {
    const { samples, window, correlation } = report(pairs([{ timeMs }, { status: 500, timeMs }, 1]));
    assert.deepEqual([samples[0]?.time, window, correlation.clockSkewMs], [null, { from: null, to: null }, null]);
  }
});

test('the choice depends on no order, not even where time and id are the same', () => {
  const trace = (i: number) => i.toString(16).padStart(32, '0');
  const production = Array.from({ length: 12 }, (_, i) =>
    request({ uniqueId: 'same', traceId: trace(i), target: `/a?x=${i}`, totalMs: i }),
  );
  const mirror = Array.from({ length: 12 }, (_, i) =>
    answer({ traceId: trace(i), status: 500, target: `/a?y=${i % 5}` }),
  );
  const random = randomOf(7);
  const first = JSON.stringify(report({ production, mirror }, { options: { showQueries: true } }));
  for (let i = 0; i < 20; i++) {
    const again = { production: shuffled(production, random), mirror: shuffled(mirror, random) };
    assert.equal(JSON.stringify(report(again, { options: { showQueries: true } })), first);
  }
});

test('queries, fragments, users and passwords are not shown', () => {
  const hidden = { showQueries: false };
  assert.equal(shownTarget('/a?token=1&b=2', hidden), '/a?…');
  assert.equal(shownTarget('/a#access_token=1', hidden), '/a#…');
  assert.equal(shownTarget('/a', hidden), '/a');
  assert.equal(shownTarget('https://user:pass@shop.example/a?b', hidden), 'https://shop.example/a?…');
  assert.equal(shownTarget('https://user:p@ss@shop.example/a', hidden), 'https://shop.example/a');
  assert.equal(shownTarget('/a/b@c', hidden), '/a/b@c');
});

test('queries are shown when asked for, users and passwords never', () => {
  assert.equal(
    shownTarget('https://user:pass@shop.example/a?b=@', { showQueries: true }),
    'https://shop.example/a?b=@',
  );
});
