import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveDiff, type LiveDiffOptions } from '../../../../src/diff/live-diff.ts';
import type { DiffReport, DiffSettings } from '../../../../src/diff/model.ts';
import type { RequestLine } from '../../../../src/diff/request-line.ts';
import type { AccessRecord } from '../../../../src/logs/access-record.ts';
import { print } from '../prints.ts';
import { feed, record, reportOptions, rulesOf, START, settingsWith } from './lines.ts';

const GRACE = 30_000;

/** A live comparison with a clock in its hand, in seconds. */
class Watch {
  readonly settings: DiffSettings;
  readonly live: LiveDiff;
  readonly settled: RequestLine[] = [];
  #hash = 0;

  constructor(values: Partial<DiffSettings> = {}, options: Partial<LiveDiffOptions> = {}) {
    this.settings = settingsWith({ key: 'unique-id', ...values });
    this.live = new LiveDiff({
      settings: this.settings,
      rules: rulesOf(this.settings),
      graceMs: GRACE,
      onSettled: (line) => this.settled.push(line),
      ...options,
    });
  }

  production(second: number, values: Partial<AccessRecord>, hash = this.#hash++): void {
    feed(this.live, { side: 'production', record: record(values) }, hash, second * 1000);
  }

  mirror(second: number, values: Partial<AccessRecord>, hash = this.#hash++): void {
    feed(this.live, { side: 'mirror', record: record(values) }, hash, second * 1000);
  }

  noise(second: number, values: Partial<AccessRecord>): void {
    feed(this.live, { side: 'noise', record: record(values) }, this.#hash++, second * 1000);
  }

  answer(second: number, uniqueId: string, answer: string, of: 'mirror' | 'noise' = 'mirror'): void {
    feed(this.live, { side: 'answer', of, uniqueId, answer }, this.#hash++, second * 1000);
  }

  spoe(second: number, sid: number, st: number): void {
    feed(this.live, { side: 'spoe', host: 'lb1', pid: 7, sid, st }, this.#hash++, second * 1000);
  }

  at(second: number): DiffReport {
    this.live.advance(second * 1000);
    return this.report();
  }

  end(): DiffReport {
    this.live.settleAll();
    return this.report();
  }

  report(): DiffReport {
    return this.live.report(reportOptions(this.settings));
  }
}

function warning({ warnings }: DiffReport, code: string): string | undefined {
  return warnings.find((warning) => warning.code === code)?.message;
}

test('a request without an answer is missing when the grace is over, and not before', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a' });
  const before = watch.at(29.999);
  assert.equal(before.coverage.productionRequests, 0);
  assert.equal(warning(before, 'waiting'), 'not counted yet: 1 requests and 0 answers wait for the other side');
  const after = watch.at(30);
  assert.equal(after.coverage.buckets.missing, 1);
  assert.equal(warning(after, 'waiting'), undefined);
});

describe('as long as no request has waited for the grace', () => {
  const pending =
    'no request was paired with an answer yet: the comparison waits --grace (30 s) before it counts a request';

  for (const key of ['unique-id', 'auto'] as const) {
    test(`nothing is said of pairs that are not there, and the grace is named (--key ${key})`, () => {
      const watch = new Watch({ key });
      watch.mirror(0, { uniqueId: 'old' });
      watch.production(1, { uniqueId: 'a' });
      const { verdict, warnings, correlation } = watch.at(29);
      assert.deepEqual(verdict.reasons, [pending]);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['waiting'],
      );
      assert.equal(correlation.key, 'unique-id');
      const after = watch.at(31);
      assert.deepEqual(after.verdict.reasons, ['no request is paired with what the mirror answered']);
      assert.match(
        warning(after, 'nothing-paired') ?? '',
        /both sides have a unique id, but none came on both within --grace \(30 s\): .* batches/,
      );
    });
  }

  test('requests that have met say that there are some that can be paired, whatever has waited in vain', () => {
    const watch = new Watch();
    watch.production(0, { uniqueId: 'lost' });
    watch.production(20, { uniqueId: 'a' });
    watch.mirror(20, { uniqueId: 'a' });
    const report = watch.at(40);
    assert.equal(report.coverage.buckets.missing, 1);
    assert.deepEqual(report.verdict.reasons, [pending]);
    assert.equal(warning(report, 'nothing-paired'), undefined);
  });

  test('a side without a line is not one without ids', () => {
    const watch = new Watch({ key: 'auto' });
    watch.mirror(0, { uniqueId: 'a' });
    assert.equal(watch.at(1).correlation.mode, 'paired');
    assert.equal(warning(watch.report(), 'weak-evidence'), undefined);
    assert.equal(watch.end().correlation.mode, 'unmatched');
  });

  test('nothing is left to wait for once nothing more comes', () => {
    const watch = new Watch();
    watch.mirror(0, { uniqueId: 'a' });
    assert.deepEqual(watch.end().verdict.reasons, ['no request is paired with what the mirror answered']);
  });
});

for (const key of ['unique-id', 'auto'] as const) {
  test(`the mirror's lines of other times are not waited for (--key ${key})`, () => {
    const watch = new Watch({ key }, { since: START });
    for (let i = 0; i < 5; i++) watch.mirror(0, { uniqueId: `old-${i}`, timeMs: START - 1 });
    assert.equal(warning(watch.at(1), 'waiting'), undefined);
    watch.mirror(1, { uniqueId: 'a' });
    assert.match(warning(watch.at(2), 'waiting') ?? '', key === 'auto' ? /, 1 lines for/ : / and 1 answers wait/);
  });
}

test('an answer may come first, up to the grace before its request', () => {
  const watch = new Watch();
  watch.mirror(0, { uniqueId: 'a', status: 500 });
  watch.at(29);
  watch.production(29, { uniqueId: 'a' });
  const { coverage, errors } = watch.at(59);
  assert.equal(coverage.paired, 1);
  assert.equal(errors.newError, 1);
});

test('an answer that comes after its request was counted is unknown', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a' });
  watch.at(30);
  watch.mirror(31, { uniqueId: 'a' });
  const { coverage } = watch.at(61);
  assert.equal(coverage.buckets.missing, 1);
  assert.equal(coverage.mirrorOnly.unknownId, 1);
});

test('a pair waits for a retry, counted from when it was one', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a' });
  watch.mirror(20, { uniqueId: 'a', status: 500, timeMs: START });
  watch.mirror(49, { uniqueId: 'a', status: 200, timeMs: START + 1000 });
  assert.equal(watch.at(49).coverage.paired, 0);
  const { coverage, errors } = watch.at(50);
  assert.deepEqual([coverage.paired, coverage.mirrorOnly.retriedIds, errors.bothOk], [1, 1, 1]);
  assert.equal(watch.settled[0]?.mirror?.attempts, 2);
  watch.mirror(51, { uniqueId: 'a', status: 500 });
  assert.equal(watch.end().coverage.mirrorOnly.unknownId, 1);
});

for (const [policy, status] of [
  ['last', 204],
  ['first', 200],
  ['worst', 503],
] as const) {
  test(`of retried answers the ${policy} one counts, in whatever order their lines come`, () => {
    const answers = [200, 503, 204].map((status, i) => ({ uniqueId: 'a', status, timeMs: START + i }));
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const watch = new Watch({ mirrorDuplicates: policy });
      watch.production(0, { uniqueId: 'a' });
      for (const i of order) watch.mirror(1, answers[i] as Partial<AccessRecord>);
      assert.deepEqual(watch.end().transitions, [{ production: '200', mirror: String(status), count: 1 }]);
    }
  });
}

test('a second request with the same id makes both ambiguous', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a' });
  watch.mirror(1, { uniqueId: 'a' });
  watch.production(2, { uniqueId: 'a', target: '/other' });
  const { coverage } = watch.end();
  assert.deepEqual([coverage.buckets.ambiguous_id, coverage.paired, coverage.mirrorOnly.unknownId], [2, 0, 0]);
});

test('an SPOE line counts whether it comes before the request or after it', () => {
  const watch = new Watch();
  const stream = (sid: number) => ({ uniqueId: `id-${sid}`, host: 'lb1', pid: 7, sid });
  watch.spoe(0, 1, 257);
  watch.spoe(0, 2, 0);
  watch.live.advance(29_000);
  for (const sid of [1, 2, 3, 4, 5]) watch.production(29, stream(sid));
  watch.spoe(31, 3, 257);
  watch.spoe(58, 4, 0);
  watch.mirror(58, { uniqueId: 'id-4' });
  const { buckets, deliveredShare } = watch.at(88).coverage;
  assert.deepEqual(
    [buckets.spoe_failed, buckets.acked_but_missing, buckets.not_mirrored, buckets.paired],
    [2, 1, 1, 1],
  );
  assert.equal(deliveredShare, 1 / 4);
});

test('of several SPOE lines of a request the failed one counts', () => {
  const watch = new Watch();
  watch.spoe(0, 1, 257);
  watch.production(1, { uniqueId: 'a', host: 'lb1', pid: 7, sid: 1 });
  watch.spoe(2, 1, 0);
  assert.equal(watch.end().coverage.buckets.spoe_failed, 1);
});

test('without any SPOE line nobody knows where a request was lost, even if some come later', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a', host: 'lb1', pid: 7, sid: 1 });
  assert.equal(watch.at(30).coverage.buckets.missing, 1);
  watch.spoe(31, 2, 0);
  assert.equal(watch.at(32).coverage.buckets.not_mirrored, 1);
});

test('where pairs have no SPOE line, those of others do not tell what became of them', () => {
  const watch = new Watch();
  for (let sid = 0; sid < 20; sid++) {
    const stream = { uniqueId: `id-${sid}`, host: 'lb1', pid: 7, sid };
    watch.production(0, stream);
    if (sid < 10) watch.mirror(0, stream);
    if (sid >= 8) watch.spoe(0, sid, sid === 19 ? 257 : 0);
  }
  const report = watch.end();
  const { missing, acked_but_missing, spoe_failed, not_mirrored } = report.coverage.buckets;
  assert.deepEqual([missing, acked_but_missing, spoe_failed, not_mirrored], [10, 0, 0, 0]);
  assert.match(warning(report, 'spoe-incomplete') ?? '', /^8 of 10 pairs have no SPOE line/);
  assert.equal(report.samples.length, 3);
});

test('a line that comes again within the grace is a duplicate', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a' }, 1000);
  assert.equal(watch.live.addProduction(record({ uniqueId: 'a' }), 1000, 0, 30_000), 'duplicate');
  assert.equal(watch.end().coverage.buckets.missing, 1);
});

test('evicted lines are counted where they would have been, and in a warning', () => {
  const watch = new Watch({}, { maxWaiting: 3 });
  for (let i = 0; i < 5; i++) watch.production(i, { uniqueId: `p${i}` });
  for (let i = 0; i < 4; i++) watch.mirror(5 + i, { uniqueId: `m${i}` });
  const report = watch.at(9);
  assert.equal(report.coverage.buckets.missing, 2);
  assert.equal(report.coverage.mirrorOnly.unknownId, 1);
  assert.match(warning(report, 'evicted') ?? '', /given up early were 2 requests and 1 lines of the mirror/);
  assert.deepEqual(
    watch.settled.map(({ id }) => id),
    ['p0', 'p1'],
    'the oldest first',
  );
});

test('an evicted pair is still a pair', () => {
  const watch = new Watch({}, { maxWaiting: 2 });
  for (const id of ['a', 'b', 'c']) {
    watch.production(0, { uniqueId: id });
    watch.mirror(0, { uniqueId: id });
  }
  assert.equal(watch.report().coverage.paired, 1);
  assert.match(warning(watch.report(), 'evicted') ?? '', /0 requests and 0 lines of the mirror .* 1 pairs/);
  assert.equal(watch.end().coverage.paired, 3);
});

test('what is kept does not grow with the traffic', () => {
  const watch = new Watch({}, { maxWaiting: 50, onSettled: () => {} });
  for (let i = 0; i < 21_000; i++) {
    const second = i / 100;
    const line = { uniqueId: `id-${i}`, target: `/scan-${i}x/y`, host: 'lb1', pid: 7, sid: i };
    watch.spoe(second, i, 0);
    watch.production(second, line);
    if (i % 3 > 0) watch.mirror(second, { ...line, status: i % 7 === 0 ? 500 : 200 });
    if (i % 10 === 0) watch.live.advance(second * 1000);
    if (i % 7_000 === 0) watch.report();
  }
  const { production, mirror, pairs, unjoined } = watch.live.waiting;
  assert.ok(production + pairs <= 50 && mirror + pairs <= 50 && unjoined === 0);
  const { hashes, spoe, nodes, tallies, samples, skews } = watch.live.kept as { [what: string]: number };
  assert.ok((hashes as number) <= 300 && (spoe as number) <= 100 && (samples as number) <= 300);
  assert.ok((nodes as number) <= 20_000 && (tallies as number) <= 1_000 && (skews as number) <= 10_000);
  const { coverage, routes } = watch.end();
  assert.equal(coverage.paired, 14_000);
  assert.equal(coverage.productionRequests, 21_000);
  assert.ok(routes.length <= 201);
});

const ONE = print({ '$.a': 'n:AAAAAAAA' });
const OTHER = print({ '$.a': 's:AAAAAAAA' });

test('answers, and the noise, wait in a bounded place', () => {
  const watch = new Watch({}, { maxWaiting: 50, maxAnswerBytes: 50_000, onSettled: () => {} });
  for (let i = 0; i < 20_000; i++) {
    const second = i / 100;
    const line = { uniqueId: `id-${i}`, target: '/a' };
    watch.production(second, line);
    if (i % 3 > 0) watch.mirror(second, { ...line, answer: ONE });
    if (i % 3 < 2) watch.answer(second, `id-${i}`, ONE);
    watch.noise(second, { ...line, uniqueId: i % 2 === 0 ? `id-${i}` : `other-${i}`, answer: ONE });
    watch.answer(second, `other-${i}`, ONE, 'noise');
    if (i % 10 === 0) watch.live.advance(second * 1000);
  }
  const { answers, noise } = watch.live.kept as { [what: string]: number };
  assert.ok((answers as number) <= 2 * 50_000 * (1 + 1 / 16) && (noise as number) <= 100, `${answers} ${noise}`);
});

test('production’s answer may come long after the pair has met, and before it is settled', () => {
  const watch = new Watch();
  for (const uniqueId of ['a', 'b']) {
    watch.production(0, { uniqueId });
    watch.mirror(1, { uniqueId, answer: OTHER });
  }
  watch.answer(30, 'a', ONE);
  watch.at(31.1);
  watch.answer(32, 'b', ONE);
  const differences = [{ place: '$.a', kind: 'type', shape: 'number → string' }];
  assert.deepEqual(
    watch.settled.map(({ id, responses }) => [id, responses]),
    [
      ['a', { body: 'compared', differences }],
      ['b', undefined],
    ],
  );
});

test('noise waits for its request, which may come later', () => {
  const watch = new Watch();
  watch.noise(0, { uniqueId: 'a', answer: OTHER });
  watch.answer(1, 'a', ONE, 'noise');
  watch.answer(29, 'a', ONE);
  watch.production(29, { uniqueId: 'a' });
  watch.mirror(58, { uniqueId: 'a', answer: ONE });
  watch.at(89);
  const [{ responses } = {}] = watch.settled as readonly Partial<RequestLine>[];
  const noise = [{ place: '$.a', kind: 'type', shape: 'number → string' }];
  assert.deepEqual(responses, { body: 'compared', differences: [], noise });
});

test('what production’s version answers to half a body is no noise', () => {
  const watch = new Watch();
  for (const uniqueId of ['a', 'other']) {
    watch.noise(0, { uniqueId, answer: OTHER, isSentCut: true });
    watch.answer(0, uniqueId, ONE, 'noise');
  }
  watch.answer(1, 'a', ONE);
  watch.production(1, { uniqueId: 'a' });
  watch.mirror(1, { uniqueId: 'a', answer: ONE });
  watch.live.settleAll();
  assert.deepEqual(watch.settled[0]?.responses, { body: 'compared', differences: [] });
  assert.equal(watch.live.report(reportOptions(watch.settings)).responses?.noise.pairs, 0);
});

test('noise of other requests counts for a destination as well whose first line comes later', () => {
  const watch = new Watch();
  for (let i = 0; i < 3; i++) {
    watch.noise(0, { uniqueId: `other-${i}`, target: `/items/${i}`, answer: OTHER });
    watch.answer(0, `other-${i}`, ONE, 'noise');
  }
  watch.production(100, { uniqueId: 'a', target: '/items/7' });
  for (const destination of ['http://early.example', 'http://late.example']) {
    const from = destination.includes('early') ? 0 : 200;
    watch.production(from, { uniqueId: destination, target: '/items/8' });
    watch.mirror(from + 1, { uniqueId: destination, target: '/items/8', destination, answer: OTHER });
    watch.answer(from + 1, destination, ONE);
    watch.live.advance((from + 199) * 1000);
  }
  watch.live.settleAll();
  const { settings } = watch;
  const noises = ['http://early.example', 'http://late.example'].map((destination) => {
    const report = watch.live.report(reportOptions({ ...settings, destination }));
    return [report.responses?.noise.pairs, report.responses?.fields.map(({ noise }) => (noise ?? 0) > 0)];
  });
  assert.deepEqual(noises, [
    [3, [true]],
    [3, [true]],
  ]);
});

test('the key is the one that the two sides have in common, whatever else they have', () => {
  const watch = new Watch({ key: 'auto' });
  for (let i = 0; i < 20; i++) {
    const traceId = String(i).padStart(32, 'a');
    watch.production(i, { uniqueId: `lb-${i}`, traceId });
    watch.mirror(i, { uniqueId: `edge-${i}`, traceId });
    const report = watch.at(i);
    assert.match(warning(report, 'waiting') ?? '', /lines for the first id that both sides have/);
  }
  const { correlation, coverage } = watch.at(30);
  assert.equal(correlation.key, 'traceparent');
  assert.equal(coverage.paired, 1);
  assert.equal(watch.end().coverage.paired, 20);
});

test('a mirror that says nothing is no reason to compare different requests', () => {
  const watch = new Watch({ key: 'auto' });
  for (let i = 0; i < 20; i++) watch.production(0, { uniqueId: `lb-${i}` });
  const { correlation, coverage, verdict } = watch.at(30);
  assert.deepEqual([correlation.key, correlation.mode, coverage.buckets.missing], ['unique-id', 'paired', 20]);
  assert.equal(verdict.status, 'inconclusive');
  watch.production(31, { uniqueId: 'late' });
  watch.mirror(31, { uniqueId: 'late' });
  assert.equal(watch.end().coverage.paired, 1);
});

test('where nothing can be paired, rates are compared by route', () => {
  const watch = new Watch({ key: 'auto' });
  for (let i = 0; i < 300; i++) {
    watch.production(0, { target: `/users/${i}` });
    watch.mirror(0, { target: `/users/${i}`, status: i % 2 === 0 ? 500 : 200 });
  }
  const { correlation, errors, routes, verdict, coverage } = watch.at(30);
  assert.deepEqual([correlation.mode, correlation.key, coverage.buckets.no_id], ['unmatched', 'none', 300]);
  assert.deepEqual([errors.n, errors.mirrorN, errors.mirrorErrors], [300, 300, 150]);
  assert.deepEqual(
    routes.map(({ route, regressed }) => [route, regressed]),
    [['GET /users/{…}', true]],
  );
  assert.equal(verdict.status, 'fail');
});

test('a request that took longer than answers are waited for is said', () => {
  const watch = new Watch();
  watch.mirror(0, { uniqueId: 'slow' });
  watch.live.advance(45_000);
  watch.production(45, { uniqueId: 'slow', totalMs: 45_000 });
  const report = watch.at(75);
  assert.match(warning(report, 'longer-than-grace') ?? '', /1 unanswered requests took longer than --grace 30s/);
});

test('samples are the last ones, of different routes', () => {
  const watch = new Watch();
  const broken = (i: number, target: string) => {
    watch.production(i, { uniqueId: `id-${i}`, target, timeMs: START + i * 1000 });
    watch.mirror(i, { uniqueId: `id-${i}`, target, status: 500 });
  };
  broken(0, '/other?token=secret');
  for (let i = 1; i < 10; i++) broken(i, '/users/1');
  const { samples } = watch.end();
  assert.deepEqual(
    samples.map(({ kind, id }) => [kind, id]),
    ['id-9', 'id-8', 'id-7', 'id-0'].map((id) => ['new_error', id]),
  );
  assert.equal(samples[3]?.production.target, '/other?…');
});

test('only accepted requests are compared, and only mirror lines of that time are unknown', () => {
  const watch = new Watch({}, { accepts: ({ timeMs }) => timeMs >= START, since: START });
  watch.production(0, { uniqueId: 'early', timeMs: START - 1 });
  watch.mirror(0, { uniqueId: 'early', timeMs: START - 1 });
  watch.mirror(0, { uniqueId: 'strange' });
  const { coverage } = watch.end();
  assert.deepEqual([watch.live.filtered, coverage.productionRequests, coverage.mirrorOnly.unknownId], [1, 0, 1]);
});

test('requests are handed out as they settle, with the names of their routes', () => {
  const watch = new Watch();
  watch.production(0, { uniqueId: 'a', target: '/users/17?q=1' });
  watch.mirror(0, { uniqueId: 'a', status: 404 });
  watch.production(0, { malformed: true, target: '' });
  watch.at(30);
  assert.deepEqual(
    watch.settled.map(({ id, bucket, kind, route, production }) => [id, bucket, kind, route, production.target]),
    [
      [null, 'malformed', null, 'GET (no path)', ''],
      ['a', 'paired', 'new_4xx', 'GET /users/{…}', '/users/17?…'],
    ],
  );
});
