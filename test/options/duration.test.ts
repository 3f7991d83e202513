import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../src/options/duration.ts';

test('a duration is a number, a fraction too, and its unit', () => {
  const written = {
    '250us': 0.25,
    '10ms': 10,
    '1.5s': 1500,
    '999999999999999ms': 999_999_999_999_999,
    '0.57s': 570,
    ' 2m ': 120_000,
    '1h': 3_600_000,
    '7d': 604_800_000,
  };
  for (const [text, ms] of Object.entries(written)) assert.equal(parseDuration(text), ms, text);
  for (const text of ['', 's', '-1s', '1 s', '1e3s', '.5s', '1.s', '1w', '1s2', '١s', '0x1s'])
    assert.equal(parseDuration(text), undefined, text);
});

test('a number alone is milliseconds where that was said, and nothing elsewhere', () => {
  assert.equal(parseDuration('10', 'ms'), 10);
  assert.equal(parseDuration('10'), undefined);
});
