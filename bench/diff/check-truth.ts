#!/usr/bin/env node
/**
 * Holds a report of `spoe-logs diff --format json` against the truth of the data it was made from.
 *
 * usage: node --import tsx bench/diff/check-truth.ts REPORT TRUTH   (exit code 1 when something differs)
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of a median that is one of the differences themselves: only rounding may come between. */
const SKEW_TOLERANCE_MS = 1;
const INPUT_FIELDS = ['lines', 'parsed', 'unparsed', 'notices', 'duplicateLines'];
const CELLS = ['n', 'bothOk', 'newError', 'fixedError', 'bothError', 'new4xx', 'fixed4xx', 'statusChanged'];

/** Collects what differs, each as one line of text. */
class Mismatches {
  list = [];

  equal(what, found, expected) {
    if (found !== expected) this.list.push(`${what}: ${show(found)} instead of ${show(expected)}`);
  }

  near(what, found, expected, tolerance) {
    const isNear = typeof found === 'number' && Math.abs(found - expected) <= tolerance;
    if (!isNear) this.list.push(`${what}: ${show(found)} instead of ${show(expected)} ± ${tolerance}`);
  }
}

const show = (value) => (value === undefined ? 'nothing' : JSON.stringify(value));

/** What differs between a report and the truth: an empty list when the report found everything. */
export function compare(report, truth) {
  const mismatches = new Mismatches();
  compareInputs(mismatches, report, truth);
  compareCoverage(mismatches, report.coverage, truth.coverage);
  const { mode, key, clockSkewMs, mirrorDuplicatePolicy = 'last' } = report.correlation;
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
function compareInputs(mismatches, { inputs }, truth) {
  for (const [role, expected] of Object.entries(truth.inputs)) {
    const own = inputs.filter((input) => input.role === role);
    if (expected === null) continue;
    for (const field of INPUT_FIELDS) {
      const sum = own.reduce((total, input) => total + (input[field] ?? 0), 0);
      mismatches.equal(`inputs ${role}.${field}`, sum, expected[field]);
    }
  }
}

function compareCoverage(mismatches, coverage, truth) {
  for (const field of ['productionRequests', 'comparable', 'paired', 'attempted']) {
    mismatches.equal(`coverage.${field}`, coverage[field], truth[field]);
  }
  for (const field of ['pairedShare', 'deliveredShare']) {
    if (truth[field] === null) mismatches.equal(`coverage.${field}`, coverage[field], null);
    else mismatches.near(`coverage.${field}`, coverage[field], truth[field], 1e-9);
  }
  for (const [bucket, expected] of Object.entries(truth.buckets)) {
    mismatches.equal(`coverage.buckets.${bucket}`, coverage.buckets[bucket] ?? 0, expected);
  }
  for (const [field, expected] of Object.entries(truth.mirrorOnly)) {
    mismatches.equal(`coverage.mirrorOnly.${field}`, coverage.mirrorOnly[field] ?? 0, expected);
  }
  const sum = Object.values(coverage.buckets).reduce((a, b) => a + b, 0);
  mismatches.equal('sum of coverage.buckets', sum, coverage.productionRequests);
}

function compareErrors(mismatches, name, found, expected) {
  for (const cell of CELLS) mismatches.equal(`${name}.${cell}`, found?.[cell], expected[cell]);
}

/** Either all transitions are listed or the changes only, and perhaps just the most frequent of them. */
function compareTransitions(mismatches, found, expected) {
  const nameOf = ({ production, mirror }) => `${production} -> ${mirror}`;
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

function compareRoutes(mismatches, found, expected) {
  const withPairs = new Map(found.filter(({ errors }) => errors.n > 0).map((route) => [route.route, route]));
  for (const [name, cells] of Object.entries(expected)) {
    const route = withPairs.get(name);
    withPairs.delete(name);
    if (route === undefined) {
      mismatches.list.push(`route ${name}: nothing instead of ${cells.n} pairs`);
      continue;
    }
    compareErrors(mismatches, `route ${name}`, route.errors, cells);
    const unknown = (counts) => JSON.stringify(Object.entries(counts ?? {}).sort());
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
function compareRegressions(mismatches, { routes }, { brokenRoute }) {
  const regressed = routes.filter(({ regressed }) => regressed).map(({ route }) => route);
  const expected = brokenRoute === null ? [] : [brokenRoute];
  mismatches.equal('regressed routes', regressed.join(', '), expected.join(', '));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [report, truth] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
  const mismatches = compare(report, truth);
  for (const mismatch of mismatches) console.log(mismatch);
  if (mismatches.length > 0) process.exitCode = 1;
}
