/** --metrics: what is counted, with the times of the log. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { bucketIndex, toExponential } from '../../src/otel/histogram-points.ts';
import { Histogram } from '../../src/sketch/histogram.ts';
import { exportText, makeLines } from './exporting.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-metrics-'));
after(() => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: OTLP JSON, read field by field
type Json = any;

/** The requests of an export, as OTLP JSON. */
async function metricsOf(text: string, temporality?: 'delta' | 'cumulative', env = {}): Promise<Json[]> {
  const path = join(folder, 'out.jsonl');
  await exportText(text, undefined, { otlpFile: path, detail: 'none', metrics: true, temporality, env });
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).resourceMetrics[0]);
}

const at = (time: string) => String(BigInt(Date.parse(`2026-11-22T${time}Z`)) * 1_000_000n);
const metric = (request: Json, name: string) =>
  request.scopeMetrics[0].metrics.find((candidate: Json) => candidate.name === `haproxy.spoe.${name}`);
const pointsOf = (request: Json, name: string): Json[] => {
  const found = metric(request, name);
  return (found.sum ?? found.gauge ?? found.exponentialHistogram).dataPoints;
};
const attribute = (point: Json, name: string) =>
  point.attributes.find(({ key }: Json) => key === name)?.value.stringValue;
const eventsOf = (request: Json) => pointsOf(request, 'events').map(({ asInt }) => asInt);

const line = (time: string, rest: string, host = 'lb1') =>
  `Nov 22 ${time} ${host} haproxy[7]: SPOE: [m] <EVENT:e> sid=1 ${rest}\n`;

describe('points', () => {
  const TEXT =
    line('07:00:01', 'st=0 1/2/3/4/10 5/6 7/8 0/1') +
    line('07:00:02', 'st=1 1/2/-1/-1/500 4/7 9/2 1/2') +
    line('07:00:59', 'st=0 0/0/0/0/0 3/8 1/0 1/3');

  test('counters, histograms and gauges', async () => {
    const [request] = await metricsOf(TEXT);
    assert.deepEqual(
      pointsOf(request, 'events').map((point) => [attribute(point, 'error.type'), point.asInt]),
      [
        [undefined, 2],
        ['processing-timeout', 1],
      ],
    );
    const [good, bad] = pointsOf(request, 'processing.duration');
    assert.equal(metric(request, 'processing.duration').unit, 's');
    assert.deepEqual([good.count, good.sum, good.zeroCount, good.max], [2, 0.01, 1, 0.01]);
    assert.deepEqual([bad.count, bad.sum], [1, 0.5]);
    const phases = pointsOf(request, 'phase.duration').map((point) => [
      attribute(point, 'haproxy.spoe.phase'),
      attribute(point, 'error.type'),
      point.count,
    ]);
    assert.deepEqual(phases, [
      ['request', undefined, 2],
      ['queue', undefined, 2],
      ['waiting', undefined, 2],
      ['response', undefined, 2],
      ['request', 'processing-timeout', 1],
      ['queue', 'processing-timeout', 1],
    ]);
    const gauges = ['applets', 'applets.idle', 'queue.sending', 'queue.waiting'];
    assert.deepEqual(
      gauges.map((name) => pointsOf(request, name)[0].asInt),
      [8, 3, 1, 0],
    );
    assert.equal(pointsOf(request, 'applets')[0].timeUnixNano, at('07:00:59'));
  });

  test('times are those of the log; the resource is its process', async () => {
    const [request] = await metricsOf(TEXT, 'delta');
    const [point] = pointsOf(request, 'events');
    assert.equal(point.startTimeUnixNano, at('07:00:00'));
    assert.equal(point.timeUnixNano, at('07:00:59.001'));
    assert.equal(metric(request, 'events').sum.aggregationTemporality, 1);
    assert.deepEqual(
      request.resource.attributes.map(({ key, value }: Json) => [key, value.stringValue]),
      [
        ['service.name', 'haproxy'],
        ['service.instance.id', 'lb1:7'],
        ['host.name', 'lb1'],
      ],
    );
  });
});

describe('windows', () => {
  const minutes = ['07:00:01', '07:01:01', '07:00:59', '07:02:01', '07:03:01', '07:03:02'];
  const text = minutes.map((time, i) => line(time, `st=0 ${i} 0/${i + 1}`)).join('');

  test('delta: each window says what happened in it, a late line included', async () => {
    const requests = await metricsOf(text, 'delta');
    assert.deepEqual(requests.map(eventsOf), [[2], [1], [1], [2]]);
    assert.deepEqual(
      requests.map((request) => pointsOf(request, 'events')[0].startTimeUnixNano),
      ['07:00:00', '07:01:00', '07:02:00', '07:03:00'].map(at),
    );
  });

  test('cumulative: points grow, from one start, and never go back in time', async () => {
    const requests = await metricsOf(text, 'cumulative');
    const counts = requests.map((request) => Number(eventsOf(request)[0]));
    assert.equal(counts.at(-1), 6);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    const points = requests.map((request) => pointsOf(request, 'events')[0]);
    assert.ok(points.every((point) => point.startTimeUnixNano === at('07:00:00')));
    const times = points.map((point) => BigInt(point.timeUnixNano));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  test('OTEL_METRIC_EXPORT_INTERVAL is their width, and the temporality has a variable', async () => {
    const env = {
      OTEL_METRIC_EXPORT_INTERVAL: '600000',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    };
    const requests = await metricsOf(text, undefined, env);
    assert.deepEqual(requests.map(eventsOf), [[6]]);
    assert.equal(metric(requests[0], 'events').sum.aggregationTemporality, 1);
  });
});

test('more combinations than the bound are counted together, none is lost', async () => {
  let text = '';
  for (let i = 0; i < 2500; i++) text += line('07:00:00', `st=0 1 0/${i}`).replace('[m]', `[m${i}]`);
  const requests = await metricsOf(text, 'delta');
  const points = requests.flatMap((request) => (metric(request, 'events') ? pointsOf(request, 'events') : []));
  assert.equal(
    points.reduce((sum, { asInt }) => sum + Number(asInt), 0),
    2500,
  );
  assert.ok(points.some((point) => point.attributes.some(({ key }: Json) => key === 'otel.metric.overflow')));
  assert.ok(points.length <= 2001);
});

test('counts are those of the lines, also with spans and a sample', async () => {
  const path = join(folder, 'both.jsonl');
  await exportText(makeLines(3000), undefined, { otlpFile: path, metrics: true, sample: 0.1 });
  const requests = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));
  const last = requests.filter(({ resourceMetrics }) => resourceMetrics).at(-1).resourceMetrics[0];
  assert.deepEqual(eventsOf(last), [3000]);
});

describe('exponential histograms', () => {
  test('bounds are inclusive above', () => {
    assert.equal(bucketIndex(1, 0), -1);
    assert.equal(bucketIndex(1.5, 0), 0);
    assert.equal(bucketIndex(2, 0), 0);
    assert.equal(bucketIndex(0.25, 1), -5);
  });

  test('every value is in the bucket that says so, in at most 160 of them', () => {
    const histogram = new Histogram();
    const values = [0, 1, 2, 3, 10, 250, 2047, 5000, 60_000];
    for (const value of values) histogram.add(value, 1);
    const { scale, positive, zeroCount, count } = toExponential(histogram.toState());
    assert.equal(zeroCount, 1);
    assert.equal(count, values.length);
    assert.ok(positive.bucketCounts.length <= 160);
    assert.equal(
      positive.bucketCounts.reduce((sum, n) => sum + n, 0),
      values.length - 1,
    );
    for (const value of values.slice(1)) {
      const index = Math.ceil(Math.log2(value / 1000) * 2 ** scale) - 1;
      assert.ok((positive.bucketCounts[index - positive.offset] ?? 0) > 0, `${value} ms`);
    }
  });
});
