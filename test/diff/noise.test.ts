import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffError } from '../../src/diff/errors.ts';
import type { DiffReport, GateResult } from '../../src/diff/model.ts';
import { NoiseBaseline } from '../../src/diff/noise.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { answer, type Kind, pairs, type Reporting, report, request } from './records.ts';

type Kinds = readonly Kind[];

/** As it comes out of a file. */
function baselineOf(...kinds: Kinds): NoiseBaseline {
  return new NoiseBaseline(JSON.parse(JSON.stringify(report(pairs(...kinds)))));
}

function against(noise: NoiseBaseline, kinds: Kinds, reporting: Reporting = {}): DiffReport {
  return report(pairs(...kinds), { ...reporting, options: { ...reporting.options, noise } });
}

function gateOf({ verdict }: DiffReport, name: string): GateResult | undefined {
  return verdict.gates.find(({ gate }) => gate === name);
}

const FAILING: Partial<AccessRecord> = { status: 503 };
/** 2 % of requests fail on the mirror alone. */
const NOISY: Kinds = [
  [{ target: '/a' }, {}, 4900],
  [{ target: '/a' }, FAILING, 100],
];

test('what an A/A run has as well is no regression', () => {
  assert.equal(report(pairs(...NOISY)).verdict.status, 'fail');
  const { verdict, routes } = against(baselineOf(...NOISY), NOISY);
  assert.deepEqual([verdict.status, routes[0]?.regressed], ['pass', false]);
});

test('what is more than in the A/A run is one', () => {
  const worse: Kinds = [
    [{ target: '/a' }, {}, 4700],
    [{ target: '/a' }, FAILING, 300],
  ];
  const { verdict, routes } = against(baselineOf(...NOISY), worse);
  assert.deepEqual([verdict.status, routes[0]?.regressed], ['fail', true]);
});

test('a route is held against the same route of the A/A run, and a new one against all of it', () => {
  const noise = baselineOf(...NOISY, [{ target: '/b' }, {}, 5000]);
  const here: Kinds = [
    ...NOISY,
    [{ target: '/b' }, {}, 4900],
    [{ target: '/b' }, FAILING, 100],
    [{ target: '/c' }, {}, 990],
    [{ target: '/c' }, FAILING, 10],
  ];
  const { routes } = against(noise, here);
  const regressed = Object.fromEntries(routes.map((route) => [route.route, route.regressed]));
  assert.deepEqual(regressed, { 'GET /a': false, 'GET /b': true, 'GET /c': false });
});

test('a route that differs in the A/A run as it does now has no excess, however unlike the others it is', () => {
  const kinds: Kinds = [
    [{ target: '/a' }, {}, 300],
    [{ target: '/old' }, { status: 404 }, 16],
    [{ target: '/flaky' }, FAILING, 16],
  ];
  const { routes } = against(baselineOf(...kinds), kinds);
  assert.ok(routes.every(({ regressed, errors }) => !regressed && errors.status?.regressed !== true));
});

test('without noise in the A/A run the verdict is the same as without the run', () => {
  const kinds: Kinds = [
    [{}, {}, 4700],
    [{}, FAILING, 300],
  ];
  const quiet = baselineOf([{}, {}, 5000]);
  assert.equal(against(quiet, kinds).verdict.status, report(pairs(...kinds)).verdict.status);
});

test('counts are those beyond what the noise would give so many pairs', () => {
  const noise = baselineOf([{}, {}, 960], [{}, FAILING, 20], [{}, { status: 404 }, 20]);
  const here: Kinds = [
    [{}, {}, 1900],
    [{}, FAILING, 45],
    [{}, { status: 404 }, 55],
  ];
  const failOn = ['new-errors>5', 'new-4xx>15', 'error-rate-delta>0.3pp'];
  const compared = against(noise, here, { failOn });
  assert.deepEqual([gateOf(compared, 'new-errors')?.observed, gateOf(compared, 'new-4xx')?.observed], [5, 15]);
  assert.equal(gateOf(compared, 'new-errors')?.status, 'pass');
  assert.ok(Math.abs((gateOf(compared, 'error-rate-delta')?.observed as number) - 0.0025) < 1e-12);
  assert.equal(gateOf(report(pairs(...here), { failOn }), 'new-errors')?.status, 'fail');
});

test('fewer errors than the noise would give are none, not less than none', () => {
  const compared = against(baselineOf(...NOISY), [[{}, {}, 5000]], { failOn: ['new-errors>0'] });
  assert.equal(gateOf(compared, 'new-errors')?.observed, 0);
});

test('a mirror that is as slow in the A/A run is not slow', () => {
  const slow: Kinds = [[{ firstByteMs: 10 }, { firstByteMs: 30 }, 500]];
  const failOn = ['p95-ratio>1.2'];
  assert.equal(gateOf(report(pairs(...slow), { failOn }), 'p95-ratio')?.status, 'fail');
  const compared = gateOf(against(baselineOf(...slow), slow, { failOn }), 'p95-ratio');
  assert.deepEqual([compared?.status, compared?.observed], ['pass', 1]);
});

test('an A/A run of 0 ms and one without times are no reason to divide by zero', () => {
  const failOn = ['p95-ratio>1.2'];
  const kinds: Kinds = [[{ firstByteMs: 10 }, { firstByteMs: 10 }, 500]];
  const instant = baselineOf([{ firstByteMs: 0 }, { firstByteMs: 0 }, 500]);
  const timeless = baselineOf([{ firstByteMs: -1, totalMs: -1 }, { firstByteMs: -1, totalMs: -1 }, 500]);
  for (const noise of [instant, timeless]) {
    assert.equal(gateOf(against(noise, kinds, { failOn }), 'p95-ratio')?.observed, 1);
  }
});

test('the p that is shown is the p of the test, with a baseline too', () => {
  const kinds: Kinds = [
    [{}, {}, 4700],
    [{}, FAILING, 300],
  ];
  const p = report(pairs(...kinds)).routes[0]?.errors.test.p;
  assert.equal(against(baselineOf(...NOISY), kinds).routes[0]?.errors.test.p, p);
});

const PAIRED = JSON.parse(JSON.stringify(report(pairs(...NOISY))));
const UNPAIRED = JSON.parse(JSON.stringify(report({ production: [request()], mirror: [answer()] })));

const REFUSED: readonly (readonly [what: string, value: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 5],
  ['a text', 'x'],
  ['a list', []],
  ['another report', { schema: 'spoe-logs/summary/1' }],
  ['a later version', { ...PAIRED, schema: 'spoe-logs/diff-report/2' }],
  ['no errors', { ...PAIRED, errors: undefined }],
  ['null for errors', { ...PAIRED, errors: null }],
  ['empty errors', { ...PAIRED, errors: {} }],
  ['texts for counts', { ...PAIRED, errors: { ...PAIRED.errors, newError: '1' } }],
  ['negative counts', { ...PAIRED, errors: { ...PAIRED.errors, newError: -1 } }],
  ['cells that do not add up', { ...PAIRED, errors: { ...PAIRED.errors, n: 1 } }],
  ['routes that are no list', { ...PAIRED, routes: {} }],
  ['a run without pairs', JSON.parse(JSON.stringify(report({})))],
  ['a run of requests that nothing paired', UNPAIRED],
];

for (const [what, value] of REFUSED) {
  test(`${what} is refused as a baseline`, () => {
    assert.throws(
      () => new NoiseBaseline(value),
      (error) => error instanceof DiffError && error.code === 'bad-baseline',
    );
  });
}

test('routes and latency that are none are left out', () => {
  const odd = {
    ...PAIRED,
    routes: [null, 1, {}, { route: 'GET /a', errors: null }, ...PAIRED.routes],
    latency: { mirror: {} },
  };
  const noise = new NoiseBaseline(odd);
  assert.equal(noise.p95Ratio, null);
  assert.equal(against(noise, NOISY).verdict.status, 'pass');
});

test('requests that nothing pairs are not held against pairs', () => {
  const lines = { production: [request()], mirror: [answer()] };
  const { verdict } = report(lines, { options: { noise: baselineOf(...NOISY) } });
  assert.equal(verdict.status, 'inconclusive');
});
