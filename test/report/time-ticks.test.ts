/** Times at the foot of a chart: as many as fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeTicks } from '../../src/report/html/time-ticks.ts';

test('of labels that are wide there are fewer, so that every other one fits a telephone', () => {
  const fromMs = Date.UTC(2026, 10, 27, 8);
  for (const stepMs of [1000, 5000, 10_000, 60_000, 600_000, 86_400_000, 3 * 86_400_000]) {
    for (const steps of [10, 60, 90, 100, 360, 400]) {
      const ticks = timeTicks({ fromMs, stepMs, steps });
      const wide = ticks.some(({ label }) => label.length > 5);
      assert.ok(ticks.length <= (wide ? 9 : 13), `${stepMs} × ${steps}: ${ticks.map(({ label }) => label).join(' ')}`);
    }
  }
  assert.deepEqual(
    timeTicks({ fromMs, stepMs: 1000, steps: 300 }).map(({ label }) => label),
    ['08:01', '08:02', '08:03', '08:04'],
  );
});
