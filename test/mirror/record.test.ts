import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { formatRecord, formatTime, type MirrorRecord } from '../../src/mirror/record.ts';
import { CONTEXT, HOST, messageOf, startMirror, startServer } from './servers.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const schema = JSON.parse(
  readFileSync(new URL('../../docs/schemas/agent-record.schema.json', import.meta.url), 'utf8'),
) as { properties: Record<string, unknown> };
const isRecord = ajv.compile(schema);

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function checked(record: MirrorRecord): Record<string, unknown> {
  const parsed = JSON.parse(formatRecord(record)) as Record<string, unknown>;
  assert.ok(isRecord(parsed), ajv.errorsText(isRecord.errors));
  const order = Object.keys(schema.properties).filter((key) => key in parsed);
  assert.deepEqual(Object.keys(parsed), order, 'keys come in the order of the schema');
  return parsed;
}

test('a record with everything fits the schema', async (t) => {
  const servers = [await startServer(t), await startServer(t)];
  const { send, outcomes } = startMirror(t, { destinations: servers.map(({ url }) => url) });
  send({
    method: 'POST',
    path: '/x?y',
    body: 'body',
    headers: [...HOST, ['traceparent', TRACEPARENT], ['content-length', '9']],
    args: { arg_uid: 'u-1', arg_sid: 3, arg_pid: 4, region: 'eu', n: 5, none: null },
  });
  const [record] = await outcomes(2);
  const { ttfb_ms, latency_ms, destination, ...rest } = checked(record as MirrorRecord);
  assert.ok(servers.some(({ url }) => url === destination));
  assert.ok(typeof ttfb_ms === 'number' && typeof latency_ms === 'number' && ttfb_ms <= latency_ms);
  assert.deepEqual(rest, {
    ts: '2026-01-02T03:04:05.067Z',
    message: 'mirror',
    engine_id: 'engine',
    stream_id: 7,
    frame_id: 1,
    unique_id: 'u-1',
    sid: 3,
    pid: 4,
    args: { region: 'eu', n: 5, none: null },
    traceparent: TRACEPARENT,
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    method: 'POST',
    path: '/x?y',
    status: 200,
    request_bytes: 4,
    response_bytes: 2,
    truncated: true,
    attempts: 1,
    error: null,
  });
});

test('a rejected request fits the schema, with what the client sent', (t) => {
  const { send, records } = startMirror(t, { destinations: ['http://127.0.0.1:1/pre'] });
  send({ method: 'a b', path: '/' }, { path: '/\r\n\u001b[2J\u009b' });
  const [method, path] = records.map(checked);
  assert.equal(method?.method, 'a b');
  assert.equal(path?.path, '/\r\n\u001b[2J\u009b');
  assert.deepEqual([method?.error, path?.error], ['invalid-method', 'invalid-path']);
});

test('no text of a client can end the line, move the cursor or turn text around', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'] });
  const hostile = '\u202eevil\u2028\u200b\u{e0001}\u007f\u0085\n';
  mirror.accept(messageOf({ method: '\n', path: '/\u009b\u007f', args: { x: hostile, arg_uid: hostile } }), CONTEXT);
  const line = formatRecord(records[0] as MirrorRecord);
  assert.match(line, /^[\x20-\x7e]*$/);
  assert.equal((JSON.parse(line) as { args: { x: string } }).args.x, hostile);
});

test('ids beyond 2^53 stay exact integers', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'] });
  const big = 2n ** 60n + 1n;
  const text = `"stream_id":"${big}"`;
  mirror.accept(messageOf({ method: text, name: text, args: { arg_sid: big } }), { ...CONTEXT, streamId: big });
  const line = formatRecord(records[0] as MirrorRecord);
  assert.ok(line.includes(`"stream_id":${big},"frame_id":1,"sid":${big},`), line);
  assert.equal((JSON.parse(line) as { method: string }).method, text);
});

test('arguments stay what they are, however many and however named', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'] });
  const names = ['__proto__', 'constructor', 'stream_id', '', ...Array.from({ length: 200 }, (_, i) => `a${i}`)];
  for (const count of [3, 4, names.length]) {
    const args = Object.fromEntries(names.slice(0, count).map((name, i) => [name, i]));
    mirror.accept(messageOf({ method: '', args }), CONTEXT);
    assert.deepEqual(checked(records.at(-1) as MirrorRecord).args, args);
  }
});

test('times are ISO 8601 with milliseconds', () => {
  for (const ms of [0, 999, 1000, 1767323045067, 1767323045068, 1767323046000])
    assert.equal(formatTime(ms), new Date(ms).toISOString());
});
