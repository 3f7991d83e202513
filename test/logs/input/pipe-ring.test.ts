import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GATHERED_BYTES, PipeRing } from '../../../src/logs/input/pipe-ring.ts';

const RING_BYTES = 2 * 1024 * 1024;
/** The places of the words that count what was put and taken (src/logs/input/pipe-ring.ts). */
const COUNTS = [0, 16];
const silent = () => undefined;

/** Bytes that tell where in a stream they are. */
function fill(space: Uint8Array, from: number): void {
  for (let i = 0; i < space.length; i++) space[i] = (from + i) % 251;
}

/** Puts and takes in turn as one thread, and checks what arrives; each step is a put (true) or a take of so many bytes at most. */
function passThrough(ring: PipeRing, steps: readonly (readonly [boolean, number])[]): void {
  let put = 0;
  let taken = 0;
  const take = (most: number) => {
    const space = Buffer.alloc(most);
    const count = ring.take(space);
    const wanted = Buffer.alloc(count);
    fill(wanted, taken);
    assert.ok(space.subarray(0, count).equals(wanted));
    taken += count;
    return count;
  };
  for (const [isPut, most] of steps) {
    if (!isPut) {
      take(most);
      continue;
    }
    // Where the ring gets full, putting waits for the other thread, which this one is, too.
    const room = ring.room().subarray(0, Math.min(most, RING_BYTES - (put - taken) - 1));
    fill(room, put);
    put += room.length;
    assert.ok(ring.put(room.length, silent));
  }
  while (take(RING_BYTES) > 0);
  assert.equal(taken, put);
}

describe('the ring between a pipe and who scans it', () => {
  const step = fc.tuple(
    fc.boolean(),
    fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: RING_BYTES })),
  );

  test('gives all that was put into it, in order', () => {
    const steps = fc.array(step, { maxLength: 40 });
    fc.assert(
      fc.property(steps, (given) => passThrough(new PipeRing(), given)),
      { numRuns: 50 },
    );
  });

  test('goes on behind 4 GiB', () => {
    for (const before of [2 ** 31, 2 ** 32]) {
      const { memory } = new PipeRing();
      const words = new Int32Array(memory, 0, 64);
      // Where in the ring they begin does not matter: what is put is taken from there.
      for (const at of COUNTS) words[at] = before - 3 * GATHERED_BYTES;
      const steps = Array.from({ length: 20 }, (_, i) => [i % 2 === 0, GATHERED_BYTES] as const);
      passThrough(new PipeRing(memory), steps);
    }
  });

  test('wakes who waits for a message once, and who finds bytes need not wait', () => {
    const ring = new PipeRing();
    let wakes = 0;
    const wake = () => {
      wakes += 1;
    };
    ring.put(1, wake);
    assert.equal(wakes, 0);
    assert.equal(ring.sleep(), false);
    assert.equal(ring.take(Buffer.alloc(10)), 1);
    assert.equal(ring.sleep(), true);
    ring.put(1, wake);
    ring.put(1, wake);
    assert.equal(wakes, 1);
  });

  test('takes nothing more, and lets nobody wait, once it is ended', () => {
    const ring = new PipeRing();
    ring.end();
    assert.equal(ring.awaitBegin(), false);
    assert.equal(ring.put(RING_BYTES, silent), false);
    // What is in it is still there.
    assert.equal(ring.take(Buffer.alloc(2 * RING_BYTES)), RING_BYTES);
  });
});
