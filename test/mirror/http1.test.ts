import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reservePort } from '../ports.ts';
import { HOST, type Parts, startMirror, startServer } from './servers.ts';

const BODY_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'x-own!method'];
const SIZES = [1, 1000, 16 * 1024, 100_000, 1024 * 1024];

/** The bytes a mirror has to receive for one request of ours. */
function expected({ method = 'GET', path = '/', headers = HOST, body = '' }: Parts, framing = ''): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${framing}\r\n${body}`;
}

for (const method of BODY_METHODS) {
  test(`${method} reaches the mirror byte by byte, with and without a body`, async (t) => {
    const server = await startServer(t, ({ socket, text }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${text.startsWith('HEAD') ? '' : 'ok'}`);
    });
    const { send, outcomes } = startMirror(t, { destinations: [server.url] });
    const path = `/a%20b//c;d/?q=1&q=\u00ff#`;
    send({ method, path });
    await outcomes(1);
    assert.equal(server.requests[0]?.text, expected({ method, path }));
    for (const [i, size] of SIZES.entries()) {
      const body = Buffer.alloc(size, 'body\r\n\r\n\0\u00ff', 'latin1').toString('latin1');
      send({ method, path, body: Buffer.from(body, 'latin1') });
      const records = await outcomes(i + 2);
      assert.equal(server.requests[i + 1]?.text, expected({ method, path, body }, `content-length: ${size}\r\n`));
      const { status, error, request_bytes } = records[i + 1] ?? {};
      assert.deepEqual({ status, error, request_bytes }, { status: 200, error: null, request_bytes: size });
    }
    assert.equal(server.connections.length, 1, 'one connection serves them all');
  });
}

test('200 headers arrive in their order, duplicates included', async (t) => {
  const server = await startServer(t);
  const headers = [...HOST, ...Array.from({ length: 200 }, (_, i) => [`x-${i % 50}`, `value ${i} \u00e9`] as const)];
  const { send, outcomes } = startMirror(t, { destinations: [server.url] });
  send({ headers });
  await outcomes(1);
  assert.equal(server.requests[0]?.text, expected({ headers }));
});

test('GET and OPTIONS are written behind one another, up to eight, once the mirror kept a connection open', async (t) => {
  let held: (() => void)[] = [];
  const server = await startServer(t, ({ socket, index }) => {
    const answer = () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    };
    if (index === 0) return answer();
    held.push(answer);
    if (held.length === 8 || server.requests.length === 12) {
      for (const release of held) release();
      held = [];
    }
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1 });
  send({ path: '/first' });
  await outcomes(1);
  const methods = ['GET', 'OPTIONS'];
  const paths = Array.from({ length: 11 }, (_, i) => `/${i}`);
  send(...paths.map((path, i) => ({ path, method: methods[i % 2] as string })));
  const records = await outcomes(12);
  assert.equal(server.connections.length, 1);
  assert.deepEqual(
    records.slice(1).map(({ path, status }) => [path, status]),
    paths.map((path) => [path, 200]),
  );
});

test('a request with a body, or of another method, is alone on its connection', async (t) => {
  const server = await startServer(t, ({ socket, index, connection }) => {
    const before = server.requests.filter((request) => request.connection === connection).length;
    assert.equal(before, index + 1);
    setImmediate(() => socket.write(OK_ALONE));
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1 });
  send({ path: '/first' });
  await outcomes(1);
  send({ path: '/a' }, { method: 'POST', path: '/b' }, { method: 'GET', path: '/c', body: 'x' }, { path: '/d' });
  const records = await outcomes(5);
  assert.deepEqual(
    records.map(({ path, status, attempts }) => [path, status, attempts]),
    ['/first', '/a', '/b', '/c', '/d'].map((path) => [path, 200, 1]),
  );
});

const OK_ALONE = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

test('a prefix of the destination comes before every path, and its slash is not doubled', async (t) => {
  const server = await startServer(t);
  const { send, outcomes } = startMirror(t, { destinations: [`${server.url}/pre/fix/`] });
  send({ path: '/a?b' }, { path: 'http://www.example.com/c' }, { method: 'OPTIONS', path: '*' });
  const records = await outcomes(3);
  const lines = server.requests.map(({ text }) => text.slice(0, text.indexOf('\r\n')));
  assert.deepEqual(lines.sort(), ['GET /pre/fix/a?b HTTP/1.1', 'GET /pre/fix/c HTTP/1.1', 'OPTIONS * HTTP/1.1']);
  assert.deepEqual(records.map(({ path }) => path).sort(), ['*', '/pre/fix/a?b', '/pre/fix/c']);
});

test('several destinations each get every request, and their records name them', async (t) => {
  const servers = [await startServer(t), await startServer(t)];
  const urls = servers.map(({ url }) => url);
  const { send, outcomes, mirror } = startMirror(t, { destinations: urls });
  send({ path: '/1' }, { path: '/2' });
  const records = await outcomes(4);
  assert.deepEqual(new Set(records.map(({ destination }) => destination)), new Set(urls));
  assert.deepEqual(
    mirror.stats().destinations.map(({ destination, mirrored }) => [destination, mirrored]),
    urls.map((url) => [url, 2]),
  );
});

test('a mirror behind a proxy is asked with its whole URL, credentials and proxy headers', async (t) => {
  const proxy = await startServer(t);
  const { send, outcomes } = startMirror(t, {
    destinations: ['http://mirror.test/pre'],
    proxy: { url: proxy.url, credentials: 'user:pass', headers: [['x-proxy', 'yes']], noProxy: ['other.test'] },
  });
  send({ path: '/a' });
  await outcomes(1);
  assert.equal(
    proxy.requests[0]?.text,
    'GET http://mirror.test/pre/a HTTP/1.1\r\nhost: www.example.com\r\nx-proxy: yes\r\n' +
      'proxy-authorization: Basic dXNlcjpwYXNz\r\n\r\n',
  );
});

test('hosts of the no-proxy list are reached directly', async (t) => {
  const server = await startServer(t);
  const { send, outcomes } = startMirror(t, {
    destinations: [server.url],
    proxy: { url: 'http://127.0.0.1:1', noProxy: ['127.0.0.1'] },
  });
  send({});
  assert.equal((await outcomes(1))[0]?.error, null);
});

test('a local address and a range of local ports are used', async (t) => {
  const ports: number[] = [];
  const server = await startServer(
    t,
    ({ socket }) => socket.end('HTTP/1.0 200 OK\r\n\r\n'),
    ({ remotePort }) => ports.push(remotePort ?? 0),
  );
  const from = await reservePort();
  const options = { localAddress: '127.0.0.1', localPorts: [from, from + 200] as const };
  const { send, outcomes } = startMirror(t, { destinations: [server.url], ...options });
  send({}, {}, {});
  assert.deepEqual(
    (await outcomes(3)).map(({ error }) => error),
    [null, null, null],
  );
  assert.equal(ports.length, 3);
  for (const port of ports) assert.ok(port >= from && port <= from + 200, `${port}`);
});
