import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/text/nearest.ts';

const NAMES = ['record', 'fail-on', 'error-rate', 'follow', 'by', 'p99'];

test('a name that is nearly one is found: a letter too many, too few, another one, two that are swapped', () => {
  const typed = { recrod: 'record', recordd: 'record', folow: 'follow', fail_on: 'fail-on', 'EROR-RATE': 'error-rate' };
  for (const [given, name] of Object.entries(typed)) assert.equal(nearest(given, NAMES), name);
});

test('the nearest of several is meant, and a word far from all is none of them', () => {
  assert.equal(nearest('p98', ['p50', 'p90x', 'p99']), 'p99');
  for (const given of ['output', 'xyz', '']) assert.equal(nearest(given, ['record', 'fail-on']), undefined);
});

test('letters of two units are letters', () => {
  assert.equal(nearest('r😀', ['record']), undefined);
  assert.equal(nearest('record😀', ['record']), 'record');
});
