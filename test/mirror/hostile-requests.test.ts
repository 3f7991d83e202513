/**
 * Whatever a client of production put into a request, and HAProxy into a message: one outcome each, and on the wire
 * exactly one request a strict reader would accept, framed as its body is.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { formatRecord, type MirrorRecord } from '../../src/mirror/record.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import type { Message } from '../../src/spop/messages.ts';
import type { TypedData } from '../../src/spop/typed-data.ts';
import { binaryData, booleanData, int64Data, ipv4Data, nullData, uint64Data } from '../../src/spop/values.ts';
import { writeVarint } from '../../src/spop/varint.ts';
import { CONTEXT, latin1, startMirror, startServer } from './servers.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const isRecord = ajv.compile(
  JSON.parse(readFileSync(new URL('../../docs/schemas/agent-record.schema.json', import.meta.url), 'utf8')),
);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([^\0\r\n]*)$/;
const OF_A_HOP = /^(connection|expect|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

const piece = fc.constantFrom(
  ...[
    'a',
    'Z',
    '7',
    '/',
    '?',
    ':',
    ',',
    ' ',
    '\t',
    '\r',
    '\n',
    '\0',
    '\x01',
    '\x1b[2J',
    '\x7f',
    '\x85',
    '\xad',
    '\xff',
  ],
  ...['\r\n', '\r\n x', '\r\nx-injected: 1', '\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n', '%0d%0a', '\\', '"', "'"],
);
const nasty = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
const oneOf = (...usual: readonly string[]) => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...usual) }, nasty);

const method = oneOf('GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get', '!#$');
const path = oneOf(
  ...['/', '/a?b=c#d', '//evil/x', '/../x', '/\xe9', '*', 'http://host/x', 'http://user:pw@host:1/x', 'http://host'],
  ...['http:///x', 'HTTP://[::1]:2?q', 'host:443', 'x', '', '/a b', '/\r\nx: y'],
);
const header = fc.tuple(
  oneOf(
    ...['host', 'x-a', 'X-A', 'content-length', 'Content-Length', 'transfer-encoding', 'Transfer-Encoding', 'te'],
    ...['connection', 'Connection', 'keep-alive', 'expect', 'upgrade', 'trailer', 'http2-settings', 'proxy-connection'],
    ...['traceparent', 'x-unique-id', 'cookie', '__proto__', 'constructor'],
  ),
  oneOf(
    ...['', '0', '5', '-5', '5, 6', '99999999999999999999', 'chunked', 'gzip, chunked', 'close', 'x-a, host, te'],
    ...['content-length', '100-continue', 'h2c', 'example.com', '\t padded \t', '00-1-2-3'],
  ),
);

/** As req.hdrs_bin, as req.hdrs, or as nothing that has any sense. */
const headers = fc.record({
  list: fc.array(header, { maxLength: 6 }),
  how: fc.constantFrom('binary', 'binary', 'binary', 'text', 'text', 'cut', 'garbage', 'integer', 'null'),
});
const value = fc.oneof(
  nasty.map(latin1),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => binaryData(bytes)),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(uint64Data),
  fc.integer().map(int64Data),
  fc.constantFrom(nullData(), booleanData(true), ipv4Data(Buffer.of(127, 0, 0, 1))),
);
const extra = fc.array(
  fc.tuple(oneOf('arg_uid', 'arg_sid', 'arg_pid', 'arg_method', 'stream_id', '__proto__', ''), value),
  { maxLength: 5 },
);
const body = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n', '\r\n\r\n').map((text) => Buffer.from(text)),
);

type Headers = readonly (readonly [name: string, value: string])[];

function headerArgument({ list, how }: { list: Headers; how: string }): TypedData {
  if (how === 'integer') return int64Data(5);
  if (how === 'null') return nullData();
  if (how === 'garbage') return binaryData(Buffer.from(list.flat().join(''), 'latin1'));
  if (how === 'text') return latin1(`${list.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`);
  const writer = new ByteWriter();
  for (const text of [...list.flat(), '', '']) {
    writeVarint(writer, text.length);
    writer.writeBytes(Buffer.from(text, 'latin1'));
  }
  const bytes = Buffer.from(writer.take());
  return binaryData(how === 'cut' ? bytes.subarray(0, bytes.length >> 1) : bytes);
}

interface Request {
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** All that came on a connection; fails at the first byte that is not where it should be. */
function readStrictly(bytes: string): Request[] {
  const requests: Request[] = [];
  for (let rest = bytes; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    assert.ok(end > 0, `no end of a head in ${JSON.stringify(rest)}`);
    const [line = '', ...lines] = rest.slice(0, end).split('\r\n');
    const pairs = lines.map((text) => {
      const [, name, text_] = LINE.exec(text) ?? assert.fail(`not a header: ${JSON.stringify(text)}`);
      return [name as string, text_ as string] as const;
    });
    const lengths = pairs.filter(([name]) => name.toLowerCase() === 'content-length');
    assert.ok(lengths.length <= 1, 'two lengths');
    const length = Number(lengths[0]?.[1] ?? 0);
    const start = end + 4;
    requests.push({ line, headers: pairs, body: rest.slice(start, start + length) });
    rest = rest.slice(start + length);
  }
  return requests;
}

function checkRequest({ line, headers: pairs, body: sent }: Request, record: MirrorRecord, given: Buffer): void {
  assert.equal(line, `${record.method} ${record.path} HTTP/1.1`);
  assert.match(record.method, TOKEN);
  assert.notEqual(record.method, 'CONNECT');
  assert.match(record.path, /^(\*|\/[^\0-\x20\x7f]*)$/);
  assert.equal(sent, given.toString('latin1'));
  for (const [name] of pairs) assert.doesNotMatch(name, OF_A_HOP);
  assert.ok(pairs.some(([name]) => name.toLowerCase() === 'host'));
  assert.ok(given.length === 0 || pairs.some(([name]) => name.toLowerCase() === 'content-length'));
}

function checkRecord(record: MirrorRecord): void {
  const line = formatRecord(record);
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.ok(isRecord(JSON.parse(line)), ajv.errorsText(isRecord.errors));
}

test('no client, and no HAProxy, gets more than one request or another outcome out of a message', async (t) => {
  /** What came since the last outcome, of each connection. */
  const wire: string[] = [];
  const server = await startServer(
    t,
    ({ socket }) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
    (socket, connection) =>
      socket.on('data', (chunk) => {
        wire[connection] = (wire[connection] ?? '') + chunk.toString('latin1');
      }),
  );
  const { mirror, outcomes, records } = startMirror(t, { destinations: [server.url] });
  let written = 0;
  await fc.assert(
    fc.asyncProperty(method, path, headers, body, extra, nasty, async (verb, target, list, content, more, name) => {
      const entries: [string, TypedData][] = [
        ['arg_method', latin1(verb)],
        ['arg_path', latin1(target)],
        ['arg_hdrs', headerArgument(list)],
        ['arg_body', binaryData(content)],
        ...more,
      ];
      const message: Message = { name, args: KvList.of(entries) };
      const before = records.length;
      assert.notEqual(mirror.accept(message, CONTEXT), 'unusable');
      await outcomes(before + 1);
      assert.equal(records.length, before + 1);
      const record = records[before] as MirrorRecord;
      checkRecord(record);
      const requests = wire.splice(0).flatMap(readStrictly);
      if (record.attempts > 0) {
        assert.deepEqual([record.status, record.error], [204, null]);
        checkRequest(requests[0] ?? assert.fail('nothing came'), record, content);
        written++;
      } else assert.match(String(record.error), /^invalid-(method|path|header)$/);
      assert.equal(requests.length, record.attempts);
    }),
    { seed: 1, numRuns: 1500 },
  );
  assert.ok(written > 100 && written < 1500, `${written} were written`);
});
