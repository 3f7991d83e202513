/** Figures of several workers, as metrics and as a line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countAnswer, countError, emptyCounts, LATENCY_BOUNDS_MS } from '../../../src/mirror/statistics.ts';
import { formatFigures, metricFamilies } from '../../../src/programs/spoa-mirror/metrics.ts';
import type { ServiceStats } from '../../../src/programs/spoa-mirror/service.ts';
import { addUp, withoutGauges } from '../../../src/programs/spoa-mirror/totals.ts';
import { newAgentStats } from '../../../src/spoa/counters.ts';
import { renderExposition } from '../../../src/text/exposition.ts';

function worker(acks: number, statuses: readonly number[]): ServiceStats {
  const counts = emptyCounts();
  for (const status of statuses) countAnswer(counts, status, 3);
  countError(counts, 'dropped-queue-full');
  countError(counts, 'reset');
  const live = { queued: 2, queuedBytes: 900, inFlight: 1, connections: 1 };
  const destinations = [{ destination: 'http://m', ...live, ...counts }];
  const mirror = { received: 9, taken: 8, filtered: 1, sampledOut: 0, ...live, ...counts, destinations };
  return {
    agent: { ...newAgentStats(), acks, notifies: acks, disconnects: { 4: 1 } },
    mirror,
    record: null,
    answers: null,
    trace: null,
    otel: null,
  };
}

const total = addUp([worker(5, [200, 200, 503]), worker(7, [200])]);

test('workers are added up, destinations by name', () => {
  assert.equal(total.agent.acks, 12);
  assert.deepEqual(total.agent.disconnects, { 4: 2 });
  assert.deepEqual(total.mirror?.statuses, { 200: 3, 503: 1 });
  assert.equal(total.mirror?.destinations[0]?.destination, 'http://m');
  assert.equal(total.mirror?.destinations[0]?.mirrored, 4);
});

test('a worker that is gone leaves its counts but holds nothing', () => {
  const gone = withoutGauges(total);
  assert.equal(gone.agent.acks, 12);
  assert.equal(gone.mirror?.queued, 0);
  assert.equal(gone.mirror?.destinations[0]?.inFlight, 0);
});

test('the line of -i', () => {
  assert.equal(
    formatFigures({
      ...total,
      process: { cpuSeconds: 0, rssBytes: 0 },
      workers: { running: 2, restarted: 0, lost: 0 },
    }),
    '0 connections, 12 notifies, 12 acks, 16 taken, 2 filtered out, 0 sampled out, 4 mirrored, 2 failed, 2 dropped, 4 queued, 2 in flight',
  );
});

test('the metrics', () => {
  const process = { cpuSeconds: 1.5, rssBytes: 1000 };
  const text = renderExposition(
    metricFamilies({ ...total, process, workers: { running: 2, restarted: 1, lost: 7 } }, LATENCY_BOUNDS_MS),
  );
  for (const line of [
    'spoa_mirror_acks_total 12',
    'spoa_mirror_disconnects_total{status="4"} 2',
    'spoa_mirror_responses_total{destination="http://m",status="503"} 1',
    'spoa_mirror_errors_total{destination="http://m",error="reset"} 2',
    'spoa_mirror_latency_seconds_bucket{destination="http://m",le="0.0025"} 0',
    'spoa_mirror_latency_seconds_bucket{destination="http://m",le="0.005"} 4',
    'spoa_mirror_latency_seconds_bucket{destination="http://m",le="+Inf"} 4',
    'spoa_mirror_latency_seconds_sum{destination="http://m"} 0.012',
    'spoa_mirror_workers_restarted_total 1',
    'spoa_mirror_requests_lost_total 7',
    'spoa_mirror_cpu_seconds_total 1.5',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`);
  }
});
