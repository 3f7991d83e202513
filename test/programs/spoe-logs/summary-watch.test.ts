/** What the full screen of `summarize` counts of a record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartsOf } from '../../../src/cockpit/charts.ts';
import { SummaryWatch } from '../../../src/programs/spoe-logs/summary-cockpit.ts';

test('requests with a time later than this clock are drawn nowhere and counted, as events are', () => {
  const watch = new SummaryWatch();
  const nowMs = Date.now();
  const answer = { status: 200, error: '', firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 0 };
  for (const aheadMs of [600_000, 900_000, 900_000, -5000])
    watch.addRequest({ ...answer, timeMs: nowMs + aheadMs }, 'http://d0', '{}');
  const { mirror: cells, requestsAhead: ahead } = watch;
  const detail = { ...watch.detail.view(false), edgeMs: nowMs };
  const charts = chartsOf({ detail, mirror: { cells, ahead }, windowMs: 300_000, width: 100, hasLog: false });
  assert.match(charts?.axis ?? '', /; not in it: 3 mirrored requests with a time later than this clock$/);
  const [mirrored] = charts?.rows ?? [];
  assert.equal(mirrored?.values.filter((rate) => (rate ?? 0) > 0).length, 1);
});
