import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveDiff } from '../../../../src/diff/live-diff.ts';
import { feed, record, reportOptions, rulesOf, START, settingsWith } from './lines.ts';

test('where nothing is paired, times of more lines than are kept are those of a sample, and their number is told', () => {
  const settings = settingsWith({ key: 'auto' });
  const live = new LiveDiff({ settings, rules: rulesOf(settings), graceMs: 1_000 });
  const count = 12_000;
  for (let i = 0; i < count; i++) {
    const values = { timeMs: START + i, firstByteMs: 10 + (i % 7) };
    feed(live, { side: 'production', record: record(values) }, i, i);
    const answer = { ...values, firstByteMs: 3 * values.firstByteMs };
    if (i < 11_000) feed(live, { side: 'mirror', record: record(answer) }, count + i, i);
    if (i % 1_000 === 0) live.advance(i);
  }
  live.settleAll();
  const { correlation, latency } = live.report(reportOptions(settings));
  assert.equal(correlation.mode, 'unmatched');
  assert.deepEqual([latency?.n, latency?.sampled], [11_000, 10_000]);
  assert.deepEqual([latency?.production.p50, latency?.mirror.p50], [13, 39]);
  assert.ok(Math.abs((latency?.ratio ?? 0) - 3) < 0.1);
});
