/** What is said of bodies: whether they are whole, what their codings hide, and JSON that is out of the ordinary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { AnswerPrint } from '../../src/answers/answer.ts';
import { compareAnswers } from '../../src/answers/differences.ts';
import type { RawAnswer } from '../../src/answers/fingerprint.ts';
import { fingerprinter, jsonAnswer } from './prints.ts';

type Headers = RawAnswer['headers'];

const prints = fingerprinter();
const print = (answer: RawAnswer): AnswerPrint => prints.print('uid', answer);
const state = (answer: Partial<RawAnswer>) =>
  print({ status: 200, headers: [], body: Buffer.alloc(0), ...answer }).body.state;
const length = (bytes: number): Headers => [['content-length', String(bytes)]];

/** Kinds and places of what differs between two bodies of JSON text. */
function differences(production: string | Uint8Array, other: string | Uint8Array): string[] {
  const { differences: found } = compareAnswers(print(jsonAnswer(production)), print(jsonAnswer(other)));
  return found.map(({ place, kind }) => `${place} ${kind}`);
}

test('a body is whole when its length, its end or its form says so', () => {
  const states: readonly (readonly [answer: Partial<RawAnswer>, expected: string])[] = [
    [{ headers: length(5), body: Buffer.from('hello') }, 'whole'],
    [{ headers: length(600), body: Buffer.alloc(0) }, 'later'],
    [{ headers: length(600), body: Buffer.alloc(100, 'x') }, 'later'],
    [{ headers: length(16_000), body: Buffer.alloc(15_117, 'x') }, 'cut'],
    [{ headers: [...length(16_000), ['x-long', 'x'.repeat(2000)]], body: Buffer.alloc(13_020, 'x') }, 'cut'],
    [{ bodySize: 40_000, body: Buffer.alloc(15_117, 'x') }, 'cut'],
    [{ headers: length(0) }, 'none'],
    [{ headers: length(0), body: undefined }, 'none'],
    [{ headers: length(600), method: 'HEAD' }, 'none'],
    [{ headers: length(600), status: 304 }, 'none'],
    [{ status: 204 }, 'none'],
    [{ status: 101 }, 'none'],
    [{ headers: length(5), body: undefined }, 'unasked'],
    [{ body: Buffer.from('hello') }, 'unannounced'],
    [{ body: Buffer.from('{"a":1}') }, 'whole'],
    [{ body: Buffer.from('[1,2]\n') }, 'whole'],
    [{ body: Buffer.from('{"a":1') }, 'unannounced'],
    [{ body: Buffer.from('12'), headers: [['content-type', 'application/json']] }, 'unannounced'],
    [{ body: Buffer.from('{"a":1}\n'), headers: [['content-type', 'application/x-ndjson']] }, 'unannounced'],
    [{ body: Buffer.from('hello'), ended: true }, 'whole'],
    [{ ended: true }, 'none'],
    [{ body: Buffer.from('{"a":1}'), tooLong: true }, 'too_long'],
    [{ headers: [['content-length', '5, 5']], body: Buffer.from('hello') }, 'unannounced'],
    [{ headers: length(3), body: Buffer.from('hello') }, 'unannounced'],
  ];
  for (const [answer, expected] of states) assert.equal(state(answer), expected, JSON.stringify(answer));
});

test('what a coding hides is compared with what is plain', () => {
  const text = JSON.stringify({ a: 1, list: [1, 2, 3] });
  const plain = print(jsonAnswer(text));
  const coded: readonly (readonly [coding: string, body: Uint8Array])[] = [
    ['gzip', gzipSync(text)],
    ['X-Gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['gzip', Buffer.concat([gzipSync(text), Buffer.alloc(9)])],
    ['gzip', Buffer.concat([gzipSync(text.slice(0, 10)), gzipSync(text.slice(10))])],
  ];
  for (const [coding, body] of coded) {
    const { body: found } = print(
      jsonAnswer(body, { headers: [['content-encoding', coding], ...length(body.length)] }),
    );
    assert.deepEqual([found.state, found.hash, found.fields], ['whole', plain.body.hash, plain.body.fields], coding);
    // Without a length the end of the coding says it.
    if (coding !== 'identity')
      assert.equal(state({ body, headers: [['content-encoding', coding]] }), 'whole', `${coding} without a length`);
  }
});

test('what cannot be decoded says so, and how much comes of a few bytes is bounded', () => {
  const packed = gzipSync('{"a":"hello, this is a text"}');
  const coded = (coding: string, body: Uint8Array, headers: Headers = length(body.length)) =>
    state({ headers: [['content-encoding', coding], ...headers], body });
  assert.equal(coded('gzip', packed.subarray(0, -5)), 'unreadable');
  assert.equal(coded('gzip', packed.subarray(0, -5), []), 'unannounced');
  assert.equal(coded('gzip', Buffer.concat([packed, Buffer.from('what follows')])), 'unreadable');
  assert.equal(coded('gzip', Buffer.from('no gzip at all')), 'unreadable');
  assert.equal(coded('zstd', Buffer.from('whatever')), 'unreadable');
  assert.equal(coded('gzip, br', packed), 'unreadable');
  const large = Buffer.alloc(4 * 1024 * 1024);
  for (const [coding, bomb] of [
    ['gzip', gzipSync(large)],
    ['deflate', deflateSync(large)],
    ['br', brotliCompressSync(large)],
  ] as const)
    assert.equal(coded(coding, bomb), 'too_long', coding);
});

test('a coding has a name of the registry, or it is another', () => {
  const encodingOf = (coding: string) =>
    print(jsonAnswer({}, { headers: [['content-encoding', coding]], body: undefined })).body.encoding;
  assert.deepEqual(['GZIP', 'zstd', 'identity', 'gzip, br', 's3cr3t-t0ken'].map(encodingOf), [
    'gzip',
    'zstd',
    'identity',
    'other',
    'other',
  ]);
});

test('numbers are compared by their value, however they are written', () => {
  assert.deepEqual(differences('[1, 1.0, 1e0, 10e-1, 0, -0]', '[1.0, 1, 1, 1, -0.0, 0]'), []);
  assert.deepEqual(differences('[1e3,0.1]', '[1000,1.0e-1]'), []);
  assert.deepEqual(differences('{"id":9007199254740993}', '{"id":9007199254740992}'), ['$.id value']);
  assert.deepEqual(differences('{"id":9007199254740993}', '{"id":9007199254740993.0}'), []);
  assert.deepEqual(differences('{"id":1152921504606846977,"x":1}', '{"x":1,"id":1152921504606846976}'), ['$.id value']);
  assert.deepEqual(differences('{"id":1152921504606846977}', '{"id":"1152921504606846977"}'), ['$.id type']);
  assert.deepEqual(differences('[1e400]', '[1e401]'), ['$[*] value']);
  assert.deepEqual(differences('[1e400]', '[10e399]'), []);
  assert.deepEqual(differences('[1e-400]', '[0]'), ['$[*] value']);
  assert.deepEqual(
    differences('[1e21, 12345678901234567890]', '[1000000000000000000000, 1.234567890123456789e19]'),
    [],
  );
  // As programs read them: the same double.
  assert.deepEqual(differences('[0.1]', '[0.1000000000000000055511151231257827]'), []);
  // A number of which only the text is kept is no string that looks like it.
  assert.deepEqual(
    differences('["\\u00019007199254740993",9007199254740993]', '["\\u00019007199254740993",9007199254740993]'),
    [],
  );
  assert.deepEqual(differences('["\\u00019007199254740993"]', '[9007199254740993]'), ['$[*] type']);
  assert.deepEqual(differences('["\\u00019007199254740993",1e999]', '[9007199254740993,1e999]'), ['$[*] type']);
  const zeros = '0'.repeat(30_000);
  assert.deepEqual(differences(`[1${zeros}1${zeros}]`, `[1${zeros}2${zeros}]`), ['$[*] value']);
  assert.deepEqual(differences(`[1e${'1'.repeat(30_000)}]`, `[1e${'1'.repeat(30_000)}]`), []);
});

test('rounded where a rule says so', () => {
  const rounded = fingerprinter({ rounding: [{ path: '$.items[*].price', decimals: 2 }] });
  const of = (price: number, other: number) =>
    compareAnswers(
      ...([price, other].map((each) => rounded.print('u', jsonAnswer({ other: 1, items: [{ price: each }] }))) as [
        AnswerPrint,
        AnswerPrint,
      ]),
    ).differences.length;
  assert.equal(of(1.501, 1.4999), 0);
  assert.equal(of(1.51, 1.5), 1);
  assert.equal(of(-0.001, 0), 0);
});

test('JSON that is out of the ordinary', () => {
  // Of members with one name the last counts, as for who reads the answer.
  assert.deepEqual(differences('{"a":1,"a":2}', '{"a":2}'), []);
  assert.deepEqual(differences('{"__proto__":{"x":1}}', '{"__proto__":{"x":2}}'), ['$.__proto__.x value']);
  assert.deepEqual(differences('{"__proto__":1}', '{}'), ['$.__proto__ missing']);
  assert.deepEqual(differences('{"constructor":1,"a":1}', '{"a":1}'), ['$.constructor missing']);
  assert.deepEqual(differences('["\\ud800"]', '["\\ud801"]'), ['$[*] value']);
  assert.deepEqual(differences('{"\\ud800":1}', '{"\\ud801":1}'), ["$['\\ud800'] missing", "$['\\ud801'] extra"]);
  assert.deepEqual(differences('["a\\u0000sb","c"]', '["a","b\\u0000sc"]'), ['$[*] value']);
  assert.deepEqual(differences('\ufeff{"a":1}', '{"a":1}'), []);
  assert.deepEqual(differences('[NaN]', '[NaN]'), []);
  assert.deepEqual(differences('[NaN]', '[null]'), ['$ type']);
  assert.deepEqual(differences('null', '"null"'), ['$ type']);
  // Bytes that are no UTF-8 stay different.
  assert.deepEqual(differences(Buffer.from('{"a":"\xff"}', 'latin1'), Buffer.from('{"a":"\xfe"}', 'latin1')), [
    '$.a value',
  ]);
});

test('UTF-16 is read where a mark or the charset says so', () => {
  const text = '{"größe":[1,2]}';
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const plain = print(jsonAnswer(text)).body.fields;
  for (const [charset, body] of [
    ['utf-16le', little],
    ['utf-16', big],
    ['UTF-16BE', big],
    ['"utf-16"', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
    ['utf-8', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
  ] as const) {
    const headers: Headers = [['content-type', `application/json; charset=${charset}`], ...length(body.length)];
    assert.deepEqual(print({ status: 200, headers, body }).body.fields, plain, charset);
  }
});

test('JSON is told by its type or by how it begins', () => {
  const fieldsOf = (type: string | undefined, text: string) => {
    const headers: Headers = [...(type === undefined ? [] : [['content-type', type] as const]), ...length(text.length)];
    return print({ status: 200, headers, body: Buffer.from(text) }).body.fields;
  };
  for (const type of [
    'application/json',
    'text/json',
    'application/problem+json',
    'text/plain',
    'text/html',
    undefined,
  ])
    assert.ok(fieldsOf(type, ' {"a":1}')?.['$.a'], type);
  assert.ok(fieldsOf('application/vnd.api+json; charset=utf-8', '12')?.$);
  assert.equal(fieldsOf('text/plain', '12'), undefined);
  assert.equal(fieldsOf('text/html', '<p>'), undefined);
  assert.equal(fieldsOf('application/x-ndjson', '{"a":1}'), undefined);
});

test('depth, number and length of paths are bounded, and what is beyond differs as a whole', () => {
  const deep = (value: number) => `${'['.repeat(10_000)}${value}${']'.repeat(10_000)}`;
  const wide = (value: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${i}x`, i === 599 ? value : i])));
  const long = (value: number) =>
    JSON.stringify({ ['g'.repeat(60)]: { ['h'.repeat(60)]: { ['i'.repeat(60)]: { ['j'.repeat(60)]: value } } } });
  const huge = (value: number) => JSON.stringify([value, 'x'.repeat(70_000)]);
  for (const [make, kept, dropped] of [
    [deep, 33, 1],
    [wide, 512, 89],
    [long, 4, 1],
    [huge, 0, 1],
  ] as const) {
    const { fields, fields_dropped } = print(jsonAnswer(make(1))).body;
    assert.deepEqual([Object.keys(fields ?? {}).length, fields_dropped], [kept, dropped]);
    assert.deepEqual(differences(make(1), make(1)), []);
    assert.deepEqual(differences(make(1), make(2)), ['body value']);
  }
  // An id that came before is one of those that are kept; another name is not asked whether it is one.
  const mixed = (last: string) => JSON.stringify([{ 123456: 1 }, { ...JSON.parse(wide(1)), [last]: 1 }]);
  assert.deepEqual(differences(mixed('222222'), mixed('222222')), []);
  assert.deepEqual(differences(mixed('222222'), mixed('333333')), ['$[*].{…} value']);
  // Where there was no room for ids their names are in the hash of the whole.
  const late = (id: string) => JSON.stringify({ ...JSON.parse(wide(1)), last: { [id]: 1 } });
  assert.deepEqual(differences(late('222222'), late('333333')), ['body value']);
  // Of what a side drops nobody knows whether it is missing there.
  assert.deepEqual(differences(wide(1), wide(1).replace('{', '{"new":0,')), ['body value']);
  const few = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}x`, i])));
  assert.deepEqual(differences(few(500), few(600)).length, 11, 'those that are kept are extra');
  assert.deepEqual(differences(few(600), few(500)).length, 11, 'or missing');
});

test('a print has at most 32 KiB, whatever names and headers there are', () => {
  const names = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`${'\u202e'.repeat(20)}${'ж'.repeat(9)}${i}x`, i]),
  );
  const headers: Headers = Array.from({ length: 300 }, (_, i) => [`${'x'.repeat(90)}${i}`, 'v']);
  const found = print(jsonAnswer(names, { headers }));
  assert.ok(Buffer.byteLength(JSON.stringify(found)) <= 32 * 1024);
  assert.equal(Object.keys(found.headers).length, 100);
  assert.equal(found.headers_dropped, 200);
  assert.equal(Object.keys(found.body.fields ?? {}).length + (found.body.fields_dropped ?? 0), 501);
});

test('an array of a million elements is read', () => {
  const text = `[${Array.from({ length: 1e6 }, (_, i) => i % 7).join()}]`;
  const { fields } = fingerprinter({ maxText: 1e7 }).print('u', jsonAnswer(text)).body;
  assert.match(fields?.['$[*]'] ?? '', /^n\*1000000:/);
});
