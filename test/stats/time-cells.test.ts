/** Counts by time for charts: bounded, each event in one place, wherever its time lies. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LONGEST_WINDOW_MS, MOST_KINDS, TimeCells } from '../../src/stats/time-cells.ts';

const NOON = Date.UTC(2026, 10, 27, 12);

function total(cells: TimeCells, endMs: number, windowMs = 2 * LONGEST_WINDOW_MS): number {
  return cells.columns(endMs, windowMs, 7).reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0);
}

describe('cells of time', () => {
  test('columns are equal parts of the window, the earliest first', () => {
    const cells = new TimeCells();
    for (let second = 0; second < 60; second++) cells.add(NOON + second * 1000 + 999, second % 2, second, 2);
    const columns = cells.columns(NOON + 60_000, 60_000, 6);
    assert.deepEqual(
      columns.map(({ counts }) => [counts[0], counts[1]]),
      new Array(6).fill([10, 10]),
    );
    assert.equal(columns[0]?.p50, 4);
    assert.equal(columns[0]?.p99, 9);
  });

  test('a quantile is within 6.25 % of the value', () => {
    for (const ms of [0, 15, 16, 17, 100, 1023, 1024, 5000, 60_000, 3_600_000]) {
      const cells = new TimeCells();
      cells.add(NOON, 0, ms, 1);
      const found = cells.columns(NOON + 1000, 1000, 1)[0]?.p99 ?? Number.NaN;
      assert.ok(Math.abs(found - ms) <= ms * 0.0625, `${ms}: ${found}`);
    }
  });

  test('a quantile is never beyond what was counted, also where steps have moved on', () => {
    const cells = new TimeCells();
    cells.add(NOON, 0, 1000, 50);
    assert.deepEqual(
      cells.columns(NOON + 1000, 1000, 1).map(({ p50, p99 }) => [p50, p99]),
      [[1000, 1000]],
    );
    cells.add(NOON + 900_000, 0, 1, 1);
    cells.add(NOON + 1000, 0, 1023, 1);
    cells.add(NOON + 2000, 0, 990, 1);
    assert.deepEqual(
      cells.columns(NOON + 10_000, 10_000, 1).map(({ p50, p99 }) => [p50, p99]),
      [[991, 991]],
    );
    cells.add(NOON, 0, 2 ** 40, 99);
    assert.ok((cells.columns(NOON + 10_000, 10_000, 1)[0]?.p99 ?? 0) > 3_600_000);
  });

  test('a day of seconds is counted once each, whatever tier it has moved to', () => {
    const cells = new TimeCells();
    const from = NOON - LONGEST_WINDOW_MS + 60_000;
    let added = 0;
    for (let time = from; time < NOON; time += 1000) {
      cells.add(time, 0, 1, 1);
      added += 1;
    }
    assert.equal(total(cells, NOON), added);
    assert.equal(cells.tooOld, 0);
  });

  test('times that step back find their step; what is older than a day is said', () => {
    const cells = new TimeCells();
    cells.add(NOON, 0, 1, 1);
    cells.add(NOON - 1000, 0, 1, 1);
    cells.add(NOON - 900_000, 1, 1, 1);
    cells.add(NOON - 6 * 3_600_000, 1, 1, 1);
    cells.add(NOON - 7 * 86_400_000, 1, 1, 1);
    cells.add(NOON, 0, 1, 1);
    assert.equal(total(cells, NOON + 1000), 5);
    assert.equal(cells.tooOld, 1);
    assert.equal(cells.newestMs, NOON);
  });

  test('times in any order are counted somewhere, and never twice', () => {
    const cells = new TimeCells();
    let seed = 1;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    for (let i = 0; i < 20_000; i++) cells.add(NOON - Math.floor(random() * 3 * 86_400_000), i % MOST_KINDS, 5, 1);
    const shown = cells
      .columns(NOON + 86_400_000, 30 * 86_400_000, 3)
      .reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0);
    assert.ok(shown + cells.tooOld <= 20_000);
    assert.ok(shown > 0);
  });

  test('a snapshot stays as it is', () => {
    const cells = new TimeCells();
    cells.add(NOON, 0, 1, 1);
    const still = cells.snapshot();
    cells.add(NOON, 0, 1, 5);
    assert.equal(total(still, NOON + 1000), 1);
    assert.equal(total(cells, NOON + 1000), 6);
  });
});
