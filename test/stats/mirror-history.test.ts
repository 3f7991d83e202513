/** What the mirror answers over time, step by step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewHistory } from '../../src/stats/history-view.ts';
import {
  MAX_MIRROR_FAILURES,
  MIRROR_KINDS,
  MirrorHistory,
  type MirrorHistoryState,
} from '../../src/stats/mirror-history.ts';
import { type MirroredRequest, MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import { findDistinctRecords } from '../../src/stats/overlap.ts';
import { parseState, StateError } from '../../src/stats/parse-state.ts';
import { STATE_SCHEMA } from '../../src/stats/state.ts';
import { MAX_HISTORY_STEPS } from '../../src/stats/step-grid.ts';
import { eventLines, readLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);

function requestAt(second: number, more: Partial<MirroredRequest> = {}): MirroredRequest {
  const { error = '' } = more;
  return {
    ...{ timeMs: START + second * 1000, error, status: error === '' ? 200 : -1 },
    ...{ firstByteMs: 1, totalMs: 2.5, requestBytes: 0, responseBytes: 3 },
    ...more,
  };
}

function historyOf(requests: readonly MirroredRequest[]): MirrorHistory {
  const history = new MirrorHistory();
  for (const request of requests) history.add(request);
  return history;
}

const every = (seconds: number, make: (second: number) => Partial<MirroredRequest> = () => ({}), from = 0) =>
  Array.from({ length: seconds }, (_, i) => requestAt(from + i, make(i)));

/** Kinds with their counts, of all steps together. */
function kindsOf(history: MirrorHistory): { readonly [kind: string]: number } {
  const sums: { [kind: string]: number } = {};
  for (const [, { kinds }] of history.steps())
    for (const [i, kind] of MIRROR_KINDS.entries())
      if ((kinds[i] as number) > 0) sums[kind] = (sums[kind] ?? 0) + (kinds[i] as number);
  return sums;
}

test('each request is of one kind, and what is left out as asked is no failure', () => {
  const history = historyOf([
    ...[102, 200, 204, 304, 404, 503, 999, 0].map((status, i) => requestAt(i, { status })),
    ...['connect-refused', 'dropped-queue-full', 'dropped-max-rate', 'whatever it is'].map((error) =>
      requestAt(9, { error }),
    ),
    requestAt(9, { status: -1 }),
    requestAt(9, { timeMs: Number.NaN }),
  ]);
  assert.deepEqual(kindsOf(history), {
    'left out': 1,
    '1xx': 2,
    '2xx': 2,
    '3xx': 1,
    '4xx': 1,
    '5xx': 2,
    'no answer': 3,
    'not sent': 1,
  });
  assert.deepEqual(history.failures, [
    '503',
    '999',
    'connect-refused',
    'dropped-queue-full',
    'whatever it is',
    'no-status',
  ]);
});

test('parts merge, in any order, to exactly what the whole is, however long it is', () => {
  const request = fc.record({
    second: fc.integer({ min: 0, max: 40_000_000 }),
    outcome: fc.constantFrom('200', '200', '404', '503', 'timeout', 'dropped-queue-full'),
    totalMs: fc.double({ min: 0, max: 5000, noNaN: true }),
  });
  const sorted = ({ width, failures: names, steps }: MirrorHistoryState) => ({
    width,
    steps: steps.map(({ failures, ...step }) => ({
      ...step,
      failures: failures.flatMap((place, i) => (i % 2 === 0 ? [`${names[place]}=${failures[i + 1]}`] : [])).sort(),
    })),
  });
  fc.assert(
    fc.property(fc.array(fc.array(request, { maxLength: 300 }), { minLength: 1, maxLength: 4 }), (parts) => {
      const made = parts.map((part) =>
        part.map(({ second, outcome, totalMs }) =>
          requestAt(second, { totalMs, ...(/^\d/.test(outcome) ? { status: +outcome } : { error: outcome }) }),
        ),
      );
      const merged = new MirrorHistory();
      for (const part of made.toReversed()) merged.merge(historyOf(part).toState());
      assert.deepEqual(sorted(merged.toState()), sorted(historyOf(made.flat()).toState()));
    }),
    { numRuns: 40 },
  );
});

test('more failures than are told apart are counted together', () => {
  const history = historyOf(every(100, (i) => ({ error: `of another program, ${i}` })));
  assert.equal(history.failures.length, MAX_MIRROR_FAILURES);
  const view = viewHistory(undefined, history);
  const { failures = [] } = view?.mirror ?? {};
  assert.equal(failures.length, MAX_MIRROR_FAILURES + 1);
  assert.equal(failures.indexOf(undefined), MAX_MIRROR_FAILURES, 'all others are last, though the most');
  const sum = view?.steps.reduce((all, { mirror }) => all + (mirror?.byFailure ?? []).reduce((a, b) => a + b, 0), 0);
  assert.equal(sum, 100);
});

test('a long record has wider steps and never more than the bound', () => {
  const history = historyOf(every(3000));
  assert.ok(history.steps().length <= MAX_HISTORY_STEPS);
  assert.equal(viewHistory(undefined, history)?.mirror?.requests, 3000);
});

test('latencies of less than a millisecond are told apart', () => {
  const [step] = viewHistory(undefined, historyOf(every(1, () => ({ totalMs: 0.25 }))))?.steps ?? [];
  assert.ok(Math.abs((step?.mirror?.p50 ?? 0) - 0.25) < 0.01);
});

test('events and answers share one axis, as wide as both take', () => {
  const log = readLog(eventLines(0, 100), { history: true }).aggregator.history;
  const view = viewHistory(log, historyOf(every(100, () => ({}), 50)));
  assert.equal(view?.seconds, 1);
  assert.equal(view?.steps.length, 150);
  assert.deepEqual(
    [0, 49, 50, 99, 100].map((at) => [view?.steps[at]?.count, view?.steps[at]?.mirror?.kinds[2]]),
    [
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 1],
      [0, 1],
    ],
  );
  const long = viewHistory(log, historyOf(every(3000)));
  assert.equal(long?.seconds, 10);
  assert.deepEqual([long?.events, long?.mirror?.requests], [100, 3000]);
});

test('a record of another time than the log is in no chart, and named', () => {
  const log = readLog(eventLines(0, 100), { history: true }).aggregator.history;
  const view = viewHistory(log, historyOf(every(100, () => ({}), -1_000_000)));
  assert.equal(view?.seconds, 1);
  assert.equal(view?.steps.length, 100);
  assert.deepEqual([view?.mirror?.requests, view?.mirror?.outside?.count, view?.steps[0]?.mirror], [0, 100, undefined]);
});

test('a state holds it, states without one are read, and what does not add up is refused', () => {
  const { aggregator, tally } = readLog(eventLines(0, 20));
  const record = new MirrorRecordTally({ history: true });
  for (const request of every(20, (i) => (i % 2 === 0 ? { status: 503 } : {}))) record.add('', request);
  const mirror = record.toState();
  const state = {
    ...{ schema: STATE_SCHEMA, files: [], notices: [] },
    ...{ tally: tally.toState(), aggregate: aggregator.toState(), mirror },
  };
  assert.deepEqual(parseState(JSON.stringify(state)).mirror?.history, record.history?.toState());
  const { history, ...older } = mirror as typeof mirror & { readonly history: MirrorHistoryState };
  assert.equal(parseState(JSON.stringify({ ...state, mirror: older })).mirror?.history, undefined);
  const [first] = history.steps;
  for (const forged of [
    { ...history, steps: [{ ...first, kinds: [1] }] },
    { ...history, steps: [{ ...first, failures: [0, 2] }] },
    { ...history, steps: [{ ...first, failures: [1, 1] }] },
    { ...history, steps: [{ ...first, failures: [-2, 1] }] },
    { ...history, steps: [{ ...first, latency: [1, 5] }] },
    { ...history, steps: [{ ...first, at: 1e15 }] },
    { ...history, steps: [first, first] },
    { ...history, failures: Array.from({ length: MAX_MIRROR_FAILURES + 1 }, String) },
    { ...history, width: 99 },
  ])
    assert.throws(
      () => parseState(JSON.stringify({ ...state, mirror: { ...older, history: forged } })),
      StateError,
      JSON.stringify(forged),
    );
});

test('a record that an older version saved too is counted once, with the steps that the newer one knows', () => {
  const record = new MirrorRecordTally({ history: true });
  for (const request of every(20)) record.add('', request);
  const newer = record.toState();
  const { history: _, ...older } = newer;
  for (const given of [
    [older, newer],
    [newer, older],
  ]) {
    const { records, repeated } = findDistinctRecords(given);
    assert.deepEqual(records, [newer]);
    assert.equal(repeated.length, 1);
  }
});
