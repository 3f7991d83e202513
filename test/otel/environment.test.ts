import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Environment, type GivenSettings, readResourceOptions, readSettings } from '../../src/otel/environment.ts';
import type { OtelError } from '../../src/otel/errors.ts';

const read = (env: Environment, given: GivenSettings = {}, signal: 'traces' | 'metrics' = 'traces') =>
  readSettings(signal, given, env, 'test');
const urlOf = (env: Environment, given: GivenSettings = {}, signal: 'traces' | 'metrics' = 'traces') =>
  read(env, given, signal).url.href;

test('without anything: OTLP/HTTP protobuf to this machine', () => {
  const settings = read({});
  assert.equal(settings.url.href, 'http://localhost:4318/v1/traces');
  assert.equal(settings.protocol, 'http/protobuf');
  assert.equal(settings.gzip, false);
  assert.equal(settings.timeoutMs, 10_000);
  assert.equal(urlOf({}, {}, 'metrics'), 'http://localhost:4318/v1/metrics');
  assert.equal(urlOf({}, { protocol: 'grpc' }), 'http://localhost:4317/');
});

test('a general endpoint is a base, one of a signal is taken as it is', () => {
  const general = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp/' };
  assert.equal(urlOf(general), 'http://c:4318/otlp/v1/traces');
  assert.equal(urlOf({ ...general, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x?y=1' }), 'http://t/x?y=1');
  assert.equal(
    urlOf({ ...general, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' }, {}, 'metrics'),
    'http://c:4318/otlp/v1/metrics',
  );
  assert.equal(
    urlOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' }, { endpoint: 'https://own' }),
    'https://own/v1/traces',
    'an option goes before both',
  );
});

test('an empty variable is an absent one', () => {
  assert.equal(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_PROTOCOL: ' ' }), urlOf({}));
});

test('variables of a signal go before the general ones', () => {
  const settings = read({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2500',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=s%3Dcret, Other = x ',
  });
  assert.equal(settings.protocol, 'http/json');
  assert.equal(settings.gzip, true);
  assert.equal(settings.timeoutMs, 2500);
  assert.deepEqual(
    [...settings.headers],
    [
      ['api-key', 's=cret'],
      ['other', 'x'],
    ],
  );
});

test('--header adds to the variable and goes before it; a URL may hold credentials', () => {
  const { headers, url } = read(
    { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2' },
    { endpoint: 'http://user:p%40ss@c', headers: ['b=3', 'c=x,y'] },
  );
  assert.deepEqual(Object.fromEntries(headers), {
    a: '1',
    b: '3',
    c: 'x,y',
    authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
  });
  assert.equal(url.href, 'http://c/v1/traces');
});

const REFUSED: readonly [Environment, GivenSettings, code: string, RegExp][] = [
  [
    {},
    { endpoint: 'localhost:4318' },
    'bad-endpoint',
    /--endpoint: "localhost:4318" has no http:\/\/.*; write http:\/\/localhost:4318$/,
  ],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, {}, 'bad-endpoint', /^OTEL_EXPORTER_OTLP_ENDPOINT: /],
  [{}, { endpoint: 'grpc://c:4317' }, 'bad-endpoint', /write http:\/\/c:4317$/],
  [{}, { endpoint: 'http://' }, 'bad-endpoint', /is no URL/],
  [{}, { endpoint: 'u:secret@c' }, 'bad-endpoint', /no http/],
  [{}, { protocol: 'http' }, 'bad-protocol', /choose from http\/protobuf, http\/json, grpc/],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift' }, {}, 'bad-protocol', /OTEL_EXPORTER_OTLP_PROTOCOL/],
  [{}, { compression: 'zstd' }, 'bad-compression', /gzip or none/],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, {}, 'bad-timeout', /milliseconds/],
  [{}, { headers: ['secret'] }, 'bad-header', /no name or no =/],
  [{}, { headers: ['a b=1'] }, 'bad-header', /is no header/],
  [{}, { headers: ['a=%0d%0ab: 1'] }, 'bad-header', /is no header/],
  [{}, { headers: ['a=%'] }, 'bad-header', /percent-encoded/],
  [{}, { ca: '/nowhere/ca.pem' }, 'cannot-read-certificate', /ENOENT/],
  [{}, { cert: '/nowhere/cert.pem' }, 'cannot-read-certificate', /stands alone/],
  [{ OTEL_SDK_DISABLED: 'true' }, {}, 'sdk-disabled', /nothing may be exported/],
];

for (const [env, given, code, message] of REFUSED) {
  test(`refused: ${JSON.stringify({ ...env, ...given })}`, () => {
    assert.throws(
      () => read(env, given),
      (error: OtelError) => error.code === code && message.test(`${error.message}; ${error.hint}`),
    );
  });
}

test('an error does not tell secrets', () => {
  for (const given of [
    { endpoint: 'ftp://u:secret@c' },
    { endpoint: 'u:secret@c' },
    { endpoint: 'http://u:x@y:secret/@c' },
    { headers: ['token:secret'] },
    { headers: ['x=secret%'] },
  ]) {
    assert.throws(
      () => read({}, given),
      (error: OtelError) => !`${error.message}${error.hint}`.includes('secret'),
    );
  }
});

test('resource attributes: the service name has a variable of its own', () => {
  const { attributes, serviceName } = readResourceOptions({
    OTEL_RESOURCE_ATTRIBUTES: 'team=a%20b,zone=eu',
    OTEL_SERVICE_NAME: 'mirroring',
  });
  assert.equal(serviceName, 'mirroring');
  assert.deepEqual(
    [...attributes],
    [
      ['team', 'a b'],
      ['zone', 'eu'],
    ],
  );
});
