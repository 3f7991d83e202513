import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffError } from '../../src/diff/errors.ts';
import { applyGates, FINDING_GATES, type Finding, type Observations, readGates } from '../../src/diff/gates.ts';
import type { GateResult } from '../../src/diff/model.ts';

const FINE: Finding = { state: 'fine', observed: 0, reason: 'no change' };
const BAD: Finding = {
  state: 'crossed',
  observed: { difference: 0.02, p: 0.001 },
  reason: 'worse',
  title: 'it is worse',
};
const OPEN: Finding = { state: 'open', observed: null, reason: 'nobody knows' };

const findings = (finding: Finding) =>
  Object.fromEntries(FINDING_GATES.map((name) => [name, [finding]])) as unknown as Observations['findings'];

const SEEN: Observations = {
  pairs: 1000,
  newErrors: 5,
  new4xx: 7,
  errorRate: 0.01,
  errorRateDelta: 0.005,
  p95Ratio: 1.2,
  sizeRatio: 1.2,
  coverage: 0.8,
  delivered: 0.99,
  spoeErrors: 0.01,
  unparsed: 0.01,
  findings: findings(FINE),
  findingsAt: () => [FINE],
};

const UNKNOWN: Observations = {
  ...SEEN,
  pairs: 0,
  newErrors: 0,
  errorRate: null,
  errorRateDelta: null,
  p95Ratio: null,
  sizeRatio: 'sizes have to be of the same on both sides',
  coverage: null,
  delivered: null,
  spoeErrors: null,
  unparsed: null,
  findings: findings(OPEN),
};

/** Of the gate alone, without the default ones of other names. */
function resultOf(expression: string, seen: Partial<Observations> = {}, base = SEEN): GateResult {
  const results = applyGates(readGates([expression], []), { ...base, ...seen });
  return results.find((result) => result.expression === expression) as GateResult;
}

const LIMITS: readonly (readonly [expression: string, crossing: Partial<Observations>])[] = [
  ['new-errors>5', { newErrors: 6 }],
  ['new-errors>0.5%', { newErrors: 6 }],
  ['error-rate>1%', { errorRate: 0.011 }],
  ['error-rate>0.01', { errorRate: 0.011 }],
  ['coverage>80%', { coverage: 0.81 }],
  ['p95-ratio<1.2', { p95Ratio: 1.1 }],
  ['size-ratio>1.2', { sizeRatio: 1.3 }],
  ['error-rate-delta>0.5pp', { errorRateDelta: 0.0051 }],
  ['new-4xx>7', { new4xx: 8 }],
  ['new-4xx>0.7%', { new4xx: 8 }],
  ['p95-ratio>1.2', { p95Ratio: 1.21 }],
  ['coverage<80%', { coverage: 0.79 }],
  ['delivered<99%', { delivered: 0.98 }],
  ['spoe-errors>1%', { spoeErrors: 0.011 }],
  ['unparsed>1%', { unparsed: 0.011 }],
];

for (const [expression, crossing] of LIMITS) {
  test(`${expression} fails beyond its limit, not at it, and is inconclusive when nobody knows`, () => {
    assert.equal(resultOf(expression).status, 'pass');
    assert.equal(resultOf(expression, crossing).status, 'fail');
    const unknown = resultOf(expression, {}, UNKNOWN);
    assert.deepEqual([unknown.status, unknown.observed], ['inconclusive', null]);
    assert.ok(unknown.reason);
  });
}

test('>= and <= fail at their limit', () => {
  assert.equal(resultOf('error-rate>=1%').status, 'fail');
  assert.equal(resultOf('error-rate>=1.1%').status, 'pass');
  assert.equal(resultOf('coverage<=80%').status, 'fail');
  assert.equal(resultOf('pairs<=1000').status, 'inconclusive');
});

test('a least and a most are two: only the default of the same side is replaced', () => {
  const expressions = (given: string) =>
    readGates([given], []).flatMap(({ name, expression }) => (name === 'pairs' ? [expression] : []));
  assert.deepEqual(expressions('pairs<=300'), ['pairs<=300']);
  assert.deepEqual(expressions('pairs>5000'), ['pairs<200', 'pairs>5000']);
});

test('too few pairs say nothing, so that gate never fails', () => {
  assert.equal(resultOf('pairs<1000').status, 'pass');
  assert.equal(resultOf('pairs<1001').status, 'inconclusive');
  assert.equal(resultOf('pairs<1', {}, UNKNOWN).status, 'inconclusive');
});

test('percents are exact: 7 of 1000 are not more than 0.7 %', () => {
  for (let count = 1; count <= 1000; count++) {
    const expression = `new-errors>${count / 10}%`;
    assert.equal(resultOf(expression, { newErrors: count }).status, 'pass', expression);
    assert.equal(resultOf(expression, { newErrors: count + 1 }).status, 'fail', expression);
  }
});

const DOUBTFUL = ['delivered', 'lost-routes', 'latency', 'route-latency'];

for (const name of FINDING_GATES) {
  test(`${name} passes on what is found to be fine, and is inconclusive when nobody knows`, () => {
    assert.equal(resultOf(name).status, 'pass');
    assert.equal(resultOf(name, {}, UNKNOWN).status, 'inconclusive');
  });

  test(`${name} that is crossed fails ${DOUBTFUL.includes(name) ? 'when it is asked for' : 'of itself'}`, () => {
    const crossed = { ...SEEN, findings: findings(BAD) };
    const byDefault = applyGates(readGates([], []), crossed).find(({ gate }) => gate === name);
    assert.equal(byDefault?.status, DOUBTFUL.includes(name) ? 'inconclusive' : 'fail');
    assert.deepEqual([byDefault?.observed, byDefault?.title], [BAD.observed, BAD.title]);
    assert.equal(resultOf(name, {}, crossed).status, 'fail');
  });
}

test('a gate of routes has a result for each route that something was found in', () => {
  const found = ['GET /a', 'GET /b'].map((route) => ({ ...BAD, route }));
  const results = applyGates(readGates(['route-regression'], []), {
    ...SEEN,
    findings: { ...SEEN.findings, 'route-regression': found },
  });
  const own = results.filter(({ gate }) => gate === 'route-regression');
  assert.deepEqual(
    own.map(({ route, status }) => [route, status]),
    [
      ['GET /a', 'fail'],
      ['GET /b', 'fail'],
    ],
  );
});

const DEFAULTS = [
  'regression',
  'route-regression',
  'status-regression',
  'route-status-regression',
  'body-regression',
  'header-regression',
  'pairs<200',
  'delivered',
  'lost-routes',
  'latency',
  'route-latency',
  'content-type',
];

test('these gates are there without being asked for', () => {
  assert.deepEqual(
    readGates([], []).map(({ expression }) => expression),
    DEFAULTS,
  );
  assert.deepEqual(readGates([], [], 'all'), readGates([], []));
});

test('--gates chooses which of them decide, and leaves those that are given', () => {
  const chosen = (gates: string, failOn: string[] = []) =>
    readGates(failOn, [], gates).map(({ expression }) => expression);
  assert.deepEqual(chosen('regression,pairs'), ['regression', 'pairs<200']);
  assert.deepEqual(
    chosen('-latency, -route-latency'),
    DEFAULTS.filter((name) => !name.includes('latency')),
  );
  assert.deepEqual(
    chosen('all,-pairs'),
    DEFAULTS.filter((name) => name !== 'pairs<200'),
  );
  assert.deepEqual(chosen('regression', ['new-errors>5', 'latency']), ['regression', 'latency', 'new-errors>5']);
});

for (const wrong of ['', 'nothing', 'regression,', '-', '-all', 'new-errors', '--latency', '__proto__']) {
  test(`--gates ${JSON.stringify(wrong)} is refused`, () => {
    assert.throws(
      () => readGates([], [], wrong),
      (error) => error instanceof DiffError && error.code === 'bad-gate' && error.hint !== '',
    );
  });
}

test('a limit that is given replaces the one by default', () => {
  const gates = readGates(['pairs<5000', 'new-errors>1'], []);
  assert.deepEqual(
    gates.map(({ expression }) => expression),
    [...DEFAULTS.map((name) => (name === 'pairs<200' ? 'pairs<5000' : name)), 'new-errors>1'],
  );
});

test('delivered with a limit is another gate than the one without', () => {
  const gates = readGates(['delivered<99%'], []).filter(({ name }) => name === 'delivered');
  assert.deepEqual(
    gates.map(({ expression, crossing }) => [expression, crossing]),
    [
      ['delivered', 'inconclusive'],
      ['delivered<99%', 'fail'],
    ],
  );
});

test('--warn-on makes a gate one that nothing depends on, the default ones too', () => {
  const gates = readGates(['new-errors>1'], ['route-regression', 'new-errors>0']);
  const binding = gates.filter(({ warnOnly }) => !warnOnly).map(({ expression }) => expression);
  assert.deepEqual(binding, [...DEFAULTS.filter((name) => name !== 'route-regression'), 'new-errors>1']);
  const results = applyGates(gates, SEEN);
  assert.deepEqual(
    results.filter(({ warnOnly }) => warnOnly).map(({ expression, status }) => [expression, status]),
    [
      ['route-regression', 'pass'],
      ['new-errors>0', 'fail'],
    ],
  );
});

test('the order of gates does not depend on how they were given', () => {
  const given = ['coverage<80%', 'new-errors>1', 'unparsed>1%', 'p95-ratio>2'];
  assert.deepEqual(readGates(given, []), readGates([...given].reverse(), []));
});

test('spaces do not matter', () => {
  assert.equal(readGates([' p95-ratio > 1.2 '], []).find(({ name }) => name === 'p95-ratio')?.limit, 1.2);
  assert.equal(readGates(['coverage < 80 %'], []).find(({ name }) => name === 'coverage')?.limit, 0.8);
});

const JUNK = [
  '',
  ' ',
  '>',
  'pairs',
  'pairs<',
  'pairs<200%',
  'pairs=200',
  'pairs<-1',
  'pairs<1e3',
  'pairs<.5',
  'pairs<NaN',
  'pairs<Infinity',
  'pairs<0x10',
  `pairs<${'9'.repeat(400)}`,
  'pairs<200 pairs<300',
  'regression>1',
  'error-rate>5',
  'error-rate<0%',
  'mirror:error-rate>1%',
  'p99>50ms',
  'regression ',
  'coverage<80',
  'coverage<80pp',
  'error-rate-delta>0.5',
  'error-rate-delta>0.5%',
  'new-errors>5pp',
  'p95-ratio>1.2%',
  'p99-ratio>1',
  'constructor',
  '__proto__',
  'toString>1',
  'hasOwnProperty',
  'new-errors>١',
  'New-Errors>1',
  'new errors>1',
  'new-errors>1\n>2',
];

for (const expression of JUNK.filter((text) => text.trim() !== 'regression')) {
  test(`the gate ${JSON.stringify(expression.slice(0, 40))} is refused, and it is said what would do`, () => {
    for (const read of [() => readGates([expression], []), () => readGates([], [expression])]) {
      assert.throws(read, (error) => error instanceof DiffError && error.code === 'bad-gate' && error.hint !== '');
    }
  });
}

test('the place of a field is one that a report may name, however it is written', () => {
  const placeOf = (text: string) => readGates([text], []).find(({ name }) => name === 'field')?.place;
  for (const [text, place] of [
    ['field:$.items[*].price', '$.items[*].price'],
    [`field:$["items"][*]['price']`, '$.items[*].price'],
    ['field:/items/*/price', '$.items[*].price'],
    ["field:/it's/a~1b", String.raw`$['it\'s']['a/b']`],
    ['field:$.map.{}.x', '$.map.{…}.x'],
    ['field:$', '$'],
    ['field:header X-Cache', 'header x-cache'],
    ['field:length', 'length'],
  ] as const)
    assert.equal(placeOf(text), place, text);
  for (const text of [
    'field:$.price>3',
    'field:$.*',
    'field:$..price',
    'field:$.items[*',
    'field:$.items[0].price',
    'field:/items/0/price',
    'field:$price',
    'field:$.',
    'field:$.orders.20241',
    `field:$.${'x'.repeat(64)}.${'y'.repeat(64)}.${'z'.repeat(64)}.${'z'.repeat(64)}`,
    'field:price',
  ])
    assert.throws(() => readGates([text], []), { code: 'bad-gate' }, text);
});
