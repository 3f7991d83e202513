import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Analysis } from '../../src/diff/analysis.ts';
import { judgedDestinations, reportDestinations } from '../../src/diff/destinations.ts';
import { DiffError } from '../../src/diff/errors.ts';
import { readGates } from '../../src/diff/gates.ts';
import { reportWhole } from '../../src/diff/join/whole/whole-report.ts';
import type { DiffReport, DiffSettings } from '../../src/diff/model.ts';
import { analyseEach, answer, type Lines, request, SETTINGS } from './records.ts';

const [FINE, BROKEN] = ['http://fine:8080', 'http://broken:8080'];

function reportEach(lines: Lines, choice: Partial<DiffSettings> = {}): DiffReport {
  const settings = { ...SETTINGS, ...choice };
  const analyses = analyseEach(lines);
  const names = analyses.map(({ destination }) => destination);
  return reportDestinations(names, settings, (name, noise) =>
    reportWhole(analyses.find(({ destination }) => destination === name) as Analysis, {
      inputs: [],
      settings,
      gates: readGates([], []),
      version: '0',
      showQueries: false,
      ...(noise && { noise }),
    }),
  );
}

/** 1,000 requests; the second destination answers with an error in `broken` of them and not at all in `silent`. */
function mirrored(broken: number, silent = 0, baseline = 0): Lines {
  const ids = Array.from({ length: 1_000 }, (_, i) => `id-${i}`);
  return {
    production: ids.map((uniqueId) => request({ uniqueId })),
    mirror: ids.flatMap((uniqueId, i) => [
      answer({ uniqueId, destination: FINE, status: i < baseline ? 500 : 200 }),
      ...(i >= 1_000 - silent ? [] : [answer({ uniqueId, destination: BROKEN, status: i < broken ? 500 : 200 })]),
    ]),
  };
}

test('each destination is judged on its own, and the worst is the verdict', () => {
  const { verdict, correlation, destinations, coverage, errors } = reportEach(mirrored(1_000));
  assert.deepEqual([verdict.status, correlation.destination, errors.newError], ['fail', BROKEN, 1_000]);
  assert.equal(coverage.mirrorOnly.retriedIds, 0, 'an id that each destination answered once is not answered twice');
  assert.deepEqual(
    destinations?.map(({ destination, verdict, paired, errors }) => [
      destination,
      verdict.status,
      paired,
      errors.newError,
    ]),
    [
      [BROKEN, 'fail', 1_000, 1_000],
      [FINE, 'pass', 1_000, 0],
    ],
  );
});

test('--destination judges one, as the agent writes it or as the agent was given it', () => {
  for (const destination of [FINE, `${FINE}/`]) {
    const { verdict, correlation } = reportEach(mirrored(1_000), { destination });
    assert.deepEqual([verdict.status, correlation.destination], ['pass', FINE]);
  }
});

test('--baseline-destination makes the differences of one destination the noise of the others', () => {
  const lines = mirrored(100, 0, 100);
  assert.equal(reportEach(lines).verdict.status, 'fail');
  const { verdict, destinations, correlation } = reportEach(lines, { baselineDestination: FINE, margin: 0.1 });
  assert.deepEqual([verdict.status, correlation.destination], ['pass', BROKEN]);
  assert.deepEqual(
    destinations?.map(({ destination, isBaseline }) => [destination, isBaseline]),
    [
      [BROKEN, false],
      [FINE, true],
    ],
  );
});

test('a request that one destination answered and the other did not is unanswered there', () => {
  const { destinations, coverage } = reportEach(mirrored(0, 100), { destination: BROKEN });
  assert.deepEqual([coverage.paired, coverage.buckets.missing, coverage.unanswered], [900, 100, 100]);
  assert.equal(destinations?.length, 1);
});

test('a destination that does not exist is refused with those that do', () => {
  const isRefused = (error: unknown) =>
    error instanceof DiffError && error.code === 'unknown-destination' && error.hint.includes(FINE as string);
  assert.throws(() => reportEach(mirrored(0), { destination: 'http://other' }), isRefused);
  assert.throws(() => reportEach(mirrored(0), { baselineDestination: 'http://other' }), isRefused);
  assert.throws(() => judgedDestinations(['http://a'], { baselineDestination: 'http://a' }), DiffError);
});

test('a mirror that names no destination has a report without any', () => {
  const { destinations, correlation } = reportEach({
    production: [request({ uniqueId: 'a' })],
    mirror: [answer({ uniqueId: 'a' })],
  });
  assert.deepEqual([destinations, 'destination' in correlation], [undefined, false]);
});

test('a log that names thousands of destinations fills no memory', () => {
  const production = Array.from({ length: 2_000 }, (_, i) => request({ uniqueId: `${i}` }));
  const mirror = production.map(({ uniqueId }, i) => answer({ uniqueId, destination: `http://d${i}` }));
  const analyses = analyseEach({ production, mirror });
  assert.ok(analyses.length <= 66);
  assert.ok(analyses.every(({ areDestinationsFull }) => areDestinationsFull));
});
