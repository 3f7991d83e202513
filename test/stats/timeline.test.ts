import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_STEPS, Timeline } from '../../src/stats/timeline.ts';

interface Event {
  readonly timeMs: number;
  readonly failed: boolean;
}

const EPOCH = Date.UTC(2026, 10, 22, 7);
/** Seconds, minutes, days and years apart, also before the epoch. */
const timeMs = fc.oneof(
  fc.integer({ min: 0, max: 90_000 }).map((ms) => EPOCH + ms),
  fc.integer({ min: 0, max: 86_400_000 }).map((ms) => EPOCH + ms),
  fc.integer({ min: -(10 ** 12), max: 4 * 10 ** 12 }),
);
const events = fc.array(fc.record({ timeMs, failed: fc.boolean() }), { minLength: 1, maxLength: 80 });

function timelineOf(list: readonly Event[]): Timeline {
  const timeline = new Timeline();
  for (const { timeMs: time, failed } of list) timeline.add(time, 1, failed);
  return timeline;
}

test('the order of events makes no difference', () => {
  const shuffled = events.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      assert.deepEqual(timelineOf(other).toState(), timelineOf(list).toState());
    }),
    { seed: 1 },
  );
});

test('merging pieces, in any order, gives the timeline of the whole', () => {
  fc.assert(
    fc.property(fc.array(events, { minLength: 1, maxLength: 4 }), fc.boolean(), (pieces, backwards) => {
      const merged = new Timeline();
      for (const piece of backwards ? [...pieces].reverse() : pieces) {
        const state = timelineOf(piece).toState();
        merged.merge(state && JSON.parse(JSON.stringify(state)));
      }
      assert.deepEqual(merged.toState(), timelineOf(pieces.flat()).toState());
    }),
    { seed: 2 },
  );
});

test('steps hold what a count by hand puts there, and there are at most 64 of the narrowest width', () => {
  fc.assert(
    fc.property(events, (list) => {
      const state = timelineOf(list).toState();
      assert.ok(state !== undefined);
      const width = 1000 * 2 ** state.widthLog2;
      const stepOf = (event: Event, of = width): number => Math.floor(event.timeMs / of);
      assert.ok(state.counts.length <= MAX_STEPS);
      assert.equal(state.first, Math.min(...list.map((event) => stepOf(event))));
      if (state.widthLog2 > 0) {
        const narrower = list.map((event) => stepOf(event, width / 2));
        assert.ok(Math.max(...narrower) - Math.min(...narrower) >= MAX_STEPS, 'half the width would do');
      }
      for (const [i, count] of state.counts.entries()) {
        const inStep: readonly Event[] = list.filter((event) => stepOf(event) === state.first + i);
        const errors = inStep.filter(({ failed }) => failed).map((event) => event.timeMs);
        assert.equal(count, inStep.length);
        assert.equal(state.errors[i], errors.length);
        assert.equal(state.firstErrors[i], errors.length === 0 ? null : Math.min(...errors));
        assert.equal(state.lastErrors[i], errors.length === 0 ? null : Math.max(...errors));
      }
    }),
    { seed: 3 },
  );
});

test('a timeline of nothing is no timeline', () => {
  assert.equal(new Timeline().toState(), undefined);
  const merged = new Timeline();
  merged.merge(undefined);
  assert.equal(merged.toState(), undefined);
});
