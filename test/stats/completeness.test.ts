import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Float, Int, ROW_FLOATS, ROW_INTS } from '../../src/logs/row.ts';
import type { Completeness, Summary } from '../../src/stats/model.ts';
import { SourceTally } from '../../src/stats/source-tally.ts';
import { eventLine, eventLines, summarizeLog } from './read-log.ts';

/** What a log with these nb_processed values says. */
function completenessOf(processed: readonly (number | bigint)[]): Completeness | undefined {
  return summarizeLog(processed.map((value, i) => eventLine(i, { processed: value })).join('')).total.completeness;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function codes(summary: Summary): string[] {
  return summary.notices.map(({ code }) => code);
}

test('events without a line are the gaps of the counter', () => {
  assert.deepEqual(completenessOf(range(1, 10)), { processed: 10, unlogged: 0, restarts: 0 });
  assert.deepEqual(completenessOf([101, 104, 105, 110]), { processed: 10, unlogged: 6, restarts: 0 });
});

test('values that step back by up to ten are threads, not a restart', () => {
  assert.deepEqual(completenessOf([40, 30, 41, 31, 42]), { processed: 13, unlogged: 8, restarts: 0 });
  const jitter = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(jitter, (offsets) => {
      const order = offsets.map((offset, i) => [i + 1, i + offset] as const).sort((a, b) => a[1] - b[1]);
      assert.deepEqual(completenessOf(order.map(([value]) => value)), { processed: 200, unlogged: 0, restarts: 0 });
    }),
    { seed: 1, numRuns: 30 },
  );
});

test('a fall below half and by more than 16, followed by values near it, is a restart', () => {
  assert.deepEqual(completenessOf([...range(1001, 1010), ...range(1, 5)]), { processed: 15, unlogged: 0, restarts: 1 });
  assert.deepEqual(completenessOf([...range(1, 40), ...range(1, 5)]), { processed: 45, unlogged: 0, restarts: 1 });
});

test('a fall by 16 is none', () => {
  assert.equal(completenessOf([...range(1, 18), 2, 19, 20])?.restarts, 0);
});

test('a single low value, such as a torn last number, is no restart', () => {
  assert.equal(completenessOf([...range(1001, 1010), 10, ...range(1012, 1020)])?.restarts, 0);
  assert.equal(completenessOf([...range(1001, 1010), 10])?.restarts, 0);
});

test('counters that interleave under one key say nothing, and that is said', () => {
  const values = range(1, 40).flatMap((i) => [i, 5000 + i]);
  const summary = summarizeLog(values.map((processed, i) => eventLine(i, { processed })).join(''));
  assert.equal(summary.total.completeness?.unlogged, null);
  assert.equal(summary.total.completeness?.processed, null);
  assert.ok(codes(summary).includes('counters-interleave'));
});

test('a number counted twice means several counters', () => {
  assert.equal(completenessOf([1, 1, 2, 2, 3, 3])?.unlogged, null);
});

test('numbers beyond 2^53 keep their differences', () => {
  const base = 2n ** 60n;
  assert.deepEqual(completenessOf([base, base + 1n, base + 4n]), { processed: 5, unlogged: 2, restarts: 0 });
});

test('agents, processes and hosts count apart', () => {
  const text = eventLines(0, 5) + eventLines(0, 5, { pid: 714 }) + eventLines(0, 5, { agent: 'waf' }, 900);
  const summary = summarizeLog(text);
  assert.deepEqual(summary.total.completeness, { processed: 15, unlogged: 0, restarts: 0 });
  assert.deepEqual(
    summary.groups.map(({ completeness }) => completeness?.processed),
    [10, 5],
  );
});

test('an older piece of the log behind a newer one is no restart', () => {
  const newestFirst = eventLines(100, 100, {}, 101) + eventLines(0, 100);
  const summary = summarizeLog(newestFirst);
  assert.deepEqual(summary.total.completeness, { processed: 200, unlogged: 0, restarts: 0 });
  assert.ok(summary.notices.some(({ code }) => code === 'clock-stepped-back'));
});

test('where two events share a counter its gaps belong to none of them', () => {
  const text = eventLines(0, 3) + eventLines(3, 3, { name: 'on-backend-http-request' }, 8);
  const summary = summarizeLog(text);
  assert.deepEqual(summary.total.completeness, { processed: 10, unlogged: 4, restarts: 0 });
  for (const group of summary.groups) assert.equal(group.completeness, undefined);
});

/** A row with nothing but what a source looks at, one second later for each event processed. */
function rowOf(processed: number, failed: boolean): [Int32Array, Float64Array] {
  const ints = new Int32Array(ROW_INTS);
  const floats = new Float64Array(ROW_FLOATS);
  ints[Int.status] = failed ? 1 : 0;
  ints[Int.repeat] = 1;
  floats[Float.time] = processed * 1000;
  floats[Float.processed] = processed;
  return [ints, floats];
}

test('a log read in pieces says the same, wherever it is cut', () => {
  const value = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 900, max: 1100 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.boolean()), { minLength: 2, maxLength: 40 }), fc.nat(), (lines, cut) => {
      const read = (part: typeof lines) => {
        const tally = new SourceTally();
        for (const [processed, failed] of part) tally.add(...rowOf(processed, failed), 0, 0);
        return tally;
      };
      const at = cut % lines.length;
      const pieces = [lines.slice(0, at), lines.slice(at)].filter((part) => part.length > 0).map(read);
      const merged = new SourceTally();
      for (const piece of pieces) merged.merge(JSON.parse(JSON.stringify(piece.toState())));
      assert.deepEqual(merged.toState(), read(lines).toState());
      assert.deepEqual(merged.completeness(), read(lines).completeness());
    }),
    { seed: 2 },
  );
});

test('the error rate is errors by lines as soon as one line has st=0', () => {
  const text = eventLine(0, { processed: 1 }) + eventLine(1, { st: 1, processed: 50 });
  assert.equal(summarizeLog(text).total.errorRate, 0.5);
});

test('it is 1 when no line has st=0 and every event has a line', () => {
  const summary = summarizeLog(eventLines(0, 4, { st: 1 }));
  assert.equal(summary.total.errorRate, 1);
  assert.equal(summary.total.errorRateLowerBound, undefined);
  assert.ok(!codes(summary).includes('only-failures-logged'));
});

test('it is not known when no line has st=0 and events have no line: only its lower bound is', () => {
  const summary = summarizeLog(eventLine(0, { st: 1, processed: 5 }) + eventLine(9, { st: 1, processed: 14 }));
  assert.equal(summary.total.errorRate, null);
  assert.equal(summary.total.errorRateLowerBound, 0.2);
  assert.equal(summary.groups[0]?.errorRateLowerBound, 0.2);
  assert.equal(summary.verdict.status, 'failing');
  assert.ok(codes(summary).includes('only-failures-logged'));
});

test('nor is it known for groups that share such a counter', () => {
  const text = eventLine(0, { st: 1, processed: 5 }) + eventLine(9, { st: 1, processed: 14, name: 'on-http-response' });
  for (const group of summarizeLog(text).groups) {
    assert.equal(group.errorRate, null);
    assert.equal(group.errorRateLowerBound, undefined);
  }
});

test('nb_error that rises on st=0 lines (HAProxy 3.2.26) is not used, and that is said', () => {
  const head = 'Nov 22 07:02:34 localhost haproxy[21505]: SPOE: [mirror] <EVENT:on-frontend-http-request>';
  const text = [`${head} sid=1 st=0 3 0/1`, `${head} sid=3 st=0 0 1/2`, `${head} sid=5 st=0 0 2/3`].join('\n');
  const summary = summarizeLog(text);
  assert.equal(summary.total.errors, 0);
  assert.ok(codes(summary).includes('nb-error-unreliable'));
});

test('nb_error that rises with failed lines is nothing to speak of', () => {
  const text = eventLine(0, { nbError: 0 }) + eventLine(1, { st: 1, nbError: 1, processed: 2 });
  assert.deepEqual(codes(summarizeLog(text)), []);
});

test('a clock that steps back is noticed, an earlier line within two seconds is not', () => {
  assert.deepEqual(codes(summarizeLog(eventLine(10) + eventLine(8, { processed: 2 }))), []);
  assert.deepEqual(codes(summarizeLog(eventLine(100) + eventLine(10, { processed: 2 }))), ['clock-stepped-back']);
});
