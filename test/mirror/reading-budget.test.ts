import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadingBudget } from '../../src/mirror/reading-budget.ts';

test('in each slice of 5 ms two may go into reading answers', () => {
  const budget = new ReadingBudget();
  assert.equal(budget.spend(100, 101), true);
  assert.equal(budget.spend(101, 102.5), false);
  assert.equal(budget.spend(103, 103.1), false);
  assert.equal(budget.spend(106, 106.5), true);
});

test('one long read is over the budget by itself, and the next slice begins anew', () => {
  const budget = new ReadingBudget();
  assert.equal(budget.spend(0, 9), false);
  assert.equal(budget.spend(20, 21), true);
});

test('who has to wait is called in the order of asking, each once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const budget = new ReadingBudget();
  const called: number[] = [];
  for (const i of [1, 2, 3]) budget.wait(() => called.push(i));
  assert.deepEqual(called, []);
  t.mock.timers.tick(5);
  assert.deepEqual(called, [1, 2, 3]);
  t.mock.timers.tick(50);
  assert.deepEqual(called, [1, 2, 3]);
});
