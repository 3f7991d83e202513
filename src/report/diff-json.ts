/** The report as spoe-logs/diff-report/1: keys in the order of the schema, whatever order the model was built in. */
import type {
  DiffReport,
  ErrorComparison,
  ErrorTest,
  GateResult,
  LatencyComparison,
  StatusComparison,
  Transition,
} from '../diff/model.ts';
import { BUCKETS } from '../diff/model.ts';
import { escapeJson } from '../text/json.ts';

/** Two spaces of indent, a final newline; characters that a terminal would act on are \u escapes. */
export function renderDiffJson(report: DiffReport): string {
  return `${escapeJson(JSON.stringify(ordered(report), null, 2))}\n`;
}

type Keys<T> = readonly (keyof T & string)[];

/** The keys that are there, in this order; a key that is not listed would be a hole in the schema. */
function pick<T extends object>(from: T, keys: Keys<T>): Partial<T> {
  const picked: Partial<T> = {};
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key];
  return picked;
}

const ERROR_KEYS: Keys<ErrorComparison> = [
  'n',
  'bothOk',
  'newError',
  'fixedError',
  'bothError',
  'new4xx',
  'productionRate',
  'mirrorRate',
  'difference',
  'differenceCi',
  'test',
  'fixed4xx',
  'statusChanged',
  'ignored',
  'interval',
  'productionCi',
  'mirrorCi',
  'mirrorN',
  'productionErrors',
  'mirrorErrors',
  'ratio',
  'ratioCi',
];

function orderedErrors(errors: ErrorComparison): object {
  const { status } = errors;
  return {
    ...pick(errors, ERROR_KEYS),
    test: orderedTest(errors.test),
    ...(status && { status: orderedStatus(status) }),
  };
}

function orderedTest(test: ErrorTest): object {
  return pick(test, ['name', 'p', 'q']);
}

function orderedStatus(status: StatusComparison): object {
  return {
    ...pick(status, ['n', 'worse', 'better', 'accessGranted', 'accessDenied', 'difference', 'differenceCi']),
    test: orderedTest(status.test),
    transitions: orderedTransitions(status.transitions),
    regressed: status.regressed,
  };
}

function orderedTransitions(transitions: readonly Transition[]): object[] {
  return transitions.map((transition) => pick(transition, ['production', 'mirror', 'count']));
}

function orderedLatency(latency: LatencyComparison | null): object | null {
  if (latency === null) return null;
  const { field, production, mirror, test } = latency;
  const quantiles = ['p50', 'p95', 'p99'] as const;
  return {
    n: latency.n,
    field: pick(field, ['production', 'mirror']),
    production: pick(production, quantiles),
    mirror: pick(mirror, quantiles),
    ...pick(latency, ['ratio', 'ratioCi']),
    ...(test && { test: pick(test, ['name', 'p', 'q']) }),
    ...pick(latency, ['sampled', 'resolutionMs', 'differenceMs', 'excessRatio', 'slower']),
  };
}

/** An observation is required, even when there is none. */
function orderedGate(gate: GateResult): object {
  return {
    ...pick(gate, ['gate', 'expression', 'status']),
    observed: gate.observed ?? null,
    ...pick(gate, ['limit', 'route', 'reason', 'warnOnly', 'title']),
  };
}

function ordered(report: DiffReport): object {
  const { verdict } = report;
  return {
    schema: report.schema,
    tool: pick(report.tool, ['name', 'version']),
    ...pick(report, ['generatedAt']),
    window: pick(report.window, ['from', 'to']),
    inputs: report.inputs.map((input) =>
      pick(input, [
        'role',
        'path',
        'format',
        'description',
        'lines',
        'parsed',
        'unparsed',
        'duplicateLines',
        'notices',
      ]),
    ),
    correlation: pick(report.correlation, ['mode', 'key', 'clockSkewMs', 'mirrorDuplicatePolicy', 'destination']),
    coverage: orderedCoverage(report),
    verdict: {
      ...pick(verdict, ['status', 'exitCode']),
      gates: verdict.gates.map(orderedGate),
      reasons: verdict.reasons,
    },
    errors: orderedErrors(report.errors),
    transitions: orderedTransitions(report.transitions),
    routes: orderedRoutes(report),
    latency: orderedLatency(report.latency),
    samples: orderedSamples(report),
    warnings: report.warnings.map((warning) => pick(warning, ['code', 'message'])),
    settings: orderedSettings(report),
    ...orderedDestinations(report),
    ...orderedTime(report),
    ...(report.generalized && { generalized: report.generalized.map((one) => pick(one, ['route', 'values'])) }),
  };
}

function orderedCoverage({ coverage }: DiffReport): object {
  return {
    ...pick(coverage, ['productionRequests', 'comparable', 'paired', 'pairedShare']),
    buckets: pick(coverage.buckets, BUCKETS),
    mirrorOnly: pick(coverage.mirrorOnly, ['withoutId', 'unknownId', 'retriedIds']),
    ...pick(coverage, ['attempted', 'deliveredShare']),
    ...(coverage.dropped && { dropped: byName(coverage.dropped) }),
    ...pick(coverage, ['expectedShare', 'unanswered']),
  };
}

/** Words of the logs as keys. */
function byName(counts: { readonly [name: string]: number }): object {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function orderedRoutes({ routes }: DiffReport): object[] {
  return routes.map((route) => ({
    route: route.route,
    errors: orderedErrors(route.errors),
    latency: orderedLatency(route.latency),
    regressed: route.regressed,
    // Statuses are numbers in text: as keys of an object they come in ascending order by themselves.
    ...pick(route, ['notForwardCompatible']),
    transitions: orderedTransitions(route.transitions),
    ...(route.delivery && {
      delivery: pick(route.delivery, ['comparable', 'paired', 'unanswered', 'dropped', 'lost']),
    }),
  }));
}

function orderedSamples({ samples }: DiffReport): object[] {
  const sides = ['status', 'target', 'termination', 'error', 'ms'] as const;
  return samples.map((sample) => ({
    ...pick(sample, ['kind', 'id', 'route']),
    production: pick(sample.production, sides),
    ...(sample.mirror && { mirror: pick(sample.mirror, sides) }),
    ...pick(sample, ['traceId', 'time']),
  }));
}

function orderedDestinations({ destinations }: DiffReport): object {
  if (destinations === undefined) return {};
  const ordered = destinations.map(({ destination, isBaseline, verdict, paired, errors }) => ({
    destination,
    isBaseline,
    verdict: pick(verdict, ['status', 'reasons']),
    paired,
    errors: pick(errors, ['n', 'newError', 'fixedError', 'productionRate', 'mirrorRate']),
  }));
  return { destinations: ordered };
}

function orderedTime({ overTime, plan }: DiffReport): object {
  const steps = ['from', 'pairs', 'newErrors', 'fixedErrors', 'unanswered'] as const;
  return {
    ...(overTime && {
      overTime: {
        stepMs: overTime.stepMs,
        steps: overTime.steps.map((step) => pick(step, steps)),
        bursts: overTime.bursts.map((burst) => pick(burst, ['from', 'to', 'pairs', 'newErrors', 'share'])),
      },
    }),
    ...(plan && {
      plan: { ...pick(plan, ['pairs', 'needed']), visible: pick(plan.visible, ['difference', 'ratio']) },
    }),
  };
}

function orderedSettings({ settings }: DiffReport): object {
  return pick(settings, [
    'errors',
    'ignore',
    'minEffect',
    'margin',
    'alpha',
    'minPairs',
    'mirrorDuplicates',
    'agent',
    'key',
    'noiseBaseline',
    'maxRoutes',
    'seed',
    'minRatio',
    'allowSlower',
    'allowSlowerMs',
    'compareLatency',
    'expectCoverage',
    'gates',
    'anytime',
    'destination',
    'baselineDestination',
    'event',
  ]);
}
