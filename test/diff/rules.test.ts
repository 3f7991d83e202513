import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffError } from '../../src/diff/errors.ts';
import { parseErrorStatuses, parseIgnoreRule } from '../../src/diff/rules.ts';

function statusesOf(...rules: string[]): number[] {
  return [...parseErrorStatuses(rules).entries()].filter(([, flag]) => flag === 1).map(([status]) => status);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test('5xx is 500 and everything above it', () => {
  assert.deepEqual(statusesOf('5xx'), range(500, 999));
  assert.deepEqual(statusesOf('5XX'), range(500, 999));
});

test('other classes, statuses and ranges are what they say', () => {
  assert.deepEqual(statusesOf('4xx'), range(400, 499));
  assert.deepEqual(statusesOf('409'), [409]);
  assert.deepEqual(statusesOf('500-504'), range(500, 504));
  assert.deepEqual(statusesOf('502-502'), [502]);
  assert.deepEqual(statusesOf('500-599'), range(500, 599));
});

test('several are one list, however they are given', () => {
  assert.deepEqual(statusesOf('409,410', ' 503 '), [409, 410, 503]);
  assert.deepEqual(statusesOf(), []);
});

for (const rule of [
  '',
  ',',
  '5xx,',
  'x',
  '0xx',
  '99',
  '1000',
  '504-500',
  '5x',
  '-1',
  '5xx-6xx',
  '500 504',
  '٥٠٠',
  '5xx;409',
]) {
  test(`--error ${JSON.stringify(rule)} is refused`, () => {
    assert.throws(
      () => parseErrorStatuses([rule]),
      (error) => error instanceof DiffError && error.code === 'bad-error-rule' && error.hint !== '',
    );
  });
}

test('a wanted change has a method, a path and both statuses', () => {
  const { method, path, production, mirror } = parseIgnoreRule('POST /orders 201->409');
  assert.deepEqual([method, path], ['POST', '/orders']);
  assert.deepEqual([production('201'), production('200'), mirror('409'), mirror('404')], [true, false, true, false]);
});

test('what is left out or a star is any', () => {
  for (const text of ['200->204', '* 200->204', '* * 200->204', '200 -> 204', '  200->204  ']) {
    const { method, path, production } = parseIgnoreRule(text);
    assert.deepEqual([method, path, production('200')], [undefined, undefined, true], text);
  }
  assert.deepEqual(parseIgnoreRule('get * 200->204').method, 'GET');
  assert.deepEqual(parseIgnoreRule('/orders/{…} 2xx->404').path, '/orders/{…}');
});

test('a side is a status, a class, a range, any, or an error of the agent', () => {
  const { production, mirror } = parseIgnoreRule('2xx->*');
  assert.deepEqual([production('204'), production('304'), production('none'), mirror('x')], [true, false, false, true]);
  const rule = parseIgnoreRule('200-204->connect-refused');
  assert.deepEqual(
    [rule.production('204'), rule.mirror('connect-refused'), rule.mirror('timeout')],
    [true, true, false],
  );
  assert.equal(parseIgnoreRule('none->200').production('none'), true);
});

for (const rule of [
  '',
  '->',
  '200',
  '200->',
  '->200',
  '200>204',
  '200->2040',
  'POST /orders',
  'POST orders 200->201',
  '200->TIMEOUT',
  'P0ST / 200->201',
]) {
  test(`--ignore ${JSON.stringify(rule)} is refused`, () => {
    assert.throws(
      () => parseIgnoreRule(rule),
      (error) => error instanceof DiffError && error.code === 'bad-ignore-rule' && error.hint !== '',
    );
  });
}
