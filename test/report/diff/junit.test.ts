import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DiffReport } from '../../../src/diff/model.ts';
import { renderDiffJunit } from '../../../src/report/diff-junit.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import type { Element } from './markup-reader.ts';
import { readMarkup } from './markup-reader.ts';
import { failReport, hostileReport, inconclusiveReport, passReport, REPORTS, report } from './reports.ts';

const elements = (from: DiffReport, name: string): Element[] =>
  readMarkup(renderDiffJunit(from)).elements.filter((element) => element.name === name);
const values = (found: readonly Element[], attribute: string): (string | undefined)[] =>
  found.map(({ attributes }) => attributes.get(attribute));

test('JUnit of a release that must not go out', () => {
  assert.equal(
    renderDiffJunit(failReport()),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="spoe-logs diff" tests="8" failures="3" errors="0" skipped="0" time="0">
  <testsuite name="spoe-logs diff" tests="1" failures="1" errors="0" skipped="0" time="0">
    <testcase name="verdict" classname="spoe-logs.diff" time="0">
      <failure type="fail" message="FAIL: GET /orders/{…} regressed: 0.00 % -&gt; 5.30 % errors in 4000 pairs; GET /v1/users/{…} is not forward-compatible">FAIL: GET /orders/{…} regressed: 0.00 % -&gt; 5.30 % errors in 4000 pairs; GET /v1/users/{…} is not forward-compatible</failure>
      <system-out>also: GET /v1/users/{…} is not forward-compatible; compared: 117650 of 120431 production requests (97.7 %), paired by unique id; 2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d); statuses and times only; bodies and headers need --answers; 4 of them with a change that --ignore allows: not judged; not compared: 2107 were answered by HAProxy itself; 340 were not sent to the mirror (sampled out, or not selected); 310 were left by the client before an answer; 24 for 2 other reasons; 28 lines that could not be read (mirror.log); warning: 28 of 117700 mirror lines could not be read; paired by unique id; mirror&#39;s clock minus production&#39;s +12 ms (median); paired 99.7 % (117650 of 118002 comparable); delivered &gt;99.9 % of 117662 that HAProxy or the agent tried to send; all production requests, each in one bucket</system-out>
    </testcase>
  </testsuite>
  <testsuite name="spoe-logs diff gates" tests="4" failures="1" errors="0" skipped="0" time="0">
    <testcase name="route-regression GET /orders/{…}" classname="spoe-logs.diff.gates" time="0">
      <failure type="fail" message="more errors, route by route: GET /orders/{…}; observed difference +5.30 pp, q &lt;0.001; 212 new errors, 0 fixed in 4000 pairs, q &lt;0.001">more errors, route by route: GET /orders/{…}; observed difference +5.30 pp, q &lt;0.001; 212 new errors, 0 fixed in 4000 pairs, q &lt;0.001</failure>
    </testcase>
    <testcase name="p95-ratio&gt;1.2" classname="spoe-logs.diff.gates" time="0">
      <system-out>WARN: slowest answers (p95); observed 1.31, limit 1.2; given with --warn-on: does not change the verdict</system-out>
    </testcase>
    <testcase name="pairs&lt;200" classname="spoe-logs.diff.gates" time="0">
      <system-out>pass: number of pairs; observed 117650, limit 200</system-out>
    </testcase>
    <testcase name="regression" classname="spoe-logs.diff.gates" time="0">
      <system-out>pass: more errors, over all routes; observed difference +0.15 pp, p &lt;0.001; the change is below 0.5 pp</system-out>
    </testcase>
  </testsuite>
  <testsuite name="spoe-logs diff routes" tests="3" failures="1" errors="0" skipped="0" time="0">
    <testcase name="GET /orders/{…}" classname="spoe-logs.diff.routes" time="0">
      <failure type="fail" message="n 4000, new errors 212, fixed 0, production 0 %, mirror 5.30 %, difference +5.30 pp [+4.57, +6.03], q &lt;0.001, latency ratio 2.41">n 4000, new errors 212, fixed 0, production 0 %, mirror 5.30 %, difference +5.30 pp [+4.57, +6.03], q &lt;0.001, latency ratio 2.41</failure>
    </testcase>
    <testcase name="GET /v1/users/{…}" classname="spoe-logs.diff.routes" time="0">
      <system-out>n 900, new errors 0, fixed 0, production 0.22 %, mirror 0.22 %, difference 0 pp [-0.22, +0.22], q 1</system-out>
    </testcase>
    <testcase name="POST /orders" classname="spoe-logs.diff.routes" time="0">
      <system-out>n 10000, new errors 0, fixed 31, production 0.41 %, mirror 0.10 %, difference -0.31 pp [-0.42, -0.20], q &lt;0.001</system-out>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('JUnit is well-formed XML whose totals are right', () => {
  for (const [what, each] of REPORTS) {
    const [all] = elements(each, 'testsuites');
    assert.equal(all?.attributes.get('tests'), String(elements(each, 'testcase').length), what);
    assert.equal(all?.attributes.get('failures'), String(elements(each, 'failure').length), what);
    const sum = values(elements(each, 'testsuite'), 'tests').reduce((total, tests) => total + Number(tests), 0);
    assert.equal(String(sum), all?.attributes.get('tests'), what);
  }
});

test('JUnit is green when the exit code is 0, and only then', () => {
  for (const [what, each] of REPORTS) {
    assert.equal(elements(each, 'failure').length === 0, each.verdict.exitCode === 0, what);
  }
});

test('it is red, and says why, where an input could not be read', () => {
  const [failure, ...others] = readMarkup(renderDiffJunit(passReport(), { exitCode: 2 })).elements.filter(
    ({ name }) => name === 'failure',
  );
  assert.equal(others.length, 0);
  assert.equal(failure?.attributes.get('type'), 'unusable');
  assert.match(failure.attributes.get('message') ?? '', /^an input could not be read.*; PASS: /);
});

test('an inconclusive gate is a failure that says so', () => {
  assert.deepEqual(values(elements(inconclusiveReport(), 'failure'), 'type'), ['inconclusive', 'inconclusive']);
});

test('an inconclusive verdict fails even when every gate passed', () => {
  const base = passReport();
  const doubtful = report({ verdict: { ...base.verdict, status: 'inconclusive', exitCode: 3 } });
  assert.deepEqual(values(elements(doubtful, 'failure'), 'type'), ['inconclusive']);
});

test('a worse route passes when only --warn-on asks for it, and says so', () => {
  const base = failReport();
  const gates = base.verdict.gates.map((gate) => ({ ...gate, warnOnly: true }));
  const warned = { ...base, verdict: { status: 'pass' as const, exitCode: 0 as const, reasons: [], gates } };
  assert.deepEqual(elements(warned, 'failure'), []);
  assert.match(renderDiffJunit(warned), /<system-out>worse, but no gate asks for it: n 4000, /);
  assert.match(
    renderDiffJunit(warned),
    /<system-out>WARN: .*given with --warn-on: does not change the verdict<\/system-out>/,
  );
});

test('a route without pairs is skipped, not passed', () => {
  const base = passReport();
  const [first] = base.routes;
  assert.ok(first);
  const empty = report({ routes: [{ ...first, errors: { ...first.errors, n: 0 } }] });
  assert.deepEqual(values(elements(empty, 'skipped'), 'message'), ['nothing was compared on this route']);
});

test('no text of a log changes the XML around it', () => {
  const expected = readMarkup(renderDiffJunit(hostileReport('x'))).structure;
  fc.assert(
    fc.property(fc.string({ unit: CODE_POINT }), (text) => {
      assert.equal(readMarkup(renderDiffJunit(hostileReport(`x${text}`))).structure, expected);
    }),
    { numRuns: 100 },
  );
});
