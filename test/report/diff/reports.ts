/** Reports for the renderers' tests: plausible ones, and the ones nobody wants to meet. */
import type {
  Bucket,
  Coverage,
  DestinationSummary,
  DiffReport,
  ErrorComparison,
  FieldDifference,
  GateResult,
  GateStatus,
  LatencyComparison,
  OverTime,
  ResponseComparison,
  RouteComparison,
  Sample,
  StatusComparison,
} from '../../../src/diff/model.ts';
import { BUCKETS } from '../../../src/diff/model.ts';
import { SETTINGS } from '../../diff/records.ts';

export function errors(fields: Partial<ErrorComparison> = {}): ErrorComparison {
  return {
    n: 0,
    bothOk: 0,
    newError: 0,
    fixedError: 0,
    bothError: 0,
    new4xx: 0,
    fixed4xx: 0,
    statusChanged: 0,
    ignored: 0,
    productionRate: null,
    mirrorRate: null,
    difference: null,
    differenceCi: null,
    test: { name: 'none', p: null, q: null },
    ...fields,
  };
}

/** A comparison of n pairs with its rates worked out; the interval is made up around the difference. */
export function paired(
  n: number,
  newError: number,
  fixedError: number,
  bothError: number,
  q: number | null = null,
): ErrorComparison {
  const difference = n === 0 ? null : (newError - fixedError) / n;
  const half = n === 0 ? 0 : 2 * Math.sqrt((newError + fixedError + 1) / n / n);
  return errors({
    n,
    bothOk: n - newError - fixedError - bothError,
    newError,
    fixedError,
    bothError,
    productionRate: n === 0 ? null : (fixedError + bothError) / n,
    mirrorRate: n === 0 ? null : (newError + bothError) / n,
    difference,
    differenceCi: difference === null ? null : [difference - half, difference + half],
    interval: 'bonett-price',
    test: { name: 'mcnemar-midp', p: newError > 2 * fixedError ? 0.0001 : 0.51, q },
  });
}

export function latency(fields: Partial<LatencyComparison> = {}): LatencyComparison {
  return {
    n: 117_650,
    field: { production: 'Tr', mirror: 'ttfb' },
    production: { p50: 12, p95: 85, p99: 240 },
    mirror: { p50: 13, p95: 91, p99: 262 },
    ratio: 1.04,
    ratioCi: [1.03, 1.05],
    test: { name: 'wilcoxon-signed-rank', p: 0.0004 },
    ...fields,
  };
}

export function route(
  name: string,
  comparison: ErrorComparison,
  fields: Partial<RouteComparison> = {},
): RouteComparison {
  return { route: name, errors: comparison, latency: null, regressed: false, transitions: [], ...fields };
}

export function coverage(counts: { readonly [bucket in Bucket]?: number }, spoeLines = true): Coverage {
  const buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, counts[bucket] ?? 0])) as Coverage['buckets'];
  const productionRequests = BUCKETS.reduce((sum, bucket) => sum + buckets[bucket], 0);
  const { malformed, no_id, ambiguous_id, client_abort, answered_by_proxy } = buckets;
  const comparable = productionRequests - malformed - no_id - ambiguous_id - client_abort - answered_by_proxy;
  const attempted = spoeLines ? buckets.paired + buckets.spoe_failed + buckets.acked_but_missing : null;
  return {
    productionRequests,
    comparable,
    paired: buckets.paired,
    pairedShare: comparable === 0 ? null : buckets.paired / comparable,
    buckets,
    mirrorOnly: { withoutId: 3, unknownId: 17, retriedIds: 2 },
    attempted,
    deliveredShare: attempted === null || attempted === 0 ? null : buckets.paired / attempted,
  };
}

const GATES: readonly GateResult[] = [
  {
    gate: 'regression',
    expression: 'regression',
    status: 'pass',
    observed: { difference: 0.00008, p: 0.51 },
    reason: 'no change beyond chance and 0.5 pp',
  },
  {
    gate: 'route-regression',
    expression: 'route-regression',
    status: 'pass',
    observed: 0,
    route: null,
    reason: 'none of 2 routes regressed',
  },
  { gate: 'pairs', expression: 'pairs<200', status: 'pass', observed: 117_650, limit: 200 },
];

const SAMPLE: Sample = {
  kind: 'new_error',
  id: 'C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9',
  route: 'GET /orders/{…}',
  production: { status: 200, target: '/orders/1017', termination: '----', ms: 12 },
  mirror: { status: 500, target: '/orders/1017', ms: 34 },
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  time: '2026-11-22T07:02:28.123Z',
};

export function report(fields: Partial<DiffReport> = {}): DiffReport {
  return {
    schema: 'spoe-logs/diff-report/1',
    tool: { name: 'spoe-logs', version: '0.1.0' },
    window: { from: '2026-11-22T07:00:00.000Z', to: '2026-11-23T07:00:00.000Z' },
    inputs: [
      {
        role: 'production',
        path: 'lb-access.log',
        format: 'haproxy-httplog',
        lines: 240_862,
        parsed: 240_862,
        unparsed: 0,
        duplicateLines: 0,
      },
      {
        role: 'mirror',
        path: 'mirror.log',
        format: 'combined',
        lines: 117_700,
        parsed: 117_672,
        unparsed: 28,
        duplicateLines: 4,
      },
    ],
    correlation: { mode: 'paired', key: 'unique-id', clockSkewMs: 12, mirrorDuplicatePolicy: 'last' },
    coverage: coverage({
      malformed: 12,
      client_abort: 310,
      answered_by_proxy: 2107,
      paired: 117_650,
      not_mirrored: 340,
      acked_but_missing: 12,
    }),
    verdict: { status: 'pass', exitCode: 0, gates: GATES, reasons: ['all 3 gates passed on 117650 pairs'] },
    errors: paired(117_650, 120, 110, 307),
    routes: [
      route('GET /orders/{…}', paired(40_000, 60, 55, 200, 0.81), { latency: latency({ n: 40_000 }) }),
      route('POST /orders', paired(10_000, 5, 4, 10, 0.9)),
    ],
    transitions: [
      { production: '200', mirror: '500', count: 120 },
      { production: '503', mirror: '200', count: 110 },
    ],
    latency: latency(),
    samples: [],
    warnings: [],
    settings: SETTINGS,
    ...fields,
  };
}

export const passReport = (): DiffReport => report();

export function failReport(): DiffReport {
  return report({
    verdict: {
      status: 'fail',
      exitCode: 1,
      gates: [
        ...GATES.filter(({ gate }) => gate === 'pairs'),
        {
          gate: 'regression',
          expression: 'regression',
          status: 'pass',
          observed: { difference: 0.0015, p: 0.0001 },
          reason: 'the change is below 0.5 pp',
        },
        {
          gate: 'route-regression',
          expression: 'route-regression',
          status: 'fail',
          observed: { difference: 0.053, q: 0.0001 },
          route: 'GET /orders/{…}',
          reason: '212 new errors, 0 fixed in 4000 pairs, q <0.001',
        },
        { gate: 'p95-ratio', expression: 'p95-ratio>1.2', status: 'fail', observed: 1.31, limit: 1.2, warnOnly: true },
      ],
      reasons: [
        'GET /orders/{…} regressed: 0.00 % -> 5.30 % errors in 4000 pairs',
        'GET /v1/users/{…} is not forward-compatible',
      ],
    },
    errors: errors({ ...paired(117_650, 212, 31, 307), statusChanged: 40, new4xx: 12, fixed4xx: 3, ignored: 4 }),
    routes: [
      route('GET /orders/{…}', paired(4000, 212, 0, 0, 0.0001), {
        regressed: true,
        latency: latency({
          n: 4000,
          mirror: { p50: 30, p95: 400, p99: 1210 },
          ratio: 2.41,
          ratioCi: [2.3, 2.52],
          test: { name: 'wilcoxon-signed-rank', p: 0.0001, q: 0.0003 },
        }),
      }),
      route('GET /v1/users/{…}', paired(900, 0, 0, 2, 1), { notForwardCompatible: { '404': 51, '405': 2 } }),
      route('POST /orders', paired(10_000, 0, 31, 10, 0.0002)),
    ],
    transitions: [
      { production: '200', mirror: '500', count: 200 },
      { production: '200', mirror: '404', count: 51 },
      { production: '200', mirror: 'connect-refused', count: 12 },
    ],
    samples: [
      SAMPLE,
      {
        ...SAMPLE,
        kind: 'new_error',
        mirror: { status: null, target: '/orders/1017', error: 'connect-refused', ms: null },
      },
      {
        kind: 'missing',
        id: 'C0A80001:1',
        route: 'POST /orders',
        production: { status: 201, target: '/orders', termination: '----', ms: 40 },
        traceId: null,
        time: null,
      },
    ],
    warnings: [{ code: 'unparsed', message: '28 of 117700 mirror lines could not be read' }],
  });
}

/** Fine so far, but too few pairs. */
export function inconclusiveReport(): DiffReport {
  return report({
    coverage: coverage({ paired: 57, missing: 4100 }, false),
    verdict: {
      status: 'inconclusive',
      exitCode: 3,
      gates: GATES.map((gate) =>
        gate.gate === 'pairs' ? { ...gate, status: 'inconclusive' as const, observed: 57 } : gate,
      ),
      reasons: ['57 pairs are fewer than 200'],
    },
    errors: paired(57, 0, 0, 0),
    routes: [route('GET /', paired(57, 0, 0, 0, 1))],
    transitions: [],
    latency: latency({ n: 57, sampled: 50 }),
  });
}

export function unmatchedReport(): DiffReport {
  const sides = errors({
    n: 8000,
    mirrorN: 7900,
    productionErrors: 16,
    mirrorErrors: 20,
    productionRate: 0.002,
    mirrorRate: 20 / 7900,
    productionCi: [0.0012, 0.0032],
    mirrorCi: [0.0016, 0.0039],
    difference: 20 / 7900 - 0.002,
    differenceCi: [-0.001, 0.0022],
    interval: 'newcombe',
    test: { name: 'fisher-midp', p: 0.48, q: null },
  });
  return report({
    correlation: { mode: 'unmatched', key: 'none', clockSkewMs: null, mirrorDuplicatePolicy: 'last' },
    coverage: coverage({ no_id: 8000 }, false),
    errors: sides,
    routes: [route('GET /', { ...sides, test: { ...sides.test, q: 0.7 } })],
    transitions: [],
    latency: latency({ n: 7900, test: { name: 'mann-whitney', p: 0.3 } }),
    verdict: {
      status: 'inconclusive',
      exitCode: 3,
      gates: [
        { gate: 'pairs', expression: 'pairs<200', status: 'inconclusive', observed: 0, limit: 200 },
        {
          gate: 'regression',
          expression: 'regression',
          status: 'inconclusive',
          observed: { difference: 20 / 7900 - 0.002, p: 0.48 },
        },
      ],
      reasons: ['no request is paired with what the mirror answered'],
    },
  });
}

/** No input, no request, nothing known; numbers that are none where the model lets them be. */
export function emptyReport(): DiffReport {
  return report({
    window: { from: null, to: null },
    inputs: [],
    correlation: { mode: 'unmatched', key: 'none', clockSkewMs: null, mirrorDuplicatePolicy: 'worst' },
    coverage: { ...coverage({}, false), mirrorOnly: { withoutId: 0, unknownId: 0, retriedIds: 0 } },
    verdict: {
      status: 'inconclusive',
      exitCode: 3,
      gates: [
        { gate: 'pairs', expression: 'pairs<200', status: 'inconclusive', observed: 0, limit: 200 },
        { gate: 'coverage', expression: 'coverage<80%', status: 'inconclusive', observed: null, limit: 0.8 },
        {
          gate: 'p95-ratio',
          expression: 'p95-ratio>1.2',
          status: 'inconclusive',
          observed: Number.NaN,
          limit: undefined,
        },
      ],
      reasons: [],
    },
    errors: errors(),
    routes: [],
    transitions: [],
    latency: null,
  });
}

/** Terminal commands, bidi, markup of every kind, mentions, formulas, control characters, lone surrogates. */
export const HOSTILE =
  '\x1b[31m\x07\u202eevil\u200b|`<script>alert(1)</script><img src=x onerror=1>"\'&amp;--><!-- @team #123 GH-7 https://evil.example/ ]]>\u0000\ufffe\ud800\r\n# h\u2028$(rm -rf /)';

export function hostileReport(text = HOSTILE): DiffReport {
  const base = failReport();
  const [first] = base.routes;
  return {
    ...base,
    tool: { name: text, version: text },
    window: { from: text, to: text },
    inputs: base.inputs.map((input) => ({ ...input, path: text, notices: 3 })),
    correlation: { ...base.correlation, destination: text },
    coverage: { ...coverage({ paired: 900, dropped: 5 }), dropped: { [text]: 5 } },
    destinations: [text, `${text}2`].map((destination) => ({
      destination,
      isBaseline: false,
      verdict: { status: 'fail' as const, reasons: [text] },
      paired: 5,
      errors: { n: 5, newError: 1, fixedError: 0, productionRate: 0, mirrorRate: 0.2 },
    })),
    overTime: {
      stepMs: 1000,
      steps: [1, 2].map((newErrors) => ({ from: text, pairs: 5, newErrors, fixedErrors: 0, unanswered: 0 })),
      bursts: [{ from: WINDOW.from, to: WINDOW.to, pairs: 5, newErrors: 2, share: 0.5 }],
    },
    generalized: [{ route: text, values: 812 }],
    contents: {
      types: {
        n: 9,
        changed: 3,
        changes: [{ production: text, mirror: text, count: 3 }],
        regressed: true,
      },
      sizes: null,
      sizesUnknown: text,
      routes: [
        {
          route: text,
          types: { n: 9, changed: 3, changes: [{ production: text, mirror: text, count: 3 }], regressed: true },
          sizes: null,
          examples: [text],
        },
      ],
      suppressed: [{ by: 'rule', name: text, differences: 2 }],
    },
    responses: answers({
      bodyStates: { production: { [text]: 3 }, mirror: { [text]: 3 } },
      noise: { source: 'destination', name: text, pairs: 5, sameRequests: false },
      fields: [
        field({ route: text, place: text, kind: 'type', shape: text, examples: [text, text, text] }),
        field({ route: null, place: `header ${text}`, regressed: false, hint: true, examples: [text] }),
      ],
      suppressed: [
        { by: 'rule', name: text, fields: 1, differences: 2 },
        { by: 'built-in', name: text, fields: 1, differences: 2 },
      ],
    }),
    verdict: {
      ...base.verdict,
      reasons: [text, `route ${text} regressed`],
      gates: [
        {
          gate: text,
          expression: text,
          status: 'fail',
          observed: text,
          limit: text,
          route: text,
          reason: text,
          title: text,
        },
        {
          gate: 'route-regression',
          expression: 'route-regression',
          status: 'fail',
          observed: { [text]: text, q: 0.01 },
          route: text,
        },
        {
          gate: 'x',
          expression: text,
          status: 'fail',
          observed: [text, null],
          limit: { a: text },
          warnOnly: true,
          reason: text,
        },
      ],
    },
    routes: [
      {
        ...(first as RouteComparison),
        route: text,
        regressed: true,
        notForwardCompatible: { [text]: 4, '404': 1 },
        transitions: [{ production: text, mirror: text, count: 1 }],
      },
      route(`GET /${text}`, paired(900, 3, 0, 2, 1)),
    ],
    transitions: [{ production: text, mirror: text, count: 3 }],
    samples: base.samples.map((sample) => ({
      ...sample,
      id: text,
      route: text,
      traceId: text,
      time: text,
      production: { ...sample.production, target: text, termination: text },
      mirror: { status: 500, target: `${text}x`, error: text, ms: 3 },
    })),
    warnings: [{ code: text, message: text }],
    settings: { ...base.settings, errors: [text], ignore: [text], agent: text, noiseBaseline: text },
  };
}

/** 200 routes of 1 kB each, every one of them worse, with a gate, samples and reasons to match. */
export function hugeReport(filler = 'x|`<b>@a #1'): DiffReport {
  const base = failReport();
  const long = (i: number): string => `GET /${i}/${filler.repeat(Math.ceil(1000 / filler.length))}`;
  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  return {
    ...base,
    inputs: many(60, (i) => ({ ...(base.inputs[0] as DiffReport['inputs'][number]), path: long(i) })),
    verdict: {
      ...base.verdict,
      reasons: many(200, (i) => `${long(i)} regressed`),
      gates: many(200, (i) => ({
        gate: 'route-regression',
        expression: 'route-regression',
        status: 'fail' as const,
        observed: 0.1,
        limit: 0.005,
        route: long(i),
        reason: long(i),
      })),
    },
    responses: answers({
      noise: { source: 'file', name: long(0), pairs: 5, sameRequests: false },
      fields: many(500, (i) =>
        field({
          route: long(i),
          place: `$.${filler.repeat(Math.ceil(190 / filler.length))}${i}`,
          shape: long(i),
          regressed: i < 300,
          hint: i >= 300,
          examples: many(3, long),
        }),
      ),
      suppressed: many(100, (i) => ({ by: 'rule' as const, name: long(i), fields: 3, differences: i })),
    }),
    routes: many(200, (i) =>
      route(long(i), paired(1000, 100, 0, 1, 0.001), {
        regressed: true,
        notForwardCompatible: { '404': 9 },
        latency: latency({ ratio: 2, ratioCi: [1.9, 2.1] }),
      }),
    ),
    transitions: many(300, (i) => ({ production: '200', mirror: `error-${i}-${filler}`, count: 300 - i })),
    samples: many(100, (i) => ({ ...SAMPLE, id: long(i), route: long(i) })),
    warnings: many(50, (i) => ({ code: 'w', message: long(i) })),
  };
}

const OVER_TIME: OverTime = {
  stepMs: 60_000,
  steps: Array.from({ length: 60 }, (_, minute) => ({
    from: new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString(),
    pairs: 20,
    newErrors: minute === 3 ? 38 : minute % 30 === 10 ? 1 : 0,
    fixedErrors: 0,
    unanswered: minute === 3 ? 4 : 0,
  })),
  bursts: [],
};

const WINDOW = { from: '2026-11-22T12:00:00.000Z', to: '2026-11-22T13:00:00.000Z' };

function status(fields: Partial<StatusComparison> = {}): StatusComparison {
  return {
    n: 320,
    worse: 0,
    better: 0,
    accessGranted: 0,
    accessDenied: 0,
    difference: 0,
    differenceCi: [-0.009, 0.009],
    test: { name: 'mcnemar-midp', p: 1, q: null },
    transitions: [],
    regressed: false,
    ...fields,
  };
}

/** One route answers 403 where production answered 200; nothing is an error. */
export function statusReport(): DiffReport {
  const worse = { production: '200', mirror: '403', count: 80 };
  const changed = status({
    worse: 80,
    difference: 0.25,
    differenceCi: [0.2, 0.3],
    transitions: [worse],
    regressed: true,
  });
  return report({
    window: WINDOW,
    coverage: coverage({ paired: 320, answered_by_proxy: 12, dropped: 40 }),
    verdict: {
      status: 'fail',
      exitCode: 1,
      gates: [
        {
          gate: 'regression',
          expression: 'regression',
          status: 'pass',
          observed: { difference: 0, p: 1 },
          title: 'errors of all routes together: 0 % → 0 % over 320 pairs',
        },
        {
          gate: 'route-status-regression',
          expression: 'route-status-regression',
          status: 'fail',
          observed: { difference: 1, q: 0.0001 },
          route: 'GET /cart/{…}',
          title: 'status of GET /cart/{…}: 200 → 403 in 100 % of 80 pairs',
        },
        { gate: 'pairs', expression: 'pairs<200', status: 'pass', observed: 320, limit: 200 },
      ],
      reasons: ['GET /cart/{…} answers 403 where production answered 200, in 80 of 80 pairs'],
    },
    errors: { ...paired(320, 0, 0, 0), new4xx: 80, statusChanged: 80, status: changed },
    routes: [
      route(
        'GET /cart/{…}',
        { ...paired(80, 0, 0, 0, 1), new4xx: 80, status: { ...changed, n: 80, difference: 1 } },
        {
          transitions: [worse],
        },
      ),
      route('GET /', paired(240, 0, 0, 0, 1)),
    ],
    transitions: [{ production: '200', mirror: '200', count: 240 }, worse],
    plan: { pairs: 320, needed: 276, visible: { difference: 0.009, ratio: null } },
  });
}

/** The mirror never answers one of its routes. */
export function lostRouteReport(): DiffReport {
  return report({
    window: WINDOW,
    coverage: { ...coverage({ paired: 900, missing: 100 }, false), unanswered: 100 },
    verdict: {
      status: 'inconclusive',
      exitCode: 3,
      gates: [
        {
          gate: 'lost-routes',
          expression: 'lost-routes',
          status: 'inconclusive',
          observed: { answered: 0, comparable: 100 },
          route: 'POST /checkout/pay',
          title: 'answers of POST /checkout/pay: 0 of 100, other routes 900 of 900',
        },
        { gate: 'pairs', expression: 'pairs<200', status: 'pass', observed: 900, limit: 200 },
      ],
      reasons: [
        'POST /checkout/pay: the mirror answered 0 of 100 requests, all other routes 900 of 900',
        'if the 100 missing answers were errors, the error rate would have risen by +10.0 pp',
      ],
    },
    errors: paired(900, 0, 0, 0),
    routes: [
      route('POST /checkout/pay', paired(0, 0, 0, 0), {
        delivery: { comparable: 100, paired: 0, unanswered: 100, dropped: 0, lost: true },
      }),
      route('GET /', paired(900, 0, 0, 0, 1), {
        delivery: { comparable: 900, paired: 900, unanswered: 0, dropped: 0, lost: false },
      }),
    ],
    transitions: [],
    plan: { pairs: 900, needed: 1500, visible: { difference: 0.004, ratio: null } },
  });
}

/** Nearly all new errors of an hour stand in one minute. */
export function burstReport(): DiffReport {
  const from = '2026-11-22T12:03:00.000Z';
  const to = '2026-11-22T12:04:00.000Z';
  return report({
    window: WINDOW,
    coverage: coverage({ paired: 1200, spoe_failed: 4 }),
    verdict: {
      status: 'inconclusive',
      exitCode: 3,
      gates: [
        {
          gate: 'regression',
          expression: 'regression',
          status: 'inconclusive',
          observed: { difference: 0.0333, p: 0.0001 },
          title: '38 of 40 new errors between 12:03 and 12:04',
        },
        { gate: 'pairs', expression: 'pairs<200', status: 'pass', observed: 1200, limit: 200 },
      ],
      reasons: ['38 of 40 new errors stand between 12:03 and 12:04: a burst, not a regression like any other'],
    },
    errors: paired(1200, 40, 0, 0),
    routes: [route('GET /', paired(1200, 40, 0, 0, 0.0001))],
    transitions: [{ production: '200', mirror: '503', count: 40 }],
    overTime: { ...OVER_TIME, bursts: [{ from, to, pairs: 20, newErrors: 38, share: 0.95 }] },
    plan: { pairs: 1200, needed: null, visible: { difference: 0.012, ratio: 1.4 } },
  });
}

/** Two versions were mirrored to, and a third that runs what production runs. */
export function destinationReport(): DiffReport {
  const base = failReport();
  const summary = (
    destination: string,
    status: GateStatus,
    newError: number,
    isBaseline = false,
  ): DestinationSummary => ({
    destination,
    isBaseline,
    verdict: { status, reasons: [status === 'fail' ? (base.verdict.reasons[0] ?? '') : 'no gate failed'] },
    paired: 4000,
    errors: { n: 4000, newError, fixedError: 1, productionRate: 0.001, mirrorRate: 0.001 + (newError - 1) / 4000 },
  });
  return {
    ...base,
    correlation: { ...base.correlation, destination: 'http://next.example/' },
    destinations: [
      summary('http://next.example/', 'fail', 212),
      summary('http://now.example/', 'pass', 1, true),
      summary('http://small.example/', 'pass', 2),
    ],
  };
}

/** A fifth of the requests never reached the mirror. */
export function droppedReport(): DiffReport {
  const base = coverage({ paired: 800, dropped: 200 });
  return report({
    window: WINDOW,
    coverage: {
      ...base,
      unanswered: 190,
      dropped: { 'dropped-queue-full': 180, 'dropped-max-rate': 10, 'skipped-truncated': 8, shutdown: 2 },
    },
    inputs: report().inputs.map((input) => ({ ...input, unparsed: 0, notices: input.role === 'production' ? 52 : 0 })),
    verdict: {
      status: 'inconclusive',
      exitCode: 3,
      gates: [
        {
          gate: 'delivered',
          expression: 'delivered',
          status: 'inconclusive',
          observed: { unanswered: 190, comparable: 990 },
          title: '190 of 990 requests have no answer (19.2 %)',
        },
        { gate: 'pairs', expression: 'pairs<200', status: 'pass', observed: 800, limit: 200 },
      ],
      reasons: ['190 of 990 requests have no answer: if all were errors the error rate would have risen by +19.2 pp'],
    },
    errors: {
      ...paired(800, 0, 0, 8),
      ratio: 1,
      ratioCi: [0.7, 1.5],
      productionCi: [0.005, 0.02],
      mirrorCi: [0.005, 0.02],
      status: status({ n: 792 }),
    },
    latency: latency({
      n: 800,
      sampled: 500,
      resolutionMs: 1,
      differenceMs: 0.4,
      excessRatio: 1.01,
      slower: false,
    }),
    routes: [
      route('GET /', paired(800, 0, 0, 0, 1), {
        delivery: { comparable: 990, paired: 800, unanswered: 190, dropped: 200, lost: false },
      }),
    ],
    transitions: [],
    generalized: [{ route: 'GET /orders/{…}', values: 812 }],
    plan: { pairs: 800, needed: 276, visible: { difference: 0.004, ratio: null } },
  });
}

export function field(fields: Partial<FieldDifference> = {}): FieldDifference {
  return {
    route: 'GET /items/{…}',
    place: '$.items[*].price',
    kind: 'value',
    n: 820,
    mirror: 41,
    noise: 0,
    mirrorOnly: 41,
    noiseOnly: 0,
    share: 0.05,
    shareCi: [0.0367, 0.0673],
    p: 1e-9,
    q: 1e-8,
    regressed: true,
    hint: false,
    examples: ['C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9', 'C0A80001:C5D4_0A000001:0050_6740D2A5_0014:2C9'],
    ...fields,
  };
}

export function answers(fields: Partial<ResponseComparison> = {}): ResponseComparison {
  return {
    pairs: 900,
    bodiesCompared: 812,
    bodyShare: 0.812,
    bodyStates: {
      production: { whole: 820, later: 70, too_long: 10 },
      mirror: { whole: 888, none: 12 },
    },
    otherKey: 0,
    unjoined: 0,
    beyond: 0,
    noise: { source: 'destination', name: 'http://127.0.0.1:8082/', pairs: 898, sameRequests: true },
    fields: [
      field({
        kind: 'type',
        shape: 'number → string',
        mirror: 820,
        mirrorOnly: 820,
        share: 1,
        shareCi: [0.9953, 1],
      }),
      field({
        route: null,
        routes: 4,
        place: 'header cache-control',
        kind: 'missing',
        n: 900,
        mirror: 900,
        share: 1,
        shareCi: [0.9957, 1],
      }),
      field({ place: '$.stock.count', kind: 'missing', mirror: 42, share: 42 / 820, shareCi: [0.0381, 0.0685] }),
      field({
        route: 'GET /users/{…}',
        place: "$['display name']",
        kind: 'missing',
        n: 80,
        mirror: 2,
        mirrorOnly: 2,
        share: 0.025,
        shareCi: [0.0069, 0.0866],
        p: 0.13,
        q: 0.4,
        regressed: false,
        hint: true,
        examples: ['C0A80001:C5D9_0A000001:0050_6740D2A9_0021:2C9'],
      }),
      field({
        place: '$.rating',
        mirror: 260,
        noise: 255,
        mirrorOnly: 80,
        noiseOnly: 75,
        share: 260 / 820,
        shareCi: [0.286, 0.3497],
        p: 0.34,
        q: 0.6,
        regressed: false,
        examples: [],
      }),
    ],
    suppressed: [
      { by: 'built-in', name: 'date', fields: 4, differences: 900 },
      { by: 'noise', name: 'fields that differ as often in A/A', fields: 14, differences: 1203 },
      { by: 'rule', name: '$.generated_at', fields: 1, differences: 820 },
    ],
    detectable: { heads: 0.012, bodies: 0.0134 },
    ...fields,
  };
}

/** A field became text, a header is gone, another field is missing now and then; status and latency see nothing. */
export function fieldReport(): DiffReport {
  return report({
    window: WINDOW,
    coverage: coverage({ paired: 1000 }),
    inputs: report().inputs.map((input) => ({ ...input, unparsed: 0 })),
    verdict: {
      status: 'fail',
      exitCode: 1,
      gates: [
        {
          gate: 'body-regression',
          expression: 'body-regression',
          status: 'fail',
          observed: { share: 1, q: 1e-8 },
          route: 'GET /items/{…}',
          title: '$.items[*].price of GET /items/{…}: number → string in 100 % of 820 pairs',
        },
        {
          gate: 'header-regression',
          expression: 'header-regression',
          status: 'fail',
          observed: { share: 1, q: 1e-8 },
          route: null,
          title: 'header cache-control: missing in 100 % of 900 pairs, on 4 routes',
        },
        { gate: 'pairs', expression: 'pairs<200', status: 'pass', observed: 1000, limit: 200 },
      ],
      reasons: [
        '$.items[*].price of GET /items/{…}: number → string in 100 % of 820 pairs',
        'header cache-control: missing in 100 % of 900 pairs, on 4 routes',
      ],
    },
    errors: paired(1000, 0, 0, 3),
    routes: [route('GET /items/{…}', paired(820, 0, 0, 3, 1)), route('GET /users/{…}', paired(80, 0, 0, 0, 1))],
    transitions: [],
    responses: answers(),
  });
}

/** Nothing that is tested differs; nobody knows the noise, and some answers cannot be compared. */
export function unknownNoiseReport(): DiffReport {
  const hint = field({ place: 'header etag', kind: 'missing', n: 412, mirror: 3, share: 3 / 412, noise: null });
  return report({
    window: WINDOW,
    coverage: coverage({ paired: 480 }),
    errors: paired(480, 0, 0, 1),
    plan: { pairs: 480, needed: 276, visible: { difference: 0.012, ratio: 4 } },
    responses: answers({
      pairs: 412,
      bodiesCompared: 0,
      bodyShare: 0,
      bodyStates: { production: { unasked: 412 }, mirror: { unasked: 412 } },
      otherKey: 40,
      unjoined: 28,
      beyond: 7,
      noise: { source: 'none', pairs: 0 },
      fields: [1, 2, 3, 4].map((i) => ({
        ...hint,
        place: `header x-${i}`,
        regressed: false,
        hint: true,
        p: 0.06,
        q: null,
        declared: i === 1 ? ('additive' as const) : ('undeclared' as const),
      })),
      suppressed: [],
      detectable: { heads: 0.02, bodies: null },
    }),
  });
}

/** Both logs tell size and media type, and of one route both are other ones. */
export function contentReport(): DiffReport {
  const changes = [{ production: 'application/json', mirror: 'text/html', count: 120 }];
  return report({
    contents: {
      types: { n: 900, changed: 120, changes, regressed: true },
      sizes: { meaning: 'body', n: 880, ratio: 1.01, ratioCi: [0.99, 1.02], differs: false },
      routes: [
        {
          route: 'GET /orders/{…}',
          types: { n: 120, changed: 120, changes, regressed: true },
          sizes: { meaning: 'body', n: 118, ratio: 4.2, ratioCi: [3.9, 4.6], differs: true },
          examples: ['C0A80001:1'],
        },
        {
          route: 'POST /orders',
          types: null,
          sizes: { meaning: 'body', n: 90, ratio: 0.4, ratioCi: [0.3, 0.5], differs: true },
          examples: [],
        },
      ],
      suppressed: [{ by: 'rule', name: 'GET /a content-type', differences: 7 }],
    },
  });
}

/** Both answers are known, and nothing differs. */
export function sameAnswersReport(): DiffReport {
  return report({
    responses: answers({
      fields: [],
      suppressed: [],
      noise: { source: 'file', name: 'aa.jsonl', pairs: 5000, sameRequests: false },
      detectable: { heads: null, bodies: null },
    }),
  });
}

export const REPORTS: readonly (readonly [name: string, report: DiffReport])[] = [
  ['pass', passReport()],
  ['fail', failReport()],
  ['inconclusive', inconclusiveReport()],
  ['unmatched', unmatchedReport()],
  ['empty', emptyReport()],
  ['hostile', hostileReport()],
  ['status', statusReport()],
  ['lost route', lostRouteReport()],
  ['burst', burstReport()],
  ['destinations', destinationReport()],
  ['dropped', droppedReport()],
  ['fields', fieldReport()],
  ['unknown noise', unknownNoiseReport()],
  ['same answers', sameAnswersReport()],
  ['contents', contentReport()],
  ['huge', hugeReport()],
  ['huge and wide', hugeReport('漢字\u{1f600}')],
];
