/** What happens over time, step by step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  COARSE_BUCKETS,
  CoarseHistogram,
  coarseBucketOf,
  coarseBucketStart,
} from '../../src/sketch/coarse-histogram.ts';
import { History, type HistoryState } from '../../src/stats/history.ts';
import { viewHistory } from '../../src/stats/history-view.ts';
import { parseState, StateError } from '../../src/stats/parse-state.ts';
import { STATE_SCHEMA } from '../../src/stats/state.ts';
import { historySeconds, MAX_HISTORY_STEPS, MAX_WIDTH } from '../../src/stats/step-grid.ts';
import { eventLine, eventLines, readLog } from './read-log.ts';

function historyOf(text: string): History {
  return readLog(text, { history: true }).aggregator.history as History;
}

test('a bucket holds what is in it, within 3.2 %', () => {
  for (const value of [0, 1, 31, 32, 33, 100, 4095, 4096, 1e6, 2 ** 32 - 1]) {
    const bucket = coarseBucketOf(value);
    assert.ok(bucket < COARSE_BUCKETS);
    assert.ok(coarseBucketStart(bucket) <= value && value < coarseBucketStart(bucket + 1), `${value}`);
    const histogram = new CoarseHistogram();
    histogram.add(value, 3);
    assert.ok(Math.abs((histogram.quantile(0.5) ?? 0) - value) <= 0.032 * value, `${value}`);
  }
});

test('each width is a multiple of the one before it, up to the last', () => {
  for (let width = 1; width <= MAX_WIDTH; width++)
    assert.equal(historySeconds(width) % historySeconds(width - 1), 0, `${width}`);
});

test('parts merge, in any order, to exactly what the whole is, however long it is', () => {
  const event = fc.record({ second: fc.integer({ min: 0, max: 40_000_000 }), st: fc.constantFrom(0, 0, 1, 257, 3) });
  fc.assert(
    fc.property(
      fc.array(fc.array(event, { maxLength: 300 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (parts, back) => {
        const texts = parts.map((part) =>
          part
            .map(({ second, st }) =>
              eventLine(second, { st, timers: `0/1/${second % 97}/0/${1 + (second % 97)} 1/4 2/3` }),
            )
            .join(''),
        );
        const merged = new History();
        for (const text of back ? [...texts].reverse() : texts) merged.merge(historyOf(text).toState());
        const sorted = ({ width, steps }: HistoryState) => ({
          width,
          steps: steps.map(({ codes, ...step }) => ({ ...step, codes: pairsOf(codes) })),
        });
        assert.deepEqual(sorted(merged.toState()), sorted(historyOf(texts.join('')).toState()));
      },
    ),
    { numRuns: 40 },
  );
});

/** Codes come in the order in which they were seen. */
function pairsOf(flat: readonly number[]): string[] {
  return flat.flatMap((code, i) => (i % 2 === 0 ? [`${code}=${flat[i + 1]}`] : [])).sort();
}

test('a long log has wider steps and never more than the bound', () => {
  const history = historyOf(eventLines(0, 3000));
  assert.equal(history.seconds, 10);
  assert.ok(history.steps().length <= MAX_HISTORY_STEPS);
  assert.equal(viewHistory(history)?.events, 3000);
});

test('a wrong clock takes nothing from the resolution of the rest, and is named', () => {
  const view = viewHistory(historyOf(eventLine(-300_000_000) + eventLines(0, 300)));
  assert.equal(view?.seconds, 1);
  assert.equal(view?.steps.length, 300);
  const then = new Date(Date.UTC(2026, 10, 22, 7) - 300_000_000_000).toISOString();
  assert.deepEqual(view?.outside, { count: 1, first: then, last: then });
});

test('two times that are far apart are both shown, in steps as wide as that takes', () => {
  const view = viewHistory(historyOf(eventLines(0, 100) + eventLines(10_000_000, 100)));
  assert.equal(view?.outside, undefined);
  assert.equal(view?.events, 200);
  assert.ok((view?.steps.length ?? 0) <= MAX_HISTORY_STEPS);
});

test('events without a time are in no step', () => {
  const untimed = eventLine(0).replace(/^\S+ \S+ haproxy\[713\]: /, '');
  assert.equal(viewHistory(historyOf(untimed)), undefined);
});

test('a state holds it, states without one are read, and what does not add up is refused', () => {
  const { aggregator, tally } = readLog(eventLines(0, 20, { st: 1, timers: '0/0/-1/-1/9 0/1 0/0' }), { history: true });
  const state = {
    schema: STATE_SCHEMA,
    files: [],
    notices: [],
    tally: tally.toState(),
    aggregate: aggregator.toState(),
  };
  const parsed = parseState(JSON.stringify(state));
  assert.deepEqual(parsed.aggregate.history, aggregator.history?.toState());
  const { history: _, ...older } = state.aggregate;
  assert.equal(parseState(JSON.stringify({ ...state, aggregate: older })).aggregate.history, undefined);
  const history = state.aggregate.history as HistoryState;
  const [first] = history.steps;
  for (const steps of [
    [{ ...first, errors: 2 }],
    [{ ...first, pT: [1, 5] }],
    [{ ...first, pT: [COARSE_BUCKETS, 1] }],
    [{ ...first, at: 1e15 }],
    [first, first],
    Array.from({ length: MAX_HISTORY_STEPS + 1 }, (_, i) => ({ ...first, at: i })),
  ])
    assert.throws(
      () => parseState(JSON.stringify({ ...state, aggregate: { ...older, history: { ...history, steps } } })),
      StateError,
    );
});
