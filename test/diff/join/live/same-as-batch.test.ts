import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Analysis, analyse } from '../../../../src/diff/analysis.ts';
import { Collection } from '../../../../src/diff/collection.ts';
import { reportDestinations } from '../../../../src/diff/destinations.ts';
import { reportWhole } from '../../../../src/diff/join/whole/whole-report.ts';
import { LiveDiff } from '../../../../src/diff/live-diff.ts';
import type { DiffReport, DiffSettings } from '../../../../src/diff/model.ts';
import { type RequestLine, requestLine } from '../../../../src/diff/request-line.ts';
import type { SampleOrder } from '../../../../src/diff/samples.ts';
import type { AccessRecord } from '../../../../src/logs/access-record.ts';
import { fuzz } from '../../../attack/fuzzing.ts';
import { feed, type Line, record, reportOptions, rulesOf, START, settingsWith } from './lines.ts';
import { type Traffic, traffic } from './traffic.ts';

const settings = fc
  .record({
    key: fc.constantFrom(
      'auto' as const,
      'auto' as const,
      'unique-id' as const,
      'traceparent' as const,
      'pid+sid' as const,
    ),
    mirrorDuplicates: fc.constantFrom('last' as const, 'worst' as const, 'first' as const),
    ignore: fc.constantFrom([], ['POST /users/{…} 2xx->*'], ['* 5xx->200', '/orders/{…}/items *->404']),
    errors: fc.constantFrom(['5xx'], ['5xx', '409']),
    maxRoutes: fc.constantFrom(200, 3),
    margin: fc.constantFrom(0.01, 0.3),
    allowSlower: fc.constantFrom(2, 1),
  })
  .map(settingsWith);

function batchReport({ lines }: Traffic, settings: DiffSettings, order: SampleOrder): DiffReport {
  const collection = new Collection({ agent: settings.agent });
  for (const { line, hash } of lines) feed(collection, line, hash, 0, fileOf(hash));
  const rules = rulesOf(settings);
  const analyses = analyse(collection, { key: settings.key, rules, maxRoutes: settings.maxRoutes });
  const names = analyses.map(({ destination }) => destination);
  return reportDestinations(names, settings, (name) =>
    reportWhole(analyses.find(({ destination }) => destination === name) as Analysis, reportOptions(settings), order),
  );
}

/** By destination and request, what both joins say of the answers. */
type Said = readonly (readonly [destination: string, id: string, responses: RequestLine['responses']])[];

function batchResponses({ lines }: Traffic, settings: DiffSettings): Said {
  const collection = new Collection({ agent: settings.agent });
  for (const { line, hash } of lines) feed(collection, line, hash, 0, fileOf(hash));
  const { key, baselineDestination, maxRoutes } = settings;
  const analyses = analyse(collection, { key, baselineDestination, rules: rulesOf(settings), maxRoutes });
  const judged = analyses.filter(({ destination }) => destination !== baselineDestination);
  const said: Said[number][] = [];
  for (const analysis of judged) {
    for (const joined of analysis.joined()) {
      const { id, responses } = requestLine(joined, '', { showQueries: false });
      said.push([analysis.destination, id ?? '', responses]);
    }
  }
  return said;
}

function liveResponses({ lines }: Traffic, settings: DiffSettings): Said {
  const said: Said[number][] = [];
  const onSettled = ({ destination = '', id, responses }: RequestLine) => said.push([destination, id ?? '', responses]);
  const live = new LiveDiff({ settings, rules: rulesOf(settings), graceMs: 30_000, onSettled });
  for (const { line, hash } of lines) feed(live, line, hash, 0, fileOf(hash));
  live.settleAll();
  return said;
}

const sorted = (said: Said) => said.map((each) => JSON.stringify(each)).sort();

test('both joins say the same of the answers of each pair, and of the noise of the same request', () => {
  let [compared, withNoise] = [0, 0];
  const baseline = fc.constantFrom(null, 'http://a');
  const property = fc.property(traffic, settings, baseline, (traffic, settings, baselineDestination) => {
    // Ids on both sides, or there is nothing to join answers by.
    fc.pre(
      ['production', 'mirror'].every((side) =>
        traffic.lines.some(({ line }) => line.side === side && 'record' in line && line.record.uniqueId !== ''),
      ),
    );
    const wanted = { ...settings, baselineDestination };
    const whole = batchResponses(traffic, wanted);
    assert.deepEqual(sorted(liveResponses(traffic, wanted)), sorted(whole));
    for (const [, , responses] of whole) {
      if (responses !== undefined) compared++;
      if (responses?.noise !== undefined) withNoise++;
    }
  });
  fuzz(property, 200);
  assert.ok(compared > 100 && withNoise > 10, `${compared} pairs, ${withNoise} with noise`);
});

/** A mirror that writes two logs. */
const fileOf = (hash: number) => hash % 2;

/** What files hold already: the clock stands until all of it is read. */
function historyReport({ lines }: Traffic, settings: DiffSettings, sampleOrder: SampleOrder): DiffReport {
  const live = new LiveDiff({ settings, rules: rulesOf(settings), graceMs: 30_000, sampleOrder });
  for (const { line, hash } of lines) feed(live, line, hash, 0, fileOf(hash));
  live.advance(0);
  live.settleAll();
  return live.report(reportOptions(settings));
}

/** Half a second between lines, and a look at the clock after each. */
function liveReport({ lines }: Traffic, settings: DiffSettings, sampleOrder: SampleOrder): DiffReport {
  const graceMs = 500 * (lines.length + 10);
  const live = new LiveDiff({ settings, rules: rulesOf(settings), graceMs, sampleOrder });
  lines.forEach(({ line, hash }, i) => {
    feed(live, line, hash, 500 * i, fileOf(hash));
    live.advance(500 * i);
    if (i === lines.length >> 1) live.report(reportOptions(settings));
  });
  live.settleAll();
  return live.report(reportOptions(settings));
}

/** A better key is not looked for in a log that goes on: what was counted is forgotten. */
function comparable({ warnings, ...rest }: DiffReport) {
  const said = warnings.filter(({ code }) => code !== 'other-key');
  // Who forgets lines says that what has not met may have come too late.
  return { ...rest, warnings: said.map((each) => (each.code === 'nothing-paired' ? { code: each.code } : each)) };
}

test('with everything inside the window, the report is that of the whole files', () => {
  const order = fc.constantFrom('first' as const, 'last' as const);
  const property = fc.property(traffic, settings, order, (traffic, settings, order) => {
    fc.pre(traffic.lines.some(({ line }) => line.side === 'mirror'));
    const live = liveReport(traffic, settings, order);
    const whole = comparable(batchReport(traffic, settings, order));
    assert.deepEqual(comparable(live), whole);
    assert.deepEqual(comparable(historyReport(traffic, settings, order)), whole);
    const { buckets, productionRequests } = live.coverage;
    assert.equal(
      Object.values(buckets).reduce((sum, count) => sum + count, 0),
      productionRequests,
    );
  });
  fuzz(property, 50);
  // Routes of requests that nobody compares took the places of those that are compared, at the bound of routes.
  for (const seed of [-337380309, -1220333883]) fc.assert(property, { seed, numRuns: 100 });
});

test('failed answers to no request that could be compared are a doubt of both', () => {
  const at = (second: number) => START + 1000 * second;
  const lineOf = (side: 'production' | 'mirror', values: Partial<AccessRecord>): Line => ({
    side,
    record: record(values),
  });
  const failed = (values: Partial<AccessRecord>): Line =>
    lineOf('mirror', { status: 500, termination: '', timeMs: at(150), ...values });
  const pairs = Array.from({ length: 300 }, (_, i) => {
    const values = { uniqueId: `id-${i}`, timeMs: at(i) };
    return [lineOf('production', values), lineOf('mirror', { ...values, termination: '' })];
  });
  const twins = ['/a', '/b'].map((target) => lineOf('production', { uniqueId: 'twin', target, timeMs: at(10) }));
  const counted = [
    ...Array.from({ length: 20 }, () => failed({})),
    failed({ uniqueId: 'unknown' }),
    failed({ uniqueId: 'retried' }),
    failed({ uniqueId: 'retried', timeMs: at(151) }),
    failed({ uniqueId: 'twin' }),
    failed({ uniqueId: 'no time', timeMs: Number.NaN }),
    failed({ timeMs: at(298) }),
  ];
  const others = [
    failed({ timeMs: at(-1) }),
    failed({ uniqueId: 'late', timeMs: at(300) }),
    failed({ uniqueId: 'dropped', error: 'dropped-queue-full' }),
  ];
  const lines = [...counted, ...others, ...pairs.flat(), ...twins].map((line, hash) => ({ line, hash }));
  const settings = settingsWith({ minPairs: 0, margin: 0.05 });
  for (const report of [batchReport, historyReport, liveReport]) {
    const { verdict } = report({ lines }, settings, 'last');
    assert.match(verdict.reasons[0] as string, /^26 answers of the mirror failed whose requests could not be compared/);
  }
});
