import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TailBreakdown } from '../../src/sketch/tail.ts';

type Parts = readonly [number, number, number, number];
interface Event {
  readonly total: number;
  readonly parts: Parts;
}

/** An event that went through `ended` of its four phases before it ended, `rest` ms into the next one. */
const event = fc
  .tuple(fc.array(fc.nat(300), { minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 4 }), fc.nat(500))
  .map(([times, ended, rest]): Event => {
    const parts = times.map((time, i) => (i < ended ? time : -1)) as unknown as Parts;
    const sum = times.slice(0, ended).reduce((total, time) => total + time, 0);
    return { parts, total: ended === 4 ? sum : sum + rest };
  });

function tailOf(events: readonly Event[]): TailBreakdown {
  const tail = new TailBreakdown();
  for (const { total, parts } of events) tail.add(total, ...parts, 1);
  return tail;
}

/** Where an event was all the time: in the phases that ended, and for the rest in the first that did not. */
function spent({ total, parts }: Event): number[] {
  const open = parts.indexOf(-1);
  const sum = parts.reduce((ended, part) => ended + Math.max(part, 0), 0);
  return parts.map((part, i) => (i === open ? total - sum : Math.max(part, 0)));
}

function bruteForce(events: readonly Event[], perMille: number): number[] | null {
  const slowestFirst = [...events].sort((a, b) => b.total - a.total);
  const wanted = Math.max(1, Math.floor((events.length * perMille) / 1000));
  const limit = slowestFirst[wanted - 1]?.total ?? 0;
  const sums = [0, 0, 0, 0];
  for (const each of slowestFirst.filter(({ total }) => total >= limit))
    for (const [i, part] of spent(each).entries()) sums[i] = (sums[i] ?? 0) + part;
  const whole = sums.reduce((sum, part) => sum + part, 0);
  return whole === 0 ? null : sums.map((sum) => sum / whole);
}

test('the shares are those of the slowest lines, found by sorting', () => {
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(10, 100, 1000),
      (events, perMille) => {
        assert.deepEqual(tailOf(events).shares(perMille), bruteForce(events, perMille));
      },
    ),
    { seed: 1 },
  );
});

test('the shares sum to 1', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1 }), (events) => {
      const shares = tailOf(events).shares(10);
      if (shares === null) return;
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    }),
    { seed: 2 },
  );
});

test('a message that was never answered spent its time waiting', () => {
  assert.deepEqual(tailOf([{ total: 500, parts: [0, 1, -1, -1] }]).shares(10), [0, 1 / 500, 499 / 500, 0]);
});

test('a message that was never sent spent its time in the queue', () => {
  assert.deepEqual(tailOf([{ total: 300, parts: [0, -1, -1, -1] }]).shares(10), [0, 1, 0, 0]);
});

test('there is nothing to share without an event, or when all took no time', () => {
  assert.equal(tailOf([]).shares(10), null);
  assert.equal(tailOf([{ total: 0, parts: [0, 0, 0, 0] }]).shares(10), null);
  assert.equal(tailOf([{ total: 0, parts: [-1, -1, -1, -1] }]).shares(10), null);
});

test('merging pieces gives the breakdown of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 40 }), { maxLength: 4 }), (pieces) => {
      const merged = new TailBreakdown();
      for (const piece of pieces) merged.merge(JSON.parse(JSON.stringify(tailOf(piece).toState())));
      const whole = tailOf(pieces.flat());
      assert.deepEqual(merged.toState(), whole.toState());
      assert.deepEqual(merged.shares(10), whole.shares(10));
    }),
    { seed: 3 },
  );
});
