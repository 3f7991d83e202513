/** Whatever ends the thread that reads a collector, the agent's telemetry goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectorThread } from '../../src/otel/collector-thread.ts';
import { readSettings } from '../../src/otel/environment.ts';

/** Stands for what a collector's answer might do to the thread: the request says what. */
const MODULE = `
  import { parentPort } from 'node:worker_threads';
  const held = [];
  parentPort.on('message', ({ id, request }) => {
    const what = Buffer.from(request).toString();
    if (what === 'throw') throw new Error('unexpected');
    while (what === 'grow') held.push(new Array(1e5).fill({}).map((_, i) => ({ i })));
    while (what === 'hang');
    parentPort.postMessage({ id, answer: { kind: 'accepted', rejected: 0, message: what } });
  });`;
const settings = readSettings('traces', {}, { OTEL_EXPORTER_OTLP_TIMEOUT: '60000' }, 'test');

test('a thread that fails, runs out of memory or hangs is replaced; what it was asked may be sent again', async (t) => {
  const thread = new CollectorThread(new URL(`data:text/javascript,${encodeURIComponent(MODULE)}`));
  const transport = thread.transport('traces', settings);
  t.after(() => transport.close());
  for (const [what, why, withinMs] of [
    ['throw', /ended: unexpected/, 60_000],
    ['grow', /memory limit/, 60_000],
    ['hang', /did not come back in time/, 100],
  ] as const) {
    const [first, second] = await Promise.all([
      transport.send(Buffer.from(what), withinMs),
      transport.send(Buffer.from('hello'), withinMs),
    ]);
    assert.equal(first.kind, 'retry', what);
    assert.match((first as { reason: string }).reason, why);
    assert.equal(second.kind, 'retry', what);
    const after = await transport.send(Buffer.from('hello'), 60_000);
    assert.deepEqual(after, { kind: 'accepted', rejected: 0, message: 'hello' });
  }
});

test('the endpoint is named as the transport in the thread names it', () => {
  const thread = new CollectorThread(new URL('data:text/javascript,'));
  assert.equal(thread.transport('traces', settings).endpoint, 'http://localhost:4318/v1/traces');
  const grpc = readSettings('traces', { protocol: 'grpc' }, {}, 'test');
  assert.equal(thread.transport('traces', grpc).endpoint, 'http://localhost:4317');
});

test('the thread has the settings as they were read, whatever can be read by now', async (t) => {
  const module = `
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', ({ id, signal }) => {
      const { url, headers } = workerData.get(signal);
      const message = [url, ...headers].join(' ');
      parentPort.postMessage({ id, answer: { kind: 'accepted', rejected: 0, message } });
    });`;
  const thread = new CollectorThread(new URL(`data:text/javascript,${encodeURIComponent(module)}`));
  const given = readSettings('traces', { endpoint: 'http://host:1', headers: ['a=b'] }, {}, 'test');
  const transport = thread.transport('traces', given);
  t.after(() => transport.close());
  const answer = await transport.send(Buffer.from(''), 60_000);
  assert.deepEqual(answer, { kind: 'accepted', rejected: 0, message: 'http://host:1/v1/traces a,b' });
});
