/** What a release manager reads: the first 24 lines of 80 columns have to be enough. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiffReport } from '../../../src/diff/model.ts';
import { makeOverview } from '../../../src/report/diff/overview.ts';
import { renderDiffTable } from '../../../src/report/diff-table.ts';
import { burstReport, destinationReport, droppedReport, lostRouteReport, passReport, statusReport } from './reports.ts';

function firstScreen(report: DiffReport): string {
  const lines = renderDiffTable(report, { width: 80 }).split('\n');
  return `${lines.slice(0, 24).join('\n')}\n`;
}

test('the first screen of a PASS says how much was compared and what it rests on', () => {
  assert.equal(
    firstScreen(passReport()),
    `PASS — all 3 gates passed on 117650 pairs
compared      117650 of 120431 production requests (97.7 %), paired by unique id
              2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d)
              statuses and times only; bodies and headers need --answers
not compared  2107 were answered by HAProxy itself
              340 were not sent to the mirror (sampled out, or not selected)
              310 were left by the client before an answer
              24 for 2 other reasons
              28 lines that could not be read (mirror.log)
next          the requests with a new error, on one route:
    spoe-logs diff --production lb-access.log --mirror mirror.log \\
      --format ndjson --only new_error --route 'GET /orders/{…}'

GATES  all 3 passed · exit 0
  pass          more errors, over all routes · regression
  pass          more errors, route by route · route-regression
  pass          number of pairs · pairs<200

OUTCOMES of 117650 pairs  mirror fine             mirror error
  production fine              117113  both fine           120  NEW
  production error                110  FIXED               307  both
  error rate 0.35 % → 0.36 % · mirror minus production <+0.01 pp [-0.02, +0.03]
  p 0.510 (McNemar mid-p)
  status changed without an error 0 · new 4xx 0 · 4xx gone 0
`,
  );
});

test('the first screen of a status that got worse names the route and the transition', () => {
  assert.equal(
    firstScreen(statusReport()),
    `FAIL — GET /cart/{…} answers 403 where production answered 200, in 80 of 80
  pairs
compared      320 of 372 production requests (86.0 %), paired by unique id
              2026-11-22 12:00:00Z to 2026-11-22 13:00:00Z (1 h)
              statuses and times only; bodies and headers need --answers
not compared  40 never reached the mirror
              12 were answered by HAProxy itself
              28 lines that could not be read (mirror.log)
next          the requests with a new 4xx, on one route:
    spoe-logs diff --production lb-access.log --mirror mirror.log \\
      --format ndjson --only new_4xx --route 'GET /cart/{…}'

GATES  1 of 3 failed · exit 1
  FAIL          status of GET /cart/{…}: 200 → 403 in 100 % of 80 pairs ·
                route-status-regression · observed difference +100 pp, q <0.001
  pass          errors of all routes together: 0 % → 0 % over 320 pairs ·
                regression
  pass          number of pairs · pairs<200

OUTCOMES of 320 pairs  mirror fine             mirror error
  production fine              320  both fine             0  NEW
  production error               0  FIXED                 0  both
  error rate 0 % → 0 % · mirror minus production 0 pp [-0.63, +0.63]
  p 0.510 (McNemar mid-p)
`,
  );
});

test('the first screen of a lost route names it', () => {
  assert.equal(
    firstScreen(lostRouteReport()),
    `INCONCLUSIVE — POST /checkout/pay: the mirror answered 0 of 100 requests, all
  other routes 900 of 900
also          if the 100 missing answers were errors, the error rate would have
              risen by +10.0 pp
compared      900 of 1000 production requests (90.0 %), paired by unique id
              2026-11-22 12:00:00Z to 2026-11-22 13:00:00Z (1 h)
              statuses and times only; bodies and headers need --answers
not compared  100 have no answer of the mirror
              28 lines that could not be read (mirror.log)
not known     whether those 100 were sent at all: no SPOE lines tell
may miss      a rise of the error rate by less than +0.40 pp (0 % → 0.40 %)
to decide     600 more pairs for a PASS if it goes on like this (1500 in all)
next          the requests that have no answer of the mirror, on one route:
    spoe-logs diff --production lb-access.log --mirror mirror.log \\
      --format ndjson --only missing --route 'POST /checkout/pay'

GATES  1 of 2 undecided · exit 3
  INCONCLUSIVE  answers of POST /checkout/pay: 0 of 100, other routes 900 of 900
                · lost-routes · observed answered 0, comparable 100
  pass          number of pairs · pairs<200

OUTCOMES of 900 pairs  mirror fine             mirror error
  production fine              900  both fine             0  NEW
  production error               0  FIXED                 0  both
`,
  );
});

test('the first screen of a burst names its minutes', () => {
  assert.equal(
    firstScreen(burstReport()),
    `INCONCLUSIVE — 38 of 40 new errors stand between 12:03 and 12:04: a burst, not a
  regression like any other
compared      1200 of 1204 production requests (99.7 %), paired by unique id
              2026-11-22 12:00:00Z to 2026-11-22 13:00:00Z (1 h)
              statuses and times only; bodies and headers need --answers
not compared  4 could not be handed to the agent by HAProxy
              28 lines that could not be read (mirror.log)
may miss      a rise of the error rate by less than +1.20 pp (0 % → 1.20 %)
to decide     if it goes on like this, no number of pairs makes it a PASS
next          the new errors of the burst:
    spoe-logs diff --production lb-access.log --mirror mirror.log \\
      --since 2026-11-22T12:03:00.000Z --until 2026-11-22T12:04:00.000Z \\
      --format ndjson --only new_error

GATES  1 of 2 undecided · exit 3
  INCONCLUSIVE  38 of 40 new errors between 12:03 and 12:04 · regression ·
                observed difference +3.33 pp, p <0.001
  pass          number of pairs · pairs<200

OUTCOMES of 1200 pairs  mirror fine             mirror error
  production fine              1160  both fine            40  NEW
  production error                0  FIXED                 0  both
  error rate 0 % → 3.33 % · mirror minus production +3.33 pp [+2.27, +4.40]
  p <0.001 (McNemar mid-p)
`,
  );
});

test('the first screen of several destinations says which is judged and what became of the others', () => {
  assert.equal(
    firstScreen(destinationReport()),
    `FAIL for http://next.example/ — GET /orders/{…} regressed: 0.00 % -> 5.30 %
  errors in 4000 pairs
also          GET /v1/users/{…} is not forward-compatible
destinations  http://next.example/ FAIL (this report)
              http://now.example/ PASS (baseline: its differences are the noise)
              http://small.example/ PASS
compared      117650 of 120431 production requests (97.7 %), paired by unique id
              2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d)
              statuses and times only; bodies and headers need --answers
              4 of them with a change that --ignore allows: not judged
not compared  2107 were answered by HAProxy itself
              340 were not sent to the mirror (sampled out, or not selected)
              310 were left by the client before an answer
              24 for 2 other reasons
              28 lines that could not be read (mirror.log)
warning       28 of 117700 mirror lines could not be read
next          the requests with a new error, on one route:
    spoe-logs diff --production lb-access.log --mirror mirror.log \\
      --destination http://next.example/ --format ndjson --only new_error \\
      --route 'GET /orders/{…}'

GATES  1 of 4 failed, 1 of --warn-on did not pass · exit 1
  FAIL          more errors, route by route: GET /orders/{…} · route-regression
                · observed difference +5.30 pp, q <0.001 · 212 new errors, 0
`,
  );
});

test('the first screen of requests that never reached the mirror counts them by reason', () => {
  assert.equal(
    firstScreen(droppedReport()),
    `INCONCLUSIVE — 190 of 990 requests have no answer: if all were errors the error
  rate would have risen by +19.2 pp
compared      800 of 1000 production requests (80.0 %), paired by unique id
              2026-11-22 12:00:00Z to 2026-11-22 13:00:00Z (1 h)
              statuses and times only; bodies and headers need --answers
not compared  200 never reached the mirror: queue full 180, over the agent's
              rate limit 10, body cut off by HAProxy 8, agent shutting down 2
              52 lines of HAProxy about itself, not about a request
may miss      a rise of the error rate by less than +0.40 pp (1.00 % → 1.40 %)
next          the requests that have no answer of the mirror:
    spoe-logs diff --production lb-access.log --mirror mirror.log \\
      --format ndjson --only missing

GATES  1 of 2 undecided · exit 3
  INCONCLUSIVE  190 of 990 requests have no answer (19.2 %) · delivered ·
                observed unanswered 190, comparable 990
  pass          number of pairs · pairs<200

OUTCOMES of 800 pairs  mirror fine             mirror error
  production fine              792  both fine             0  NEW
  production error               0  FIXED                 8  both
  error rate 1.00 % → 1.00 % · mirror minus production 0 pp [-0.25, +0.25]
  p 0.510 (McNemar mid-p)
  status changed without an error 0 · new 4xx 0 · 4xx gone 0
`,
  );
});

test('another status that is no worse is said, so that nobody takes it for the same', () => {
  const base = passReport();
  const transitions = [
    { production: '200', mirror: '202', count: 40 },
    { production: '200', mirror: '200', count: 60 },
  ];
  const verdict = { ...base.verdict, status: 'pass', reasons: ['no gate failed'] } as const;
  const report = { ...base, verdict, transitions, errors: { ...base.errors, statusChanged: 40 } };
  const { facts } = makeOverview(report);
  assert.deepEqual(facts.find(({ label }) => label === 'differing')?.lines, [
    '40 pairs with another status that is no worse: 200 → 202 (40)',
  ]);
});
