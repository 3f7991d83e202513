/** The admin pages under requests nobody should send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type AdminPages, newAdminStats, startAdmin } from '../../../src/programs/spoa-mirror/admin.ts';
import type { MetricFamily } from '../../../src/text/exposition.ts';
import { untilTrue } from '../../until.ts';

const METRICS: readonly MetricFamily[] = [{ name: 'metric', help: 'M.', type: 'gauge', samples: [{ value: 1 }] }];

let asked = 0;
const server = await startAdmin(
  { host: '127.0.0.1', port: 0 },
  {
    healthy: () => true,
    unready: async () => ['http://m answers nothing\u001b[2J', 'HAProxy has not said HELLO'],
    metrics: async () => {
      asked++;
      await new Promise(setImmediate);
      return METRICS;
    },
    stats: () => Promise.reject(new Error('no worker')),
  },
  { hosts: ['x'] },
);
after(() => server.close());

/** All that comes until the server closes, which it does after each answer. */
async function exchange(...pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  // It may close while this side still writes.
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const REQUESTS: readonly (readonly [what: string, request: string | Buffer, answer: RegExp])[] = [
  ['a page', 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nok\n$/],
  ['a page with a query', 'GET /metrics?x HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 OK\r\n[\s\S]*metric 1\n$/],
  [
    'metrics for who prefers OpenMetrics',
    'GET /metrics HTTP/1.1\r\nhost: x\r\naccept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n',
    /^HTTP\/1.1 200 OK\r\ncontent-type: application\/openmetrics-text; version=1.0.0; charset=utf-8\r\n[\s\S]*metric 1\n# EOF\n$/,
  ],
  [
    'a page that says what is not ready',
    'GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n',
    /^HTTP\/1.1 503 [\s\S]*\r\n\r\nnot ready: http:\/\/m answers nothing\\x1b\[2J\nnot ready: HAProxy has not said HELLO\n$/,
  ],
  ['HEAD', 'HEAD /metrics HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n$/],
  ['workers that do not answer', 'GET /stats HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 500 /],
  ['another method', 'POST /stats HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc', /^HTTP\/1.1 405 /],
  ['another path', 'GET /../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
  ['a path of the prototype', 'GET /constructor HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\n', /^$/],
  [
    'both framings',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n',
    /^HTTP\/1.1 400 /,
  ],
  ['a giant header', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
  ['a giant path', `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1.1 431 /],
  ['bytes', Buffer.alloc(500, 0xff), /^HTTP\/1.1 400 /],
  ['SPOP', Buffer.from('0000000703000000010101', 'hex'), /^HTTP\/1.1 400 /],
];
for (const [what, request, answer] of REQUESTS) {
  test(`${what} is answered, and the connection closed`, async () => {
    assert.match(await exchange(request), answer);
  });
}

test('requests behind one another are not worked on all at once', async () => {
  asked = 0;
  await exchange('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1000));
  assert.equal(asked, 1);
});

/** Of another server: what it is asked by `host`, and its status. */
async function statusFor(port: number, host: string, address = '127.0.0.1'): Promise<string> {
  const socket = connect(port, address);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket.write(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const PAGES: AdminPages = {
  healthy: () => true,
  unready: async () => [],
  metrics: async () => [],
  stats: async () => ({}),
};

test('a page of an attacker whose name leads here is not served; addresses, localhost and known names are', async () => {
  const stats = newAdminStats();
  const named = await startAdmin({ host: 'localhost', port: 0 }, PAGES, { hosts: ['agent.internal'], stats });
  after(() => named.close());
  const { port, address } = named.address() as AddressInfo;
  const served = ['127.0.0.1', `10.0.0.7:${port}`, '[::1]', `[2001:db8::1]:${port}`, 'localhost', 'LOCALHOST:9100'];
  served.push('agent.internal', `Agent.Internal.:${port}`);
  for (const host of served) assert.match(await statusFor(port, host, address), /^HTTP\/1.1 200 /, host);
  const refused = ['evil.example', 'localhost.evil.example', 'agent', '127.0.0.1.evil.example', 'evil.example:80', ''];
  refused.push('[evil]', 'a b', '127.0.0.1@evil.example', 'é\u009b2J');
  for (const host of refused) {
    const answer = await statusFor(port, host, address);
    assert.match(
      answer,
      /^HTTP\/1.1 421 [\s\S]*\r\n\r\nhost "[^\n]*" is not served here: ask by address or as localhost, or start with --admin-host NAME\n$/,
      host,
    );
  }
  assert.equal(stats.hostsRefused, refused.length);
});

test('requests of HTTP/1.0 need no Host, nor do those over a unix socket name one that is known', async () => {
  assert.match(await exchange('GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 /);
  const path = join(mkdtempSync(join(tmpdir(), 'spoa-admin-')), 'admin');
  const local = await startAdmin({ path }, PAGES);
  const socket = connect({ path });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write('GET /healthz HTTP/1.1\r\nhost: evil.example\r\n\r\n');
  await once(socket, 'close');
  local.close();
  rmSync(dirname(path), { recursive: true });
  assert.match(text, /^HTTP\/1.1 200 /);
});

test('without a host it listens on this machine alone, with * on all addresses', async () => {
  const local = await startAdmin({ port: 0 }, PAGES);
  assert.equal((local.address() as AddressInfo).address, '127.0.0.1');
  const open = await startAdmin({ host: '*', port: 0 }, PAGES);
  assert.match((open.address() as AddressInfo).address, /^(::|0\.0\.0\.0)$/);
  local.close();
  open.close();
});

test('connections that are slow, idle or do not read give way: /healthz never waits behind them', async () => {
  const stats = newAdminStats();
  let answer: (families: readonly MetricFamily[]) => void = () => {};
  let asked = 0;
  const metrics = () => {
    asked++;
    return new Promise<readonly MetricFamily[]>((resolve) => {
      answer = resolve;
    });
  };
  const crowded = await startAdmin({ port: 0 }, { ...PAGES, metrics }, { maxConnections: 4, stats });
  after(() => crowded.closeAllConnections());
  after(() => crowded.close());
  const { port } = crowded.address() as AddressInfo;
  const send = async (text: string) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  const waiting = [
    await send('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'),
    await send('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  ];
  const answers = waiting.map(async (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    return text;
  });
  await untilTrue(() => asked > 0);
  for (let i = 0; i < 20; i++) {
    await send('GET /healthz HTTP/1.1\r\nhost: local');
    if (i % 5 === 0) assert.match(await statusFor(port, 'localhost'), /^HTTP\/1.1 200 [\s\S]*ok\n$/);
  }
  // The last ones are connected before they are accepted.
  await untilTrue(() => stats.connectionsCut >= 18);
  assert.equal(asked, 1, 'whoever asks meanwhile gets the same answer');
  answer(METRICS);
  for (const text of await Promise.all(answers)) assert.match(text, /metric 1\n$/);
});

test('even when all are waiting for their answer, /healthz has its own', async () => {
  const busy = await startAdmin({ port: 0 }, { ...PAGES, stats: () => new Promise(() => {}) }, { maxConnections: 4 });
  after(() => busy.closeAllConnections());
  after(() => busy.close());
  const { port } = busy.address() as AddressInfo;
  for (let i = 0; i < 12; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('GET /stats HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket, 'connect');
  }
  assert.match(await statusFor(port, 'localhost'), /^HTTP\/1.1 200 /);
});
