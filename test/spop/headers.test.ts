import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpopStatus } from '../../src/spop/errors.ts';
import { readHeadersBin } from '../../src/spop/headers-bin.ts';
import { parseHeaders } from '../../src/spop/headers-text.ts';
import { writeShortString } from '../../src/spop/kv-list.ts';
import { readTypedData, writeTypedData } from '../../src/spop/typed-data.ts';
import { binaryData } from '../../src/spop/values.ts';
import { assertSpopError, type Cut, readPayload, testBothWays, written } from './streams.ts';

const HEADERS = [
  ['host', 'example.com'],
  ['x-dup', 'one'],
  ['cookie', `a=${'b'.repeat(3000)}`],
  ['x-dup', 'two'],
  ['x-empty', ''],
  ['x-bytes', '\u00ff\u0000\r\n\u0080'],
] as const;

function listOf(pairs: readonly (readonly [string, string])[]): Buffer {
  return written((writer) => {
    for (const text of pairs.flat()) writeShortString(writer, text);
  });
}

/** As the mirror has it: a BINARY argument somewhere in a frame. */
function readList(bytes: Buffer, cut: Cut) {
  const argument = written((writer) => writeTypedData(writer, binaryData(bytes)));
  const { source, start, end } = readPayload(argument, cut, readTypedData);
  return readHeadersBin(source, start, end);
}

testBothWays('binary headers keep their order, their duplicates and every byte', (cut) => {
  assert.deepEqual(readList(listOf([...HEADERS, ['', '']]), cut), HEADERS);
});

testBothWays('the end of binary headers may be missing, and what follows it is ignored', (cut) => {
  assert.deepEqual(readList(listOf(HEADERS), cut), HEADERS);
  assert.deepEqual(
    readList(
      listOf([
        ['a', 'b'],
        ['', ''],
        ['c', 'd'],
      ]),
      cut,
    ),
    [['a', 'b']],
  );
  assert.deepEqual(readList(Buffer.alloc(0), cut), []);
  assert.deepEqual(readList(listOf([['', '']]), cut), []);
});

testBothWays('binary headers cut at every byte are an invalid frame, unless a header ends there', (cut) => {
  const short = HEADERS.filter(([, value]) => value.length < 100);
  const bytes = listOf([...short, ['', '']]);
  const ends = short.map((_, i) => listOf(short.slice(0, i + 1)).length);
  for (let length = 1; length < bytes.length; length++) {
    const read = () => readList(bytes.subarray(0, length), cut);
    if (ends.includes(length)) assert.equal(read().length, ends.indexOf(length) + 1);
    else assertSpopError(read, SpopStatus.invalidFrame);
  }
});

testBothWays('a binary header without a name is an invalid frame', (cut) => {
  assertSpopError(() => readList(listOf([['', 'value']]), cut), SpopStatus.invalidFrame, /empty/);
});

test('text headers keep their order, duplicates and inner spaces; outer spaces go', () => {
  const text =
    'host: example.com\r\nx-dup:one\r\nx-dup: \t two  words \t\r\nx-empty:\r\nx-colon: a:b\r\n\r\nbody: no\r\n';
  assert.deepEqual(parseHeaders(text), [
    ['host', 'example.com'],
    ['x-dup', 'one'],
    ['x-dup', 'two  words'],
    ['x-empty', ''],
    ['x-colon', 'a:b'],
  ]);
  assert.deepEqual(parseHeaders('\r\n'), []);
  assert.deepEqual(parseHeaders(''), []);
});

test('a lone CR or LF stays in its value, where it can be refused', () => {
  assert.deepEqual(parseHeaders('a: b\nc: d\r\n\r\n'), [['a', 'b\nc: d']]);
  assert.deepEqual(parseHeaders('a: b\rc\r\n\r\n'), [['a', 'b\rc']]);
});

test('text headers cut at every byte are an invalid frame', () => {
  const text = 'host: example.com\r\nx: y\r\n\r\n';
  for (let length = 1; length < text.length; length++) {
    assertSpopError(() => parseHeaders(text.slice(0, length)), SpopStatus.invalidFrame);
  }
});

test('a folded line and a line without a name are invalid', () => {
  for (const line of [' folded: x', '\tfolded: x', ': x', 'no colon']) {
    assertSpopError(() => parseHeaders(`a: b\r\n${line}\r\nc: d\r\n\r\n`), SpopStatus.invalidFrame, /no name/);
  }
});
