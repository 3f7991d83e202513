import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gathering } from '../../src/mirror/gathering.ts';
import { PIPELINE_DEPTH } from '../../src/mirror/http1-connection.ts';

function gather(gatherMs: number) {
  let released = 0;
  const gathering = new Gathering(gatherMs, () => released++);
  return { gathering, released: () => released };
}

test('a request that nobody follows waits twice the time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { gathering, released } = gather(2);
  gathering.add(1, 100);
  t.mock.timers.tick(3);
  assert.deepEqual([gathering.isOver, released()], [false, 0]);
  t.mock.timers.tick(1);
  assert.deepEqual([gathering.isOver, released()], [true, 1]);
});

test('the first that comes late enough takes those before it along, when its turn is over', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { gathering, released } = gather(2);
  gathering.add(1, 100);
  gathering.add(2, 101.9);
  await Promise.resolve();
  assert.equal(released(), 0);
  gathering.add(3, 102);
  gathering.add(4, 102);
  assert.deepEqual([gathering.isOver, released()], [false, 0], 'the ACKs of this turn go first');
  await Promise.resolve();
  assert.deepEqual([gathering.isOver, released()], [true, 1]);
});

test('as many as fill a connection do not wait', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { gathering, released } = gather(2);
  for (let waiting = 1; waiting <= PIPELINE_DEPTH; waiting++) gathering.add(waiting, 100);
  await Promise.resolve();
  assert.equal(released(), 1);
});

test('a queue of one whose oldest is dropped for each that comes is not gathered for ever', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { gathering, released } = gather(2);
  gathering.add(1, 100);
  gathering.add(1, 101);
  gathering.add(1, 102);
  await Promise.resolve();
  assert.equal(released(), 1);
});
