/** spoa-mirror --otel as a program: what it refuses, what it loads, several workers, its end. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { KvList } from '../../src/spop/kv-list.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { stringData } from '../../src/spop/values.ts';
import { client, fresh, Run } from '../programs/spoa-mirror/program.ts';
import { type Client, frames } from '../spoa/client.ts';
import { MirrorServer } from './mirroring.ts';
import { HttpReceiver } from './receiver.ts';

function notify(client: Client, path: string, streamId = 1): void {
  const args = KvList.of([
    ['arg_method', stringData('GET')],
    ['arg_path', stringData(path)],
  ]);
  client.send(frames((writer) => writeNotify(writer, streamId, 1, [{ name: 'mirror', args }])));
}

for (const workers of [1, 2]) {
  test(`a variable that makes no sense is a usage error in one line, ${workers} workers`, async () => {
    const run = new Run(['-r0', '--otel', `-n${workers}`, '-a', `unix:${fresh('agent')}`], {
      OTEL_TRACES_SAMPLER: 'often',
    });
    assert.equal(await run.exit, 64);
    assert.match(run.stderr, /^spoa-mirror: --otel: OTEL_TRACES_SAMPLER: "often" is none of always_on, .*\n$/);
  });

  test(`${workers} workers: spans of each, which all arrive before the end`, async () => {
    const [receiver, mirror] = await Promise.all([HttpReceiver.start(), MirrorServer.start()]);
    const socket = fresh('agent');
    const run = new Run(
      [
        '-r0',
        '--otel',
        `-n${workers}`,
        `--min-workers=${workers}`,
        '-a',
        `unix:${socket}`,
        '-u',
        mirror.url,
        '--grace',
        '30s',
      ],
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_SERVICE_NAME: 'shop-mirror',
        // Three of four go out at once, and the last one at the end: what sends them is there by then, however slow its start is.
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '3',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      },
    );
    await run.says(/ready on unix:/);
    const clients = [await client(socket), await client(socket)];
    for (const [i, client] of clients.entries()) for (const stream of [1, 2]) notify(client, `/${i}`, stream);
    for (const client of clients) await client.until(3);
    const processes = Math.min(workers, availableParallelism());
    await receiver.sees({ spans: 3 * processes });
    run.child.kill('SIGTERM');
    for (const client of clients) {
      await client.end();
      client.close();
    }
    assert.equal(await run.exit, 0, run.stderr);
    assert.equal(receiver.accepted.length, 8);
    const resources = receiver.accepted.map(({ resource }) => resource);
    const instances = new Set(resources.map((resource) => resource['service.instance.id']));
    assert.equal(instances.size, processes);
    for (const resource of resources) {
      assert.deepEqual(Object.keys(resource).sort(), [
        'deployment.environment.name',
        'service.instance.id',
        'service.name',
        'service.version',
        'telemetry.sdk.language',
        'telemetry.sdk.name',
        'telemetry.sdk.version',
      ]);
      assert.equal(resource['service.name'], 'shop-mirror');
    }
    assert.match(run.stdout, /stopped: .* 4 mirrored, 0 failed/);
    assert.doesNotMatch(run.stdout, /spans lost/);
  });
}

test('a collector that hangs: it ends all the same, and says how many spans were lost', async () => {
  const [receiver, mirror] = await Promise.all([HttpReceiver.start(), MirrorServer.start()]);
  receiver.script = () => ({ kind: 'hang' });
  const socket = fresh('agent');
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_TIMEOUT: '3600000' };
  const run = new Run(['-r0', '--otel', '-n1', '-a', `unix:${socket}`, '-u', mirror.url], env);
  await run.says(/ready on unix:/);
  const haproxy = await client(socket);
  notify(haproxy, '/');
  await haproxy.until(2);
  run.child.kill('SIGTERM');
  await haproxy.end();
  haproxy.close();
  assert.equal(await run.exit, 0, run.stderr);
  assert.match(run.stdout, /otel: spans are lost: /);
  assert.match(run.stdout, /stopped: .* 1 mirrored, .* 2 spans lost/);
});

test('OTEL_SDK_DISABLED: mirrors without spans, and says so', async () => {
  const socket = fresh('agent');
  const run = new Run(['-r0', '--otel', '-n1', '-a', `unix:${socket}`], { OTEL_SDK_DISABLED: 'true' });
  await run.says(/ready on unix:/);
  assert.match(run.stdout, /OTEL_SDK_DISABLED is true: no spans, no metrics, trace contexts go as they came/);
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
});
