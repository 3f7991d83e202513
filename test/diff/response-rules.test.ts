import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAnswers, type Difference } from '../../src/answers/differences.ts';
import { KNOWN_CHANGES } from '../../src/answers/known-changes.ts';
import { DiffError } from '../../src/diff/errors.ts';
import { ResponseRules } from '../../src/diff/response-rules.ts';
import type { DifferenceContext } from '../../src/diff/responses/difference-rules.ts';
import { fingerprinter } from '../answers/prints.ts';

const ORDER: DifferenceContext = {
  method: 'GET',
  target: '/orders/17?full=1',
  status: 200,
};

function difference(place: string, kind: Difference['kind'], shape?: string): Difference {
  return { place, kind, ...(shape !== undefined && { shape }) };
}

/** By which rule a difference is taken out; undefined for news. */
function ruleFor(rules: readonly string[], place: string, kind: Difference['kind'], context = ORDER) {
  return new ResponseRules({ ignoreField: rules }).classify(difference(place, kind), context)?.name;
}

for (const [rule, covered, others] of [
  ['$.price', ['$.price', '$.price.amount', '$.price[*]'], ['$', '$.prices', '$.item.price', 'header price']],
  ['$.items[*].price', ['$.items[*].price'], ['$.items', '$.items[*]', '$.items.price', '$.items[*].name']],
  ['$..request_id', ['$.request_id', '$.a.b[*].request_id', '$.request_id.x'], ['$.request', "$['request_id ']"]],
  ['$.sessions.*', ['$.sessions.{…}', '$.sessions.{…}.since', '$.sessions.a', '$.sessions[*]'], ['$.sessions']],
  ['$.sessions.{…}.since', ['$.sessions.{…}.since'], ['$.sessions.a.since', "$.sessions['{…}'].since"]],
  ['$.sessions.{...}', ['$.sessions.{…}'], ['$.sessions.x']],
  ["$['a b'].c", ["$['a b'].c"], ['$.a b', '$.ab.c']],
  ['$["it\'s"]', ["$['it\\'s']"], ['$.its']],
  ["$['price']", ['$.price'], ['$.prices']],
  ['$..*', ['$.a', '$[*]', '$.a.b'], ['$', 'body', 'header a']],
  ['$', ['$', '$.a', '$.a[*].b'], ['body', 'status']],
  ['header X-Cache', ['header x-cache'], ['header x-cache-hits', '$.x-cache']],
  ['header missing', ['header missing'], ['header extra']],
  ['/_at$/', ['$.created_at', '$.items[*].sold_at', 'header x_at'], ['$.created_at.x', '$.at']],
  ['/^header X-/i', ['header x-cache'], ['header y-cache', '$.x']],
  ['body', ['body'], ['$']],
  ['status', ['status'], ['$.status']],
] as const) {
  test(`${rule} covers what it says and nothing else`, () => {
    for (const place of covered) assert.equal(ruleFor([rule], place, 'count'), rule, place);
    for (const place of others) assert.equal(ruleFor([rule], place, 'count'), undefined, place);
  });
}

test('a kind behind the place narrows the rule', () => {
  for (const rule of ['$.price value', 'header x-cache value', '/price|x-cache/ value']) {
    const place = rule.startsWith('header') ? 'header x-cache' : '$.price';
    assert.equal(ruleFor([rule], place, 'value'), rule);
    assert.equal(ruleFor([rule], place, 'missing'), undefined);
  }
});

test('a method and a route in front of it narrow the rule', () => {
  for (const rule of [
    'GET /orders/{id} $.price',
    'get /orders/{…} $.price value',
    '/orders/17 $.price',
    'GET $.price',
    '* /orders/{id} /price/',
    'GET * $.price',
  ]) {
    assert.equal(ruleFor([rule], '$.price', 'value'), rule);
    if (rule !== '* /orders/{id} /price/' && rule !== '/orders/17 $.price')
      assert.equal(ruleFor([rule], '$.price', 'value', { ...ORDER, method: 'PUT' }), undefined);
    if (!rule.startsWith('GET *') && rule !== 'GET $.price')
      assert.equal(ruleFor([rule], '$.price', 'value', { ...ORDER, target: '/x' }), undefined);
  }
});

test('the first rule that covers a difference has it, and before what is built in', () => {
  assert.equal(ruleFor(['/./', '$.a'], '$.a', 'value'), '/./');
  assert.equal(ruleFor(['/set-cookie/'], 'header set-cookie', 'value'), '/set-cookie/');
});

for (const rule of [
  '',
  'price',
  '.price',
  '$price',
  '$.',
  '$.a..',
  '$...a',
  '$.items[0]',
  '$.items[1:2]',
  "$['a','b']",
  '$.items[?(@.id==1)]',
  '$.a value extra',
  '$.a sideways',
  'header',
  'header a b',
  'header x:y',
  '/(/',
  '/a)/',
  '/[/',
  '/a{3,2}/',
  '/*a/',
  '/(?=a)/',
  String.raw`/(a)\1/`,
  String.raw`/\bat/`,
  '/((a{99}){99}){99}/',
  'GET /orders/{id}',
  'GET',
  `$.${'a'.repeat(1001)}`,
  `$['\u001b]0;title\u0007`,
]) {
  test(`${JSON.stringify(rule.slice(0, 40))} is refused in one line without control characters`, () => {
    assert.throws(
      () => new ResponseRules({ ignoreField: [rule] }),
      (error) => {
        assert.ok(error instanceof DiffError && error.code === 'bad-field-rule');
        assert.match(error.message, /^cannot read --ignore-field "\P{Cc}*$/u);
        return true;
      },
    );
  });
}

test('places that are none cover nothing and break nothing', () => {
  const rules = ['$..x', '/x/'];
  for (const place of ['', '$[', '$[[', "$['", '$.', '$..x', '$\u0000', '$[*', '__proto__', `$${'['.repeat(10_000)}`])
    assert.equal(ruleFor(rules, place, 'value'), place.includes('x') ? '/x/' : undefined, place);
});

test('of what is built in only values are no news', () => {
  const rules = new ResponseRules({});
  const nameOf = (place: string, kind: Difference['kind']) => rules.classify(difference(place, kind), ORDER);
  for (const header of [
    'expires',
    'set-cookie',
    'x-request-id',
    'x-ms-request-id',
    'traceparent',
    'server-timing',
    'via',
    'x-served-by',
  ]) {
    const found = nameOf(`header ${header}`, 'value');
    assert.equal(found?.by, 'built-in');
    assert.match(found.name, new RegExp(`^header ${header} \\([a-z ,]+\\)$`, 'i'));
    assert.doesNotMatch(found.name, /the same/, 'each has a reason of its own');
    assert.equal(nameOf(`header ${header}`, 'missing'), undefined, header);
    assert.equal(nameOf(`header ${header}`, 'extra'), undefined, header);
  }
  assert.equal(nameOf('header content-security-policy', 'value'), undefined);
  assert.equal(nameOf('header __proto__', 'value'), undefined);
  assert.equal(
    new ResponseRules({ withoutBuiltIn: true }).classify(difference('header expires', 'value'), ORDER),
    undefined,
  );
});

test('what is built in is about places that a comparison can name', () => {
  const all = KNOWN_CHANGES.flatMap(({ headers }) => headers);
  const answer = (value: string) =>
    fingerprinter().print('u', { status: 200, headers: all.map((name) => [name, value]), body: undefined });
  const places = compareAnswers(answer('a'), answer('b')).differences.map(({ place }) => place);
  assert.deepEqual(
    all.filter((name) => !places.includes(`header ${name}`)),
    [],
  );
});

test('a rule too many is an error, not left out', () => {
  const rules = (count: number) => Array.from({ length: count }, (_, i) => `$.a${i}`);
  assert.doesNotThrow(() => new ResponseRules({ ignoreField: [...rules(1000), ...rules(1000)] }));
  assert.throws(
    () => new ResponseRules({ ignoreField: rules(1001) }),
    (error) =>
      error instanceof DiffError && error.code === 'bad-field-rule' && /1001 rules: at most 1000/.test(error.message),
  );
});

test('one object stands for each rule, so that it can be counted by', () => {
  const rules = new ResponseRules({ ignoreField: ['$.a'] });
  const first = rules.classify(difference('$.a', 'value'), ORDER);
  assert.ok(first !== undefined && first === rules.classify(difference('$.a.b', 'missing'), ORDER));
});

test('rules that never covered anything are named, the first ones of many', () => {
  const rules = new ResponseRules({ ignoreField: ['$.a', '$.b', '$.a', 'header x'] });
  const seen = rules.classify(difference('$.b', 'value'), ORDER);
  assert.ok(seen);
  assert.deepEqual(rules.unused([seen]), {
    code: 'unused-rules',
    message: 'no difference was ever covered by --ignore-field "$.a", "header x"',
  });
  assert.equal(new ResponseRules({}).unused([]), undefined);
  const many = new ResponseRules({ ignoreField: Array.from({ length: 9 }, (_, i) => `$.a${i}`) });
  assert.match(many.unused([])?.message ?? '', /"\$\.a4", 4 more$/);
});

test('what only the mirror has is no news with additive-fine, and nothing else is', () => {
  const rules = new ResponseRules({ additiveFine: true });
  assert.equal(rules.classify(difference('$.new', 'extra'), ORDER)?.name, 'additive-fine');
  assert.equal(rules.classify(difference('header x-new', 'extra'), ORDER)?.name, 'additive-fine');
  assert.equal(rules.classify(difference('$.new', 'missing'), ORDER), undefined);
  assert.equal(rules.classify(difference('body', 'extra'), ORDER), undefined);
});
