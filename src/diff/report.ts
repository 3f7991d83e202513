/** The whole report, from what was read. */
import { shareOf } from './buckets.ts';
import { addContents, type ContentTally } from './content-tally.ts';
import { compareContents, contentWarnings, whyUnknown } from './contents.ts';
import { countUnanswered, describeSentCut } from './delivery.ts';
import { findAll, respondedPairs } from './findings.ts';
import { applyGates, type Gate, type Observations } from './gates.ts';
import type { AnswerFacts } from './join/joined-request.ts';
import { isOfAnswers, type SpoeFacts } from './join/spoe-events.ts';
import type {
  ContentComparison,
  Correlation,
  Coverage,
  DiffReport,
  DiffSettings,
  InputReport,
  OverTime,
  Plan,
  Sample,
  Warning,
} from './model.ts';
import { type NoiseBaseline, p95RatioOf } from './noise.ts';
import { type Outlook, outlookOf, outlookWords } from './outlook.ts';
import { type PairingState, pairingWarnings } from './pairing-warnings.ts';
import { visibleRise } from './plan.ts';
import { makeWarnings } from './report-warnings.ts';
import { formatMoment, type RequestLineOptions } from './request-line.ts';
import { ComparedResponses } from './responses/compare-responses.ts';
import { coverageWords, findAtPlace } from './responses/response-findings.ts';
import { type CountedRoutes, compareTally } from './route-comparisons.ts';
import type { Comparisons } from './route-order.ts';
import type { RouteTally } from './route-tally.ts';
import { chooseSamples } from './samples.ts';
import type { Strays } from './strays.ts';
import type { Tally } from './tally.ts';
import { decide } from './verdict.ts';

export interface ReportOptions extends RequestLineOptions {
  readonly inputs: readonly InputReport[];
  readonly settings: DiffSettings;
  readonly gates: readonly Gate[];
  readonly noise?: NoiseBaseline;
  readonly version: string;
  /** Mirror lines of other times are not counted as unknown. */
  readonly since?: number;
  readonly until?: number;
  readonly warnings?: readonly Warning[];
}

/** What a join says besides its tally. */
export interface JoinFacts<R extends RouteTally>
  extends Pick<
    PairingState,
    'key' | 'ids' | 'event' | 'inSeveralFiles' | 'areDestinationsFull' | 'pendingMs' | 'graceMs'
  > {
  /** Another key that would have paired more requests. */
  readonly betterKey: Correlation['key'] | undefined;
  /** The mirror's destination; empty where its lines name none. */
  readonly destination: string;
  readonly spoe: SpoeFacts;
  readonly routes: CountedRoutes<R> & { readonly generalized: NonNullable<DiffReport['generalized']> };
  readonly strays: Strays;
  /** Undefined without answers. */
  readonly answers: AnswerFacts | undefined;
  /** About what this join alone does. */
  readonly warnings: readonly Warning[];
}

export function makeReport<R extends RouteTally>(
  tally: Tally<R>,
  facts: JoinFacts<R>,
  options: ReportOptions,
): DiffReport {
  const { key, betterKey, spoe, routes, strays, destination } = facts;
  const isUnmatched = key === 'none';
  const { clockSkewMs } = tally.measures;
  const mode = { isUnmatched, hasSpoeLines: spoe.isUsable };
  const comparisons = compareTally(tally, routes, mode, { settings: options.settings, noise: options.noise });
  const responses = isUnmatched ? undefined : compareAnswers(tally, facts, options.settings);
  const perRoute = routes.tallies.map(({ contents }) => contents);
  const contents = addContents(perRoute);
  const state = { ...facts, joined: tally.joined, skewMs: clockSkewMs, events: requestEvents(spoe) };
  const found: Found = {
    isUnmatched,
    key,
    betterKey,
    spoe,
    clockSkewMs,
    window: tally.window,
    coverage: tally.coverage(isUnmatched, spoe.isUsable),
    comparisons,
    responses,
    contents: compareContents(contents, routes.names, perRoute, options.settings),
    whySizesUnknown: whyUnknown(contents),
    generalized: routes.generalized,
    strays,
    pendingMs: facts.pendingMs,
    samples: isUnmatched ? [] : chooseSamples(inOrder(routes, comparisons), spoe.isUsable, options),
    destination,
    warnings: [...pairingWarnings(state), ...ruleWarnings(tally, contents, responses)],
  };
  return composeReport(found, { ...options, warnings: [...(options.warnings ?? []), ...facts.warnings] });
}

/** Those that may hand over requests. */
function requestEvents(spoe: SpoeFacts): readonly string[] {
  return spoe.events.filter((name) => !isOfAnswers(name, spoe.streamsOf(name)));
}

/** Undefined without answers. */
function compareAnswers<R extends RouteTally>(
  { paired }: Tally<R>,
  { answers, routes: { names, tallies } }: JoinFacts<R>,
  settings: DiffSettings,
): ComparedResponses | undefined {
  if (answers === undefined) return undefined;
  const routes = tallies.map(({ responses }, i) => ({ route: names[i] as string, tally: responses }));
  return new ComparedResponses(routes, { ...answers, paired }, settings);
}

function ruleWarnings<R extends RouteTally>(
  { responseRules }: Tally<R>,
  { suppressed }: ContentTally,
  responses: ComparedResponses | undefined,
): Warning[] {
  const warning = responseRules.unused([...suppressed.keys(), ...(responses?.suppressions ?? [])]);
  return warning === undefined ? [] : [warning];
}

/** Those that are compared come first, worst first. */
function inOrder<R extends RouteTally>({ names, tallies }: CountedRoutes<R>, { routes }: Comparisons) {
  const order = new Set(routes.map(({ number }) => number));
  for (const number of names.keys()) order.add(number);
  return [...order].map((number) => ({
    name: names[number] as string,
    samples: (tallies[number] as R).samples,
  }));
}

/** What a comparison found out, whoever counted it. */
export interface Found {
  readonly isUnmatched: boolean;
  readonly key: Correlation['key'];
  /** Another key that would have paired more requests. */
  readonly betterKey: Correlation['key'] | undefined;
  readonly spoe: SpoeFacts;
  readonly clockSkewMs: number | null;
  readonly window: DiffReport['window'];
  readonly coverage: Coverage;
  readonly comparisons: Comparisons;
  /** Undefined without answers. */
  readonly responses: ComparedResponses | undefined;
  readonly contents: ContentComparison | undefined;
  /** Should they be. */
  readonly whySizesUnknown: string;
  readonly generalized: NonNullable<DiffReport['generalized']>;
  readonly samples: readonly Sample[];
  /** The mirror's destination; empty where its lines name none. */
  readonly destination: string;
  readonly pendingMs: PairingState['pendingMs'];
  /** About how requests were paired. */
  readonly warnings: readonly Warning[];
  /** The mirror's lines of the same time that are of no request that could be compared, and how many of them failed. */
  readonly strays: Strays;
}

/** Stream numbers begin anew; and the agent writes the path that production's client asked for. */
function isOfOneSource({ key }: Found, { inputs }: ReportOptions): boolean {
  const mirrors = inputs.filter(({ role }) => role === 'mirror');
  return key === 'pid+sid' || (mirrors.length > 0 && mirrors.every(({ format }) => format === 'agent-jsonl'));
}

/** From what was found to the verdict on it. */
function composeReport(found: Found, options: ReportOptions): DiffReport {
  const { comparisons, isUnmatched } = found;
  const { settings } = options;
  const coverage = withUnanswered(found.coverage, isUnmatched, settings);
  const outlook = outlookFor(found, settings);
  const plan = isUnmatched ? undefined : planFor(found, outlook, settings);
  const overTime = overTimeOf(found);
  const verdict = decide({
    gates: applyGates(options.gates, observe(found, outlook, coverage, options)),
    pairs: isUnmatched ? 0 : comparisons.errors.n,
    pendingMs: found.pendingMs,
    upperBound: comparisons.found.errors?.upper ?? null,
    working: comparisons.tally?.working ?? 0,
    strangers: isOfOneSource(found, options) ? (comparisons.tally?.strangers ?? 0) : 0,
    strays: found.strays,
    changed: {
      worse: comparisons.errors.newError + (comparisons.errors.status?.worse ?? 0),
      better: comparisons.errors.fixedError + (comparisons.errors.status?.better ?? 0),
    },
    isBaselineBad: options.noise?.isBad === true,
    foreignNoise: found.responses?.report.noise.foreign ?? baselineFailure(options.noise),
    sentCut: describeSentCut(coverage),
    margin: settings.margin,
    outlook: isUnmatched ? '' : outlookWords(outlook, comparisons.errors.n, 'a rise'),
    answers: found.responses && coverageWords(found.responses),
  });
  // One that nothing in these logs could be looked at by has decided nothing.
  const hasResult = (name: string) => verdict.gates.some(({ gate }) => gate === name);
  return {
    schema: 'spoe-logs/diff-report/1',
    tool: { name: 'spoe-logs', version: options.version },
    window: found.window,
    inputs: options.inputs,
    correlation: {
      mode: isUnmatched ? 'unmatched' : 'paired',
      key: found.key,
      clockSkewMs: found.clockSkewMs,
      mirrorDuplicatePolicy: settings.mirrorDuplicates,
      ...(found.destination !== '' && { destination: found.destination }),
    },
    coverage,
    verdict,
    errors: comparisons.errors,
    routes: comparisons.routes.map(({ number, found: _, ...route }) => route),
    transitions: comparisons.transitions,
    latency: comparisons.latency,
    samples: found.samples,
    warnings: [
      ...(options.warnings ?? []),
      ...found.warnings,
      ...makeWarnings(found, options.noise),
      ...contentWarnings(found.contents),
    ],
    ...(overTime && { overTime }),
    ...(plan && { plan }),
    ...(found.contents && { contents: found.contents }),
    ...(found.responses && { responses: found.responses.report }),
    ...(found.generalized.length > 0 && { generalized: found.generalized }),
    settings: { ...settings, ...(settings.gates && { gates: settings.gates.filter(hasResult) }) },
  };
}

function baselineFailure(noise: NoiseBaseline | undefined): string | undefined {
  const failure = noise?.answersFailure;
  return failure && `what the noise is of fails itself, so that it cannot be production's version: ${failure}`;
}

function observe(found: Found, outlook: Outlook, coverage: Coverage, options: ReportOptions): Observations {
  const { comparisons, spoe, isUnmatched } = found;
  const { errors, latency } = comparisons;
  const { settings, noise } = options;
  const findable = {
    comparisons,
    coverage,
    isUnmatched,
    settings,
    responses: found.responses,
    contents: found.contents,
    outlook,
  };
  const answered = respondedPairs(findable);
  const beyondNoise = (outcome: 'newError' | 'new4xx') =>
    Math.max(0, errors[outcome] - (noise?.expected(outcome, errors.n) ?? 0));
  return {
    pairs: isUnmatched ? 0 : errors.n,
    newErrors: beyondNoise('newError'),
    new4xx: beyondNoise('new4xx'),
    errorRate: errors.mirrorRate,
    errorRateDelta: comparisons.found.errors?.difference ?? null,
    p95Ratio: latency === null ? null : p95RatioOf(latency) / (noise?.p95Ratio || 1),
    coverage: coverage.pairedShare,
    sizeRatio: found.contents?.sizes?.ratio ?? found.whySizesUnknown,
    delivered: coverage.deliveredShare,
    spoeErrors: shareOf(spoe.failed, spoe.lines),
    unparsed: worstUnparsed(options.inputs),
    findings: findAll(findable),
    findingsAt: (place) => (answered === undefined ? [] : findAtPlace(answered, place)),
  };
}

/** What should have an answer and has none: only where something is paired it is known. */
function withUnanswered(coverage: Coverage, isUnmatched: boolean, settings: DiffSettings): Coverage {
  const { expectCoverage } = settings;
  return {
    ...coverage,
    ...(typeof expectCoverage === 'number' && { expectedShare: expectCoverage }),
    ...(!isUnmatched && { unanswered: countUnanswered(coverage, settings) }),
  };
}

function overTimeOf({ comparisons: { tally, bursts, errors }, spoe }: Found): OverTime | undefined {
  const steps = tally?.profile.steps() ?? [];
  if (tally === undefined || steps.length === 0) return undefined;
  const moment = (ms: number) => formatMoment(ms) ?? '';
  return {
    stepMs: tally.profile.stepMs,
    steps: steps.map(({ fromMs, pairs, newErrors, fixedErrors, unanswered, notMirrored }) => ({
      from: moment(fromMs),
      pairs,
      newErrors,
      fixedErrors,
      unanswered: unanswered + (spoe.isUsable ? 0 : notMirrored),
    })),
    bursts: bursts.map(({ fromMs, toMs, pairs, up }) => ({
      from: moment(fromMs),
      to: moment(toMs),
      pairs,
      newErrors: up,
      share: up / errors.newError,
    })),
  };
}

function outlookFor({ comparisons: { errors, found }, isUnmatched }: Found, settings: DiffSettings): Outlook {
  if (isUnmatched) return { leadsTo: 'unknown' };
  const { n, newError: up, fixedError: down, productionRate } = errors;
  return outlookOf({ n, up, down, base: productionRate ?? 0 }, found.errors, settings);
}

function planFor({ comparisons: { errors } }: Found, outlook: Outlook, settings: DiffSettings): Plan {
  const { n, newError, fixedError, productionRate } = errors;
  return {
    pairs: n,
    needed: outlook.leadsTo === 'pass' ? outlook.pairs : null,
    visible: visibleRise(n, productionRate ?? 0, n === 0 ? 0 : (newError + fixedError) / n, settings),
  };
}

/** The largest share of lines of an input that could not be parsed. */
function worstUnparsed(inputs: readonly InputReport[]): number | null {
  const shares = inputs.filter(({ lines }) => lines > 0).map(({ lines, unparsed }) => unparsed / lines);
  return shares.length === 0 ? null : Math.max(...shares);
}
