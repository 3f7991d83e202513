import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../bench/random.ts';
import { FailureTimes } from '../../src/stats/failure-times.ts';
import { findOutages } from '../../src/stats/outage.ts';
import { Timeline } from '../../src/stats/timeline.ts';
import { type Judgement, judgeFailures } from '../../src/stats/verdict.ts';

const WORDS = { amount: (count: number) => `${count} events`, allWell: () => 'well', allFailed: () => 'failed' };

/** Seconds, and the part of the events that fails in them. */
type Phase = readonly [seconds: number, rate: number];

interface Look extends Judgement {
  /** Epoch ms of the newest event. */
  readonly ms: number;
}

/** A log that grows, looked at again and again: each `every` events. */
class GrowingLog {
  readonly #times = new FailureTimes();
  readonly #random: Random;
  readonly #perSecond: number;
  #events = 0;
  #errors = 0;
  firstError: number | undefined;

  constructor(seed: number, perSecond: number) {
    this.#random = new Random(seed);
    this.#perSecond = perSecond;
  }

  *grow(phases: readonly Phase[], every: number): Generator<Look> {
    for (const [seconds, rate] of phases) {
      for (let i = 0; i < seconds * this.#perSecond; i++) {
        const ms = (this.#events++ * 1000) / this.#perSecond;
        const failed = this.#random.next() < rate;
        if (failed) {
          this.#errors++;
          this.firstError ??= ms;
        }
        this.#times.add(ms, failed);
        if (this.#events % every !== 0) continue;
        yield {
          ms,
          ...judgeFailures({ count: this.#events, errors: this.#errors }, this.#times.ending, WORDS),
        };
      }
    }
  }
}

test('at a constant rate of errors no stretch is over, however often one looks: some thousands of times', () => {
  const random = new Random(7);
  let looks = 0;
  for (const rate of [0.05, 0.1, 0.5]) {
    for (let log = 0; log < 20; log++) {
      const timeline = new Timeline();
      for (let event = 0; event < 4000; event++) {
        timeline.add(event * 25, 1, random.next() < rate);
        const state = event % 40 === 0 ? timeline.toState() : undefined;
        const outages = state && findOutages(state);
        if (outages === undefined) continue;
        looks++;
        assert.deepEqual([outages.stretches.length, outages.after], [1, undefined]);
      }
    }
  }
  assert.ok(looks > 5000, `${looks}`);
});

test('at a constant rate it has never recovered, and it is since the first error in each look', () => {
  let looks = 0;
  for (const rate of [0.012, 0.015, 0.02, 0.03, 0.05, 0.1]) {
    for (const perSecond of [1, 10, 40]) {
      for (const seed of [2, 3, 4, 5, 6]) {
        const log = new GrowingLog(seed * 1000 + perSecond, perSecond);
        for (const { ms, status, since, until } of log.grow([[12_000 / perSecond, rate]], 100)) {
          const at = `${rate} ${perSecond}/s seed ${seed} after ${ms} ms`;
          assert.equal(until, null, at);
          // While less than 1 % failed in all, there is no stretch: what is bad is only the latest.
          if (status === 'healthy' || since === null) continue;
          looks++;
          assert.equal(since, log.firstError, at);
        }
      }
    }
  }
  assert.ok(looks > 9000, `${looks}`);
});

test('an outage that ends is told as over within minutes, not before, and stays so', () => {
  for (const [rate, perSecond, within] of [
    [1, 1, 120],
    [1, 40, 62],
    [0.5, 10, 62],
    [0.2, 10, 62],
    [0.05, 10, 120],
    [0.05, 40, 62],
    [0.03, 40, 120],
  ] as const) {
    for (const seed of [1, 2, 3]) {
      const log = new GrowingLog(seed, perSecond);
      const [began, ended] = [600_000, 780_000];
      let over: number | undefined;
      const phases: Phase[] = [
        [600, 0.0002],
        [180, rate],
        [1800, 0.0002],
      ];
      for (const { ms, status, since, until, reasons } of log.grow(phases, perSecond)) {
        const at = `${rate} ${perSecond}/s seed ${seed} after ${ms} ms: ${reasons.join('; ')}`;
        if (ms < ended) assert.equal(until, null, at);
        if (over === undefined && until !== null) over = ms;
        if (over === undefined) continue;
        assert.ok(status === 'degraded' && until !== null && since !== null, at);
        // A step of the timeline is 64 s wide in the end.
        assert.ok(since > began - 64_000 && since < began + 64_000, `${at} since ${since}`);
        assert.ok(until > ended - 64_000 && until < ended + 64_000, `${at} until ${until}`);
      }
      assert.ok(over !== undefined && over - ended <= within * 1000, `${rate} ${perSecond}/s seed ${seed}: ${over}`);
    }
  }
});

test('in the minute after a short outage of a long log it is not yet over, and not healthy', () => {
  const log = new GrowingLog(1, 10);
  const phases: Phase[] = [
    [3000, 0],
    [10, 1],
    [200, 0],
  ];
  const seen: string[] = [];
  for (const { ms, status, since, until, reasons } of log.grow(phases, 10)) {
    if (ms < 3_005_000) continue;
    const word = until === null ? status : 'recovered';
    if (seen.at(-1) !== word) seen.push(word);
    if (word !== 'degraded') continue;
    assert.equal(since, 3_000_000);
    assert.match(reasons.at(-1) ?? '', /^of the last \d+ events \d[\d.]* % failed; from 1 % on that is degraded$/);
  }
  assert.deepEqual(seen, ['failing', 'degraded', 'recovered']);
});

test('errors that come back long after an outage are not since that outage', () => {
  const log = new GrowingLog(1, 10);
  const phases: Phase[] = [
    [100, 0],
    [60, 1],
    [20_000, 0],
    [20, 0.03],
  ];
  const last = [...log.grow(phases, 200)].at(-1);
  assert.deepEqual([last?.status, last?.since, last?.until], ['degraded', null, null]);
  assert.match(last?.reasons.at(-1) ?? '', /^of the last \d+ events \d[\d.]* % failed; from 1 % on that is degraded$/);
});
