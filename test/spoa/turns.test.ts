/** Who is read when: with a clock that the readers themselves move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionTransport } from '../../src/spoa/session-host.ts';
import { Turns } from '../../src/spoa/turns.ts';
import { Client, HELLO, notifyFrame, startAgent } from './client.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const frames = (count: number) => Buffer.alloc(count);

/** Each byte is a frame, and takes some time. */
function start(frameMs = 0.125) {
  let nowMs = 0;
  const behind: string[] = [];
  const events: string[] = [];
  const turns = new Turns(
    () => nowMs,
    (peer) => behind.push(peer),
  );
  const open = (name: string, peer = name) => {
    const held: string[] = [];
    const transport = {
      hold: () => held.push('held'),
      release: () => held.push('released'),
    } as unknown as SessionTransport;
    const inlet = turns.inlet(peer, transport, {
      receive(chunk, isOver) {
        for (let i = 0; i < chunk.length; i++) {
          nowMs += frameMs;
          events.push(name);
          if (i + 1 < chunk.length && isOver()) return i + 1;
        }
        return chunk.length;
      },
      drained: () => events.push(`${name} drained`),
      ended: () => events.push(`${name} ended`),
      closed: () => events.push(`${name} closed`),
    });
    return { inlet, held };
  };
  const countsOf = () => {
    const counts: { [name: string]: number } = {};
    for (const event of events.splice(0)) counts[event] = (counts[event] ?? 0) + 1;
    return counts;
  };
  return { turns, open, events, countsOf, behind };
}

test('what is read in a moment is read at once, and nobody is told to wait', () => {
  const { turns, open, events } = start();
  const { inlet, held } = open('a');
  inlet.receive(frames(4));
  inlet.drained();
  inlet.ended();
  inlet.closed();
  assert.deepEqual(events, ['a', 'a', 'a', 'a', 'a drained', 'a ended', 'a closed']);
  assert.deepEqual(held, []);
  assert.equal(turns.deferred, 0);
});

test('one that brings more is read a share at a time, its socket is held meanwhile, and others come first', async () => {
  const { turns, open, countsOf } = start();
  const [greedy, modest] = [open('greedy'), open('modest')];
  greedy.inlet.receive(frames(60));
  assert.deepEqual(countsOf(), { greedy: 4 }, 'half a millisecond');
  assert.deepEqual(greedy.held, ['held']);
  assert.equal(turns.heldBytes, 56);
  modest.inlet.receive(frames(1));
  assert.deepEqual(countsOf(), { modest: 1 }, 'there is time left in this turn');
  await nextTurn();
  assert.deepEqual(countsOf(), { greedy: 16 }, 'two milliseconds');
  modest.inlet.receive(frames(1));
  assert.deepEqual(countsOf(), {}, 'this turn is over');
  await nextTurn();
  const second = countsOf();
  assert.equal(second.modest, 1);
  assert.deepEqual(modest.held, ['held', 'released']);
  await nextTurn();
  await nextTurn();
  assert.equal((second.greedy ?? 0) + (countsOf().greedy ?? 0), 40);
  assert.deepEqual(greedy.held, ['held', 'released']);
  assert.equal(turns.heldBytes, 0);
});

test('whoever was not read yet comes before those that have had a share', async () => {
  const { open, events, countsOf } = start();
  const greedy = [open('a'), open('b'), open('c'), open('d')];
  for (const { inlet } of greedy) inlet.receive(frames(100));
  assert.deepEqual(countsOf(), { a: 4, b: 4, c: 4, d: 4 });
  open('late').inlet.receive(frames(1));
  assert.deepEqual(events, []);
  await nextTurn();
  assert.equal(events[0], 'late');
});

test('peers have the same time, however many connections they have', async () => {
  const { open, countsOf } = start(0.0078125);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) open(name, 'many').inlet.receive(frames(2_000));
  open('one').inlet.receive(frames(2_000));
  await nextTurn();
  countsOf();
  for (let i = 0; i < 5; i++) await nextTurn();
  const { one = 0, ...many } = countsOf();
  const all = Object.values(many).reduce((sum, count) => sum + count, 0);
  assert.ok(one > 0 && Math.abs(one - all) <= 100, `${one} and ${all}`);
});

test('the end of a connection waits for what came before it', async () => {
  const { open, events } = start();
  const { inlet } = open('a');
  inlet.receive(frames(7));
  inlet.ended();
  inlet.closed();
  assert.equal(events.length, 4);
  await nextTurn();
  assert.deepEqual(events.slice(4), ['a', 'a', 'a', 'a ended', 'a closed']);
});

test('no more is held than has room: the rest is read at once', () => {
  const { turns, open, countsOf } = start(0);
  const slow = open('slow');
  turns.heldBytes = 16 * 1024 * 1024 + 1;
  slow.inlet.receive(frames(3));
  assert.deepEqual(countsOf(), { slow: 3 });
});

test('who is read most is told when there was no time for all for a second, and again while it lasts', async () => {
  const { open, behind } = start(0.5);
  const [greedy, modest] = [open('greedy'), open('modest')];
  greedy.inlet.receive(frames(4_000));
  for (let i = 0; i < 250; i++) {
    modest.inlet.receive(frames(1));
    await nextTurn();
  }
  assert.deepEqual(behind, []);
  for (let i = 0; i < 400; i++) await nextTurn();
  assert.deepEqual(behind, ['greedy']);
});

test('a session stops after the frame that used its share up, and goes on with the next one', async () => {
  const seen: number[] = [];
  const { agent, port } = await startAgent({
    handlers: {
      '*': (_message, { streamId }) => {
        seen.push(Number(streamId));
        // Longer than any share, whatever the machine.
        const untilMs = performance.now() + 1;
        while (performance.now() < untilMs);
      },
    },
  });
  const client = await Client.open(port, HELLO);
  client.send(...Array.from({ length: 10 }, (_, i) => notifyFrame(i + 1)));
  await client.until(11);
  assert.deepEqual(
    seen,
    Array.from({ length: 10 }, (_, i) => i + 1),
  );
  assert.ok(agent.stats().readsDeferred >= 5, String(agent.stats().readsDeferred));
  client.close();
});
