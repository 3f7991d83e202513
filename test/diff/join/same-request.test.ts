import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOtherRequest } from '../../../src/diff/join/same-request.ts';
import { isIncomplete } from '../../../src/diff/join/spoe-events.ts';

const other = (before: string, after: string) => {
  const [[method = '', target = ''] = [], [m = '', t = ''] = []] = [before, after].map((text) => text.split(' '));
  return isOtherRequest({ method, target }, { method: m, target: t });
};

test('lines of one request, however the mirror writes its path', () => {
  for (const [before, after] of [
    ['GET /a?b=1', 'GET /a'],
    ['GET /a', 'GET /prefix/a?x'],
    ['GET https://shop.example/a', 'GET /a'],
    ['GET /caf%C3%A9', 'GET /café'],
    ['GET ', 'GET /a'],
    [' /a', 'POST /a'],
    [`GET /${'x'.repeat(9)}…`, 'GET /xxx'],
  ] as const)
    assert.equal(other(before, after), false, `${before} ~ ${after}`);
});

test('lines of two requests', () => {
  assert.equal(other('GET /a', 'POST /a'), true);
  assert.equal(other('GET /cart', 'GET /products/3565'), true);
  assert.equal(other('GET /%zz', 'GET /a'), true);
});

test('SPOE lines that are missing of pairs say that others are, too; a few get lost', () => {
  assert.deepEqual(
    [isIncomplete(1000, 10), isIncomplete(1000, 11), isIncomplete(20, 5), isIncomplete(20, 6)],
    [false, true, false, true],
  );
});
