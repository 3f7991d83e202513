import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Names } from '../../../src/logs/names.ts';
import { UnloggedEvents } from '../../../src/programs/spoe-logs/unlogged-events.ts';

test('between two failures there is what the counter went on by', () => {
  const names = new Names();
  const unlogged = new UnloggedEvents();
  const before = (processed: number) => unlogged.before(names, 1, processed, true);
  assert.deepEqual([before(100), before(101), before(201), before(200), before(202)], [0, 0, 99, 0, 0]);
  // The process was started anew.
  assert.deepEqual([before(3), before(10), before(1_000_000)], [0, 6, 10_000]);
});

test('where good events have lines, nothing is added; each source is one of its own', () => {
  const names = new Names();
  const unlogged = new UnloggedEvents();
  assert.equal(unlogged.before(names, 1, 100, false), 0);
  assert.equal(unlogged.before(names, 1, 200, true), 0);
  assert.equal(unlogged.before(names, 2, 200, true), 0);
  assert.equal(unlogged.before(names, 2, 301, true), 100);
  // The numbers of another table mean something else.
  assert.equal(unlogged.before(new Names(), 2, 500, true), 0);
});
