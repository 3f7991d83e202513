import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Analysis, analyse } from '../../../src/diff/analysis.ts';
import { Collection } from '../../../src/diff/collection.ts';
import { reportDestinations } from '../../../src/diff/destinations.ts';
import { LiveDiff } from '../../../src/diff/live-diff.ts';
import type { DiffReport, DiffSettings } from '../../../src/diff/model.ts';
import { reportWhole } from '../../../src/diff/whole-report.ts';
import { fuzz } from '../../attack/fuzzing.ts';
import { feed, reportOptions, rulesOf, settingsWith } from './lines.ts';
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
  })
  .map(settingsWith);

function batchReport({ lines }: Traffic, settings: DiffSettings): DiffReport {
  const collection = new Collection({ agent: settings.agent });
  for (const { line, hash } of lines) feed(collection, line, hash, 0, fileOf(hash));
  const rules = rulesOf(settings);
  const analyses = analyse(collection, { key: settings.key, rules, maxRoutes: settings.maxRoutes });
  const names = analyses.map(({ destination }) => destination);
  return reportDestinations(names, settings, (name) =>
    reportWhole(analyses.find(({ destination }) => destination === name) as Analysis, reportOptions(settings)),
  );
}

/** A mirror that writes two logs. */
const fileOf = (hash: number) => hash % 2;

/** What files hold already: the clock stands until all of it is read. */
function historyReport({ lines }: Traffic, settings: DiffSettings): DiffReport {
  const live = new LiveDiff({ settings, rules: rulesOf(settings), graceMs: 30_000 });
  for (const { line, hash } of lines) feed(live, line, hash, 0, fileOf(hash));
  live.advance(0);
  live.settleAll();
  return live.report(reportOptions(settings));
}

/** Half a second between lines, and a look at the clock after each. */
function liveReport({ lines }: Traffic, settings: DiffSettings): DiffReport {
  const live = new LiveDiff({ settings, rules: rulesOf(settings), graceMs: 500 * (lines.length + 10) });
  lines.forEach(({ line, hash }, i) => {
    feed(live, line, hash, 500 * i, fileOf(hash));
    live.advance(500 * i);
    if (i === lines.length >> 1) live.report(reportOptions(settings));
  });
  live.settleAll();
  return live.report(reportOptions(settings));
}

/** Samples are the last ones here and the first ones there; a better key is not looked for in a log that goes on. */
function comparable(report: DiffReport) {
  const { samples, warnings, latency, ...rest } = report;
  const codes = warnings.map(({ code }) => code).filter((code) => code !== 'other-key');
  return { ...rest, codes, latency: report.correlation.mode === 'paired' ? latency : null };
}

test('with everything inside the window, the report is that of the whole files', () => {
  const property = fc.property(traffic, settings, (traffic, settings) => {
    fc.pre(traffic.lines.some(({ line }) => line.side === 'mirror'));
    const live = liveReport(traffic, settings);
    const whole = comparable(batchReport(traffic, settings));
    assert.deepEqual(comparable(live), whole);
    assert.deepEqual(comparable(historyReport(traffic, settings)), whole);
    const { buckets, productionRequests } = live.coverage;
    assert.equal(
      Object.values(buckets).reduce((sum, count) => sum + count, 0),
      productionRequests,
    );
  });
  fuzz(property, 100);
  // Routes of requests that nobody compares took the places of those that are compared, at the bound of routes.
  for (const seed of [-337380309, -1220333883]) fc.assert(property, { seed, numRuns: 100 });
});
