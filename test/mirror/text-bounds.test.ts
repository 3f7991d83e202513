/** What peers name is repeated in the record: how much of it, and that a cut is seen. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { formatRecord } from '../../src/mirror/record.ts';
import { TEXT_BOUNDS } from '../../src/mirror/text-bounds.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { stringData } from '../../src/spop/values.ts';
import { reservePort } from '../ports.ts';
import { CONTEXT, latin1, messageOf, startMirror, startServer } from './servers.ts';

const ajv = new Ajv2020({ allowUnionTypes: true });
addFormats.default(ajv);
const isRecord = ajv.compile(
  JSON.parse(readFileSync(new URL('../../docs/schemas/agent-record.schema.json', import.meta.url), 'utf8')),
);

/** What docs/agent.md and the schema promise of a line. */
const MAX_LINE_BYTES = 128 * 1024;

test('a short request of an engine with a long name is a short line', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'], maxQueueRequests: 0 });
  const message = {
    name: 'm',
    args: KvList.of([
      ['arg_method', stringData('G')],
      ['arg_path', stringData('/')],
    ]),
  };
  for (let i = 0; i < 700; i++) mirror.accept(message, { ...CONTEXT, engineId: 'E'.repeat(15_000) });
  assert.equal(records.length, 700);
  for (const record of records) assert.ok(formatRecord(record).length < 600);
  assert.equal(records[0]?.engine_id, `${'E'.repeat(TEXT_BOUNDS.engineId)}…`);
});

test('whatever a frame names, a line has at most 128 KiB, fits the schema and says what was cut', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'], maxQueueRequests: 0 });
  // Of all characters these are the longest in JSON.
  for (const character of ['\x01', '\x9b', '\u202e', 'x', 'é', '\u{e0001}']) {
    const long = (bytes: number) => stringData(character.repeat(Math.ceil(bytes / Buffer.byteLength(character))));
    const bytes = (length: number) => Buffer.from(character).toString('latin1').repeat(length).slice(0, length);
    const others = Object.fromEntries(
      Array.from({ length: 240 }, (_, i) => [`${i}${bytes(3000)}`, long(i < 4 ? 5000 : 3000)]),
    );
    const args = { arg_uid: long(60_000), ...others };
    const message = messageOf({ name: bytes(60_000), method: bytes(60_000), path: bytes(60_000), args });
    mirror.accept(message, { ...CONTEXT, engineId: bytes(60_000) });
    const record = records.at(-1) ?? assert.fail();
    const line = formatRecord(record);
    assert.ok(Buffer.byteLength(line) < MAX_LINE_BYTES, `${Buffer.byteLength(line)} bytes of ${escape(character)}`);
    assert.ok(isRecord(JSON.parse(line)), ajv.errorsText(isRecord.errors));
    for (const text of [record.message, record.engine_id, record.unique_id, record.method, record.path])
      assert.match(text ?? '', /…$/u);
    const { args: kept = {} } = record;
    const cut = Object.keys(kept).filter((name) => name !== '…');
    assert.equal(kept['…'], 240 - cut.length);
    assert.ok(cut.length > 0 && cut.every((name) => /…$/u.test(name) && /…$/u.test(String(kept[name]))));
  }
});

test('what is as long as anybody needs is not cut', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'], maxQueueRequests: 0 });
  const path = `/${'p'.repeat(TEXT_BOUNDS.path - 1)}`;
  const uid = 'é'.repeat(TEXT_BOUNDS.uniqueId / 2);
  const agent = 'Mozilla/5.0 '.repeat(80);
  mirror.accept(messageOf({ path, args: { arg_uid: uid, agent } }), CONTEXT);
  const [record] = records;
  assert.deepEqual([record?.path, record?.unique_id, record?.args], [path, uid, { agent }]);
});

test('no character of several bytes is torn', (t) => {
  const { mirror, records } = startMirror(t, { destinations: ['http://127.0.0.1:1'], maxQueueRequests: 0 });
  mirror.accept(messageOf({ args: { arg_uid: `x${'鏡'.repeat(1000)}` } }), CONTEXT);
  assert.equal(records[0]?.unique_id, `x${'鏡'.repeat(341)}…`);
});

test('the mirror gets everything whole, and it is said that such an id joins nothing', async (t) => {
  const server = await startServer(t);
  let told = 0;
  const { send, outcomes } = startMirror(t, { destinations: [server.url] }, { onCutId: () => (told += 1) });
  const id = 'u'.repeat(3000);
  const path = `/${'p'.repeat(9000)}`;
  send({ path, args: { arg_uid: latin1(id) } });
  const [record] = await outcomes(1);
  const [request] = server.requests;
  assert.ok(request?.text.startsWith(`GET ${path} HTTP/1.1\r\n`));
  assert.match(request?.text ?? '', new RegExp(`\r\nx-unique-id: ${id}\r\n`, 'i'));
  assert.equal(record?.unique_id, `${id.slice(0, TEXT_BOUNDS.uniqueId)}…`);
  assert.equal(told, 1);
});

test('the name of a message that cannot be mirrored is cut, too', async (t) => {
  const names: string[] = [];
  const url = `http://127.0.0.1:${await reservePort()}`;
  const { mirror } = startMirror(t, { destinations: [url] }, { onUnusable: (name) => names.push(name) });
  mirror.accept({ name: 'n'.repeat(15_000), args: KvList.of([]) }, CONTEXT);
  assert.deepEqual(names, [`${'n'.repeat(TEXT_BOUNDS.message)}…`]);
});
