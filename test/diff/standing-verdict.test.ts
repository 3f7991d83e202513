/** When a FAIL is one that stays: looks one after the other, with clocks and reports that the test makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiffReport } from '../../src/diff/model.ts';
import { type Circumstances, StandingVerdicts } from '../../src/diff/standing-verdict.ts';

const GRACE_MS = 30_000;

/** Looks at what the report says, so many seconds after the first. */
function looking(graceMs = GRACE_MS) {
  const verdicts = new StandingVerdicts(120_000);
  return (
    second: number,
    status: 'pass' | 'fail' | 'inconclusive',
    n: number,
    gate = 'regression',
    wallSecond = second,
  ) => {
    const reasons = [`${status} of ${n}`];
    const report = {
      verdict: { status, reasons, gates: status === 'fail' ? [{ gate, status: 'fail' }] : [] },
      ...{
        errors: { n },
        correlation: { mode: 'paired' },
        inputs: [],
        warnings: [{ code: 'longer-than-grace', message: 'wait longer' }],
      },
    } as unknown as DiffReport;
    const nowMs = Date.UTC(2026, 10, 27) + wallSecond * 1000;
    const circumstances: Circumstances = {
      ...{
        nowMs,
        clockMs: second * 1000,
        arrived: { production: 0, mirror: 0, pair: 0 },
        latestPairMs: nowMs,
        caughtUp: 0,
        graceMs,
      },
      ...{ troubles: [], sinceMs: 0, leftOut: 0 },
    };
    return verdicts.look(report, circumstances);
  };
}

test('of a mirror that was fine it is none while that may only be restarted', () => {
  const look = looking();
  assert.equal(look(0, 'pass', 4000).status, 'pass');
  for (const second of [5, 35, 64]) {
    const { status, reasons, failedMs } = look(second, 'fail', 4060);
    assert.deepEqual([status, failedMs], ['inconclusive', null]);
    assert.match(
      reasons[0] ?? '',
      /^gates fail since 2026-11-27 00:00:05Z, .* goes on for 60 s \(was the mirror restarted\?\)$/,
    );
    assert.equal(reasons[1], 'fail of 4060');
  }
  // It answers again, which a whole log calls a burst.
  assert.equal(look(65, 'inconclusive', 6000).failedMs, null);
  assert.equal(look(70, 'fail', 6010).status, 'inconclusive');
  assert.equal(look(129, 'fail', 6020).status, 'inconclusive');
  const { status, failedMs } = look(130, 'fail', 6020);
  assert.deepEqual([status, failedMs], ['fail', Date.UTC(2026, 10, 27, 0, 2, 10)]);
  assert.equal(look(200, 'pass', 20_000).status, 'fail');
});

test('it does not go on for longer where somebody sets the clock, nor is one look after the other enough', () => {
  const look = looking();
  look(0, 'pass', 4000);
  assert.equal(look(5, 'fail', 4060).status, 'inconclusive');
  assert.equal(look(10, 'fail', 4060, 'regression', 3600).status, 'inconclusive');
  assert.equal(look(65, 'fail', 4060, 'regression', 0).status, 'fail');
  const short = looking(0);
  short(0, 'pass', 4000);
  assert.deepEqual(
    [5, 10, 19, 20].map((second) => short(second, 'fail', 4060).status),
    [...Array(3).fill('inconclusive'), 'fail'],
  );
});

test('of a release that was never seen to be fine it is one at once; what may be why answers are missing is said', () => {
  const look = looking();
  const { status, reasons } = look(0, 'inconclusive', 99);
  assert.deepEqual([status, reasons], ['inconclusive', ['inconclusive of 99', 'wait longer']]);
  assert.equal(look(5, 'fail', 120).status, 'fail');
});

test('of a limit that was asked for it is one at once, and over with it', () => {
  const look = looking();
  assert.equal(look(0, 'pass', 4000).status, 'pass');
  assert.equal(look(5, 'fail', 4100, 'error-rate').status, 'fail');
  assert.equal(look(10, 'pass', 5000).status, 'pass');
});

test('where both sides were counted and nothing is paired, it is not the grace that is waited for', () => {
  const report = {
    verdict: { status: 'inconclusive', reasons: [], gates: [] },
    ...{ errors: { n: 0 }, correlation: { mode: 'paired' }, inputs: [] },
    coverage: { buckets: { no_id: 0, missing: 300 }, productionRequests: 300, mirrorOnly: { unknownId: 300 } },
    warnings: [{ code: 'nothing-paired', message: 'none came on both within --grace' }],
  } as unknown as DiffReport;
  const nowMs = Date.UTC(2026, 10, 27);
  const { reasons } = new StandingVerdicts(120_000).look(report, {
    ...{ nowMs, clockMs: 0, arrived: { production: 0, mirror: 0, pair: null }, latestPairMs: null, caughtUp: 0 },
    ...{ graceMs: GRACE_MS, troubles: [], sinceMs: 0, leftOut: 0 },
  });
  assert.deepEqual(reasons, ['none came on both within --grace']);
});
