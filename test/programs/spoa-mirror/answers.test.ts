/** --answers: what HAProxy is asked for, what of both answers is recorded, and that no value of them is anywhere. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { MirrorRecord, ProductionRecord } from '../../../src/mirror/record.ts';
import { Answers } from '../../../src/programs/spoa-mirror/answers.ts';
import { mirrorOptions, parseCommandLine } from '../../../src/programs/spoa-mirror/options.ts';
import { startService } from '../../../src/programs/spoa-mirror/service.ts';
import { KvList } from '../../../src/spop/kv-list.ts';
import type { Message } from '../../../src/spop/messages.ts';
import { writeNotify } from '../../../src/spop/notify.ts';
import type { TypedData } from '../../../src/spop/typed-data.ts';
import { dataOf } from '../../../src/spop/values.ts';
import { CONTEXT, type HeaderList, hdrsBin, messageOf } from '../../mirror/servers.ts';
import { type Answer, Client, captures, frames, HELLO } from '../../spoa/client.ts';
import { untilTrue } from '../../until.ts';
import { client, fresh, get, Run, workersOf } from './program.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const isLine = ajv.compile(
  JSON.parse(
    readFileSync(new URL('../../../docs/schemas/agent-record.schema.json', import.meta.url), 'utf8'),
  ) as object,
);

type Line = Partial<Omit<MirrorRecord, 'error'>> &
  Partial<Omit<ProductionRecord, 'error'>> & { readonly error?: string | null };

/** The lines of a record; each is one of the schema. */
function linesOf(path: string): Line[] {
  const text = readFileSync(path, { encoding: 'utf8', flag: 'a+' });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const parsed = JSON.parse(line) as Line;
      assert.ok(isLine(parsed), `${ajv.errorsText(isLine.errors)}: ${line}`);
      return parsed;
    });
}

const production = (lines: readonly Line[]) => lines.filter(({ kind }) => kind === 'production');
const mirrored = (lines: readonly Line[]) => lines.filter(({ kind }) => kind === undefined);

type Value = null | boolean | number | string | Uint8Array | TypedData;

/** An answer of production, as the configuration that `config print` prints has it. */
function answerOf(
  uid: string | null,
  {
    headers = [],
    ...args
  }: { readonly headers?: HeaderList; readonly [name: string]: Value | HeaderList | undefined } = {},
  name = 'answer-body',
): Message {
  const all = { arg_uid: uid, arg_status: 200, arg_hdrs: hdrsBin(headers), ...args };
  const entries = Object.entries(all).map(([key, value]) => {
    const isData = typeof value === 'object' && value !== null && 'type' in value;
    return [key, isData ? value : dataOf(value as string)] as const;
  });
  return { name, args: KvList.of(entries as (readonly [string, TypedData])[]) };
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A mirror that answers all requests alike. */
async function startMirrorServer(
  t: TestContext,
  answer: (response: ServerResponse, path: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response, request.url ?? '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Started {
  readonly record: string;
  readonly notices: string[];
  /** Lines of its log. */
  readonly logged: string[];
  reopen(): Promise<void>;
  open(hello?: boolean): Promise<Client>;
  stats(): ReturnType<Awaited<ReturnType<typeof startService>>['stats']>;
}

/** The service of one process, in this one. */
async function startHere(t: TestContext, ...args: readonly string[]): Promise<Started> {
  const [path, record] = [fresh('agent'), fresh('record')];
  const line = parseCommandLine([
    '-r0',
    '-a',
    `unix:${path}`,
    '--record',
    record,
    '-cpipelining',
    '-cfragmentation',
    ...args,
  ]);
  assert.ok('run' in line, JSON.stringify(line));
  const notices: string[] = [];
  const logged: string[] = [];
  const service = await startService(
    { ...line.run, answersKey: Buffer.alloc(32, 'k').toString('base64url') },
    mirrorOptions(line.run, {}),
    (text) => void logged.push(text),
    (text) => void notices.push(text),
    () => Promise.reject(new Error('no telemetry here')),
  );
  t.after(() => service.close());
  await service.listen();
  return {
    record,
    notices,
    logged,
    reopen: () => service.reopen(),
    stats: () => service.stats(),
    open: async (hello = true) => {
      const socket = connect({ path });
      await once(socket, 'connect');
      const opened = new Client(socket);
      if (!hello) return opened;
      opened.hello(HELLO);
      await opened.until(1);
      return opened;
    },
  };
}

function notify(client: Client, streamId: number, frameId: number, ...messages: readonly Message[]): void {
  client.send(frames((writer) => writeNotify(writer, streamId, frameId, messages)));
}

const actionsOf = (answer: Answer | undefined) =>
  answer?.type === 'ack'
    ? answer.actions.map((action) => [action.type, action.scope, action.name, 'value' in action && action.value.value])
    : undefined;

const ASKED = [['set-var', 2, 'answer', true]];

test('only the ACK of a request that is mirrored asks for its answer, and both answers are recorded', async (t) => {
  const body = { id: 7, items: [{ price: 1 }, { price: 2.5 }] };
  const url = await startMirrorServer(t, (response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(body));
  });
  const agent = await startHere(t, '-u', url, '--answers', 'body', '--path', '/api');
  const haproxy = await agent.open();
  notify(haproxy, 1, 1, messageOf({ path: '/api/1', args: { arg_uid: 'u1' } }));
  notify(haproxy, 2, 1, messageOf({ path: '/other', args: { arg_uid: 'u2' } }));
  notify(haproxy, 3, 1, messageOf({ path: '/api/3' }));
  const headers = [['content-type', 'application/json; charset=utf-8']] as const;
  notify(haproxy, 1, 2, answerOf('u1', { headers, arg_body: json(body), arg_body_size: json(body).length }));
  const acks = (await haproxy.until(5)).slice(1).map(actionsOf);
  assert.deepEqual(acks, [ASKED, [], [], []]);
  await untilTrue(() => linesOf(agent.record).length === 3);
  const lines = linesOf(agent.record);
  const [ours] = production(lines);
  const theirs = mirrored(lines).find(({ unique_id }) => unique_id === 'u1');
  assert.deepEqual(Object.keys(ours ?? {}), ['ts', 'kind', 'message', 'engine_id', 'unique_id', 'answer']);
  assert.deepEqual([ours?.message, ours?.unique_id], ['answer-body', 'u1']);
  assert.equal(Object.keys(theirs ?? {}).at(-1), 'answer');
  const fields = ours?.answer?.body.fields;
  assert.deepEqual(fields, theirs?.answer?.body.fields);
  assert.deepEqual(Object.keys(fields ?? {}), ['$', '$.id', '$.items', '$.items[*]', '$.items[*].price']);
  assert.equal(ours?.answer?.headers['content-type'], theirs?.answer?.headers['content-type']);
  assert.equal(ours?.answer?.body.type, 'application/json');
  const answer = mirrored(lines).find(({ path }) => path === '/api/3');
  assert.equal(answer?.answer, undefined, 'without an id there is nothing to join it by');
  assert.equal(agent.notices.length, 1, agent.notices.join('\n'));
  assert.match(agent.notices[0] ?? '', /^requests come without arg_uid=unique-id/);
  assert.deepEqual(agent.stats().answers, {
    production: { heard: 1, fingerprinted: 1, dropped: 0, unreadable: 0 },
    mirror: { heard: 1, fingerprinted: 1, dropped: 0, unreadable: 0 },
    queued: 0,
    queuedBytes: 0,
  });
});

test('--answers head looks at no body, whatever HAProxy sends', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('{"a":1}'));
  const agent = await startHere(t, '-u', url, '--answers', 'head');
  const haproxy = await agent.open();
  notify(haproxy, 1, 1, messageOf({ args: { arg_uid: 'u1' } }));
  notify(haproxy, 1, 2, answerOf('u1', { arg_body: '{"a":1}', arg_body_size: 7 }));
  await untilTrue(() => linesOf(agent.record).length === 2);
  for (const { answer } of linesOf(agent.record)) {
    assert.equal(answer?.body.state, 'unasked');
    assert.equal(answer?.body.fields ?? answer?.body.hash, undefined);
  }
});

test('without --answers an answer is acknowledged and left alone, and the log says once what would hear it', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('ok'));
  const agent = await startHere(t, '-u', url);
  const haproxy = await agent.open();
  notify(haproxy, 1, 1, messageOf({ args: { arg_uid: 'u1' } }));
  for (const frame of [2, 3]) notify(haproxy, 1, frame, answerOf('u1'));
  const acks = (await haproxy.until(4)).slice(1).map(actionsOf);
  assert.deepEqual(acks, [[], [], []]);
  await untilTrue(() => linesOf(agent.record).length === 1);
  assert.equal(linesOf(agent.record)[0]?.answer, undefined);
  assert.deepEqual([...new Set(agent.notices)].length, 1);
  assert.match(agent.notices[0] ?? '', /: --answers head or body would$/);
  assert.equal(agent.stats().answers, null);
});

test('an answer is known by its arguments, whatever its name and --message; what is none is not', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('ok'));
  const agent = await startHere(t, '-u', url, '--answers', 'body', '--message', 'mirror');
  const haproxy = await agent.open();
  notify(haproxy, 1, 1, answerOf('u1', {}, 'any-name'), answerOf('u2', { arg_status: '404' }));
  notify(haproxy, 2, 1, answerOf('u3', { arg_path: '/x' }), answerOf(null), answerOf('u4', { arg_status: null }));
  notify(haproxy, 3, 1, answerOf('u5', { arg_status: 'OK' }), answerOf('u6', { arg_hdrs: 'no headers' }));
  notify(haproxy, 4, 1, answerOf('u'.repeat(2000)));
  await haproxy.until(5);
  await untilTrue(() => linesOf(agent.record).length === 4);
  const found = linesOf(agent.record).map(({ unique_id, answer, error }) => [unique_id, answer?.status, error]);
  assert.deepEqual(found, [
    ['u1', 200, undefined],
    ['u2', 404, undefined],
    ['u5', undefined, 'unreadable'],
    ['u6', undefined, 'unreadable'],
  ]);
  assert.deepEqual(agent.stats().answers?.production, { heard: 5, fingerprinted: 2, dropped: 0, unreadable: 3 });
});

const WHAT_HAPROXY_SENT: { readonly [scenario: string]: readonly string[] } = {
  'group.001': [
    ...['200 whole', '200 whole', '304 none', '200 unasked', '200 unasked', '200 whole', '500 whole'],
    // HEAD.
    '200 none',
  ],
  'on-http-response-with-body.001': ['200 whole', '200 whole', '200 unannounced'],
  'group-of-two-messages.001': ['200 unasked'],
  'on-http-response-nocaps.001': ['200 unasked', '200 unasked'],
  'group-fragmented.001': ['200 whole'],
};

for (const [name, bytes] of captures.filter(([name]) => name.includes('--answers-'))) {
  test(`what ${name} sent is heard, and belongs to its requests`, async (t) => {
    const url = await startMirrorServer(t, (response) => response.end('ok'));
    const agent = await startHere(t, '-u', url, '--answers', 'body');
    const haproxy = await agent.open(false);
    haproxy.send(bytes);
    const expected = WHAT_HAPROXY_SENT[name.replace(/^.*--answers-/, '')] ?? [];
    await untilTrue(() => production(linesOf(agent.record)).length === expected.length);
    assert.deepEqual(
      production(linesOf(agent.record)).map(({ answer }) => `${answer?.status} ${answer?.body.state}`),
      expected,
    );
    const idsOf = (lines: readonly Line[]) => new Set(lines.map(({ unique_id }) => unique_id));
    await untilTrue(() => {
      const ids = idsOf(mirrored(linesOf(agent.record)));
      return [...idsOf(production(linesOf(agent.record)))].every((id) => ids.has(id));
    });
  });
}

test('answers wait for their fingerprints in a bounded queue: the newest is dropped, counted, recorded, and said once', async () => {
  const lines: Line[] = [];
  const notices: string[] = [];
  const settings = { parts: 'body', key: Buffer.alloc(32, 'k'), rounding: [] } as const;
  const answers = new Answers(
    settings,
    (line) => void lines.push(JSON.parse(line) as Line),
    (line) => void notices.push(line),
  );
  const body = json({ a: 'x'.repeat(100) });
  for (let i = 0; i < 1002; i++) answers.hear(answerOf(`u${i}`, { arg_body: body }), CONTEXT);
  // HAProxy has its ACKs at the end of the turn in which they came.
  const { production: before, queued, queuedBytes } = answers.stats();
  assert.deepEqual(
    { before, queued },
    { before: { heard: 1002, fingerprinted: 0, dropped: 2, unreadable: 0 }, queued: 1000 },
  );
  assert.ok(queuedBytes > 1000 * body.length);
  const dropped = ['u1000', 'u1001'].map((unique_id) => ({ unique_id, error: 'dropped-queue-full' }));
  assert.deepEqual(
    lines.map(({ unique_id, error }) => ({ unique_id, error })),
    dropped,
  );
  assert.equal(new Set(notices).size, 1);
  await untilTrue(() => answers.stats().queued === 0);
  assert.equal(answers.stats().queuedBytes, 0);
  assert.equal(answers.stats().production.fingerprinted, 1000);
  assert.deepEqual(
    lines.slice(2).map(({ unique_id }) => unique_id),
    Array.from({ length: 1000 }, (_, i) => `u${i}`),
  );
  const large = Buffer.alloc(60_000, 'x');
  for (let i = 0; i < 300; i++) answers.hear(answerOf(`v${i}`, { arg_body: large }), CONTEXT);
  assert.ok(answers.stats().queuedBytes <= 16 * 1024 * 1024);
  assert.ok(answers.stats().production.dropped > 2);
  await answers.close(0);
  const last = answers.stats();
  assert.equal(last.queued, 0);
  assert.equal(last.production.fingerprinted + last.production.dropped, last.production.heard);
  assert.equal(lines.length, last.production.heard, 'each is recorded');
});

test('an answer that no fingerprint can be made of leaves the line of its request, and says nothing of what it holds', async () => {
  const lines: string[] = [];
  const notices: string[] = [];
  const settings = { parts: 'body', key: Buffer.alloc(32, 'k'), rounding: [] } as const;
  const answers = new Answers(
    settings,
    (line) => void lines.push(line),
    (line) => void notices.push(line),
  );
  const record = { ...RECORD, unique_id: 'u1' };
  const read = () => {
    throw new SyntaxError(`Unexpected token '${CANARY}'`);
  };
  answers.take(record, { bytes: 1, read });
  await untilTrue(() => lines.length === 1);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), record);
  assert.deepEqual(notices, ['internal error: an answer has no fingerprint (SyntaxError)']);
  assert.deepEqual(answers.stats().mirror, { heard: 1, fingerprinted: 0, dropped: 0, unreadable: 1 });
});

test('of a body that is too long the record has its length', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('x'.repeat(100_000)));
  const agent = await startHere(t, '-u', url, '-m', '200000', '--answers', 'body');
  const haproxy = await agent.open(false);
  haproxy.hello({ ...HELLO, maxFrameSize: 200_000 });
  await haproxy.until(1);
  notify(haproxy, 1, 1, messageOf({ args: { arg_uid: 'u1' } }));
  notify(haproxy, 1, 2, answerOf('u1', { arg_body: Buffer.alloc(100_000), arg_body_size: 100_000 }));
  await untilTrue(() => linesOf(agent.record).length === 2);
  for (const { answer } of linesOf(agent.record))
    assert.deepEqual([answer?.body.state, answer?.body.bytes], ['too_long', 100_000]);
});

const RECORD: MirrorRecord = {
  ts: '2026-01-02T03:04:05.067Z',
  message: 'mirror',
  stream_id: 1,
  frame_id: 1,
  method: 'GET',
  path: '/',
  status: 200,
  ttfb_ms: 1,
  latency_ms: 1,
  request_bytes: 0,
  response_bytes: 0,
  truncated: false,
  attempts: 1,
  error: null,
};

const CANARY = 'cAnArY7';
const canaries: HeaderList = [
  ['set-cookie', `${CANARY}a=1`],
  ['set-cookie', `b=${CANARY}b`],
  ['authorization', `Bearer ${CANARY}c`],
  ['content-type', `application/json; charset=${CANARY}d`],
  ['x-long', CANARY.repeat(50)],
];
const secrets = (more: number) => ({
  password: `${CANARY}e`,
  list: [`${CANARY}f`, CANARY.repeat(more)],
  [`${'0'.repeat(30)}${more}`]: { deep: `${CANARY}g` },
  number: 7_654_321,
});
const CANARIES = new RegExp(`${CANARY}|7654321`, 'i');

for (const workers of [1, 2]) {
  test(`no value of an answer is in any output, of ${workers} process${workers === 1 ? '' : 'es'}`, async (t) => {
    const url = await startMirrorServer(t, (response, path) => {
      for (const [name, value] of canaries) response.appendHeader(name, value);
      // One that breaks off, one that is no JSON, one that is too long, one that is.
      if (path === '/broken') {
        response.setHeader('content-length', 1000);
        response.write(CANARY);
        response.destroy();
      } else if (path === '/torn') response.end(`{"a": ${CANARY}`);
      else response.end(JSON.stringify(secrets(path === '/long' ? 20_000 : 2)));
    });
    let exported = '';
    const collector = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        exported += chunk.toString('latin1');
      });
      request.on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    t.after(() => {
      collector.close();
      collector.closeAllConnections();
    });
    const [socket, admin, log, record, trace] = ['agent', 'admin', 'log', 'record', 'trace'].map(fresh) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const run = new Run(
      [
        ...['-r0', `-n${workers}`, `--min-workers=${workers}`, '-a', `unix:${socket}`, '-u', url, '-cpipelining'],
        ...['--admin', `unix:${admin}`],
        ...['-l', `a:${log}`, '--record', record, '--trace-frames', trace, '--answers', 'body', '--otel', '-i', '1s'],
        // Node 24 does not break off an answer that waits behind another one: its connection would hang.
        '--no-pipelining',
      ],
      { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` },
    );
    await untilTrue(() => readFileSync(log, { encoding: 'utf8', flag: 'a+' }).includes('ready on'));
    const paths = ['/json', '/broken', '/torn', '/long'];
    for (let connection = 0; connection < 2; connection++) {
      const haproxy = await client(socket);
      for (const [i, path] of paths.entries()) {
        const uid = `u${connection}-${i}`;
        notify(haproxy, i, 1, messageOf({ path, args: { arg_uid: uid } }));
        notify(
          haproxy,
          i,
          2,
          answerOf(uid, {
            headers: canaries,
            arg_body: json(secrets(i)),
            cookie: `${CANARY}h`,
            other: [CANARY, 'x'].join(String.fromCharCode(0)),
          }),
        );
        notify(
          haproxy,
          i,
          3,
          answerOf(uid, { arg_hdrs: `x-a: ${CANARY}i`, arg_body: `{"a": ${CANARY}`, arg_body_size: 13 }),
        );
      }
      await haproxy.until(1 + 3 * paths.length);
    }
    await untilTrue(() => linesOf(record).length === 2 * 3 * paths.length);
    const pages = await Promise.all(['/stats', '/metrics', '/readyz'].map((path) => get(admin, path)));
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0);
    const lines = linesOf(record);
    assert.equal(production(lines).filter(({ error }) => error === 'unreadable').length, 2 * paths.length);
    assert.equal(mirrored(lines).filter(({ answer }) => answer !== undefined).length, 2 * 3, 'one breaks off');
    assert.equal(new Set(lines.flatMap(({ answer }) => answer?.key ?? [])).size, 1, 'all processes have the same key');
    assert.ok(exported.length > 1000);
    const outputs = { record, log, trace };
    for (const [name, path] of Object.entries(outputs))
      assert.doesNotMatch(readFileSync(path, 'latin1'), CANARIES, name);
    for (const { body } of pages) assert.doesNotMatch(body, CANARIES);
    for (const text of [exported, run.stdout, run.stderr]) assert.doesNotMatch(text, CANARIES);
    assert.match(
      readFileSync(trace, 'utf8'),
      /arg_uid="u0-0" arg_status=200 arg_hdrs=<\d+ bytes> arg_body=<\d+ bytes> cookie=<8 bytes>/,
    );
    assert.match(pages[1]?.body ?? '', /spoa_mirror_answers_heard_total\{side="production"\} 16/);
    assert.match(readFileSync(log, 'utf8'), /stopped: .*, 16 answers heard/);
  });
}

test('the key is the same for all workers and those that replace them, another one at each start, and shown nowhere', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('{"a":1}'));
  const keyFile = fresh('key');
  const key = 'this-is-a-key-of-more-than-32-bytes-as-it-must-be';
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  const encoded = Buffer.from(key).toString('base64url');
  const keys: string[][] = [];
  for (const given of [[], [], ['--answers-key', keyFile], ['--answers-key', keyFile]]) {
    const [socket, admin, log, record] = ['agent', 'admin', 'log', 'record'].map(fresh) as [
      string,
      string,
      string,
      string,
    ];
    const run = new Run([
      ...[
        '-r0',
        '-n2',
        '--min-workers=2',
        '-a',
        `unix:${socket}`,
        '-u',
        url,
        '-cpipelining',
        '--admin',
        `unix:${admin}`,
      ],
      ...['-l', `a:${log}`, '--record', record, '--answers', 'body', ...given],
    ]);
    await untilTrue(() => readFileSync(log, { encoding: 'utf8', flag: 'a+' }).includes('ready on'));
    const ask = async (uids: readonly string[]) => {
      for (const uid of uids) {
        const haproxy = await client(socket);
        notify(haproxy, 1, 1, answerOf(uid, { arg_body: '{"a":1}', arg_body_size: 7 }));
        await haproxy.until(2);
        haproxy.close();
      }
    };
    await ask(['same', 'same']);
    await untilTrue(() => linesOf(record).length === 2);
    const [worker] = workersOf(run.pid);
    process.kill(worker as number, 'SIGKILL');
    await untilTrue(
      () =>
        readFileSync(log, 'utf8').includes('it is replaced') &&
        workersOf(run.pid).filter((pid) => pid !== worker).length === 2,
    );
    await untilTrue(async () => (await get(admin, '/stats')).body.includes('"running":2'));
    await ask(['same', 'same']);
    await untilTrue(() => linesOf(record).length === 4);
    const prints = new Set(linesOf(record).map(({ answer }) => JSON.stringify(answer)));
    assert.equal(prints.size, 1, [...prints].join('\n'));
    keys.push([...new Set(linesOf(record).map(({ answer }) => answer?.key ?? ''))]);
    const shown = [run.pid, ...workersOf(run.pid)].map(
      (pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1'),
    );
    const pages = await Promise.all(
      ['/stats', '/metrics', '/readyz'].map(async (path) => (await get(admin, path)).body),
    );
    run.child.kill('SIGTERM');
    await run.exit;
    for (const text of [...shown, ...pages, readFileSync(log, 'utf8'), readFileSync(record, 'utf8'), run.said])
      for (const secret of [key, encoded]) assert.ok(!text.includes(secret), 'the key is shown');
  }
  assert.deepEqual(
    keys.map(({ length }) => length),
    [1, 1, 1, 1],
  );
  assert.equal(new Set(keys.flat()).size, 3, 'made anew without a file, the same with one');
});

test('a key that is none is refused in one line, and one that others can read is a warning', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('ok'));
  const base = [
    '--check',
    '-r0',
    '-a',
    `unix:${fresh('agent')}`,
    '-u',
    url,
    '--record',
    fresh('record'),
    '--answers',
    'head',
  ];
  const short = fresh('short');
  writeFileSync(short, 'too short', { mode: 0o600 });
  const long = fresh('long');
  writeFileSync(long, 'k'.repeat(5000), { mode: 0o600 });
  for (const [path, said] of [
    [fresh('nothing'), /^spoa-mirror: unable to read --answers-key \S+: ENOENT\n$/],
    // These have no end.
    ['/dev/zero', /^spoa-mirror: unable to read --answers-key \S+: it is no file\n$/],
    ['/', /^spoa-mirror: unable to read --answers-key \S+: it is no file\n$/],
    [long, /^spoa-mirror: --answers-key \S+ is no key: it takes 32 to 4096 bytes, and it has more\n$/],
    [short, /^spoa-mirror: --answers-key \S+ is no key: it takes 32 to 4096 bytes, and it has 9\n$/],
  ] as const) {
    const run = new Run([...base, '--answers-key', path]);
    assert.equal(await run.exit, 64);
    assert.match(run.stderr, said);
  }
  const open = fresh('open');
  writeFileSync(open, 'k'.repeat(32), { mode: 0o644 });
  const run = new Run([...base, '--answers-key', open]);
  assert.equal(await run.exit, 0, run.said);
  assert.match(run.stdout, /note {2}options +--answers-key \S+ can be read by every user of this machine\n/);
  assert.match(run.stdout, /ok {4}answers +status and headers are kept as hashes, with the key of --answers-key\n/);
});

test('--mark says on each request that it is a mirrored one, in the place of what the client said', async (t) => {
  const marks: (string | string[] | undefined)[] = [];
  const server = createServer((request, response) => {
    marks.push(request.headers['x-mirrored-request']);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const agent = await startHere(t, '-u', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--mark');
  const haproxy = await agent.open();
  notify(
    haproxy,
    1,
    1,
    messageOf({
      headers: [
        ['host', 'a'],
        ['x-mirrored-request', 'no'],
      ],
    }),
  );
  await untilTrue(() => marks.length === 1);
  assert.deepEqual(marks, ['1']);
});

test('--answers-values writes as many samples as it was told, beside the record, for its owner alone', async (t) => {
  const mirror = { a: 2, list: [{ 'x y': 'theirs' }], same: 1 };
  const ours = { a: 1, list: [{ 'x y': 'o'.repeat(1000) }], same: 1 };
  const url = await startMirrorServer(t, (response) => {
    response.setHeader('X-Flavour', 'lime');
    response.end(JSON.stringify(mirror));
  });
  const agent = await startHere(t, '-u', url, '--answers', 'body', '--answers-values', '4');
  const haproxy = await agent.open();
  for (const [i, uid] of ['u1', 'u2', 'u3'].entries()) {
    const answer = answerOf(uid, {
      headers: [['x-flavour', 'mint\u009b']],
      arg_body: json(ours),
      arg_body_size: json(ours).length,
    });
    // Whichever of both comes first.
    if (i === 1) notify(haproxy, i, 1, answer, messageOf({ args: { arg_uid: uid } }));
    else notify(haproxy, i, 1, messageOf({ args: { arg_uid: uid } }), answer);
    await untilTrue(() => linesOf(agent.record).length === 2 * (i + 1));
  }
  const file = `${agent.record}.values`;
  await untilTrue(() => readFileSync(file, 'utf8').split('\n').length === 5);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = readFileSync(file, 'utf8');
  assert.doesNotMatch(text, /\u009b/);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { [key: string]: unknown });
  const header = ['header x-flavour', ['mint\u009b'], ['lime']];
  assert.deepEqual(
    lines.map(({ unique_id, place, kind, production, mirror }) => [unique_id, kind, [place, production, mirror]]),
    [
      ['u1', 'value', header],
      ['u1', 'value', ['$.a', ['1'], ['2']]],
      ['u1', 'value', ["$.list[*]['x y']", [`"${'o'.repeat(199)}…`], ['"theirs"']]],
      ['u2', 'value', header],
    ],
  );
});

test('--answers-values is divided among workers, and those that replace them get no more', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('{"a":1}'));
  const [socket, log, record] = ['agent', 'log', 'record'].map(fresh) as [string, string, string];
  const run = new Run([
    ...['-r0', '-n2', '-a', `unix:${socket}`, '-u', url, '-cpipelining', '-l', `a:${log}`, '--record', record],
    ...['--answers', 'body', '--answers-values', '3'],
  ]);
  await untilTrue(() => readFileSync(log, { encoding: 'utf8', flag: 'a+' }).includes('ready on'));
  assert.match(
    readFileSync(log, 'utf8'),
    /--answers-values: for debugging, values of answers are written to \S+\.values: /,
  );
  let asked = 0;
  const ask = async () => {
    const connections = [await client(socket), await client(socket)];
    for (let i = 0; i < 10; i++, asked++) {
      const haproxy = connections[i % 2] as Client;
      const uid = `u${asked}`;
      notify(haproxy, i, 1, messageOf({ args: { arg_uid: uid } }), answerOf(uid, { arg_body: '{"a":2}' }));
    }
    await untilTrue(() => linesOf(record).length === 2 * asked);
    for (const connection of connections) connection.close();
  };
  const samples = () => readFileSync(`${record}.values`, 'utf8').split('\n').length - 1;
  await ask();
  await untilTrue(() => samples() === 3);
  const [worker] = workersOf(run.pid);
  process.kill(worker as number, 'SIGKILL');
  await untilTrue(() => {
    const workers = workersOf(run.pid);
    return workers.length === 2 && !workers.includes(worker as number);
  });
  await ask();
  run.child.kill('SIGTERM');
  await run.exit;
  assert.equal(samples(), 3);
});

test('--answers-values writes to no file that others can read', async () => {
  const record = fresh('record');
  writeFileSync(`${record}.values`, '', { mode: 0o644 });
  const run = new Run([
    '--check',
    '-r0',
    '-a',
    `unix:${fresh('agent')}`,
    '-uhttp://127.0.0.1:1',
    '--record',
    record,
    '--answers',
    'head',
    '--answers-values',
    '1',
  ]);
  assert.equal(await run.exit, 255);
  assert.match(run.stdout, /fail {2}values +\S+\.values: others can read or write it\n/);
});

test('a file of values that others can read is refused when it is opened again, too', async (t) => {
  const url = await startMirrorServer(t, (response) => response.end('{"a":1}'));
  const agent = await startHere(t, '-u', url, '--answers', 'body', '--answers-values', '4');
  const file = `${agent.record}.values`;
  renameSync(file, `${file}.1`);
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  await agent.reopen();
  assert.match(agent.logged.join('\n'), /^the file of values stays where it is.*others can read or write it$/m);
  const haproxy = await agent.open();
  notify(haproxy, 1, 1, messageOf({ args: { arg_uid: 'u1' } }), answerOf('u1', { arg_body: '{"a":2}' }));
  await untilTrue(() => readFileSync(`${file}.1`, 'utf8') !== '');
  assert.equal(readFileSync(file, 'utf8'), '');
});
