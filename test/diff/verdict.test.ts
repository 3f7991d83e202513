import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateResult, GateStatus } from '../../src/diff/model.ts';
import { decide, type Evidence } from '../../src/diff/verdict.ts';
import { answer, pairs, report, request } from './records.ts';

function gate(status: GateStatus, warnOnly = false): GateResult {
  return { gate: 'g', expression: `g-${status}`, status, observed: 1, reason: 'why', ...(warnOnly && { warnOnly }) };
}

const GOOD = {
  pairs: 1000,
  upperBound: 0.005,
  working: 1000,
  strangers: 0,
  strays: { lines: 0, errors: 0 },
  isBaselineBad: false,
  changed: { worse: 0, better: 0 },
  margin: 0.01,
  outlook: '',
};

test('a failed gate beats an inconclusive one, which beats a pass', () => {
  const statusOf = (...statuses: GateStatus[]) =>
    decide({ ...GOOD, gates: statuses.map((status) => gate(status)) }).status;
  assert.equal(statusOf('pass', 'inconclusive', 'fail'), 'fail');
  assert.equal(statusOf('pass', 'inconclusive'), 'inconclusive');
  assert.equal(statusOf('pass'), 'pass');
  assert.equal(statusOf(), 'pass');
});

test('each verdict has its exit code and says why', () => {
  for (const [status, exitCode] of [
    ['pass', 0],
    ['fail', 1],
    ['inconclusive', 3],
  ] as const) {
    const verdict = decide({ ...GOOD, gates: [gate(status)] });
    assert.equal(verdict.exitCode, exitCode);
    assert.equal(verdict.reasons.length, 1);
  }
});

test('gates that only warn decide nothing, and stay in the report', () => {
  const verdict = decide({ ...GOOD, gates: [gate('fail', true), gate('inconclusive', true)] });
  assert.equal(verdict.status, 'pass');
  assert.equal(verdict.gates.length, 2);
});

test('the upper bound may reach the margin, not exceed it', () => {
  assert.equal(decide({ ...GOOD, gates: [], upperBound: 0.01 }).status, 'pass');
  assert.equal(decide({ ...GOOD, gates: [], upperBound: 0.0101 }).status, 'inconclusive');
  assert.equal(decide({ ...GOOD, gates: [], upperBound: null }).status, 'inconclusive');
});

test('without pairs there is no pass', () => {
  assert.equal(decide({ ...GOOD, gates: [], pairs: 0 }).status, 'inconclusive');
  assert.equal(decide({ ...GOOD, gates: [], pairs: 0, upperBound: -1 }).status, 'inconclusive');
});

test('two versions that fail alike, or deny everybody alike, pass nothing', () => {
  for (const status of [404, 403, 500]) {
    const { verdict } = report(pairs([{ status }, { status }, 1000]));
    assert.equal(verdict.status, 'inconclusive');
    assert.match(verdict.reasons.join('\n'), /production itself answered 1000 of 1000 pairs with 4xx or 5xx/);
  }
  // What --ignore takes out of the comparison shows nothing either.
  const ignoring = { settings: { ignore: ['200->204'] } };
  const few = report(pairs([{ status: 404 }, { status: 404 }, 1000], [{}, { status: 204 }, 300]), ignoring);
  assert.equal(few.verdict.status, 'inconclusive');
  assert.match(few.verdict.reasons.join('\n'), /production itself answered 1000 of 1000 pairs with 4xx or 5xx/);
  // Scanners ask for much that is not there; enough works beside it.
  assert.equal(report(pairs([{ status: 404 }, { status: 404 }, 5000], [{}, {}, 300])).verdict.status, 'pass');
});

test('1000 equal pairs pass', () => {
  const { verdict } = report(pairs([{}, {}, 1000]));
  assert.deepEqual([verdict.status, verdict.exitCode], ['pass', 0]);
});

test('250 equal pairs are too few for a margin of 1 pp, and enough for one of 2', () => {
  assert.equal(report(pairs([{}, {}, 250])).verdict.status, 'inconclusive');
  assert.equal(report(pairs([{}, {}, 250]), { settings: { margin: 0.02 } }).verdict.status, 'pass');
});

test('199 pairs are too few, whatever the margin', () => {
  assert.equal(report(pairs([{}, {}, 199]), { settings: { margin: 1 } }).verdict.status, 'inconclusive');
  assert.equal(report(pairs([{}, {}, 199]), { settings: { margin: 1 }, failOn: ['pairs<100'] }).verdict.status, 'pass');
});

test('no requests, no answers, or nothing at all never pass, whatever the limits', () => {
  const lax = { settings: { margin: 1 }, failOn: ['pairs<0'] };
  const some = pairs([{}, {}, 500]);
  for (const lines of [{}, { production: some.production }, { mirror: some.mirror }]) {
    assert.equal(report(lines, lax).verdict.status, 'inconclusive');
  }
});

test('sides that nothing pairs never pass', () => {
  const production = Array.from({ length: 5000 }, (_, i) => request({ timeMs: i }));
  const mirror = Array.from({ length: 5000 }, (_, i) => answer({ timeMs: i }));
  const { verdict, correlation, warnings } = report(
    { production, mirror },
    { settings: { margin: 1 }, failOn: ['pairs<0'] },
  );
  assert.equal(correlation.mode, 'unmatched');
  assert.equal(verdict.status, 'inconclusive');
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['nothing-paired', 'weak-evidence'],
  );
});

test('sides that nothing pairs fail where the mirror has more errors', () => {
  const production = Array.from({ length: 2000 }, (_, i) => request({ timeMs: i }));
  const mirror = Array.from({ length: 2000 }, (_, i) => answer({ timeMs: i, status: i % 10 ? 200 : 500 }));
  const { verdict, errors, routes } = report({ production, mirror });
  assert.deepEqual([verdict.status, verdict.exitCode], ['fail', 1]);
  assert.deepEqual([errors.test.name, errors.interval], ['fisher-midp', 'newcombe']);
  assert.deepEqual([errors.n, errors.mirrorN, errors.productionErrors, errors.mirrorErrors], [2000, 2000, 0, 200]);
  assert.equal(routes[0]?.regressed, true);
});

test('new errors fail, and the route is named', () => {
  const { verdict, routes } = report(
    pairs([{ target: '/a' }, {}, 900], [{ target: '/b' }, { status: 500 }, 50], [{ target: '/b' }, {}, 50]),
  );
  assert.equal(verdict.exitCode, 1);
  const failed = verdict.gates.filter(({ status }) => status === 'fail');
  assert.deepEqual(
    failed.map(({ gate, route }) => [gate, route]),
    [
      ['regression', undefined],
      ['route-regression', 'GET /b'],
    ],
  );
  assert.deepEqual(
    routes.map(({ route, regressed }) => [route, regressed]),
    [
      ['GET /b', true],
      ['GET /a', false],
    ],
  );
});

test('a significant change that is smaller than the least effect is no regression', () => {
  const { verdict, errors } = report(pairs([{}, {}, 9960], [{}, { status: 500 }, 40]));
  assert.ok((errors.test.p as number) < 0.001);
  assert.equal(verdict.status, 'pass');
});

test('a change of exactly the least effect is one', () => {
  assert.equal(report(pairs([{}, {}, 1990], [{}, { status: 500 }, 10])).verdict.status, 'fail');
});

test('a large change that may be chance is no regression, and no pass', () => {
  const { verdict } = report(pairs([{}, {}, 296], [{}, { status: 500 }, 4]));
  assert.equal(verdict.status, 'inconclusive');
});

test('an improvement is no regression', () => {
  assert.equal(report(pairs([{}, {}, 1000], [{ status: 500 }, {}, 100])).verdict.status, 'pass');
});

test('nothing works here whatever number of pairs is asked for', () => {
  assert.equal(decide({ ...GOOD, gates: [], working: 0 }).status, 'inconclusive');
  assert.equal(decide({ ...GOOD, gates: [], working: 199 }).status, 'inconclusive');
  assert.equal(decide({ ...GOOD, gates: [], working: 200 }).status, 'pass');
});

describe('what numbers that look well do not tell', () => {
  const reasonOf = (more: Partial<Evidence>) => {
    const { status, reasons } = decide({ ...GOOD, gates: [], ...more });
    return `${status}: ${reasons[0]}`;
  };
  const rows: readonly (readonly [what: string, more: Partial<Evidence>, reason: RegExp])[] = [
    ['pairs of different requests', { strangers: 500 }, /^inconclusive: the lines of 500 of 1000 pairs/],
    [
      'failures that belong to no request',
      { strays: { lines: 30, errors: 25 } },
      /^inconclusive: 25 answers of the mirror/,
    ],
    [
      'changes that make up for each other',
      { changed: { worse: 200, better: 210 } },
      /^inconclusive: 200 of 1000 pairs/,
    ],
    ['a baseline that excuses everything', { isBaselineBad: true }, /^inconclusive: in the baseline itself/],
  ];
  for (const [what, more, reason] of rows) test(what, () => assert.match(reasonOf(more), reason));

  test('a little of it is no reason', () => {
    const little = { strangers: 50, strays: { lines: 300, errors: 5 }, changed: { worse: 90, better: 90 } };
    assert.match(reasonOf(little), /^pass/);
  });

  test('wrong pairs make no FAIL either', () => {
    assert.equal(decide({ ...GOOD, gates: [gate('fail')], strangers: 500 }).status, 'inconclusive');
    assert.equal(decide({ ...GOOD, gates: [gate('fail')], isBaselineBad: true }).status, 'fail');
  });
});
