/** JSON of real servers, proxies and loggers: who writes it, a line as that writes it (shortened), what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { readerOf, summaryOf } from './reading.ts';

const ID = 'C0000201:1267_CB007101:01BB_65E9A0F1_0001:0007';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const READ = `200 GET /orders/1001?x=1 NaN/20 #1 ${ID}`;

/** `expected` is the summary, READ by default. */
const PRODUCERS: readonly (readonly [origin: string, line: unknown, expected?: string])[] = [
  [
    'Traefik accessLog: Duration in ns, the id as a kept request header',
    {
      ClientHost: '192.0.2.7',
      DownstreamStatus: 200,
      Duration: 20_000_000,
      OriginDuration: 19_000_000,
      OriginStatus: 502,
      Overhead: 767,
      RequestMethod: 'GET',
      RequestPath: '/orders/1001?x=1',
      'request_X-Unique-Id': ID,
      'downstream_X-Request-Id': 'of-the-answer',
      StartUTC: '2024-03-07T12:00:00.048870614Z',
      level: 'info',
      msg: '',
      time: '2024-03-07T12:00:00Z',
    },
  ],
  [
    'Echo middleware.Logger: latency in ns',
    {
      time: '2024-03-07T12:00:00.5Z',
      id: ID,
      remote_ip: '192.0.2.7',
      method: 'GET',
      uri: '/orders/1001?x=1',
      status: 200,
      error: '',
      latency: 20_000_000,
      latency_human: '20ms',
      bytes_in: 0,
      bytes_out: 3,
    },
  ],
  [
    'Echo without latency_human',
    { id: ID, method: 'GET', uri: '/orders/1001?x=1', status: 200, latency: 20_000_000, bytes_in: 0, bytes_out: 3 },
  ],
  [
    'Caddy: headers as lists, duration in s',
    {
      level: 'info',
      ts: 1709812800.5,
      logger: 'http.log.access',
      msg: 'handled request',
      request: {
        remote_ip: '192.0.2.7',
        method: 'GET',
        uri: '/orders/1001?x=1',
        headers: { Accept: ['*/*', 'b'], 'X-Unique-Id': [ID], Status: ['500'] },
      },
      duration: 0.02,
      status: 200,
      resp_headers: { Server: ['Caddy'] },
    },
  ],
  [
    'Envoy, Istio: ms as strings',
    {
      start_time: '2024-03-07T12:00:00.048Z',
      method: 'GET',
      path: '/orders/1001?x=1',
      response_code: '200',
      response_flags: '-',
      duration: '20',
      upstream_service_time: '-',
      upstream_host: '192.0.2.5:8080',
      x_request_id: ID,
    },
  ],
  [
    'lograge: ms with decimals',
    {
      method: 'GET',
      path: '/orders/1001?x=1',
      format: 'json',
      controller: 'OrdersController',
      action: 'show',
      status: 200,
      duration: 20.0,
      view: 1.1,
      params: { status: 500, id: '1001' },
      request_id: ID,
    },
  ],
  [
    'morgan with dashes: ms as a string',
    { method: 'GET', url: '/orders/1001?x=1', status: '200', 'response-time': '20.000', 'request-id': ID },
  ],
  [
    'pino-http: req and res, the header before its counter',
    {
      level: 30,
      time: 1709812800500,
      pid: 4,
      hostname: 'web1',
      req: {
        id: 1,
        method: 'GET',
        url: '/orders/1001?x=1',
        query: { status: '500' },
        headers: { 'x-unique-id': ID, host: 'app.example.org' },
      },
      res: { statusCode: 200, headers: { 'x-request-id': 'of-the-answer' } },
      responseTime: 20,
      msg: 'request completed',
    },
  ],
  [
    'pino-http with its own id',
    { req: { id: ID, method: 'GET', url: '/orders/1001?x=1' }, res: { statusCode: 200 }, responseTime: 20 },
  ],
  [
    'restify, bunyan: latency in ms',
    {
      name: 'app',
      pid: 3,
      audit: true,
      req_id: ID,
      req: { method: 'GET', url: '/orders/1001?x=1', headers: {} },
      res: { statusCode: 200 },
      latency: 20,
      msg: 'handled: 200',
      v: 0,
    },
  ],
  [
    'Serilog (compact): Elapsed in ms',
    {
      '@t': '2024-03-07T12:00:00.5Z',
      '@mt': 'HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms',
      RequestMethod: 'GET',
      RequestPath: '/orders/1001?x=1',
      StatusCode: 200,
      Elapsed: 20.0,
      RequestId: ID,
    },
  ],
  [
    'Serilog (renderer): in Properties',
    {
      Timestamp: '2024-03-07T12:00:00.5Z',
      MessageTemplate: 'HTTP …',
      Properties: {
        RequestMethod: 'GET',
        RequestPath: '/orders/1001?x=1',
        StatusCode: 200,
        Elapsed: 20.0,
        RequestId: ID,
      },
    },
  ],
  [
    'zap, ginzap: seconds where ts is a number',
    {
      level: 'info',
      ts: 1709812800.123,
      caller: 'http/server.go:120',
      msg: 'request completed',
      method: 'GET',
      uri: '/orders/1001?x=1',
      status: 200,
      latency: 0.02,
      request_id: ID,
    },
  ],
  [
    'zap with texts',
    { level: 'info', method: 'GET', uri: '/orders/1001?x=1', status: 200, latency: '20ms', request_id: ID },
  ],
  [
    'ECS, nested',
    {
      '@timestamp': '2024-03-07T12:00:00.914Z',
      'log.level': 'info',
      message: 'GET /x',
      event: { duration: 20_000_000, dataset: 'access' },
      http: { request: { method: 'GET', id: ID }, response: { status_code: 200 } },
      url: { path: '/orders/1001', query: 'x=1' },
    },
  ],
  [
    'ECS, dotted',
    {
      'event.duration': 20_000_000,
      'http.request.method': 'GET',
      'http.request.id': ID,
      'http.response.status_code': 200,
      'url.original': '/orders/1001?x=1',
      'url.path': '/orders/1001',
    },
  ],
  [
    'ECS, mixed, one level further down',
    {
      fields: {
        'event.duration': 20_000_000,
        http: { 'request.method': 'GET', 'response.status_code': 200, request: { headers: { 'x-unique-id': [ID] } } },
        url: { original: '/orders/1001?x=1' },
      },
    },
  ],
  [
    'OpenTelemetry attributes: seconds',
    {
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.path': '/orders/1001',
        'url.query': 'x=1',
        'http.server.request.duration': 0.02,
        'http.request.header.x-unique-id': [ID],
      },
    },
  ],
  [
    'nginx: uri beside request_uri, times of two upstreams',
    {
      time_iso8601: '2024-03-07T12:00:00+00:00',
      uri: '/index.php',
      request_uri: '/orders/1001?x=1',
      request_method: 'GET',
      status: '200',
      request_time: '0.020',
      upstream_addr: '192.0.2.5:80, 192.0.2.6:80',
      upstream_status: '502, 200',
      http_x_unique_id: ID,
      request_id: '0af7651916cd43dd8448eb211c80319c',
    },
  ],
  [
    'nginx: uri and args, a name of its own for the time',
    {
      uri: '/orders/1001',
      args: 'x=1',
      request_method: 'GET',
      status: 200,
      response_time: 0.02,
      body_bytes_sent: 3,
      http_x_unique_id: ID,
    },
  ],
  [
    'GCP load balancer: httpRequest',
    {
      httpRequest: {
        requestMethod: 'GET',
        requestUrl: 'https://app.example.org/orders/1001?x=1',
        status: 200,
        latency: '0.020s',
      },
      jsonPayload: { 'x-unique-id': ID },
    },
    `200 GET https://app.example.org/orders/1001?x=1 NaN/20 #1 ${ID}`,
  ],
  [
    'AWS API Gateway: requestTime is a date',
    {
      requestId: ID,
      requestTime: '07/Mar/2024:12:00:00 +0000',
      httpMethod: 'GET',
      path: '/orders/1001?x=1',
      status: '200',
      responseLatency: '20',
    },
  ],
  [
    'Cloudflare Logpush',
    {
      ClientRequestMethod: 'GET',
      ClientRequestURI: '/orders/1001?x=1',
      ClientRequestPath: '/orders/1001',
      EdgeResponseStatus: 200,
      OriginResponseStatus: 503,
      EdgeStartTimestamp: '2024-03-07T12:00:00Z',
      EdgeTimeToFirstByteMs: 20,
      RequestHeaders: { 'x-unique-id': ID },
    },
    `200 GET /orders/1001?x=1 #1 ${ID}`,
  ],
  [
    'IIS: ms',
    {
      'cs-method': 'GET',
      'cs-uri-stem': '/orders/1001',
      'cs-uri-query': 'x=1',
      'sc-status': 200,
      'sc-win32-status': 0,
      'time-taken': 20,
      'X-Unique-ID': ID,
    },
  ],
  [
    'CloudFront: seconds',
    {
      'cs-method': 'GET',
      'cs-uri-stem': '/orders/1001',
      'cs-uri-query': 'x=1',
      'sc-status': '200',
      'time-taken': '0.020',
      'x-edge-location': 'FRA',
      'x-unique-id': ID,
    },
  ],
  [
    'Kong: latencies in ms',
    {
      latencies: { request: 20, kong: 1, proxy: 19 },
      request: { method: 'GET', uri: '/orders/1001?x=1', headers: { 'x-unique-id': ID } },
      response: { status: 200, headers: { date: 'x' } },
      started_at: 1709812800500,
    },
  ],
  [
    'logstash-logback-encoder: ms',
    { requested_uri: '/orders/1001?x=1', method: 'GET', status_code: 200, elapsed_time: 20, 'X-Unique-ID': ID },
  ],
  [
    'slog-http: ns',
    {
      level: 'INFO',
      request: { method: 'GET', path: '/orders/1001', query: 'x=1', time: '2024-03-07T12:00:00Z' },
      response: { time: '2024-03-07T12:00:00.02Z', latency: 20_000_000, status: 200, length: 3 },
      id: ID,
    },
  ],
  [
    'Python and .NET: a length of time as a clock',
    { method: 'GET', path: '/orders/1001?x=1', status: 200, duration: '0:00:00.020000', request_id: ID },
  ],
  ['Java: ISO 8601', { method: 'GET', path: '/orders/1001?x=1', status: 200, duration: 'PT0.02S', request_id: ID }],
  [
    'Go in micro signs',
    { method: 'GET', path: '/orders/1001?x=1', status: '200 OK', latency: '20000µs', request_id: ID },
  ],
  [
    'status is also a word',
    { status: 'ok', status_code: 200, method: 'GET', path: '/orders/1001?x=1', duration_ms: 20, request_id: ID },
  ],
];

for (const [origin, line, expected = READ] of PRODUCERS) {
  test(origin, () => {
    const text = JSON.stringify(line);
    const format = detectFormat([text])?.format;
    assert.ok(format);
    assert.equal(format.name, 'json');
    const record = readerOf(format)(text);
    assert.equal(summaryOf(record).replace(/ \d+\/20 /, ' NaN/20 '), expected);
    assert.equal(format.unknownTime, undefined);
  });
}

test('a unit that nobody tells is unknown, said, and taken from who knows', () => {
  for (const [key, value] of [
    ['duration', 0.02],
    ['duration', 20],
    ['latency', 20_000_000],
    ['response_time', '20.5'],
    ['elapsedTime', 20],
    ['time_taken', 20],
  ] as const) {
    const line = JSON.stringify({ method: 'GET', path: '/x', status: 200, [key]: value });
    const format = detectFormat([line])?.format;
    assert.ok(format);
    assert.equal(readerOf(format)(line)?.totalMs, Number.NaN, key);
    assert.equal(format.unknownTime, key);
    for (const [latencyUnit, factor] of [
      ['ns', 1e-6],
      ['us', 1e-3],
      ['ms', 1],
      ['s', 1e3],
    ] as const) {
      const told = detectFormat([line], { latencyUnit })?.format;
      const ms = told && readerOf(told)(line)?.totalMs;
      assert.ok(Math.abs((ms ?? Number.NaN) - Number(value) * factor) < 1e-3, `${key} ${latencyUnit}`);
      assert.equal(told?.unknownTime, undefined);
    }
  }
});

test('two producers at once are none, and headers of a client are no producer', () => {
  const total = (line: object) => readerOf('json')(JSON.stringify(line))?.totalMs;
  const base = { method: 'GET', path: '/x', status: 200, duration: 20 };
  assert.equal(total({ ...base, response_flags: '-' }), 20);
  assert.equal(total({ ...base, response_flags: '-', DownstreamStatus: 200 }), Number.NaN);
  assert.equal(total({ ...base, headers: { DownstreamStatus: '200' } }), Number.NaN);
});

test('what is known of a unit does not change with -l latencyUnit', () => {
  const line = JSON.stringify({ method: 'GET', path: '/x', status: 200, duration_ms: 20 });
  const format = detectFormat([line], { latencyUnit: 's' })?.format;
  assert.equal(format && readerOf(format)(line)?.totalMs, 20);
});

test('an error beside an answer is none; without an answer it is one', () => {
  const read = readerOf('json');
  assert.equal(read('{"status":404,"path":"/x","error":"not found"}')?.error, '');
  assert.equal(read('{"path":"/x","error":"refused"}')?.error, 'refused');
});

test('a trace and its parent: of a traceparent, of two members, of an id that is a traceparent', () => {
  const read = readerOf('json');
  const parent = `00-${TRACE}-${SPAN}-01`;
  for (const fields of [
    { traceparent: parent },
    { headers: { traceparent: [parent] } },
    { trace_id: TRACE, span_id: SPAN },
    { trace: { id: TRACE }, span: { id: SPAN } },
    { 'trace.trace_id': TRACE, 'trace.span_id': SPAN },
    { 'trace.id': TRACE, 'span.id': SPAN },
    { trace_id: TRACE, parent_id: SPAN, span_id: '1111111111111111' },
    { trace: `projects/p/traces/${TRACE}`, spanId: SPAN },
    { unique_id: parent },
    { trace_id: TRACE.toUpperCase(), span_id: SPAN, traceparent: parent },
  ]) {
    const record = read(JSON.stringify({ path: '/x', status: 200, ...fields }));
    assert.deepEqual([record?.traceId, record?.spanId], [TRACE, SPAN], JSON.stringify(fields));
  }
  const zeros = read(JSON.stringify({ path: '/', status: 200, traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }));
  assert.deepEqual([zeros?.traceId, zeros?.spanId], ['', '']);
});

test('hostile objects: depth, names of prototypes, keys without end', () => {
  const read = readerOf('json');
  const deep = `${'{"a":'.repeat(20000)}1${'}'.repeat(20000)}`;
  assert.equal(summaryOf(read(`{"status":200,"path":"/x","z":${deep}}`)), '200  /x');
  assert.equal(
    summaryOf(read('{"__proto__":{"status":500},"constructor":{"path":"/y"},"status":200,"path":"/x"}')),
    '200  /x',
  );
  assert.equal(Object.hasOwn(Object.prototype, 'status'), false);
  for (let i = 0; i < 6000; i += 1) read(`{"h${i}":{"x${i}":1},"status":200,"path":"/x"}`);
  assert.equal(summaryOf(read('{"status":200,"path":"/x"}')), '200  /x');
});
