/** Two answers → their prints → what differs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAnswers } from '../../src/answers/differences.ts';
import { Fingerprinter, type RawAnswer } from '../../src/answers/fingerprint.ts';
import { readAnswer } from '../../src/answers/read.ts';

const KEY = Buffer.alloc(32, 7);
const prints = new Fingerprinter(KEY);

function json(value: unknown, about: Partial<RawAnswer> = {}): RawAnswer {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return {
    status: 200,
    headers: [
      ['content-type', 'application/json'],
      ['content-length', String(body.length)],
    ],
    body,
    ...about,
  };
}

/** What is reported of two answers, after a way through the record. */
function compared(production: RawAnswer, other: RawAnswer): string[] {
  const [a, b] = [production, other].map((answer) => readAnswer(JSON.stringify(prints.print('uid', answer))));
  assert.ok(a !== undefined && b !== undefined);
  return compareAnswers(a, b).differences.map(({ place, kind, shape }) =>
    [place, kind, shape].filter(Boolean).join(' '),
  );
}

const FIELDS: readonly (readonly [what: string, production: unknown, other: unknown, expected: readonly string[]])[] = [
  ['the same', { a: 1 }, { a: 1 }, []],
  ['another order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ['1 and 1.0', '{"a":1}', '{"a":1.0}', []],
  ['a value', { a: 1 }, { a: 2 }, ['$.a value']],
  ['a type', { stock: { count: 1 } }, { stock: { count: '1' } }, ['$.stock.count type number → string']],
  ['a missing field', { a: 1, b: 2 }, { a: 1 }, ['$.b missing']],
  ['an extra field', { a: 1 }, { a: 1, b: 2 }, ['$.b extra']],
  ['a missing object, without what is in it', { a: { b: { c: 1 } }, d: 1 }, { d: 1 }, ['$.a missing']],
  ['an object that became null', { a: { b: 1 } }, { a: null }, ['$.a type object → null']],
  ['a reversed array', { tags: ['x', 'y', 'z'] }, { tags: ['z', 'y', 'x'] }, ['$.tags order']],
  [
    'a shorter array, without what is in it',
    { items: [{ p: 1 }, { p: 2 }] },
    { items: [{ p: 1 }] },
    ['$.items length'],
  ],
  ['an empty array', { items: [{ p: 1 }] }, { items: [] }, ['$.items length']],
  ['a field that some elements miss', [{ p: 1 }, { p: 2 }], [{ p: 1 }, {}], ['$[*].p count']],
  ['lengths within an array', [[1], [2, 3]], [[1], [2]], ['$[*] length']],
  ['one array and several', { a: [[1, 2, 3]] }, { a: [[1], [2], [3]] }, ['$.a length']],
  ['another kind of document', { a: 1 }, [1], ['$ type object → array']],
  ['ids as names', { s: { 1001: { p: 1 } } }, { s: { 2002: { p: 2 } } }, ['$.s.{…}.p value']],
];

for (const [what, production, other, expected] of FIELDS) {
  test(`fields: ${what}`, () => {
    assert.deepEqual(compared(json(production), json(other)), expected);
  });
}

test('with another status nothing else is compared', () => {
  assert.deepEqual(compared(json({ a: 1 }), json({ b: 1 }, { status: 404 })), ['status status 200 → 404']);
});
