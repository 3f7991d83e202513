import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budget, type BudgetLimits } from '../../src/operate/budget.ts';

const LIMITS: BudgetLimits = { maxP99Ms: 50, maxErrorRate: 0.05, windowMs: 10_000, minEvents: 20 };

/** Events at an even pace from `fromMs` on. */
function fill(budget: Budget, fromMs: number, count: number, everyMs: number, ms: number, isFailure = false): number {
  for (let i = 0; i < count; i++) budget.add(fromMs + i * everyMs, ms, isFailure);
  return fromMs + (count - 1) * everyMs;
}

test('good events are no breach, and enough of them are well', () => {
  const budget = new Budget(LIMITS);
  const now = fill(budget, 0, 19, 10, 5);
  assert.deepEqual(budget.judge(now), { events: 19, failed: 0, breach: undefined, isWell: false });
  budget.add(now + 1, 5, false);
  assert.equal(budget.judge(now + 1).isWell, true);
});

test('an agent that stalls is seen by the lines of its last moments, however many good ones came before', () => {
  const budget = new Budget(LIMITS);
  const now = fill(budget, 0, 10_000, 1, 5);
  // Four clients wait 500 ms each: few lines, all of them bad.
  const stalled = fill(budget, now + 500, 4, 500, 500, true);
  const { breach } = budget.judge(stalled);
  assert.equal(breach?.part, 'p99');
  assert.ok((breach?.beyond ?? 0) >= 3);
});

test('two slow events are no stall', () => {
  const budget = new Budget(LIMITS);
  const now = fill(budget, 0, 1000, 1, 5);
  fill(budget, now, 2, 1, 900, true);
  assert.equal(budget.judge(now + 1).breach, undefined);
});

test('a hiccup of a busy agent is no stall; too many of them in the window are beyond the budget', () => {
  const budget = new Budget(LIMITS);
  let now = fill(budget, 0, 10_000, 1, 5);
  now = fill(budget, now, 90, 1, 60);
  now = fill(budget, now, 1000, 1, 5);
  assert.equal(budget.judge(now).breach, undefined);
  now = fill(budget, now, 60, 1, 60);
  now = fill(budget, now, 1000, 1, 5);
  const { breach } = budget.judge(now);
  assert.deepEqual({ part: breach?.part, beyond: breach?.beyond }, { part: 'p99', beyond: 150 });
});

test('a little too much decides after a whole window only: connections that open are slow', () => {
  const budget = new Budget(LIMITS);
  budget.clear(0);
  fill(budget, 0, 4, 1, 100);
  let now = fill(budget, 10, 60, 10, 5);
  assert.equal(budget.judge(now).breach, undefined);
  for (; now < 10_000; now += 100) budget.add(now, now % 1000 === 0 ? 100 : 5, false);
  assert.equal(budget.judge(10_000).breach?.part, 'p99');
});

test('failures are held against their own limit', () => {
  const budget = new Budget({ ...LIMITS, maxP99Ms: undefined });
  for (let i = 0; i < 1000; i++) budget.add(i * 10, 5, i % 25 === 0);
  assert.equal(budget.judge(9990).breach, undefined);
  for (let i = 1000; i < 2000; i++) budget.add(i * 10, 5, i % 15 === 0);
  assert.equal(budget.judge(19_990).breach?.part, 'error-rate');
});

test('where there are few events, older ones are looked at, but no old ones', () => {
  const budget = new Budget(LIMITS);
  const now = fill(budget, 0, 3, 8000, 5000);
  assert.equal(budget.judge(now).breach?.beyond, 3);
  assert.equal(budget.judge(now + 101_000).breach, undefined);
});

test('well is at most half of what is allowed', () => {
  const budget = new Budget({ ...LIMITS, maxErrorRate: 0.5 });
  for (let i = 0; i < 100; i++) budget.add(i * 10, 5, i % 3 === 0);
  const { breach, isWell } = budget.judge(990);
  assert.deepEqual({ breach, isWell }, { breach: undefined, isWell: false });
});

test('the quantile is exact, and more events than there is room for are counted as lost', () => {
  const budget = new Budget(LIMITS);
  fill(budget, 0, 100, 1, 1);
  budget.add(100, 77, false);
  assert.equal(budget.p99Ms(100), 1);
  budget.add(101, 78, false);
  assert.equal(budget.p99Ms(101), 77);
  assert.equal(budget.p99Ms(60_000), undefined);
  fill(budget, 60_000, 70_000, 0.01, 5);
  assert.equal(budget.overwritten, 70_000 - 65_536);
});
