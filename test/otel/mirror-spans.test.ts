/** The spans and metrics of mirrored requests, as a collector gets them, and the trace context the mirror gets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeCertificate } from '../certificates.ts';
import { closedUrl, MirroringAgent, MirrorServer } from './mirroring.ts';
import { type ReceivedSpan, readProtobufPoints } from './otlp.ts';
import { GrpcReceiver, HttpReceiver } from './receiver.ts';

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const TRACED = `traceparent: 00-${TRACE}-${PARENT}-01\r\ntracestate: vendor=1\r\nx-other: 1\r\n`;

const certificate = makeCertificate('mirror');

const kindOf = (spans: readonly ReceivedSpan[], kind: number) => spans.filter((span) => span.kind === kind);

function only(spans: readonly ReceivedSpan[], kind: number): ReceivedSpan {
  const found = kindOf(spans, kind);
  assert.equal(found.length, 1);
  return found[0] as ReceivedSpan;
}

for (const protocol of ['http/protobuf', 'http/json', 'grpc'] as const) {
  for (const compression of ['none', 'gzip']) {
    test(`a request is a SERVER span and a CLIENT span below it: ${protocol}, ${compression}`, async () => {
      const receiver = protocol === 'grpc' ? await GrpcReceiver.start() : await HttpReceiver.start();
      const mirror = await MirrorServer.start();
      const agent = await MirroringAgent.start([`${mirror.url}/copy`], {
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_COMPRESSION: compression,
          OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b',
        },
      });
      await agent.notify({ method: 'POST', path: '/a?token=s3cret&b=1', body: 'hello', uniqueId: 'u-1' });
      await agent.close();
      const server = only(receiver.accepted, SERVER);
      const client = only(receiver.accepted, CLIENT);
      assert.equal(server.name, 'SPOE mirror-msg');
      assert.deepEqual(server.attributes, {
        'haproxy.spoe.message': 'mirror-msg',
        'haproxy.spoe.stream_id': 1,
        'haproxy.spoe.frame_id': 7,
        'haproxy.spoe.engine_id': 'engine-1',
        'haproxy.spoe.unique_id': 'u-1',
      });
      assert.equal(client.name, 'POST');
      const { 'haproxy.spoe.mirror.queue_duration': queued, ...attributes } = client.attributes;
      assert.ok((queued as { double: number }).double > 0);
      assert.deepEqual(attributes, {
        'http.request.method': 'POST',
        'url.full': `${mirror.url}/copy/a?token=REDACTED&b=1`,
        'server.address': '127.0.0.1',
        'server.port': Number(new URL(mirror.url).port),
        'network.protocol.version': '1.1',
        'http.request.body.size': 5,
        'http.response.status_code': 200,
        'http.response.body.size': 2,
      });
      assert.deepEqual([server.parentSpanId, client.parentSpanId], ['', server.spanId]);
      assert.equal(client.traceId, server.traceId);
      assert.deepEqual([server.status.code, client.status.code], [0, 0]);
      assert.ok(server.start <= server.end && server.end <= client.start && client.start < client.end);
      assert.equal(server.scope, 'spoa-mirror 1.2.3');
      const { 'service.instance.id': instance, ...resource } = server.resource;
      assert.match(instance as string, /^[0-9a-f-]{36}$/);
      assert.deepEqual(resource, {
        'service.name': 'spoa-mirror',
        'service.version': '1.2.3',
        'telemetry.sdk.language': 'nodejs',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.version': '2.12.0',
      });
      assert.equal(receiver.requests[0]?.headers['x-key'], 'a b');
      assert.deepEqual(agent.service.stats().otel?.spans, { exported: 2, dropped: 0, failed: 0, queued: 0 });
      assert.ok((agent.service.stats().otel?.points.exported ?? 0) > 5);
      assert.deepEqual(agent.log, []);
    });
  }
}

describe('--trace-context', () => {
  async function mirrored(how: string, headers: string, env: { readonly [name: string]: string } = {}) {
    const [receiver, mirror] = await Promise.all([HttpReceiver.start(), MirrorServer.start()]);
    const agent = await MirroringAgent.start([mirror.url], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
      args: ['--trace-context', how],
    });
    await agent.notify({ headers });
    await agent.close();
    return { mirror, spans: receiver.accepted, requests: receiver.requests };
  }

  test('link: a trace of its own that points at the other one', async () => {
    const { mirror, spans } = await mirrored('link', TRACED);
    const [server, client] = [only(spans, SERVER), only(spans, CLIENT)];
    assert.notEqual(server.traceId, TRACE);
    assert.equal(server.parentSpanId, '');
    assert.deepEqual(server.links, [{ traceId: TRACE, spanId: PARENT }]);
    assert.deepEqual(client.links, []);
    const sent = `00-${client.traceId}-${client.spanId}-01`;
    const [request] = mirror.requests;
    const host = new URL(mirror.url).host;
    assert.deepEqual(request?.headers, ['host', host, 'x-other', '1', 'traceparent', sent]);
  });

  test('child: goes on with the trace, whose state is kept', async () => {
    const { mirror, spans } = await mirrored('child', TRACED);
    const [server, client] = [only(spans, SERVER), only(spans, CLIENT)];
    assert.deepEqual([server.traceId, server.parentSpanId, client.traceId], [TRACE, PARENT, TRACE]);
    assert.deepEqual(server.links, []);
    assert.equal(server.flags, 0x301);
    assert.deepEqual(mirror.all('traceparent'), [`00-${TRACE}-${client.spanId}-01`]);
    assert.deepEqual(mirror.all('tracestate'), ['vendor=1']);
  });

  test('child of a trace that is not sampled: no spans, and the mirror is told so', async () => {
    const { mirror, requests } = await mirrored('child', TRACED.replace('-01\r\n', '-00\r\n'));
    assert.deepEqual(requests.filter(({ path }) => path === '/v1/traces').length, 0);
    assert.match(mirror.all('traceparent').join(), new RegExp(`^00-${TRACE}-(?!${PARENT})\\w{16}-00$`));
  });

  test('passthrough: the header as it came, and a link', async () => {
    const { mirror, spans } = await mirrored('passthrough', TRACED);
    assert.deepEqual(only(spans, SERVER).links, [{ traceId: TRACE, spanId: PARENT }]);
    assert.notEqual(only(spans, SERVER).traceId, TRACE);
    const host = new URL(mirror.url).host;
    const lines = TRACED.trim()
      .split('\r\n')
      .flatMap((line) => line.split(': '));
    assert.deepEqual(mirror.requests[0]?.headers, ['host', host, ...lines]);
  });

  for (const [what, value] of [
    ['no traceparent', undefined],
    ['one that is none', 'hello'],
    ['zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
  ] as const) {
    for (const how of ['link', 'child']) {
      test(`${how}, ${what}: a new trace without a link`, async () => {
        const { mirror, spans } = await mirrored(how, value === undefined ? '' : `traceparent: ${value}\r\n`);
        const [server, client] = [only(spans, SERVER), only(spans, CLIENT)];
        assert.deepEqual([server.parentSpanId, server.links], ['', []]);
        assert.deepEqual(mirror.all('traceparent'), [`00-${client.traceId}-${client.spanId}-01`]);
      });
    }
  }

  for (const env of [
    { OTEL_TRACES_SAMPLER: 'always_off' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    { OTEL_TRACES_EXPORTER: 'none' },
  ]) {
    test(`link without spans, ${JSON.stringify(env)}: production's trace still ends here`, async () => {
      const { mirror, requests } = await mirrored('link', TRACED, env);
      assert.equal(requests.filter(({ path }) => path === '/v1/traces').length, 0);
      assert.match(mirror.all('traceparent').join(), new RegExp(`^00-(?!${TRACE})\\w{32}-\\w{16}-00$`));
      assert.deepEqual(mirror.all('tracestate'), []);
    });
  }
});

test('an https:// mirror gets its traceparent too', {
  skip: certificate === undefined && 'needs openssl',
}, async () => {
  const receiver = await HttpReceiver.start();
  const mirror = await MirrorServer.start((_request, response) => response.end('ok'), certificate);
  const agent = await MirroringAgent.start([mirror.url], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    args: ['--insecure'],
  });
  await agent.notify({ path: '/secure', headers: TRACED });
  await agent.close();
  const client = only(receiver.accepted, CLIENT);
  assert.deepEqual(mirror.all('traceparent'), [`00-${client.traceId}-${client.spanId}-01`]);
  assert.deepEqual(mirror.all('tracestate'), []);
  assert.equal(client.attributes['url.full'], `${mirror.url}/secure`);
  assert.equal(client.attributes['network.protocol.version'], undefined);
});

test('several destinations: one SERVER span, a CLIENT span and a traceparent for each', async () => {
  const receiver = await HttpReceiver.start();
  const mirrors = await Promise.all([MirrorServer.start(), MirrorServer.start()]);
  const urls = mirrors.map(({ url }) => url);
  const agent = await MirroringAgent.start(urls, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  await agent.notify({ path: '/x' });
  await agent.close();
  const server = only(receiver.accepted, SERVER);
  const clients = kindOf(receiver.accepted, CLIENT);
  assert.deepEqual(
    clients.map(({ attributes }) => attributes['url.full']).sort(),
    urls.map((url) => `${url}/x`).sort(),
  );
  for (const client of clients) {
    assert.equal(client.parentSpanId, server.spanId);
    const mirror = mirrors.find(({ url }) => `${url}/x` === client.attributes['url.full']);
    assert.deepEqual(mirror?.all('traceparent'), [`00-${client.traceId}-${client.spanId}-01`]);
  }
});

test('what goes wrong: status codes, errors, requests that are not sent, a resend', async () => {
  const receiver = await HttpReceiver.start();
  let calls = 0;
  const mirror = await MirrorServer.start((request, response) => {
    if (request.url === '/reset') response.socket?.resetAndDestroy();
    // The second request of a connection that has answered: closed unread, it goes out again.
    else if (request.url === '/again' && calls++ === 0) response.socket?.destroy();
    else {
      response.statusCode = Number(request.url?.slice(1)) || 200;
      response.end();
    }
  });
  const agent = await MirroringAgent.start([mirror.url], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '1' },
  });
  const outcomeOf = async (method: string, path: string) => {
    const seen = receiver.accepted.length;
    await agent.notify({ method, path });
    await receiver.sees({ spans: seen + 2 });
    return only(receiver.accepted.slice(seen), CLIENT);
  };
  for (const [path, failure] of [
    ['/200', undefined],
    ['/302', undefined],
    ['/404', '404'],
    ['/503', '503'],
  ] as const) {
    const { attributes, status } = await outcomeOf('GET', path);
    assert.equal(attributes['http.response.status_code'], Number(path.slice(1)));
    assert.equal(attributes['error.type'], failure);
    assert.deepEqual(status, { code: failure === undefined ? 0 : ERROR, message: '' });
  }
  const again = await outcomeOf('GET', '/again');
  assert.equal(again.attributes['http.request.resend_count'], 1);
  assert.equal(again.attributes['http.response.status_code'], 200);
  assert.deepEqual(new Set(mirror.all('traceparent').slice(-2)).size, 1, 'the same both times');
  const reset = await outcomeOf('POST', '/reset');
  assert.deepEqual([reset.attributes['error.type'], reset.status.code], ['reset', ERROR]);
  assert.equal(reset.attributes['http.response.status_code'], undefined);
  const odd = await outcomeOf('BREW', '/200');
  assert.equal(odd.name, 'HTTP');
  assert.equal(odd.attributes['http.request.method'], '_OTHER');
  assert.equal(odd.attributes['http.request.method_original'], 'BREW');
  const invalid = await outcomeOf('GET', 'no path \u0007 at all');
  assert.equal(invalid.attributes['error.type'], 'invalid-path');
  assert.equal(invalid.attributes['url.full'], mirror.url);
  assert.equal(invalid.attributes['haproxy.spoe.mirror.queue_duration'], undefined);
  await agent.close();
});

test('a mirror that is not there: connect-refused, and the record has it as without spans', async () => {
  const receiver = await HttpReceiver.start();
  const agent = await MirroringAgent.start([await closedUrl()], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  await agent.notify({ headers: TRACED });
  await agent.close();
  const { attributes, status } = only(receiver.accepted, CLIENT);
  assert.deepEqual([attributes['error.type'], status.code], ['connect-refused', ERROR]);
  assert.equal(agent.service.stats().mirror?.errors['connect-refused'], 1);
});

test('the metrics', async () => {
  const receiver = await HttpReceiver.start();
  const mirror = await MirrorServer.start((request, response) => {
    response.statusCode = request.url === '/bad' ? 500 : 200;
    response.end();
  });
  const agent = await MirroringAgent.start([mirror.url], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  await agent.notify({ path: '/good' }, { path: '/good' }, { path: '/bad' });
  await agent.close();
  const [request] = receiver.requests.filter(({ path }) => path === '/v1/metrics');
  const points = readProtobufPoints(request?.body ?? new Uint8Array());
  const server = { 'server.address': '127.0.0.1', 'server.port': Number(new URL(mirror.url).port) };
  const find = (name: string) => points.filter((point) => point.name === name).map(({ name: _, ...rest }) => rest);
  const get = { 'http.request.method': 'GET', ...server };
  assert.deepEqual(find('http.client.request.duration'), [
    { unit: 's', attributes: { ...get, 'http.response.status_code': 200 }, value: 2, bounds: 14 },
    { unit: 's', attributes: { ...get, 'http.response.status_code': 500, 'error.type': '500' }, value: 1, bounds: 14 },
  ]);
  assert.deepEqual(find('http.client.active_requests'), [
    { unit: '{request}', attributes: server, value: 0, bounds: 0 },
  ]);
  assert.equal(find('haproxy.spoe.mirror.queue.requests').length, 1);
  assert.equal(find('haproxy.spoe.mirror.queue.size').length, 1);
  assert.deepEqual(
    find('haproxy.spoe.mirror.requests.dropped').map(({ attributes }) => attributes['error.type']),
    ['dropped-queue-full', 'dropped-max-rate'],
  );
  assert.equal(find('haproxy.spoe.mirror.spans.exported')[0]?.value, 6);
  assert.equal(find('haproxy.spoe.mirror.spans.dropped')[0]?.value, 0);
  assert.equal(find('haproxy.spoe.mirror.spans.failed')[0]?.value, 0);
});

test('with --redact-query spans have the names of a query alone; the mirror gets all of it', async () => {
  const receiver = await HttpReceiver.start();
  const mirror = await MirrorServer.start();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const agent = await MirroringAgent.start([mirror.url], { env, args: ['--redact-query'] });
  await agent.notify({ path: '/a?mine=s3cret&b=1' });
  await agent.close();
  assert.equal(only(receiver.accepted, CLIENT).attributes['url.full'], `${mirror.url}/a?mine=*&b=*`);
  assert.deepEqual(
    mirror.requests.map(({ url }) => url),
    ['/a?mine=s3cret&b=1'],
  );
});
