import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusTally } from '../../src/diff/status-tally.ts';

/** As it is counted: worse, better, granted, denied. */
function counted(before: number, after: number): number[] {
  const tally = new StatusTally();
  tally.add(before, after);
  return [tally.worse, tally.better, tally.accessGranted, tally.accessDenied];
}

const CHANGES: readonly (readonly [before: number, after: number, counts: readonly number[]])[] = [
  [200, 201, [0, 0, 0, 0]],
  [200, 204, [1, 0, 0, 0]],
  [206, 205, [1, 0, 0, 0]],
  [304, 204, [1, 0, 0, 0]],
  [204, 200, [0, 1, 0, 0]],
  [204, 205, [0, 0, 0, 0]],
  [204, 302, [1, 0, 0, 0]],
  [404, 204, [0, 1, 0, 0]],
  [401, 204, [0, 1, 1, 0]],
  [204, 403, [1, 0, 0, 1]],
  [200, 304, [0, 0, 0, 0]],
  [304, 200, [0, 0, 0, 0]],
  [200, 302, [1, 0, 0, 0]],
  [301, 200, [0, 1, 0, 0]],
  [200, 404, [1, 0, 0, 0]],
  [302, 404, [1, 0, 0, 0]],
  [404, 200, [0, 1, 0, 0]],
  [404, 410, [0, 0, 0, 0]],
  [200, 403, [1, 0, 0, 1]],
  [302, 401, [1, 0, 0, 1]],
  [403, 200, [0, 1, 1, 0]],
  [407, 302, [0, 1, 1, 0]],
  [401, 404, [0, 0, 0, 0]],
  [404, 501, [1, 0, 0, 0]],
  [-1, 404, [0, 0, 0, 0]],
  [200, -1, [0, 0, 0, 0]],
  [101, 404, [1, 0, 0, 0]],
];

for (const [before, after, expected] of CHANGES) {
  test(`${before} → ${after} counts as it is meant`, () => {
    assert.deepEqual(counted(before, after), expected);
  });
}

test('who asked for no body misses none', () => {
  const tally = new StatusTally();
  assert.deepEqual(
    [tally.add(200, 204, true), tally.add(204, 200, true), tally.add(204, 302, true)],
    ['even', 'even', 'worse'],
  );
});
