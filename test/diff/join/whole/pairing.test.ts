import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Analysis, analyse as analyseCollection } from '../../../../src/diff/analysis.ts';
import { Collection } from '../../../../src/diff/collection.ts';
import { NO_ANSWER } from '../../../../src/diff/join/whole/pairing.ts';
import { BUCKETS } from '../../../../src/diff/model.ts';
import type { AccessRecord } from '../../../../src/logs/access-record.ts';
import { analyse, answer, type Lines, lineAt, report, request, rulesOf } from '../../records.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OTHER_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

function answersOf(lines: Lines, settings = {}): readonly number[] {
  return [...analyse(lines, settings).pairing.answerOf];
}

function bucketsOf(lines: Lines, settings = {}): string[] {
  return [...analyse(lines, settings).buckets].map((bucket) => BUCKETS[bucket] as string);
}

test('the same unique id is the same request, whatever else the lines say', () => {
  const lines = {
    production: [request({ uniqueId: 'a', target: '/a' }), request({ uniqueId: 'b', target: '/b' })],
    mirror: [answer({ uniqueId: 'b', target: '/a' }), answer({ uniqueId: 'a', target: '/b' })],
  };
  const { pairing } = analyse(lines);
  assert.equal(pairing.key, 'unique-id');
  assert.deepEqual([...pairing.answerOf], [1, 0]);
});

test('without unique ids the trace does', () => {
  const { pairing } = analyse({
    production: [request({ traceId: TRACE, uniqueId: 'only-here' })],
    mirror: [answer({ traceId: OTHER_TRACE }), answer({ traceId: TRACE })],
  });
  assert.equal(pairing.key, 'traceparent');
  assert.deepEqual([...pairing.answerOf], [1]);
});

test('without both, host, process and stream do', () => {
  const { pairing } = analyse({
    production: [request({ host: 'lb1', pid: 7, sid: 0, uniqueId: 'p' })],
    mirror: [answer({ host: 'lb1', pid: 7, sid: 0, uniqueId: 'm' })],
  });
  assert.equal(pairing.key, 'pid+sid');
  assert.deepEqual([...pairing.answerOf], [0]);
});

test('nothing is paired by time and path', () => {
  const { pairing, isUnmatched } = analyse({ production: [request()], mirror: [answer()] });
  assert.equal(isUnmatched, true);
  assert.equal(pairing.key, 'none');
  assert.equal(pairing.withoutId, 1);
});

test('the same stream number of two processes is two requests', () => {
  const production = [request({ host: 'lb1', pid: 7, sid: 1 }), request({ host: 'lb1', pid: 8, sid: 1 })];
  const mirror = [answer({ pid: 8, sid: 1, status: 500 }), answer({ pid: 7, sid: 1 })];
  assert.deepEqual(answersOf({ production, mirror }), [1, 0]);
});

test('the same process number on two hosts is two processes where the mirror knows the hosts', () => {
  const production = [request({ host: 'lb1', pid: 7, sid: 1 }), request({ host: 'lb2', pid: 7, sid: 1 })];
  const mirror = [answer({ host: 'lb2', pid: 7, sid: 1 }), answer({ host: 'lb1', pid: 7, sid: 1 })];
  assert.deepEqual(answersOf({ production, mirror }), [1, 0]);
});

test('where the mirror does not know them, such requests are ambiguous, never guessed', () => {
  const production = [
    request({ host: 'lb1', pid: 7, sid: 1 }),
    request({ host: 'lb2', pid: 7, sid: 1 }),
    request({ host: 'lb2', pid: 7, sid: 2 }),
  ];
  const mirror = [answer({ pid: 7, sid: 1 }), answer({ pid: 7, sid: 2 })];
  assert.deepEqual(bucketsOf({ production, mirror }), ['ambiguous_id', 'ambiguous_id', 'paired']);
});

test('process 0 and stream 0 are numbers like others; what is no number is none', () => {
  const production = [
    request({ pid: 0, sid: 0 }),
    request({ pid: 1, sid: 2 ** 32 }),
    request({ pid: Number.NaN, sid: 0 }),
    request({ pid: 1, sid: 1.5 }),
    request({ pid: 1, sid: 2 ** 32 - 1 }),
  ];
  const mirror = [answer({ pid: 0, sid: 0 }), answer({ pid: 1, sid: 0 }), answer({ pid: 1, sid: 2 ** 32 - 1 })];
  assert.deepEqual(bucketsOf({ production, mirror }), ['paired', 'no_id', 'no_id', 'no_id', 'paired']);
});

test('--key takes that key and no other', () => {
  const both = { uniqueId: 'a', traceId: TRACE, pid: 7, sid: 1 };
  const lines = {
    production: [request(both)],
    mirror: [answer({ ...both, uniqueId: 'b' }), answer({ ...both, traceId: '' })],
  };
  assert.deepEqual(answersOf(lines, { key: 'unique-id' }), [1]);
  assert.deepEqual(answersOf(lines, { key: 'traceparent' }), [0]);
  assert.equal(analyse(lines, { key: 'pid+sid' }).pairing.key, 'pid+sid');
});

test('--key for what no line has pairs nothing, and is not the weak comparison by route', () => {
  const { isUnmatched, pairing } = analyse({ production: [request()], mirror: [answer()] }, { key: 'traceparent' });
  assert.deepEqual([isUnmatched, pairing.key], [false, 'traceparent']);
});

test('ids on both sides of which none is common pair nothing, and say so', () => {
  const lines = { production: [request({ uniqueId: 'a' })], mirror: [answer({ uniqueId: 'b' })] };
  const { correlation, coverage, verdict } = report(lines);
  assert.deepEqual([correlation.mode, correlation.key], ['paired', 'unique-id']);
  assert.deepEqual([coverage.buckets.missing, coverage.mirrorOnly.unknownId], [1, 1]);
  assert.equal(verdict.status, 'inconclusive');
});

test('an id that all requests share is no reason to take that key', () => {
  const lines = {
    production: [request({ uniqueId: 'x', traceId: TRACE }), request({ uniqueId: 'x', traceId: OTHER_TRACE })],
    mirror: [answer({ uniqueId: 'x', traceId: TRACE }), answer({ uniqueId: 'x', traceId: OTHER_TRACE })],
  };
  assert.equal(analyse(lines).pairing.key, 'traceparent');
});

test('another key that would pair more is named', () => {
  const production = Array.from({ length: 10 }, (_, i) => request({ uniqueId: `a${i}`, pid: 7, sid: i }));
  const mirror = Array.from({ length: 10 }, (_, i) => answer({ uniqueId: i < 5 ? `a${i}` : '', pid: 7, sid: i }));
  const { correlation, warnings } = report({ production, mirror });
  assert.equal(correlation.key, 'unique-id');
  assert.match(warnings.find(({ code }) => code === 'other-key')?.message ?? '', /--key pid\+sid/);
});

test('one id on two different lines of production is ambiguous, on two equal lines it is one request', () => {
  const line = request({ uniqueId: 'a' });
  const mirror = [answer({ uniqueId: 'a' })];
  assert.deepEqual(bucketsOf({ production: [line, line], mirror }), ['paired']);
  assert.deepEqual(bucketsOf({ production: [line, request({ uniqueId: 'a', status: 201 })], mirror }), [
    'ambiguous_id',
    'ambiguous_id',
  ]);
});

test('lines of the mirror without an id, and with one that nobody asked for, are counted apart', () => {
  const { mirrorOnly } = report({
    production: [request({ uniqueId: 'a' })],
    mirror: [answer({ uniqueId: 'a' }), answer({ status: 404 }), answer({ uniqueId: 'b' }), answer({ uniqueId: 'c' })],
  }).coverage;
  assert.deepEqual(mirrorOnly, { withoutId: 1, unknownId: 2, retriedIds: 0 });
});

test('answers of other times than those compared are not unknown', () => {
  const mirror = [10, 20, 30].map((timeMs) => answer({ uniqueId: `m${timeMs}`, timeMs }));
  const lines = { production: [request({ uniqueId: 'a' })], mirror };
  const unknown = (options: object) => report(lines, { options }).coverage.mirrorOnly.unknownId;
  assert.deepEqual(
    [unknown({}), unknown({ since: 20 }), unknown({ until: 20 }), unknown({ since: 20, until: 30 })],
    [3, 2, 1, 1],
  );
});

const RETRIES: readonly AccessRecord[] = [
  answer({ uniqueId: 'a', timeMs: 1000, status: 404 }),
  answer({ uniqueId: 'a', timeMs: 2000, status: -1, error: 'timeout' }),
  answer({ uniqueId: 'a', timeMs: 3000, status: 200 }),
];

for (const [policy, status] of [
  ['last', '200'],
  ['first', '404'],
  ['worst', 'timeout'],
] as const) {
  test(`of retried requests --mirror-duplicates ${policy} takes the ${policy} answer, in any order of lines`, () => {
    for (const mirror of permutations(RETRIES)) {
      const { transitions, coverage } = report(
        { production: [request({ uniqueId: 'a' })], mirror },
        { settings: { mirrorDuplicates: policy } },
      );
      assert.deepEqual(transitions, [{ production: '200', mirror: status, count: 1 }]);
      assert.equal(coverage.mirrorOnly.retriedIds, 1);
    }
  });
}

for (const policy of ['last', 'first', 'worst'] as const) {
  test(`with times that are equal or missing, --mirror-duplicates ${policy} still depends on no order`, () => {
    const mirror = [1000, 1000, 2000, Number.NaN, Number.NaN].map((timeMs, i) =>
      answer({ uniqueId: 'a', timeMs, status: [500, 200, 200, 503, 302][i] as number, target: `/${i}` }),
    );
    const chosen = permutations(mirror).map((lines) => {
      const { pairing, collection } = analyse(
        { production: [request({ uniqueId: 'a' })], mirror: lines },
        { mirrorDuplicates: policy },
      );
      return collection.mirror.status.at(pairing.answerOf[0] as number);
    });
    assert.deepEqual([...new Set(chosen)], [{ last: 200, first: 500, worst: 503 }[policy]]);
  });
}

test('a request line says how many attempts there were, where there were several', () => {
  const production = [request({ uniqueId: 'a' }), request({ uniqueId: 'b' })];
  const analysis = analyse({ production, mirror: [...RETRIES, answer({ uniqueId: 'b' })] });
  assert.equal(lineAt(analysis, 0).mirror?.attempts, 3);
  assert.equal('attempts' in (lineAt(analysis, 1).mirror ?? {}), false);
});

test('a request without an answer is not paired', () => {
  assert.deepEqual(
    answersOf({
      production: [request({ uniqueId: 'a' }), request({ uniqueId: 'b' })],
      mirror: [answer({ uniqueId: 'b' })],
    }),
    [NO_ANSWER, 0],
  );
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.filter((_, at) => at !== i)).map((rest) => [item, ...rest]));
}

const SPANS = ['1', '2', '3', '4'].map((digit) => digit.repeat(16));

test('four requests of one trace are told apart by their parent ids', () => {
  const production = SPANS.map((spanId) => request({ traceId: TRACE, spanId }));
  const mirror = [...SPANS].reverse().map((spanId) => answer({ traceId: TRACE, spanId }));
  assert.deepEqual(answersOf({ production, mirror }), [3, 2, 1, 0]);
  assert.equal(report({ production, mirror }).correlation.key, 'traceparent');
});

test('where a side has only traces they pair, and several requests of one are ambiguous', () => {
  const [one, two] = SPANS;
  const production = [
    request({ traceId: TRACE, spanId: one as string }),
    request({ traceId: OTHER_TRACE, spanId: one as string }),
    request({ traceId: OTHER_TRACE, spanId: two as string }),
  ];
  const mirror = [answer({ traceId: TRACE }), answer({ traceId: OTHER_TRACE })];
  assert.deepEqual(bucketsOf({ production, mirror }), ['paired', 'ambiguous_id', 'ambiguous_id']);
});

test('where a proxy between gives parent ids of its own, requests pair by their traces', () => {
  const traces = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
  const production = traces.map((traceId, i) => request({ traceId, spanId: SPANS[i] as string }));
  const mirror = traces.map((traceId) => answer({ traceId, spanId: SPANS[3] as string }));
  assert.deepEqual(answersOf({ production, mirror }), [0, 1, 2]);
});

test('of two answers within a second the later line of the file is the last', () => {
  const retried = [answer({ uniqueId: 'a', status: 500 }), answer({ uniqueId: 'a', status: 200 })];
  const collection = new Collection({ agent: 'mirror' });
  collection.addProduction(request({ uniqueId: 'a' }), 1, 0);
  retried.forEach((line, i) => {
    collection.addMirror(line, 9 - i, 0);
  });
  const [{ pairing }] = analyseCollection(collection, { key: 'auto', rules: rulesOf(), maxRoutes: 9 }) as [Analysis];
  assert.equal(pairing.answerOf[0], 1);
});
