/** OTEL_* variables of the agent: what they come to, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InstrumentType } from '@opentelemetry/sdk-metrics';
import type { Transport } from '../../src/otel/answer.ts';
import { MetricPush } from '../../src/otel/metric-push.ts';
import { isDisabled, readTelemetrySettings } from '../../src/otel/telemetry-settings.ts';
import { parseCommandLine } from '../../src/programs/spoa-mirror/options.ts';

const read = (env: { readonly [name: string]: string }) => readTelemetrySettings(env, '1');

test('without any: OTLP to this host, all traces, the limits of the specification', () => {
  const { traces, metrics, sampler, batch, push } = read({ OTEL_BSP_SCHEDULE_DELAY: '' });
  assert.equal(traces?.url.href, 'http://localhost:4318/v1/traces');
  assert.equal(metrics?.url.href, 'http://localhost:4318/v1/metrics');
  assert.match(String(sampler), /^ParentBased\{root=AlwaysOnSampler/);
  assert.deepEqual(batch, { maxQueue: 2048, maxBatch: 512, delayMs: 5000, timeoutMs: 30_000 });
  assert.deepEqual([push.intervalMs, push.timeoutMs, push.temporality], [60_000, 30_000, 'cumulative']);
});

test('with them', () => {
  const { traces, metrics, sampler, batch, push, knownMethods } = read({
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
    OTEL_BSP_EXPORT_TIMEOUT: '1000',
    OTEL_METRIC_EXPORT_INTERVAL: '2000',
    OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET, BREW',
  });
  assert.deepEqual([traces, metrics, String(sampler)], [undefined, undefined, 'AlwaysOffSampler']);
  assert.deepEqual(batch, { maxQueue: 100, maxBatch: 100, delayMs: 5000, timeoutMs: 1000 });
  assert.equal(push.timeoutMs, 2000);
  assert.deepEqual([...knownMethods], ['GET', 'BREW']);
  const { sampler: ratio } = read({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' });
  assert.equal(String(ratio), 'TraceIdRatioBased{0.25}');
  assert.equal(isDisabled({ OTEL_SDK_DISABLED: 'TRUE' }), true);
  assert.equal(isDisabled({ OTEL_SDK_DISABLED: '1' }), false);
});

test('delta, lowmemory: what goes up and down stays cumulative', () => {
  const temporalities = (preference: string) => {
    const { push } = read({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference });
    const metrics = new MetricPush({ push, transport: {} as Transport } as ConstructorParameters<typeof MetricPush>[0]);
    const types = ['HISTOGRAM', 'OBSERVABLE_COUNTER', 'OBSERVABLE_UP_DOWN_COUNTER'] as const;
    return types.map((type) => metrics.selectAggregationTemporality(InstrumentType[type]));
  };
  assert.deepEqual(temporalities('cumulative'), [1, 1, 1]);
  assert.deepEqual(temporalities('delta'), [0, 0, 1]);
  assert.deepEqual(temporalities('lowmemory'), [0, 1, 1]);
});

for (const [env, message] of [
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, /has no http:\/\/ or https:\/\//],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon' }, /is no protocol/],
  [{ OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such.pem' }, /cannot read/],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'nothing' }, /^OTEL_RESOURCE_ATTRIBUTES: /],
  [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /^OTEL_TRACES_EXPORTER: "zipkin" is none of otlp, none$/],
  [{ OTEL_METRICS_EXPORTER: 'prometheus' }, /^OTEL_METRICS_EXPORTER: /],
  [{ OTEL_TRACES_SAMPLER: 'often' }, /^OTEL_TRACES_SAMPLER: "often" is none of always_on, /],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '50%' }, /is no ratio from 0 to 1/],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: '0' }, /is no number from 1 to 1000000/],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20' }, /is more than the queue of 10 holds/],
  [{ OTEL_BSP_SCHEDULE_DELAY: '5s' }, /is no number/],
  [{ OTEL_BSP_EXPORT_TIMEOUT: '-1' }, /is no number/],
  [{ OTEL_METRIC_EXPORT_INTERVAL: '10' }, /is no number of milliseconds from 1000 on/],
  [{ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'both' }, /is no temporality/],
  [{ OTEL_LOG_LEVEL: 'loud' }, /^OTEL_LOG_LEVEL: /],
] as const) {
  test(`refused in one line: ${JSON.stringify(env)}`, () => {
    assert.throws(
      () => read(env as unknown as { [name: string]: string }),
      (error: Error) => message.test(error.message) && !error.message.includes('\n'),
    );
  });
}

test('--trace-context of our own needs --otel, and the header for itself', () => {
  const errorsOf = (...args: string[]) => {
    const line = parseCommandLine(['-r0', ...args]);
    return 'run' in line ? [] : line.errors;
  };
  assert.deepEqual(errorsOf('--trace-context', 'passthrough'), []);
  assert.match(errorsOf('--trace-context', 'link').join(), /--trace-context link needs --otel/);
  assert.match(errorsOf('--otel', '--trace-context', 'other').join(), /invalid trace-context, one of link, child/);
  assert.match(errorsOf('--otel', '--set-header', 'TraceParent: x').join(), /needs --trace-context passthrough/);
  assert.deepEqual(errorsOf('--otel', '--trace-context', 'passthrough', '--set-header', 'traceparent: x'), []);
});
