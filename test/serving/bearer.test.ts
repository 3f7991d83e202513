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

test('the token is the password of Basic, too, whoever the user is', () => {
  const isLetIn = bearerCheck('s3cret-token');
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  assert.ok(isLetIn(basic('gate:s3cret-token')));
  assert.ok(isLetIn(basic(':s3cret-token')));
  for (const pair of ['s3cret-token', 's3cret-token:', 'gate:s3cret-token2', 'gate:s3cret-token:', 'gate:', '']) {
    assert.equal(isLetIn(basic(pair)), false, pair);
  }
  assert.equal(isLetIn('Basic'), false);
  assert.equal(isLetIn('Basic gate:s3cret-token'), false);
});
