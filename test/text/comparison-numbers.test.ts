import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatInterval,
  formatMilliseconds,
  formatP,
  formatPlainPoints,
  formatPointsNumber,
  formatShare,
  formatShareNumber,
  formatSkew,
  formatTimes,
} from '../../src/text/numbers.ts';

const NOTHING = [null, undefined, Number.NaN, Infinity, -Infinity];

test('what is not known is a dash', () => {
  for (const format of [
    formatShare,
    formatPointsNumber,
    formatTimes,
    formatP,
    formatMilliseconds,
    formatSkew,
    formatPlainPoints,
  ]) {
    assert.deepEqual(
      NOTHING.map(format),
      NOTHING.map(() => '-'),
    );
  }
  assert.equal(formatInterval(null, formatTimes), '-');
  assert.equal(formatInterval([0, Number.NaN], formatTimes), '-');
});

test('a share is never rounded to nothing or to everything', () => {
  const shares = [0, 1e-9, 0.0001, 0.0029, 0.09994, 0.0999951, 0.123, 0.9989, 0.9999999, 1];
  assert.deepEqual(shares.map(formatShareNumber), [
    '0',
    '<0.01',
    '0.01',
    '0.29',
    '9.99',
    '10.0',
    '12.3',
    '99.9',
    '>99.9',
    '100',
  ]);
});

test('a difference has its sign, and is 0 only when there is none', () => {
  const differences = [0, -0, 1e-7, -1e-7, 0.0015, -0.0525, 0.12, -1];
  assert.deepEqual(differences.map(formatPointsNumber), [
    '0',
    '0',
    '<+0.01',
    '>-0.01',
    '+0.15',
    '-5.25',
    '+12.0',
    '-100',
  ]);
});

test('p values, ratios, milliseconds, limits', () => {
  assert.deepEqual([0, 0.0009, 0.001, 0.0494, 0.9996, 1].map(formatP), [
    '<0.001',
    '<0.001',
    '0.001',
    '0.049',
    '1',
    '1',
  ]);
  assert.deepEqual([0, 0.004, 1.036, 9.996, 123.4].map(formatTimes), ['0.00', '<0.01', '1.04', '10.0', '123']);
  assert.deepEqual([-1, 0, 0.4, 12.5, 123_456].map(formatMilliseconds), ['-', '0', '0', '13', '123k']);
  assert.deepEqual([-3200, 12].map(formatSkew), ['-3.2 s', '+12 ms']);
  assert.deepEqual([0.01, 0.005, 0.003].map(formatPlainPoints), ['1 pp', '0.5 pp', '0.3 pp']);
});
