import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandshakePace } from '../../src/mirror/handshake-pace.ts';

test('one begins in each turn; who has to wait is called in the order of asking', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pace = new HandshakePace();
  const begun: string[] = [];
  const wants: { [name: string]: number } = { a: 3, b: 2, c: 0 };
  const callbacks = new Map(Object.keys(wants).map((name) => [name, () => open(name)]));
  const open = (name: string) => {
    while ((wants[name] as number) > 0 && pace.mayBegin(callbacks.get(name) as () => void)) {
      wants[name] = (wants[name] as number) - 1;
      begun.push(name);
    }
  };
  for (const name of Object.keys(wants)) open(name);
  assert.deepEqual(begun, ['a']);
  t.mock.timers.tick(5);
  assert.deepEqual(begun, ['a', 'a']);
  t.mock.timers.tick(5);
  assert.deepEqual(begun, ['a', 'a', 'b']);
  for (let i = 0; i < 20; i++) t.mock.timers.tick(5);
  assert.deepEqual(begun, ['a', 'a', 'b', 'a', 'b']);
});

test('a turn that nobody took is free for whoever comes next, and a callback that wants none gives it on', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pace = new HandshakePace();
  assert.equal(
    pace.mayBegin(() => {}),
    true,
  );
  let called = 0;
  pace.mayBegin(() => {});
  pace.mayBegin(() => {
    called += 1;
  });
  t.mock.timers.tick(5);
  assert.equal(called, 1);
  assert.equal(
    pace.mayBegin(() => {}),
    true,
  );
});
