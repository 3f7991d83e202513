/** Mirrors that do what no server should: each request still ends as exactly one outcome with a stable code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MirrorOptions } from '../../src/mirror/options.ts';
import { reservePort } from '../ports.ts';
import { OK, type Parts, type RawRequest, startMirror, startServer } from './servers.ts';

/** Long enough to be sent first on a machine that has other work to do. */
const SHORT = { connectTimeoutMs: 1500, headersTimeoutMs: 1500, totalTimeoutMs: 1500 };

interface Case {
  readonly sentence: string;
  /** Written in answer to each request; undefined for no answer. */
  readonly answer: string | ((request: RawRequest) => void);
  readonly parts?: Parts;
  readonly options?: Partial<MirrorOptions>;
  readonly expected: { readonly status?: number; readonly error?: string; readonly bytes?: number };
}

const then = (text: string, end: 'end' | 'reset') => (request: RawRequest) => {
  request.socket.write(text, () => (end === 'end' ? request.socket.end() : request.socket.resetAndDestroy()));
};

const CASES: readonly Case[] = [
  { sentence: 'closes before it answers', answer: ({ socket }) => socket.end(), expected: { error: 'closed' } },
  {
    sentence: 'resets before it answers',
    answer: ({ socket }) => socket.resetAndDestroy(),
    expected: { error: 'reset' },
  },
  {
    sentence: 'closes within the head',
    answer: then('HTTP/1.1 200 OK\r\nconte', 'end'),
    expected: { error: 'closed' },
  },
  {
    sentence: 'closes within the body',
    answer: then('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', 'end'),
    expected: { error: 'closed', bytes: 4 },
  },
  {
    sentence: 'closes within a chunk',
    answer: then('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab', 'end'),
    expected: { error: 'closed', bytes: 2 },
  },
  { sentence: 'never answers', answer: () => {}, options: SHORT, expected: { error: 'timeout' } },
  {
    sentence: 'never ends its answer',
    answer: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n',
    options: SHORT,
    expected: { error: 'timeout' },
  },
  ...[
    'garbage\r\n\r\n',
    'HTTP/2.0 200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200 OK\n\n\r\n\r\n',
    'HTTP/1.1 200 OK\r\na b: c\r\n\r\n',
    'HTTP/1.1 200 OK\r\n: c\r\n\r\n',
    'HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n',
    'HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n',
    'HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'f'.repeat(13)}\r\n`,
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`,
    `HTTP/1.1 200 OK\r\n${'x:\r\n'.repeat(1_001)}content-length: 0\r\n\r\n`,
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(5_000)}0\r\n\r\n`,
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(4_000)}\r\n`,
    'HTTP/1.1 102 Processing\r\n\r\n'.repeat(5000),
  ].map((answer) => ({
    sentence: `says ${JSON.stringify(answer.slice(0, 70))}${answer.length > 70 ? '…' : ''}`,
    answer,
    expected: { error: 'protocol-error' },
  })),
  {
    sentence: 'says 100 Continue and 103 first',
    answer: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}`,
    expected: { status: 200, bytes: 2 },
  },
  {
    sentence: 'answers in chunks, with extensions and trailers',
    answer:
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-sum: 1\r\ny: z\r\n\r\n',
    expected: { status: 200, bytes: 13 },
  },
  {
    sentence: 'speaks HTTP/1.0',
    answer: then('HTTP/1.0 404 Gone\r\n\r\nbody', 'end'),
    expected: { status: 404, bytes: 4 },
  },
  {
    sentence: 'speaks HTTP/1.0 and keeps the connection',
    answer: 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\nx',
    expected: { status: 200, bytes: 1 },
  },
  {
    sentence: 'gives no reason',
    answer: 'HTTP/1.1 500\r\ncontent-length: 0\r\n\r\n',
    expected: { status: 500, bytes: 0 },
  },
  {
    sentence: 'says 204',
    answer: 'HTTP/1.1 204 No Content\r\ncontent-length: 7\r\n\r\n',
    expected: { status: 204, bytes: 0 },
  },
  { sentence: 'says 304', answer: 'HTTP/1.1 304 Not Modified\r\n\r\n', expected: { status: 304, bytes: 0 } },
  {
    sentence: 'answers HEAD with a length',
    answer: 'HTTP/1.1 200 OK\r\ncontent-length: 700\r\n\r\n',
    parts: { method: 'HEAD' },
    expected: { status: 200, bytes: 0 },
  },
  {
    sentence: 'redirects, which is not followed',
    answer: 'HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n',
    expected: { status: 302 },
  },
  {
    sentence: 'answers more than anyone reads',
    answer: `HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n${'x'.repeat(5000)}`,
    options: { maxResponseBytes: 4000 },
    expected: { status: 200 },
  },
  {
    sentence: 'drips its answer byte by byte',
    answer: ({ socket }) => {
      socket.setNoDelay(true);
      const bytes = [...'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n'];
      const drip = () => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(byte, () => setImmediate(drip));
      };
      drip();
    },
    expected: { status: 201, bytes: 2 },
  },
];

for (const { sentence, answer, parts = {}, options, expected } of CASES) {
  test(`a mirror that ${sentence}`, async (t) => {
    const server = await startServer(t, (request) => {
      if (typeof answer === 'string') request.socket.write(answer, 'latin1');
      else answer(request);
    });
    const { send, outcomes, mirror } = startMirror(t, { destinations: [server.url], ...options });
    send(parts);
    const [record] = await outcomes(1);
    assert.equal(record?.error, expected.error ?? null);
    assert.equal(record?.status, expected.status ?? null);
    assert.equal(record?.attempts, 1);
    if (expected.bytes !== undefined) assert.equal(record?.response_bytes, expected.bytes);
    const { mirrored, inFlight, queued, queuedBytes } = mirror.stats();
    assert.deepEqual([mirrored, inFlight, queued, queuedBytes], [expected.status === undefined ? 0 : 1, 0, 0, 0]);
  });
}

test('an answer to nothing costs the connection and is no answer to the next request', async (t) => {
  const server = await startServer(t, ({ socket }) => socket.write(OK + OK));
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1 });
  for (let i = 0; i < 3; i++) {
    send({ path: `/${i}` });
    assert.equal((await outcomes(i + 1))[i]?.error, null);
  }
  assert.equal(server.connections.length, 3);
});

const REPEATABLE: readonly (readonly [sentence: string, parts: Parts, again: boolean])[] = [
  ['GET', {}, true],
  ['HEAD', { method: 'HEAD' }, true],
  ['OPTIONS', { method: 'OPTIONS' }, true],
  ['GET with a body', { body: 'x' }, false],
  ['POST', { method: 'POST' }, false],
  ['PUT', { method: 'PUT', body: 'x' }, false],
  ['DELETE', { method: 'DELETE' }, false],
];
for (const [sentence, parts, again] of REPEATABLE) {
  for (const how of ['closed', 'reset'] as const) {
    test(`${sentence} is ${again ? 'sent once more' : 'lost'} when a reused connection is ${how} before it answers`, async (t) => {
      const server = await startServer(t, ({ socket, index, connection }) => {
        if (connection > 0 || index === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        else if (how === 'closed') socket.end();
        else socket.resetAndDestroy();
      });
      const { send, outcomes, mirror } = startMirror(t, { destinations: [server.url], connections: 1 });
      send({ path: '/first' });
      await outcomes(1);
      send(parts);
      const record = (await outcomes(2))[1];
      assert.equal(record?.error, again ? null : how);
      assert.equal(record?.attempts, again ? 2 : 1);
      assert.equal(server.requests.length, again ? 3 : 2);
      assert.equal(mirror.stats().resent, again ? 1 : 0);
    });
  }
}

test('a request is sent twice at most', async (t) => {
  const server = await startServer(t, ({ socket, index, connection }) => {
    if (connection === 0 && index === 0) socket.write(OK);
    else socket.end();
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url] });
  send({});
  await outcomes(1);
  send({});
  const record = (await outcomes(2))[1];
  assert.deepEqual([record?.error, record?.attempts, server.requests.length], ['closed', 2, 3]);
});

test('a response that has begun is not asked for again', async (t) => {
  const server = await startServer(t, ({ socket, index }) => {
    if (index === 0) socket.write(OK);
    else socket.end('H');
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url] });
  send({});
  await outcomes(1);
  send({});
  const record = (await outcomes(2))[1];
  assert.deepEqual([record?.error, record?.attempts], ['closed', 1]);
});

test('what was written behind the last response of a connection goes out again on new ones', async (t) => {
  const server = await startServer(t, ({ socket, index, connection, text }) => {
    if (connection === 0 && index === 1)
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else if (connection > 0 || index === 0) socket.write(OK);
    else assert.match(text, /^GET/);
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1 });
  send({ path: '/first' });
  await outcomes(1);
  send(...Array.from({ length: 5 }, (_, i) => ({ path: `/${i}` })));
  const records = await outcomes(6);
  assert.deepEqual(
    records
      .slice(1)
      .map(({ path, error, attempts }) => [path, error, attempts])
      .sort(),
    [
      ['/0', null, 1],
      ['/1', null, 2],
      ['/2', null, 2],
      ['/3', null, 2],
      ['/4', null, 2],
    ],
  );
});

test('a mirror that is down is one error for each request, and few attempts to connect', async (t) => {
  const { send, outcomes, mirror } = startMirror(t, { destinations: [`http://127.0.0.1:${await reservePort()}`] });
  for (let i = 0; i < 100; i++) send({ path: `/${i}` });
  const records = await outcomes(100);
  for (const { error, attempts, status, latency_ms } of records)
    assert.deepEqual([error, attempts, status, latency_ms], ['connect-refused', 0, null, null]);
  assert.deepEqual(mirror.stats().errors, { 'connect-refused': 100 });
});

test('a mirror whose name does not exist is a dns error', async (t) => {
  const { send, outcomes } = startMirror(t, { destinations: ['http://mirror.invalid'] });
  send({});
  assert.equal((await outcomes(1))[0]?.error, 'dns');
});

test('a mirror that comes back is mirrored to again', async (t) => {
  const first = await startServer(t);
  const { send, outcomes } = startMirror(t, { destinations: [first.url] });
  send({});
  await outcomes(1);
  await new Promise<void>((resolve) => {
    first.server.close(() => resolve());
    for (const socket of first.connections) socket.destroy();
  });
  send({});
  assert.equal((await outcomes(2))[1]?.error, 'connect-refused');
  const second = await startServer(t, undefined, undefined, first.port);
  send({});
  assert.equal((await outcomes(3))[2]?.error, null);
  assert.equal(second.requests.length, 1);
});
