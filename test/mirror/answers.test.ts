/** Answers of mirrors that are kept for --answers: whole, bounded, each beside its own request; and which requests ask for production's. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import type { RawAnswer } from '../../src/answers/fingerprint.ts';
import { AnswerCapture, Captures, MAX_ANSWER_BYTES } from '../../src/mirror/answer-capture.ts';
import type { MirrorOptions } from '../../src/mirror/options.ts';
import { makeCertificate } from '../certificates.ts';
import { ACK, field, frame, OK, onRequests, SETTINGS, Type } from './misbehaviours.ts';
import { CONTEXT, messageOf, type Parts, startMirror, startServer } from './servers.ts';

const uid = (id: string): Parts => ({ args: { arg_uid: id } });

/** What was kept, its body as text. */
function shown(answer: RawAnswer | undefined) {
  if (answer === undefined) return undefined;
  const { status, headers, body, ended, tooLong } = answer;
  return { status, headers, body: body && Buffer.from(body).toString('latin1'), ended, tooLong };
}

const kept = (status: number, headers: readonly (readonly [string, string])[], body: string, ended = true) => ({
  status,
  headers,
  body,
  ended,
  tooLong: false,
});

const HEADER = 'x-a: 1\r\nX-A:  2 \r\n';
const FIELDS = [
  ['x-a', '1'],
  ['x-a', '2'],
] as const;

const RESPONSES: readonly (readonly [what: string, method: string, text: string, expected: ReturnType<typeof kept>])[] =
  [
    [
      'a length',
      'GET',
      `HTTP/1.1 200 OK\r\n${HEADER}Content-Length: 5\r\n\r\nabcde`,
      kept(200, [...FIELDS, ['content-length', '5']], 'abcde'),
    ],
    [
      'chunks',
      'GET',
      `HTTP/1.1 404 No\r\n${HEADER}transfer-encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n2\r\nde\r\n0\r\ntrailer: 1\r\n\r\n`,
      kept(404, [...FIELDS, ['transfer-encoding', 'chunked']], 'abcde'),
    ],
    ['no body', 'GET', `HTTP/1.1 204 No Content\r\n${HEADER}\r\n`, kept(204, FIELDS, '')],
    [
      'not modified',
      'GET',
      'HTTP/1.1 304 Not Modified\r\ncontent-length: 700\r\n\r\n',
      kept(304, [['content-length', '700']], ''),
    ],
    ['HEAD', 'HEAD', `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n`, kept(200, [['content-length', '5']], '')],
    [
      'interim answers',
      'GET',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: no\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx',
      kept(200, [['content-length', '1']], 'x'),
    ],
  ];

for (const [what, method, text, expected] of RESPONSES) {
  for (const how of ['in one piece', 'byte by byte']) {
    test(`an answer with ${what}, ${how}`, async (t) => {
      const server = await startServer(t, ({ socket }) => {
        if (how === 'in one piece') socket.write(text, 'latin1');
        else void dribble(socket, text);
      });
      const { send, outcomes, answers } = startMirror(t, { destinations: [server.url], answers: 'body' });
      send({ method, ...uid('u') });
      await outcomes(1);
      assert.deepEqual(shown(answers[0]?.read()), expected);
      assert.equal(answers[0]?.read()?.method, method);
    });
  }
}

async function dribble(socket: { write(text: string, encoding: 'latin1', done: () => void): unknown }, text: string) {
  for (const character of text) await new Promise<void>((resolve) => socket.write(character, 'latin1', resolve));
}

test('an answer that ends with its connection is whole', async (t) => {
  const server = await startServer(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nabc');
    socket.end('de');
  });
  const { send, outcomes, answers } = startMirror(t, { destinations: [server.url], answers: 'body' });
  send(uid('u'));
  await outcomes(1);
  assert.deepEqual(shown(answers[0]?.read()), kept(200, [], 'abcde'));
});

for (const [what, text] of [
  ['in a body of a length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc'],
  ['between chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ['in a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nx'],
  ['in its head', 'HTTP/1.1 200 OK\r\nx-a: 1\r\n'],
] as const) {
  test(`an answer that breaks off ${what} is none`, async (t) => {
    const server = await startServer(t, ({ socket }) => socket.end(text));
    const { send, outcomes, answers } = startMirror(t, { destinations: [server.url], answers: 'body' });
    send(uid('u'));
    const records = await outcomes(1);
    assert.notEqual(records[0]?.error, null);
    assert.deepEqual(answers, [undefined]);
  });
}

test('answers to requests behind one another each belong to their own', async (t) => {
  const server = await startServer(t, ({ socket, text }) => {
    const path = /^GET (\S+)/.exec(text)?.[1] ?? '';
    socket.write(`HTTP/1.1 200 OK\r\nx-path: ${path}\r\ncontent-length: ${path.length}\r\n\r\n${path}`);
  });
  const { send, outcomes, answers, records } = startMirror(t, {
    destinations: [server.url],
    connections: 1,
    answers: 'body',
  });
  send({ path: '/first', ...uid('first') });
  await outcomes(1);
  send(...Array.from({ length: 20 }, (_, i) => ({ path: `/${i}`, ...uid(`u${i}`) })));
  await outcomes(21);
  assert.equal(server.connections.length, 1);
  for (const [i, { path }] of records.entries()) assert.deepEqual(shown(answers[i]?.read())?.body, path);
});

test('a request that goes out again has the answer that came', async (t) => {
  const server = await startServer(t, ({ socket, connection, index }) => {
    if (connection === 0 && index === 1) socket.destroy();
    else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${connection}`);
  });
  const { send, outcomes, answers } = startMirror(t, { destinations: [server.url], connections: 1, answers: 'body' });
  send(uid('u1'));
  await outcomes(1);
  send(uid('u2'));
  const records = await outcomes(2);
  assert.equal(records[1]?.attempts, 2);
  assert.deepEqual(shown(answers[1]?.read())?.body, '1');
});

test('with --answers head nothing of a body is kept, without --answers nothing at all', async (t) => {
  const server = await startServer(t);
  for (const [parts, expected] of [
    ['head', { status: 200, headers: [['content-length', '2']], body: undefined, ended: true, tooLong: false }],
    [undefined, undefined],
  ] as const) {
    const { send, outcomes, answers } = startMirror(t, { destinations: [server.url], answers: parts });
    send(uid('u'));
    await outcomes(1);
    assert.deepEqual(shown(answers[0]?.read()), expected);
  }
});

test('a body beyond the bound is too long, and is not kept', async (t) => {
  const server = await startServer(t, ({ socket, text }) => {
    const length = Number(/^GET \/(\d+)/.exec(text)?.[1]);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${'x'.repeat(length)}`);
  });
  const { send, outcomes, answers } = startMirror(t, { destinations: [server.url], answers: 'body' });
  for (const [i, length] of [MAX_ANSWER_BYTES, MAX_ANSWER_BYTES + 1, 2 ** 20 + 1].entries()) {
    send({ path: `/${length}`, ...uid(`u${i}`) });
    await outcomes(i + 1);
  }
  const sizes = answers.map((answer) => [answer?.read()?.body?.length, answer?.read()?.tooLong]);
  assert.deepEqual(sizes, [
    [MAX_ANSWER_BYTES, false],
    [0, true],
    [0, true],
  ]);
});

test('what all answers hold together is bounded, and given back when they end, break off or begin anew', () => {
  const captures = new Captures('body', 11_000);
  const head = Buffer.from('HTTP/1.1 200 OK\r\n');
  const begin = () => {
    const answer = new AnswerCapture(captures, 'GET');
    answer.head(head, 0, head.length);
    return answer;
  };
  const [one, two, three] = [begin(), begin(), begin()];
  const body = Buffer.alloc(6000, 'x');
  one.data(body, 0, body.length);
  two.data(body, 0, body.length);
  for (const byte of body.subarray(0, 3000)) three.data(Buffer.of(byte), 0, 1);
  assert.ok(captures.bytes <= 11_000);
  for (const answer of [one, two, three]) answer.end();
  const sizes = [one, two, three].map((answer) => answer.finish()?.read());
  assert.deepEqual(
    sizes.map((answer) => [answer?.body?.length, answer?.tooLong]),
    [
      [6000, false],
      [0, true],
      [3000, false],
    ],
  );
  assert.equal(captures.bytes, 0);
  const again = begin();
  again.data(body, 0, body.length);
  again.release();
  assert.equal(captures.bytes, 0);
  assert.equal(again.finish(), undefined);
});

test('a request that fails on its way gives back what was kept of its answer', async (t) => {
  const server = await startServer(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n');
    socket.write('x'.repeat(50_000));
  });
  const options: MirrorOptions = { destinations: [server.url], answers: 'body', totalTimeoutMs: 50, connections: 500 };
  const { send, outcomes, answers } = startMirror(t, options);
  // Far more than there is room for at the same time, if it were not given back.
  for (let sent = 0; sent < 600; sent += 200) {
    send(...Array.from({ length: 200 }, (_, i) => uid(`u${sent + i}`)));
    await outcomes(sent + 200);
  }
  assert.ok(answers.every((answer) => answer === undefined));
});

test('production is asked for its answer when the request really waits for a destination, and has an id', async (t) => {
  const server = await startServer(t, () => {});
  const accept = (options: Partial<MirrorOptions>, parts: Parts = uid('u')) => {
    const { mirror } = startMirror(t, { destinations: [server.url], answers: 'head', ...options });
    return mirror.accept(messageOf(parts), CONTEXT);
  };
  assert.equal(accept({}), 'answer-wanted');
  assert.equal(accept({ answers: undefined }), 'queued');
  assert.equal(accept({}, {}), 'queued');
  assert.equal(accept({}, uid('u'.repeat(1025))), 'queued');
  assert.equal(accept({ methods: ['POST'] }), 'left-out');
  assert.equal(accept({ sample: 0 }), 'left-out');
  assert.equal(accept({}, { ...uid('u'), method: 'CONNECT' }), 'left-out');
  assert.equal(accept({ maxQueueBytes: 1 }), 'left-out');
  assert.equal(accept({ messages: ['other'] }), 'unusable');
  const { mirror } = startMirror(t, { destinations: [server.url], answers: 'head', maxRate: 1 });
  assert.equal(mirror.accept(messageOf(uid('u')), CONTEXT), 'answer-wanted');
  assert.equal(mirror.accept(messageOf(uid('u')), CONTEXT), 'left-out');
});

const own = makeCertificate('mirror');
const onTls = { skip: own === undefined && 'openssl is not installed' };

const HEAD = (stream: number, flags = 4) =>
  frame(Type.headers, flags, stream, OK + field('x-a', '1') + field('x-a', '2') + field('content-type', 'text/plain'));

/** What a mirror writes for the requests of a connection, one after the other. */
const HTTP2_ANSWERS: readonly ((stream: number) => readonly Buffer[])[] = [
  (stream) => [HEAD(stream), frame(Type.data, 0, stream, 'abc'), frame(Type.data, 1, stream, 'de')],
  (stream) => [HEAD(stream, 5)],
  (stream) => [HEAD(stream), frame(Type.data, 0, stream, 'abc'), frame(Type.rst, 0, stream, '\0\0\0\x08')],
  (stream) => [HEAD(stream), frame(Type.data, 0, stream, 'abc'), frame(Type.headers, 5, stream, field('x-t', '1'))],
];

test(
  'answers over HTTP/2: headers in their order, whole bodies, HEAD, and no end of those that break off',
  onTls,
  async (t) => {
    const server = createServer({ key: own?.key, cert: own?.cert, ALPNProtocols: ['h2'] }, (socket) => {
      t.after(() => socket.destroy());
      socket.on('error', () => {});
      socket.write(Buffer.concat([SETTINGS, ACK]));
      let asked = 0;
      onRequests(socket, (stream) => socket.write(Buffer.concat(HTTP2_ANSWERS[asked++]?.(stream) ?? [])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { send, outcomes, answers } = startMirror(t, {
      destinations: [`https://127.0.0.1:${(server.address() as AddressInfo).port}`],
      tls: { ca: own?.cert },
      http2: true,
      answers: 'body',
    });
    for (const [i, method] of ['GET', 'HEAD', 'GET', 'GET'].entries()) {
      send({ method, ...uid(`u${i}`) });
      await outcomes(i + 1);
    }
    const [get, head, reset, withTrailers] = answers.map((answer) => shown(answer?.read()));
    const fields = [
      ['x-a', '1'],
      ['x-a', '2'],
      ['content-type', 'text/plain'],
    ] as const;
    assert.deepEqual(get, kept(200, fields, 'abcde'));
    assert.deepEqual(head, kept(200, fields, ''));
    // It has a status all the same, but nobody takes its body for whole.
    assert.equal(reset?.ended, false);
    assert.deepEqual(withTrailers, kept(200, fields, 'abc'));
  },
);
