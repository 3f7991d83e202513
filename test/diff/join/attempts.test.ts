import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Attempt, Attempts } from '../../../src/diff/join/attempts.ts';
import type { DuplicatePolicy } from '../../../src/diff/model.ts';

function attempt(input: number, line: number, status: number, time = 1_000): Attempt {
  return { input, line, status, time, isError: status >= 500, lineHash: 1_000 * input + line };
}

function statusOf(attempts: readonly Attempt[], policy: DuplicatePolicy): number | undefined {
  const all = new Attempts(policy);
  for (const one of attempts) all.add(one);
  return all.chosen?.status;
}

test('within the same moment the later line of a file is the last answer, and the earlier one the first', () => {
  const retried = [attempt(0, 1, 500), attempt(0, 2, 200)];
  assert.deepEqual(
    [statusOf(retried, 'last'), statusOf(retried, 'first'), statusOf(retried, 'worst')],
    [200, 500, 500],
  );
});

test('of what several files say of the same moment the worse counts', () => {
  const apart = [attempt(0, 1, 200), attempt(1, 1, 500)];
  assert.deepEqual([statusOf(apart, 'last'), statusOf(apart, 'first')], [500, 500]);
});

test('a later moment is later, whatever the lines and files', () => {
  assert.equal(statusOf([attempt(0, 9, 500, 1_000), attempt(1, 1, 200, 2_000)], 'last'), 200);
});

test('the order in which files are given decides nothing', () => {
  const attempts = fc.array(
    fc.record({
      input: fc.nat(2),
      status: fc.constantFrom(200, 404, 500),
      time: fc.constantFrom(1_000, 2_000, Number.NaN),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const policies = fc.constantFrom<DuplicatePolicy>('last', 'first', 'worst');
  const property = fc.property(
    attempts,
    policies,
    fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }),
    (given, policy, seed) => {
      const lines = given.map(({ input, status, time }, line) => attempt(input, line, status, time));
      // Lines of a file stay in their order: only files are mixed differently.
      const order = lines.map((line, i) => ({ line, at: seed[i] as number })).sort((a, b) => a.at - b.at);
      const mixed = order.map(({ line }) => line);
      assert.equal(statusOf(mixed, policy), statusOf(lines, policy));
    },
  );
  fc.assert(property);
});
