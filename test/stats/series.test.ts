import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_WINDOWS, Series } from '../../src/stats/series.ts';
import { eventLine, summarizeLog } from './read-log.ts';

const MINUTE = 60_000;

function seriesOf(times: readonly number[], widthMs = MINUTE): Series {
  const series = new Series(widthMs);
  for (const time of times) series.add(time, 1, false, 1);
  return series;
}

test('windows align to the epoch, whenever the first event was', () => {
  const start = Date.UTC(2026, 10, 22, 7, 3);
  assert.deepEqual(
    seriesOf([start + 59_999, start + 7 * MINUTE + 1])
      .windows()
      .map((window) => window.start),
    [start, start + 7 * MINUTE],
  );
});

test('a window holds its start and not its end', () => {
  const windows = seriesOf([-1, 0, MINUTE - 1, MINUTE]).windows();
  assert.deepEqual(
    windows.map(({ start, count }) => [start, count]),
    [
      [-MINUTE, 1],
      [0, 2],
      [MINUTE, 1],
    ],
  );
});

test('any width in ms divides the time since the epoch', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 10 ** 7 }),
      fc.array(fc.integer({ min: 0, max: 2 ** 41 })),
      (width, times) => {
        const windows = seriesOf(times.slice(0, 50), width).windows();
        for (const { start } of windows) assert.equal((start ?? 1) % width, 0);
        assert.equal(
          windows.reduce((sum, { count }) => sum + count, 0),
          Math.min(times.length, 50),
        );
      },
    ),
    { seed: 1 },
  );
});

test('past the bound on windows the rest is counted as (other), from where it begins', () => {
  const times = Array.from({ length: MAX_WINDOWS + 3 }, (_, i) => i * MINUTE);
  const series = seriesOf(times);
  assert.equal(series.windows().length, MAX_WINDOWS);
  assert.equal(series.overflow?.from, MAX_WINDOWS * MINUTE);
  assert.equal(series.overflow?.window.count, 3);
});

test('the summary has the windows in order of time, with errors and quantiles, and says when some did not fit', () => {
  const text = [eventLine(60, { st: 1, timers: '0/0/-1/-1/500 1/1 0/0' }), eventLine(0), eventLine(119)].join('');
  const summary = summarizeLog(text, { windowMs: MINUTE });
  assert.deepEqual(summary.series, [
    { from: '2026-11-22T07:00:00.000Z', seconds: 60, count: 1, errors: 0, p50: 1, p99: 1 },
    { from: '2026-11-22T07:01:00.000Z', seconds: 60, count: 2, errors: 1, p50: 1, p99: 500 },
  ]);
  const many = Array.from({ length: MAX_WINDOWS + 1 }, (_, i) => eventLine(i, { processed: i + 1 })).join('');
  const cut = summarizeLog(many, { windowMs: 1000 });
  assert.deepEqual(cut.series?.at(-1)?.other, true);
  assert.ok(cut.notices.some(({ code }) => code === 'windows-overflow'));
});

test('merging pieces gives the series of the whole', () => {
  const times = fc.array(fc.integer({ min: 0, max: 40 * MINUTE }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(times, { maxLength: 4 }), (pieces) => {
      const merged = new Series(MINUTE);
      for (const piece of pieces) merged.merge(JSON.parse(JSON.stringify(seriesOf(piece).toState())));
      assert.deepEqual(merged.toState(), seriesOf(pieces.flat()).toState());
    }),
    { seed: 2 },
  );
});
