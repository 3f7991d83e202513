#!/usr/bin/env node
/**
 * Holds a report of `spoe-logs diff --format json` against the truth of the data it was made from.
 *
 * usage: node --import tsx bench/diff/check-truth.ts REPORT TRUTH   (exit code 1 when something differs)
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DiffReport, ErrorComparison, InputReport, RouteComparison, Transition } from '../../src/diff/model.ts';
import type { Cells, OutcomesTruth, TransitionTruth, TruthResult } from './truth.ts';

/** Of a median that is one of the differences themselves: only rounding may come between. */
const SKEW_TOLERANCE_MS = 1;
const INPUT_FIELDS = ['lines', 'parsed', 'unparsed', 'notices', 'duplicateLines'] as const;
const CELLS: readonly (keyof Cells)[] = [
  'n',
  'bothOk',
  'newError',
  'fixedError',
  'bothError',
  'new4xx',
  'fixed4xx',
  'statusChanged',
];

/** Collects what differs, each as one line of text. */
class Mismatches {
  readonly list: string[] = [];

  equal(what: string, found: unknown, expected: unknown): void {
    if (found !== expected) this.list.push(`${what}: ${show(found)} instead of ${show(expected)}`);
  }

  near(what: string, found: number | null | undefined, expected: number, tolerance: number): void {
    const isNear = typeof found === 'number' && Math.abs(found - expected) <= tolerance;
    if (!isNear) this.list.push(`${what}: ${show(found)} instead of ${show(expected)} ± ${tolerance}`);
  }
}

const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));

/** What differs between a report and the truth: an empty list when the report found everything. */
export function compare(report: DiffReport, truth: TruthResult): readonly string[] {
  const mismatches = new Mismatches();
  compareInputs(mismatches, report, truth);
  compareCoverage(mismatches, report.coverage, truth.coverage);
  const { mode, key, clockSkewMs, mirrorDuplicatePolicy } = report.correlation;
  mismatches.equal('correlation.mode', mode, truth.correlation.mode);
  mismatches.equal('correlation.key', key, truth.correlation.key);
  const skew = truth.correlation.clockSkewMs;
  if (skew === null) mismatches.equal('correlation.clockSkewMs', clockSkewMs, null);
  else mismatches.near('correlation.clockSkewMs', clockSkewMs, skew, SKEW_TOLERANCE_MS);
  const outcomes = truth.outcomes[mirrorDuplicatePolicy];
  compareErrors(mismatches, 'errors', report.errors, outcomes.errors);
  compareTransitions(mismatches, report.transitions, outcomes.transitions);
  compareRoutes(mismatches, report.routes, outcomes.routes);
  compareRegressions(mismatches, report, truth);
  const { ratio, tolerance } = truth.latency;
  if (truth.coverage.paired > 0) mismatches.near('latency.ratio', report.latency?.ratio, ratio, tolerance);
  return mismatches.list;
}

/** SPOE lines that are in the file of another role count there, or as an input of their own: both state every line. */
function compareInputs(mismatches: Mismatches, { inputs }: DiffReport, truth: TruthResult): void {
  for (const [role, expected] of Object.entries(truth.inputs)) {
    if (expected === null) continue;
    const own: readonly InputReport[] = inputs.filter((input) => input.role === role);
    for (const field of INPUT_FIELDS) {
      const sum = own.reduce((total, input) => total + (input[field] ?? 0), 0);
      mismatches.equal(`inputs ${role}.${field}`, sum, expected[field]);
    }
  }
}

function compareCoverage(
  mismatches: Mismatches,
  coverage: DiffReport['coverage'],
  truth: TruthResult['coverage'],
): void {
  for (const field of ['productionRequests', 'comparable', 'paired', 'attempted'] as const) {
    mismatches.equal(`coverage.${field}`, coverage[field], truth[field]);
  }
  for (const field of ['pairedShare', 'deliveredShare'] as const) {
    const expected = truth[field];
    if (expected === null) mismatches.equal(`coverage.${field}`, coverage[field], null);
    else mismatches.near(`coverage.${field}`, coverage[field], expected, 1e-9);
  }
  const buckets = new Map(Object.entries(coverage.buckets));
  for (const [bucket, expected] of Object.entries(truth.buckets)) {
    mismatches.equal(`coverage.buckets.${bucket}`, buckets.get(bucket) ?? 0, expected);
  }
  for (const field of ['withoutId', 'unknownId', 'retriedIds'] as const) {
    mismatches.equal(`coverage.mirrorOnly.${field}`, coverage.mirrorOnly[field], truth.mirrorOnly[field]);
  }
  const sum = Object.values(coverage.buckets).reduce((a, b) => a + b, 0);
  mismatches.equal('sum of coverage.buckets', sum, coverage.productionRequests);
}

function compareErrors(mismatches: Mismatches, name: string, found: ErrorComparison, expected: Cells): void {
  for (const cell of CELLS) mismatches.equal(`${name}.${cell}`, found[cell], expected[cell]);
}

/** Either all transitions are listed or the changes only, and perhaps just the most frequent of them. */
function compareTransitions(
  mismatches: Mismatches,
  found: readonly Transition[],
  expected: readonly TransitionTruth[],
): void {
  const nameOf = ({ production, mirror }: Omit<TransitionTruth, 'count'>) => `${production} -> ${mirror}`;
  const counts = new Map(expected.map((transition) => [nameOf(transition), transition.count]));
  for (const transition of found) {
    const name = nameOf(transition);
    mismatches.equal(`transition ${name}`, transition.count, counts.get(name));
  }
  const listed = new Set(found.map(nameOf));
  const least = Math.min(...found.map(({ count }) => count));
  for (const { production, mirror, count } of expected) {
    const name = nameOf({ production, mirror });
    if (production === mirror || listed.has(name) || count <= least) continue;
    mismatches.list.push(`transition ${name}: nothing instead of ${count}`);
  }
}

function compareRoutes(
  mismatches: Mismatches,
  found: readonly RouteComparison[],
  expected: OutcomesTruth['routes'],
): void {
  const withPairs = new Map(found.filter(({ errors }) => errors.n > 0).map((route) => [route.route, route]));
  for (const [name, cells] of Object.entries(expected)) {
    const route = withPairs.get(name);
    withPairs.delete(name);
    if (route === undefined) {
      mismatches.list.push(`route ${name}: nothing instead of ${cells.n} pairs`);
      continue;
    }
    compareErrors(mismatches, `route ${name}`, route.errors, cells);
    const unknown = (counts: Readonly<Record<string, number>> | undefined) =>
      JSON.stringify(Object.entries(counts ?? {}).sort());
    mismatches.equal(
      `route ${name} not forward-compatible`,
      unknown(route.notForwardCompatible),
      unknown(cells.notForwardCompatible),
    );
  }
  for (const [name, { errors }] of withPairs) {
    mismatches.list.push(`route ${name}: ${errors.n} pairs instead of nothing`);
  }
}

/** The broken route, and no other, is named. */
function compareRegressions(mismatches: Mismatches, { routes }: DiffReport, { brokenRoute }: TruthResult): void {
  const regressed = routes.filter(({ regressed }) => regressed).map(({ route }) => route);
  const expected = brokenRoute === null ? [] : [brokenRoute];
  mismatches.equal('regressed routes', regressed.join(', '), expected.join(', '));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [report = '', truth = ''] = process.argv.slice(2);
  const mismatches = compare(JSON.parse(readFileSync(report, 'utf8')), JSON.parse(readFileSync(truth, 'utf8')));
  for (const mismatch of mismatches) console.log(mismatch);
  if (mismatches.length > 0) process.exitCode = 1;
}
