/** The agent with a collector that is down, hangs or refuses: spans may get lost, nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/otel/clock.ts';
import { LossLog } from '../../src/otel/loss-log.ts';
import { metricFamilies } from '../../src/programs/spoa-mirror/metrics.ts';
import { renderExposition } from '../../src/text/exposition.ts';
import { closedUrl, MirroringAgent, MirrorServer } from './mirroring.ts';
import { HttpReceiver } from './receiver.ts';

/** What a queue of 8 spans cannot hold. */
const REQUESTS = 50;
const SMALL = { OTEL_BSP_MAX_QUEUE_SIZE: '8', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' };

const metricsOf = (agent: MirroringAgent) => {
  const process = { cpuSeconds: 0, rssBytes: 0 };
  const workers = { running: 1, restarted: 0, lost: 0 };
  return renderExposition(metricFamilies({ ...agent.service.stats(), process, workers }, []));
};

/** What may be waited for at the end where everything is answered. */
const PATIENT = { spans: 30_000, all: 60_000 };

async function mirrorAll(endpoint: string, closeMs = { spans: 20, all: 40 }) {
  const mirror = await MirrorServer.start();
  const agent = await MirroringAgent.start([mirror.url], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...SMALL },
    telemetry: { closeMs },
  });
  for (let i = 0; i < REQUESTS; i++) await agent.notify({ path: `/${i}` });
  await agent.close();
  assert.equal(mirror.requests.length, REQUESTS);
  const { mirror: stats, otel, agent: acks } = agent.service.stats();
  assert.deepEqual([acks.acks, stats?.mirrored], [REQUESTS, REQUESTS]);
  assert.equal(otel?.spans.queued, 0);
  return { agent, spans: otel?.spans ?? assert.fail() };
}

test('a collector that is down: all is acknowledged and mirrored, what gets lost is counted and said once', async () => {
  const { agent, spans } = await mirrorAll(await closedUrl());
  assert.equal(spans.exported, 0);
  assert.equal(spans.dropped + spans.failed, 2 * REQUESTS);
  assert.ok(spans.dropped >= 2 * REQUESTS - 8, JSON.stringify(spans));
  const text = metricsOf(agent);
  assert.match(text, new RegExp(`^spoa_mirror_otel_spans_dropped_total ${spans.dropped}$`, 'm'));
  assert.match(text, new RegExp(`^spoa_mirror_otel_spans_failed_total ${spans.failed}$`, 'm'));
  assert.match(text, /^spoa_mirror_otel_points_failed_total [1-9]/m);
  assert.deepEqual(
    agent.log.map((line) => line.replace(/: .*/, '')),
    ['otel', 'otel'],
  );
  assert.match(agent.log[0] ?? '', /^otel: spans are lost: the queue is full$/);
  assert.match(agent.log[1] ?? '', /^otel: metrics are lost: http:.*v1\/metrics: .*(?:ECONNREFUSED|UND_ERR_DESTROYED)/);
});

test('a collector that hangs does not keep the program from ending', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = () => ({ kind: 'hang' });
  const { spans } = await mirrorAll(receiver.url);
  assert.deepEqual([spans.exported, spans.dropped + spans.failed], [0, 2 * REQUESTS]);
});

test('a collector that refuses: failed', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = ({ path }) => (path === '/v1/traces' ? { kind: 'status', code: 404 } : { kind: 'accept' });
  const { agent, spans } = await mirrorAll(receiver.url, PATIENT);
  assert.ok(spans.failed >= 4);
  assert.equal(spans.dropped + spans.failed, 2 * REQUESTS);
  assert.ok(agent.log.every((line) => line.startsWith('otel: spans are lost: ')));
  assert.equal(agent.log.length, 1);
});

test('a web page in the place of a collector: failed, and said once', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = () => ({ kind: 'page', type: 'text/html', body: '<h1>It works!</h1>' });
  const mirror = await MirrorServer.start();
  const agent = await MirroringAgent.start([mirror.url], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  await agent.notify({}, {}, {});
  await agent.close();
  const { spans, points } = agent.service.stats().otel ?? assert.fail();
  assert.deepEqual(spans, { exported: 0, dropped: 0, failed: 6, queued: 0 });
  assert.equal(points.exported, 0);
  assert.deepEqual(
    agent.log.map((line) => line.replace(/http:[^ ]*/, 'URL')),
    ['spans', 'metrics'].map(
      (what) => `otel: ${what} are lost: URL HTTP 200 with text/html, which is no answer of OTLP`,
    ),
  );
});

test('one that is busy is asked again, and nothing gets lost; a partial success is', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = ({ path }, number) => {
    if (path !== '/v1/traces') return { kind: 'accept' };
    if (number === 0) return { kind: 'status', code: 503 };
    return number === 2 ? { kind: 'partial', rejected: 1, message: 'one too many' } : { kind: 'accept' };
  };
  const mirror = await MirrorServer.start();
  const agent = await MirroringAgent.start([mirror.url], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' },
    telemetry: { clock: { ...systemClock, random: () => 0 } },
  });
  await agent.notify({ path: '/1' });
  await receiver.sees({ spans: 2 });
  await agent.notify({ path: '/2' });
  await receiver.sees({ spans: 3 });
  await agent.close();
  assert.deepEqual(agent.service.stats().otel?.spans, { exported: 3, dropped: 0, failed: 1, queued: 0 });
  assert.match(agent.log.join(), /^otel: spans are lost: .*: one too many$/);
});

test('many that end at once cost at most what the queue holds', async () => {
  const receiver = await HttpReceiver.start();
  const agent = await MirroringAgent.start([await closedUrl()], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_MAX_QUEUE_SIZE: '10' },
    args: ['--queue', '1'],
  });
  await agent.notify(...Array.from({ length: 100 }, () => ({ path: '/' })));
  await agent.close();
  const { exported, dropped, failed } = agent.service.stats().otel?.spans ?? assert.fail();
  assert.equal(exported + dropped + failed, 200);
  assert.equal(receiver.accepted.length, exported);
  assert.ok(exported <= 40);
});

test('the log says when spans begin to get lost, and when that is over', () => {
  let now = 0;
  const lines: string[] = [];
  const losses = new LossLog(
    'spans',
    (line) => lines.push(line),
    () => now,
  );
  losses.delivered();
  losses.lost(1, 'why');
  losses.lost(2, 'another reason');
  losses.delivered();
  assert.deepEqual(lines.splice(0), ['otel: spans are lost: why']);
  now = 10_000;
  losses.delivered();
  losses.delivered();
  assert.deepEqual(lines.splice(0), ['otel: spans get through again, 3 were lost']);
  losses.lost(1, 'again');
  assert.deepEqual(lines, ['otel: spans are lost: again']);
});
