/** What happens to requests behind the one for which a connection is given up, and to those that go out again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reservePort } from '../ports.ts';
import { OK, type RawRequest, startMirror, startServer } from './servers.ts';

const pathOf = ({ text }: RawRequest) => text.split(' ')[1];

test('when a response takes too long, the requests behind it are not sent again: they may be at work', async (t) => {
  const server = await startServer(t, ({ socket, text }) => {
    if (text.startsWith('GET /first ')) socket.write(OK);
  });
  const { send, outcomes, mirror } = startMirror(t, {
    destinations: [server.url],
    connections: 1,
    headersTimeoutMs: 1_500,
    totalTimeoutMs: 1_500,
  });
  send({ path: '/first' });
  await outcomes(1);
  send({ path: '/slow' }, { path: '/b' }, { path: '/c' });
  const records = await outcomes(4);
  assert.deepEqual(records.map(({ path, error }) => [path, error]).sort(), [
    ['/b', 'closed'],
    ['/c', 'closed'],
    ['/first', null],
    ['/slow', 'timeout'],
  ]);
  assert.deepEqual(server.requests.map(pathOf), ['/first', '/slow', '/b', '/c']);
  assert.equal(mirror.stats().resent, 0);
});

test('a response somewhat longer than the limit is read to its end while others wait behind it', async (t) => {
  const long = `HTTP/1.1 200 OK\r\ncontent-length: 3000\r\n\r\n${'x'.repeat(3000)}`;
  const server = await startServer(t, ({ socket, text }) => socket.write(text.startsWith('GET /long ') ? long : OK));
  const { send, outcomes, mirror } = startMirror(t, {
    destinations: [server.url],
    connections: 1,
    maxResponseBytes: 1000,
  });
  send({ path: '/first' });
  await outcomes(1);
  send({ path: '/long' }, { path: '/b' }, { path: '/c' });
  const records = await outcomes(4);
  assert.deepEqual(
    records.map(({ path, status, attempts }) => [path, status, attempts]),
    [
      ['/first', 200, 1],
      ['/long', 200, 1],
      ['/b', 200, 1],
      ['/c', 200, 1],
    ],
  );
  assert.deepEqual([server.connections.length, mirror.stats().resent], [1, 0]);
});

test('a response without end is given up, and those that wait behind it are asked again elsewhere', async (t) => {
  const server = await startServer(t, ({ socket, text }) => {
    if (!text.startsWith('GET /endless ')) socket.write(OK);
    else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n${'x'.repeat(9000)}`);
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1, maxResponseBytes: 1000 });
  send({ path: '/first' });
  await outcomes(1);
  send({ path: '/endless' }, { path: '/b' }, { path: '/c' });
  const records = await outcomes(4);
  assert.deepEqual(
    records.map(({ path, status, attempts }) => [path, status, attempts]),
    [
      ['/first', 200, 1],
      ['/endless', 200, 1],
      ['/b', 200, 2],
      ['/c', 200, 2],
    ],
  );
});

test('a request that shall go out again fails in time when no new connection comes about', async (t) => {
  const server = await startServer(t, ({ socket, text, connection }) => {
    if (connection === 0 && text.startsWith('GET /again ')) {
      socket.end();
      server.server.close();
    } else if (!text.startsWith('POST /hang ')) socket.write(OK);
  });
  const { send, outcomes } = startMirror(t, {
    destinations: [server.url],
    connections: 2,
    headersTimeoutMs: 10_000,
    totalTimeoutMs: 1_500,
  });
  send({ path: '/first' });
  await outcomes(1);
  send({ path: '/again' }, { method: 'POST', path: '/hang' });
  const records = await outcomes(3);
  const again = records.find(({ path }) => path === '/again');
  assert.ok(again?.error === 'timeout' || again?.error === 'connect-refused', again?.error ?? 'no error');
  assert.equal(again?.attempts, 1);
});

test('a range of one port serves all requests, one connection after the other', async (t) => {
  const server = await startServer(t);
  const localPort = await reservePort();
  const { send, outcomes } = startMirror(t, {
    destinations: [server.url],
    localPorts: [localPort, localPort],
  });
  for (let i = 0; i < 20; i++) send({ path: `/${i}` });
  const records = await outcomes(20);
  assert.deepEqual(
    records.filter(({ error }) => error !== null),
    [],
  );
  assert.equal(server.connections.length, 1);
});

test('two destinations on one server are told apart', async (t) => {
  const server = await startServer(t);
  const { send, outcomes, mirror } = startMirror(t, { destinations: [`${server.url}/a`, `${server.url}/b`] });
  send({ path: '/x' });
  const records = await outcomes(2);
  assert.deepEqual(records.map(({ destination }) => destination).sort(), [`${server.url}/a`, `${server.url}/b`]);
  assert.deepEqual(
    mirror.stats().destinations.map(({ destination }) => destination),
    [`${server.url}/a`, `${server.url}/b`],
  );
});
