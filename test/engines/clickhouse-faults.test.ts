/** What becomes of a statement when ClickHouse, or what stands before it, does something else than to answer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, describe, test } from 'node:test';
import type { ClickHouseOptions } from '../../src/engines/clickhouse.ts';
import { readObjects } from '../../src/engines/engine.ts';
import { EngineError } from '../../src/engines/errors.ts';
import { parseLocation } from '../../src/engines/location.ts';
import { makeCertificate } from '../certificates.ts';
import { clientOf, locationOf, patientClock } from './engines.ts';

const servers: { closeAllConnections?(): void; close(): void }[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections?.();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** Answers each request with the next one of these, and then always with the last. */
function inTurn(answers: readonly Answer[], seen: IncomingMessage[]): RequestListener {
  return async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const answer = answers[Math.min(seen.length, answers.length - 1)] as Answer;
    seen.push(request);
    answer(request, response, Buffer.concat(parts));
  };
}

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve(...answers: Answer[]): Promise<{ port: number; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  return { port: await listening(createServer(inTurn(answers, seen))), seen };
}

const OURS = { 'x-clickhouse-format': 'JSONCompactEachRowWithNamesAndTypes', 'x-clickhouse-query-id': '1' };
const HEAD = '["n"]\n["UInt64"]\n';

const rows: Answer = (_, response) => response.writeHead(200, OURS).end(`${HEAD}["1"]\n["18446744073709551615"]\n`);
const taken: Answer = (_, response) => response.writeHead(200, OURS).end();
const refuse =
  (status: number, text: string, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(text);
const exception = (code: number, words: string, status = 500) =>
  refuse(status, `Code: ${code}. DB::Exception: ${words} (version 26.7.3.1)\n`, {
    'x-clickhouse-exception-code': String(code),
  });
const cutOff: Answer = (_, response) => {
  response.writeHead(200, { ...OURS, 'content-length': '100000' }).write(`${HEAD}["1"]\n`, () => response.destroy());
};
const hangUp: Answer = (request) => request.socket.destroy();

const INSERT = { table: 'spoe_events', columns: ['a'], body: [Buffer.from('x')], token: 't-1' };

async function fails(promise: Promise<unknown>): Promise<EngineError> {
  const error = await promise.then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EngineError, String(error));
  assert.ok(!/[\n\r]/.test(error.message), 'one line');
  return error;
}

/** A question with time to be asked again. */
const PATIENT: Partial<ClickHouseOptions> = { retryForMs: 60_000 };
const ask = (port: number, options: Partial<ClickHouseOptions> = {}) =>
  readObjects(clientOf(port, options), 'SELECT n FROM t');

describe('what may pass is tried again, with the same token', () => {
  const passing: readonly (readonly [what: string, answer: Answer])[] = [
    ['500 without a word', refuse(500, '')],
    ['500 of ClickHouse that has too many parts', exception(252, 'Too many parts')],
    ['500 of ClickHouse that has no memory', exception(241, 'Memory limit exceeded')],
    ['a replica that is read-only', exception(242, 'Table is in readonly mode')],
    ['502 of a proxy', refuse(502, '<html>bad gateway</html>')],
    ['503', refuse(503, 'starting')],
    ['429', refuse(429, 'slow down')],
    ['a connection that is closed without an answer', hangUp],
    ['an answer that stops in the middle', cutOff],
  ];
  for (const [what, answer] of passing) {
    test(what, async () => {
      const { port, seen } = await serve(answer, answer, taken);
      const clock = patientClock();
      assert.deepEqual(await clientOf(port, { ...PATIENT, clock }).insert(INSERT), { retries: 2 });
      assert.deepEqual(clock.waits, [250, 500]);
      const asked = seen.map(({ url }) => new URL(url ?? '', 'http://x').searchParams);
      assert.deepEqual(
        asked.map((each) => each.get('insert_deduplication_token')),
        ['t-1', 't-1', 't-1'],
      );
      assert.equal(asked[0]?.get('async_insert'), '0');
      assert.equal(asked[0]?.get('deduplicate_blocks_in_dependent_materialized_views'), '1');
    });
  }

  test('at once, and not as a failure, where the server has closed a connection that was idle', async () => {
    const used = new WeakSet<object>();
    const { port, seen } = await serve((request, response, body) => {
      if (used.has(request.socket)) request.socket.destroy();
      else taken(request, response, body);
      used.add(request.socket);
    });
    const engine = clientOf(port);
    for (const _ of [1, 2, 3]) assert.deepEqual(await engine.insert(INSERT), { retries: 0 });
    assert.equal(seen.length, 5);
    await engine.close();
  });

  test('until the time for it is over', async () => {
    const { port, seen } = await serve(exception(202, 'Too many simultaneous queries'));
    const clock = patientClock();
    const error = await fails(clientOf(port, { retryForMs: 5000, clock }).insert(INSERT));
    assert.equal(error.code, 'engine-unavailable');
    assert.match(error.message, /Too many simultaneous queries/);
    assert.ok(seen.length > 2 && clock.now() < 5000, `${seen.length} attempts in ${clock.now()} ms`);
  });

  test('not once the load is told to end', async () => {
    const ending = new AbortController();
    const { port, seen } = await serve((request, response, body) => {
      ending.abort();
      refuse(503, 'later')(request, response, body);
    });
    const error = await fails(clientOf(port, PATIENT).insert(INSERT, ending.signal));
    assert.equal(error.code, 'engine-unavailable');
    assert.equal(seen.length, 1);
  });
});

describe('what does not pass ends at once, and says why', () => {
  const lasting: readonly (readonly [what: string, answer: Answer, code: string, words: RegExp])[] = [
    [
      'a wrong password',
      exception(516, 'default: Authentication failed', 403),
      'engine-denied',
      /Authentication failed/,
    ],
    ['a user that may not', exception(497, 'Not enough privileges', 403), 'engine-denied', /privileges/],
    ['a missing table', exception(60, 'Table spoe.spoe_events does not exist', 404), 'no-schema', /does not exist/],
    ['a missing database', exception(81, 'Database spoe does not exist', 404), 'no-schema', /spoe/],
    ['a syntax error', exception(62, 'Syntax error', 400), 'engine-refused', /Syntax error/],
    ['401 of a proxy', refuse(401, 'who are you'), 'engine-denied', /who are you/],
    ['404 of another server', refuse(404, '<html>'), 'engine-refused', /HTTP 404/],
    ['200 of another server', refuse(200, ''), 'engine-refused', /no ClickHouse/],
    [
      'an exception behind a 200',
      refuse(200, 'Code: 60. DB::Exception: Table t does not exist (version 24.1)', OURS),
      'no-schema',
      /Table t/,
    ],
  ];
  for (const [what, answer, code, words] of lasting) {
    test(what, async () => {
      const { port, seen } = await serve(answer);
      const error = await fails(clientOf(port, PATIENT).insert(INSERT));
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.equal(seen.length, 1);
    });
  }

  test('what does not speak HTTP', async () => {
    const port = await listening(
      createTcpServer((socket) => socket.on('error', () => undefined).end('\x00\x01 native\n')),
    );
    const error = await fails(clientOf(port, PATIENT).insert(INSERT));
    assert.equal(error.code, 'engine-refused');
    assert.match(error.hint ?? '', /8123/);
  });
});

describe('an answer of which a part is missing is never taken for a whole one', () => {
  const broken: readonly (readonly [what: string, tail: string, code: string])[] = [
    [
      'an exception as older servers write it',
      'Code: 241. DB::Exception: Memory limit exceeded (version 24.1)',
      'engine-answer',
    ],
    [
      'an exception as newer servers mark it',
      '__exception__\r\nabcd\r\nCode: 395. DB::Exception: Value passed to throwIf (version 26.7)\n90 abcd\r\n__exception__\r\n',
      'engine-refused',
    ],
    ['a row that is cut', '["2', 'engine-answer'],
    ['a row of too many values', '["2","3"]\n', 'engine-answer'],
  ];
  for (const [what, tail, code] of broken) {
    test(what, async () => {
      const { port } = await serve((_, response) => response.writeHead(200, OURS).end(`${HEAD}["1"]\n${tail}`));
      const { rows: answered } = await clientOf(port).query('SELECT n');
      const read: unknown[] = [];
      const error = await fails(
        (async () => {
          for await (const row of answered) read.push(row);
        })(),
      );
      assert.equal(error.code, code);
      assert.deepEqual(read, [[1]]);
    });
  }

  test('a connection that breaks is asked again while no row was given', async () => {
    const { port, seen } = await serve(cutOff, rows);
    assert.deepEqual(await ask(port, PATIENT), [{ n: 1 }, { n: 18446744073709551615n }]);
    assert.equal(seen.length, 2);
  });

  test('a connection that breaks behind a megabyte of rows is an error', async () => {
    const many = '["1"]\n'.repeat(400_000);
    const { port } = await serve((_, response) => {
      response
        .writeHead(200, { ...OURS, 'content-length': '100000000' })
        .write(`${HEAD}${many}`, () => response.destroy());
    });
    assert.equal((await fails(ask(port, PATIENT))).code, 'engine-answer');
  });

  test('text of a row that looks like an exception is a text', async () => {
    const text = 'Code: 60. DB::Exception: __exception__';
    const { port } = await serve((_, response) =>
      response.writeHead(200, OURS).end(`["n"]\n["String"]\n${JSON.stringify([text])}\n`),
    );
    assert.deepEqual(await ask(port), [{ n: text }]);
  });

  test('another format than was asked for', async () => {
    const { port } = await serve((_, response) =>
      response.writeHead(200, { ...OURS, 'x-clickhouse-format': 'CSV' }).end('1\n'),
    );
    assert.match((await fails(ask(port))).hint ?? '', /FORMAT/);
  });
});

test('a server that says nothing is given up', async () => {
  const { port } = await serve(() => undefined);
  const error = await fails(clientOf(port, { insertTimeoutMs: 20 }).insert(INSERT));
  assert.equal(error.code, 'engine-unavailable');
  assert.match(error.message, /no answer within 20 ms/);
});

test('no secret is in an address, nor in what is said, even where a server repeats it', async () => {
  const { port, seen } = await serve((request, response, body) =>
    refuse(403, `you sent ${request.headers.authorization}, s3cr3t! and ${body}`)(request, response, body),
  );
  const error = await fails(clientOf(port, { user: 'alice', password: 's3cr3t!' }).insert(INSERT));
  const encoded = Buffer.from('alice:s3cr3t!').toString('base64');
  for (const text of [error.message, String(error.hint), String(error.stack), seen[0]?.url ?? ''])
    assert.ok(!text.includes('s3cr3t') && !text.includes(encoded), text);
  assert.equal(seen[0]?.headers.authorization, `Basic ${encoded}`);
});

test('a location that holds a password is refused without showing it', () => {
  assert.throws(
    () => parseLocation('clickhouse://alice:s3cr3t@ch:8123/spoe'),
    (error: EngineError) => error.code === 'bad-engine' && !`${error.message}${error.hint}`.includes('s3cr3t'),
  );
});

describe('TLS', () => {
  const certificate = makeCertificate('clickhouse');
  const skip = certificate === undefined && 'needs openssl';
  async function tlsServer(): Promise<number> {
    const { key, cert } = certificate ?? {};
    return await listening(createTlsServer({ key, cert }, inTurn([rows], [])));
  }

  test('of an authority that is not known is refused at once', { skip }, async () => {
    const error = await fails(
      ask(await tlsServer(), { ...PATIENT, location: locationOf(await tlsServer(), 'default?tls') }),
    );
    assert.equal(error.code, 'engine-tls');
    assert.match(error.hint ?? '', /--ca/);
  });

  test('with its authority, or without verifying, is taken', { skip }, async () => {
    const location = locationOf(await tlsServer(), 'default?tls');
    const ca = certificate?.cert as Buffer;
    assert.equal((await ask(0, { location, tls: { ca } })).length, 2);
    assert.equal((await ask(0, { location, tls: { insecure: true } })).length, 2);
  });

  test('where plain HTTP is spoken says so', { skip }, async () => {
    const { port } = await serve(rows);
    const error = await fails(ask(port, { ...PATIENT, location: locationOf(port, 'default?tls') }));
    assert.equal(error.code, 'engine-tls');
    assert.match(error.hint ?? '', /plain HTTP/);
  });
});
