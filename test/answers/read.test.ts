/** The answer of a line of the record: whoever could write to the file may have written it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAnswers } from '../../src/answers/differences.ts';
import { readAnswer } from '../../src/answers/read.ts';
import { fingerprinter, jsonAnswer } from './prints.ts';

const PRINT = fingerprinter().print('uid', jsonAnswer({ a: 1, list: [1, 2] }));
const TEXT = JSON.stringify(PRINT);

test('what was written is read again', () => {
  assert.deepEqual(readAnswer(TEXT), PRINT);
});

test('what is no print is none', () => {
  const { body } = PRINT;
  const others: readonly unknown[] = [
    null,
    [],
    'text',
    {},
    { ...PRINT, key: '\u001b[2J' },
    { ...PRINT, key: 1 },
    { ...PRINT, status: '200' },
    { ...PRINT, status: -1 },
    { ...PRINT, status: 2e9 },
    { ...PRINT, headers: [] },
    { ...PRINT, headers: { 'x\n': 'abcdefgh' } },
    { ...PRINT, headers: { x: 'a value' } },
    { ...PRINT, headers: { x: [] } },
    { ...PRINT, headers: { x: ['abcdefgh', 1] } },
    { ...PRINT, headers: { x: { toString: 1 } } },
    { ...PRINT, headers: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x${i}`, 'abcdefgh'])) },
    { ...PRINT, headers_dropped: 'many' },
    { ...PRINT, body: null },
    { ...PRINT, body: { ...body, state: 'constructor' } },
    { ...PRINT, body: { ...body, bytes: 1.5 } },
    { ...PRINT, body: { ...body, length: undefined } },
    { ...PRINT, body: { ...body, type: 'text/\u202ehtml' } },
    { ...PRINT, body: { ...body, type: `a/${'b'.repeat(100)}` } },
    { ...PRINT, body: { ...body, encoding: 'a b' } },
    { ...PRINT, body: { ...body, hash: 'short' } },
    { ...PRINT, body: { ...body, fields: [] } },
    { ...PRINT, body: { ...body, fields: { $: 'n:a value' } } },
    { ...PRINT, body: { ...body, fields: { a: 'n:abcdefgh' } } },
    { ...PRINT, body: { ...body, fields: { [`$${'a'.repeat(200)}`]: 'n:abcdefgh' } } },
    { ...PRINT, body: { ...body, fields: { $: 'x:abcdefgh' } } },
    {
      ...PRINT,
      body: { ...body, fields: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`$.x${i}`, 'o'])) },
    },
  ];
  for (const other of others)
    assert.equal(readAnswer(JSON.stringify(other)), undefined, JSON.stringify(other).slice(0, 200));
  assert.equal(readAnswer(''), undefined);
  assert.equal(readAnswer(TEXT.slice(0, -1)), undefined);
  assert.equal(readAnswer(`${TEXT}${' '.repeat(70_000)}`), undefined, 'longer than any');
});

test('names of Object.prototype are names like any other', () => {
  const text = TEXT.replace('"headers":{', '"headers":{"__proto__":"abcdefgh","constructor":"abcdefgh",').replace(
    '"$":',
    '"$.__proto__":"n:abcdefgh","$":',
  );
  const print = readAnswer(text);
  assert.ok(print !== undefined);
  const found = compareAnswers(print, PRINT).differences.map(({ place, kind }) => `${place} ${kind}`);
  assert.deepEqual(found, ['header __proto__ missing', 'header constructor missing']);
});
