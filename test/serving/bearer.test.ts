import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerCheck } from '../../src/serving/bearer.ts';

test('the token is let in, as a bearer of it alone', () => {
  const isLetIn = bearerCheck('s3cret-token');
  for (const given of ['Bearer s3cret-token', 'bearer s3cret-token', 'Bearer  s3cret-token '])
    assert.equal(isLetIn(given), true, given);
  for (const given of [
    undefined,
    '',
    's3cret-token',
    'Bearer',
    'Bearer ',
    'Bearer s3cret-toke',
    'Basic s3cret-token',
    'Bearer a s3cret-token',
  ])
    assert.equal(isLetIn(given), false, given);
});
