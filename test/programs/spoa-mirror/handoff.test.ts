/** Connections between the process that accepts them and those that serve them. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Handoff, type Receiver } from '../../../src/programs/spoa-mirror/handoff.ts';

class Worker implements Receiver {
  readonly name: string;
  readonly got: Socket[] = [];
  isAnswering = true;
  fails = false;

  constructor(name: string) {
    this.name = name;
  }

  give(socket: Socket, _peer: string, done: (error: Error | null) => void): void {
    if (!this.fails) this.got.push(socket);
    done(this.fails ? new Error('closed') : null);
  }
}

const socket = () => new PassThrough() as unknown as Socket;

test('workers are given one at a time, in turn', () => {
  const handing = new Handoff(10);
  const [a, b] = [new Worker('a'), new Worker('b')];
  handing.add(a);
  handing.add(b);
  for (let i = 0; i < 4; i++) handing.offer(socket(), 'p');
  assert.deepEqual([a.got.length, b.got.length], [1, 1]);
  handing.accepted(b);
  assert.deepEqual([a.got.length, b.got.length], [1, 2]);
  handing.accepted(a);
  handing.accepted(a);
  handing.accepted(b);
  for (let i = 0; i < 10; i++) {
    handing.offer(socket(), 'p');
    handing.accepted(a);
    handing.accepted(b);
  }
  assert.deepEqual([a.got.length, b.got.length], [7, 7]);
  assert.ok(
    a.got.every(({ destroyed }) => destroyed),
    'what a worker has is closed here',
  );
});

test('what waits is bounded, and of the peer that has most the oldest goes', () => {
  const handing = new Handoff(4);
  const waiting = Array.from({ length: 10 }, socket);
  const haproxy = socket();
  handing.offer(haproxy, 'haproxy');
  for (const each of waiting) handing.offer(each, 'flood');
  assert.equal(handing.refused, 7);
  assert.deepEqual(
    waiting.map(({ destroyed }) => destroyed),
    [true, true, true, true, true, true, true, false, false, false],
  );
  const worker = new Worker('a');
  handing.add(worker);
  assert.deepEqual(worker.got, [haproxy]);
});

test('a worker that a connection did not reach is given others when it answers what it is asked', () => {
  const handing = new Handoff(4);
  const worker = new Worker('a');
  handing.add(worker);
  const [lost, next] = [socket(), socket()];
  handing.offer(lost, 'p');
  handing.offer(next, 'p');
  worker.isAnswering = false;
  for (let i = 0; i < 10; i++) handing.check();
  assert.equal(worker.got.length, 1, 'one that hangs may still have it');
  worker.isAnswering = true;
  for (let i = 0; i < 3; i++) handing.check();
  assert.deepEqual(worker.got, [lost, next]);
  assert.equal(lost.destroyed, true);
  assert.equal(handing.refused, 1);
});

test('one that is ending hands back what cannot be sent; what one that died was given is closed', () => {
  const handing = new Handoff(4);
  const [ending, alive] = [new Worker('ending'), new Worker('alive')];
  ending.fails = true;
  handing.add(ending);
  handing.add(alive);
  const first = socket();
  handing.offer(first, 'p');
  assert.deepEqual(alive.got, [first]);
  handing.remove(ending);
  handing.remove(alive);
  assert.equal(first.destroyed, true);
  const later = socket();
  handing.offer(later, 'p');
  handing.close();
  assert.equal(later.destroyed, true);
});
