/** The report as spoe-logs/diff-report/1: keys in the order of the schema, whatever order the model was built in. */
import type {
  DiffReport,
  ErrorComparison,
  LatencyComparison,
  SizeComparison,
  StatusComparison,
  Transition,
  TypeComparison,
} from '../diff/model.ts';
import { escapeJson } from '../text/json.ts';
import { inOrder, type KeyOrder } from './json-order.ts';

/** Two spaces of indent, a final newline; characters that a terminal would act on are \u escapes. */
export function renderDiffJson(report: DiffReport): string {
  const gates = report.verdict.gates.map((gate) => ({ ...gate, observed: gate.observed ?? null }));
  const complete: DiffReport = { ...report, verdict: { ...report.verdict, gates } };
  return `${escapeJson(JSON.stringify(inOrder(complete, REPORT), null, 2))}\n`;
}

const AS = 'as built';
const BY_NAME = 'by name';

const TRANSITION: KeyOrder<Transition> = { production: AS, mirror: AS, count: AS };
const TYPE_COMPARISON: KeyOrder<TypeComparison> = { n: AS, changed: AS, changes: TRANSITION, regressed: AS };
const SIZE_COMPARISON: KeyOrder<SizeComparison> = { meaning: AS, n: AS, ratio: AS, ratioCi: AS, differs: AS };

const TEST: KeyOrder<ErrorComparison['test']> = { name: AS, p: AS, q: AS };

const STATUS: KeyOrder<StatusComparison> = {
  n: AS,
  worse: AS,
  better: AS,
  accessGranted: AS,
  accessDenied: AS,
  difference: AS,
  differenceCi: AS,
  test: TEST,
  transitions: TRANSITION,
  regressed: AS,
};

const ERRORS: KeyOrder<ErrorComparison> = {
  n: AS,
  bothOk: AS,
  newError: AS,
  fixedError: AS,
  bothError: AS,
  new4xx: AS,
  productionRate: AS,
  mirrorRate: AS,
  difference: AS,
  differenceCi: AS,
  test: TEST,
  fixed4xx: AS,
  statusChanged: AS,
  ignored: AS,
  interval: AS,
  productionCi: AS,
  mirrorCi: AS,
  mirrorN: AS,
  productionErrors: AS,
  mirrorErrors: AS,
  ratio: AS,
  ratioCi: AS,
  status: STATUS,
};

const QUANTILES = { p50: AS, p95: AS, p99: AS } as const;

const LATENCY: KeyOrder<LatencyComparison> = {
  n: AS,
  field: { production: AS, mirror: AS },
  production: QUANTILES,
  mirror: QUANTILES,
  ratio: AS,
  ratioCi: AS,
  test: { name: AS, p: AS, q: AS },
  sampled: AS,
  resolutionMs: AS,
  differenceMs: AS,
  excessRatio: AS,
  slower: AS,
};

const SAMPLE_SIDE = { status: AS, target: AS, termination: AS, error: AS, ms: AS } as const;

const REPORT: KeyOrder<DiffReport> = {
  schema: AS,
  tool: { name: AS, version: AS },
  generatedAt: AS,
  window: { from: AS, to: AS },
  inputs: {
    role: AS,
    path: AS,
    format: AS,
    description: AS,
    lines: AS,
    parsed: AS,
    unparsed: AS,
    duplicateLines: AS,
    notices: AS,
    answers: AS,
  },
  correlation: { mode: AS, key: AS, clockSkewMs: AS, mirrorDuplicatePolicy: AS, destination: AS },
  coverage: {
    productionRequests: AS,
    comparable: AS,
    paired: AS,
    pairedShare: AS,
    buckets: {
      malformed: AS,
      no_id: AS,
      ambiguous_id: AS,
      client_abort: AS,
      answered_by_proxy: AS,
      paired: AS,
      dropped: AS,
      not_mirrored: AS,
      spoe_failed: AS,
      acked_but_missing: AS,
      missing: AS,
    },
    mirrorOnly: { withoutId: AS, unknownId: AS, retriedIds: AS },
    attempted: AS,
    deliveredShare: AS,
    dropped: BY_NAME,
    expectedShare: AS,
    unanswered: AS,
  },
  verdict: {
    status: AS,
    exitCode: AS,
    gates: {
      gate: AS,
      place: AS,
      expression: AS,
      status: AS,
      observed: AS,
      limit: AS,
      route: AS,
      reason: AS,
      warnOnly: AS,
      title: AS,
    },
    reasons: AS,
  },
  errors: ERRORS,
  transitions: TRANSITION,
  routes: {
    route: AS,
    errors: ERRORS,
    latency: LATENCY,
    regressed: AS,
    // Statuses are numbers in text: as keys of an object they come in ascending order by themselves.
    notForwardCompatible: AS,
    transitions: TRANSITION,
    delivery: { comparable: AS, paired: AS, unanswered: AS, dropped: AS, lost: AS },
  },
  latency: LATENCY,
  samples: {
    kind: AS,
    id: AS,
    route: AS,
    production: SAMPLE_SIDE,
    mirror: SAMPLE_SIDE,
    traceId: AS,
    time: AS,
  },
  warnings: { code: AS, message: AS },
  settings: {
    errors: AS,
    ignore: AS,
    ignoreField: AS,
    additiveFine: AS,
    withoutBuiltIn: AS,
    minEffect: AS,
    margin: AS,
    alpha: AS,
    minPairs: AS,
    mirrorDuplicates: AS,
    agent: AS,
    key: AS,
    noiseBaseline: AS,
    maxRoutes: AS,
    seed: AS,
    minRatio: AS,
    allowSlower: AS,
    allowSlowerMs: AS,
    compareLatency: AS,
    expectCoverage: AS,
    gates: AS,
    anytime: AS,
    destination: AS,
    baselineDestination: AS,
    event: AS,
  },
  destinations: {
    destination: AS,
    isBaseline: AS,
    verdict: { status: AS, reasons: AS },
    paired: AS,
    errors: { n: AS, newError: AS, fixedError: AS, productionRate: AS, mirrorRate: AS },
  },
  overTime: {
    stepMs: AS,
    steps: { from: AS, pairs: AS, newErrors: AS, fixedErrors: AS, unanswered: AS },
    bursts: { from: AS, to: AS, pairs: AS, newErrors: AS, share: AS },
  },
  plan: { pairs: AS, needed: AS, visible: { difference: AS, ratio: AS } },
  contents: {
    types: TYPE_COMPARISON,
    sizes: SIZE_COMPARISON,
    sizesUnknown: AS,
    routes: { route: AS, types: TYPE_COMPARISON, sizes: SIZE_COMPARISON, examples: AS },
    suppressed: { by: AS, name: AS, differences: AS },
  },
  responses: {
    pairs: AS,
    bodiesCompared: AS,
    bodyShare: AS,
    uncompared: { route: AS, pairs: AS, state: AS },
    bodyStates: { production: BY_NAME, mirror: BY_NAME },
    otherKey: AS,
    unjoined: AS,
    beyond: AS,
    noise: { source: AS, name: AS, pairs: AS, sameRequests: AS, foreign: AS },
    fields: {
      route: AS,
      place: AS,
      kind: AS,
      shape: AS,
      routes: AS,
      routeNames: AS,
      n: AS,
      mirror: AS,
      noise: AS,
      mirrorOnly: AS,
      noiseOnly: AS,
      share: AS,
      shareCi: AS,
      p: AS,
      q: AS,
      regressed: AS,
      open: AS,
      hint: AS,
      examples: AS,
      declared: AS,
    },
    suppressed: { by: AS, name: AS, fields: AS, differences: AS },
    detectable: { heads: AS, bodies: AS },
  },
  generalized: { route: AS, values: AS },
};
