/** Two answers → their prints → what differs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerPrint } from '../../src/answers/answer.ts';
import { compareAnswers } from '../../src/answers/differences.ts';
import { Fingerprinter, type RawAnswer } from '../../src/answers/fingerprint.ts';
import { readAnswer } from '../../src/answers/read.ts';
import { parseRounding } from '../../src/answers/rounding.ts';
import { fingerprinter, jsonAnswer as json } from './prints.ts';

const prints = fingerprinter();

/** After a way through the record. */
function recorded(answer: RawAnswer): AnswerPrint {
  const print = readAnswer(JSON.stringify(prints.print('uid', answer)));
  assert.ok(print !== undefined);
  return print;
}

function comparison(production: RawAnswer, other: RawAnswer) {
  return compareAnswers(recorded(production), recorded(other));
}

/** What is reported of two answers in one line each. */
function compared(production: RawAnswer, other: RawAnswer): string[] {
  return comparison(production, other).differences.map(({ place, kind, shape }) =>
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
  ['the same values another number of times', ['x', 'x', 'y'], ['x', 'y', 'y'], ['$[*] value']],
  ['ids in another order', '{"user_22222":1,"user_11111":2}', '{"user_11111":2,"user_22222":1}', []],
  ['two ids that changed places', { 1001: 1, 1002: 2 }, { 1001: 2, 1002: 1 }, ['$.{…} order']],
  ['ids as names', { s: { 1001: { p: 1 } } }, { s: { 2002: { p: 2 } } }, ['$.s.{…}.p value', '$.s.{…} value']],
  ['ids that became others', { s: { 1001: 1, 1002: 2 } }, { s: { 2001: 1, 2002: 2 } }, ['$.s.{…} value']],
  ['long names', { ['a'.repeat(65)]: 1 }, { ['b'.repeat(65)]: 1 }, ['$.{…} value']],
  ['maps in another order', [{ 1001: {} }, { 1002: {} }], [{ 1002: {} }, { 1001: {} }], ['$ order']],
  ['another number of ids', { 1001: {}, 1002: {} }, { 1001: {} }, ['$.{…} count']],
  [
    'another type in an array of another length',
    { items: [{ p: 1 }, { p: 2 }] },
    { items: [{ p: '1' }] },
    ['$.items length', '$.items[*].p type number → string'],
  ],
  [
    'what every element had, in an array of another length',
    {
      items: [
        { p: 1, q: 1 },
        { p: 2, q: 2 },
      ],
    },
    { items: [{ p: 1 }] },
    ['$.items length', '$.items[*].q missing'],
  ],
  ['what only some had', { items: [{ p: 1 }, { p: 2, q: 1 }] }, { items: [{ p: 1 }] }, ['$.items length']],
  ['the only null of a list', { items: [{ p: 1 }, { p: null }] }, { items: [{ p: 1 }] }, ['$.items length']],
  [
    'a type that no shorter list explains',
    { items: [{ p: 1 }, { p: 2 }] },
    { items: [{ p: null }] },
    ['$.items length', '$.items[*].p type number → null'],
  ],
  ['null or an array, without elements', { a: [null, [1]] }, { a: [null, []] }, ['$.a[*] value']],
];

for (const [what, production, other, expected] of FIELDS) {
  test(`fields: ${what}`, () => {
    assert.deepEqual(compared(json(production), json(other)), expected);
  });
}

test('with another status nothing else is compared', () => {
  assert.deepEqual(compared(json({ a: 1 }), json({ b: 1 }, { status: 404 })), ['status status 200 → 404']);
});

test('an array of objects in another order is one difference, and so is what arrays in it have', () => {
  const item = (id: number, tags: string[]) => ({ id, price: id * 1.5, at: { x: id }, tags });
  const items = [item(1, ['a', 'b']), item(2, ['c', 'd']), item(3, ['e', 'f'])];
  assert.deepEqual(compared(json({ items }), json({ items: items.toReversed() })), ['$.items order']);
  const inner = items.map(({ tags, ...rest }) => ({ ...rest, tags: tags.toReversed() }));
  assert.deepEqual(compared(json({ items }), json({ items: inner })), ['$.items[*].tags order']);
});

const withHeaders = (...headers: [string, string][]): RawAnswer => ({ status: 200, headers, body: undefined });

test('headers: missing, extra, another value, another order, another number of lines', () => {
  const of = (production: [string, string][], other: [string, string][]) =>
    compared(withHeaders(...production), withHeaders(...other));
  assert.deepEqual(of([['x-a', '1']], [['X-A', ' 1 ']]), []);
  assert.deepEqual(of([['x-a', '1']], [['x-a', '2']]), ['header x-a value']);
  assert.deepEqual(of([['x-a', '1']], []), ['header x-a missing']);
  assert.deepEqual(of([], [['x-a', '1']]), ['header x-a extra']);
  const cookies: [string, string][] = [
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ];
  assert.deepEqual(of(cookies, cookies.toReversed()), ['header set-cookie order']);
  assert.deepEqual(of(cookies, cookies.slice(1)), ['header set-cookie count']);
  assert.deepEqual(of([['__proto__', '1']], [['__proto__', '2']]), ['header __proto__ value']);
  assert.deepEqual(of([['__proto__', '1']], []), ['header __proto__ missing']);
  const moment = ['connection', 'keep-alive', 'transfer-encoding', 'date', 'age'].map((name): [string, string] => [
    name,
    '1',
  ]);
  assert.deepEqual(of(moment, []), []);
});

test('of a cookie its name and attributes are told from its value', () => {
  const of = (production: string, other: string) =>
    compared(withHeaders(['set-cookie', production]), withHeaders(['set-cookie', other]));
  const cookie = 'sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Expires=Fri, 27 Nov 2026 03:00:00 GMT';
  assert.deepEqual(of(cookie, cookie.replace('abc', 'xyz').replace('03:00', '03:01')), ['header set-cookie value']);
  assert.deepEqual(of(cookie, 'sid=x;secure; httponly; samesite = LAX; path=/; expires=0'), [
    'header set-cookie value',
  ]);
  for (const [part, instead] of [
    [' Secure;', ''],
    ['Lax', 'None'],
    ['Path=/', 'Path=/a'],
    ['sid=', 'session='],
  ] as const)
    assert.deepEqual(of(cookie, cookie.replace(part, instead).replace('abc', 'xyz')), ['header set-cookie attributes']);
  assert.deepEqual(of('sid', 'sid; Secure'), ['header set-cookie attributes']);
  const print = recorded(withHeaders(['set-cookie', cookie], ['set-cookie', 'a=b']));
  assert.equal(print.cookies?.length, 2);
  // A print of before has no hashes of their own.
  const { cookies: _, ...old } = print;
  const other = { ...recorded(withHeaders(['set-cookie', 'sid=1'], ['set-cookie', 'a=b'])) };
  assert.deepEqual(compareAnswers(old, other).differences, [{ place: 'header set-cookie', kind: 'value' }]);
});

test('the media type has a place of its own, its parameters are a header', () => {
  const of = (production: string, other: string) =>
    compared(withHeaders(['content-type', production]), withHeaders(['content-type', other]));
  assert.deepEqual(of('application/json; charset=UTF-8', 'Application/JSON;charset="utf-8"'), []);
  assert.deepEqual(of('application/json', 'text/html; charset=utf-8'), [
    'content-type content-type application/json → text/html',
  ]);
  assert.deepEqual(of('text/html; charset=utf-8', 'text/html; charset=latin1'), ['header content-type value']);
  assert.deepEqual(compared(withHeaders(['content-type', 'text/html']), withHeaders()), [
    'content-type content-type text/html → none',
  ]);
});

test('bodies are compared where both are whole, and what became of them is said', () => {
  const text = (body: string, about: Partial<RawAnswer> = {}): RawAnswer => ({
    status: 200,
    headers: [['content-length', String(body.length)]],
    body: Buffer.from(body),
    ...about,
  });
  const of = (production: RawAnswer, other: RawAnswer) => {
    const { differences, body } = comparison(production, other);
    return [body, ...differences.map(({ place, kind, shape }) => [place, kind, shape].filter(Boolean).join(' '))];
  };
  const html = text('<p>one');
  assert.deepEqual(of(html, html), ['compared']);
  assert.deepEqual(of(html, text('<p>two')), ['compared', 'body value']);
  assert.deepEqual(of(text('{"a":1}'), html), ['compared', '$ type JSON → other']);
  assert.deepEqual(of(html, text('', { headers: [['content-length', '0']] })), [
    'compared',
    'body body-state body → none',
  ]);
  assert.deepEqual(of(html, { ...html, body: undefined }), ['unasked']);
  const head = (length: number, type: string): RawAnswer => ({
    status: 200,
    headers: [
      ['content-length', String(length)],
      ['content-type', type],
    ],
    body: undefined,
  });
  const read = (length: number, type: string) => ({ ...head(length, type), body: Buffer.alloc(length, '1') });
  assert.deepEqual(of(head(9, 'text/html'), read(9, 'text/html')), ['unasked']);
  assert.deepEqual(of(head(9, 'text/html'), read(8, 'text/html')), ['unasked', 'length length']);
  // JSON that HAProxy did not send is missed where the mirror's was read.
  assert.deepEqual(of(head(9, 'application/json'), read(9, 'application/json')), ['not-whole']);
  assert.deepEqual(of(head(9, 'application/json'), read(8, 'application/json')), ['not-whole', 'length length']);
  assert.deepEqual(of(head(9, 'application/json'), head(9, 'application/json')), ['unasked']);
  assert.deepEqual(of(head(9, 'application/json'), { ...head(9, 'application/json'), method: 'HEAD' }), ['unasked']);
  assert.deepEqual(of(text('', { method: 'HEAD' }), text('', { method: 'HEAD' })), ['none']);
  const later = (length: number) => text('', { headers: [['content-length', String(length)]] });
  assert.deepEqual(of(later(600), text('x'.repeat(600))), ['not-whole']);
  assert.deepEqual(of(later(600), text('x'.repeat(700))), ['not-whole', 'length length']);
  assert.deepEqual(
    of(later(600), text('', { ended: true, headers: [] })),
    ['not-whole', 'body body-state body → none'].slice(1).toSpliced(0, 0, 'compared'),
  );
  const coded = text('no gzip', {
    headers: [
      ['content-encoding', 'gzip'],
      ['content-length', '7'],
    ],
  });
  assert.deepEqual(of(html, coded).slice(0, 3), [
    'compared',
    'header content-encoding extra',
    'body body-state body → unreadable',
  ]);
  assert.deepEqual(of(html, { ...html, status: 500 }), ['other-status', 'status status 200 → 500']);
});

test('of a body that nobody asked for the head says whether there is one, and how long', () => {
  const head = (length: number | null, about: Partial<RawAnswer> = {}, ...more: [string, string][]): RawAnswer => ({
    status: 200,
    headers: [...more, ...(length === null ? [] : [['content-length', String(length)] as const])],
    body: undefined,
    ...about,
  });
  const of = (production: RawAnswer, other: RawAnswer) => {
    const { differences, body } = comparison(production, other);
    assert.equal(body, 'unasked');
    return differences.map(({ place, kind, shape }) => [place, kind, shape].filter(Boolean).join(' '));
  };
  const come = (bytes: number) => ({ ended: true, bodyBytes: bytes });
  assert.deepEqual(of(head(600), head(600)), []);
  assert.deepEqual(of(head(600), head(601)), ['length length']);
  assert.deepEqual(of(head(600), head(0)), ['body body-state body → none']);
  assert.deepEqual(of(head(0), head(600)), ['body body-state none → body']);
  // A mirror that sends chunks: of --answers head as of body.
  assert.deepEqual(of(head(600), head(null, come(600))), []);
  assert.deepEqual(of(head(600), head(null, come(0))), ['body body-state body → none']);
  assert.deepEqual(of(head(600), { ...head(null, come(0)), body: Buffer.alloc(0) }), ['body body-state body → none']);
  assert.deepEqual(of(head(600), { ...head(null, come(700)), body: Buffer.alloc(700) }), []);
  assert.deepEqual(of(head(600), { ...head(601), body: Buffer.alloc(601) }), ['length length']);
  // Of production's chunks nothing is known.
  assert.deepEqual(of(head(null), head(null, come(0))), []);
  assert.deepEqual(of(head(null), head(600)), []);
  // HEAD, of which only the mirror's side may know.
  assert.deepEqual(of(head(600), head(500, { method: 'HEAD', ended: true })), []);
  // Who compresses otherwise has another length; half of it is another page.
  const gzip = ['content-encoding', 'gzip'] as [string, string];
  assert.deepEqual(of(head(600, {}, gzip), head(400, {}, gzip)), []);
  assert.deepEqual(of(head(600, {}, gzip), head(20, {}, gzip)), ['length length']);
  assert.deepEqual(of(head(600, {}, gzip), head(1200)), ['header content-encoding missing']);
  assert.equal(recorded(head(null, come(600))).body.bytes, 600);
});

test('prints of another key or another request say nothing of each other', () => {
  const other = new Fingerprinter(Buffer.alloc(32, 8));
  const [a, b] = [prints.print('uid', json({ a: 1 })), other.print('uid', json({ a: 2 }))];
  assert.notEqual(a.key, b.key);
  assert.deepEqual(compareAnswers(a, b), { differences: [], body: 'other-key' });
  const [c, d] = [prints.print('one', json({ a: 1 })), prints.print('two', json({ a: 1 }))];
  assert.equal(c.key, d.key);
  assert.notEqual(c.body.fields?.['$.a'], d.body.fields?.['$.a']);
  assert.notEqual(c.headers['content-type'], d.headers['content-type']);
  assert.notEqual(c.body.hash, d.body.hash);
  // The same value in two places looks different, too.
  const { fields } = prints.print('uid', json({ a: 1, b: 1 })).body;
  assert.notEqual(fields?.['$.a'], fields?.['$.b']);
});

test('a rule for rounding is a path and a number of decimals', () => {
  assert.deepEqual(parseRounding('$.items[*].price=2'), { path: '$.items[*].price', decimals: 2 });
  assert.deepEqual(parseRounding("$['a=b']=0"), { path: "$['a=b']", decimals: 0 });
  assert.deepEqual(parseRounding(`$["items"][*]['price']=2`), { path: '$.items[*].price', decimals: 2 });
  for (const [text, code] of [
    ['$.price', 'rounding-form'],
    ['price=2', 'rounding-path'],
    ['$.=2', 'rounding-path'],
    ['$..price=2', 'rounding-path'],
    ['$.*=2', 'rounding-path'],
    ['$.items[*=2', 'rounding-path'],
    ['$.items[0].price=2', 'rounding-path'],
    ['$.orders.20241.price=2', 'rounding-path'],
    ['$.price=', 'rounding-decimals'],
    ['$.price=16', 'rounding-decimals'],
    ['$.price=-1', 'rounding-decimals'],
  ] as const)
    assert.throws(() => parseRounding(text), { name: 'AnswerError', code });
});
