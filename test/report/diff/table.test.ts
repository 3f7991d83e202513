import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUCKETS } from '../../../src/diff/model.ts';
import { BUCKET_WORDS } from '../../../src/report/diff/words.ts';
import { renderDiffTable } from '../../../src/report/diff-table.ts';
import {
  coverage,
  emptyReport,
  errors,
  failReport,
  hugeReport,
  inconclusiveReport,
  latency,
  paired,
  passReport,
  report,
  route,
  unmatchedReport,
} from './reports.ts';

test('the screen of a release that must not go out', () => {
  assert.equal(
    renderDiffTable(failReport()),
    `FAIL — GET /orders/{…} regressed: 0.00 % -> 5.30 % errors in 4000 pairs
also          GET /v1/users/{…} is not forward-compatible
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
    spoe-logs diff --production lb-access.log --mirror mirror.log --format ndjson --only new_error \\
      --route 'GET /orders/{…}'

GATES  1 of 4 failed, 1 of --warn-on did not pass · exit 1
  FAIL          more errors, route by route: GET /orders/{…} · route-regression · observed
                difference +5.30 pp, q <0.001 · 212 new errors, 0 fixed in 4000 pairs, q <0.001
  WARN          slowest answers (p95) · p95-ratio>1.2 · observed 1.31, limit 1.2 · given with
                --warn-on: does not change the verdict
  pass          number of pairs · pairs<200
  pass          more errors, over all routes · regression · the change is below 0.5 pp

OUTCOMES of 117650 pairs  mirror fine             mirror error
  production fine              117100  both fine           212  NEW
  production error                 31  FIXED               307  both
  error rate 0.29 % → 0.44 % · mirror minus production +0.15 pp [+0.13, +0.18]
  p <0.001 (McNemar mid-p)
  status changed without an error 40 · new 4xx 12 · 4xx gone 3 · covered by --ignore 4

STATUS, production → mirror (pairs)
  worse   200 → 500 (200)   200 → 404 (51)   200 → connect-refused (12)

        ROUTES, worst first  pairs  new  fixed  prod %  mirror %  diff pp   95 % interval       q
worse   GET /orders/{…}       4000  212      0       0      5.30    +5.30  [+4.57, +6.03]  <0.001
        GET /v1/users/{…}      900    0      0    0.22      0.22        0  [-0.22, +0.22]       1
better  POST /orders         10000    0     31    0.41      0.10    -0.31  [-0.42, -0.20]  <0.001
  q = expected share of false alarms among routes with a q this small (Benjamini-Hochberg)

NOT FORWARD-COMPATIBLE
  the mirror answers 404, 405 or 414 where production answered below 400
  51 x 404, 2 x 405  GET /v1/users/{…}

LATENCY, ms           n  prod p50  p95  p99  mirror p50  p95   p99  ratio  95 % interval
all              117650        12   85  240          13   91   262   1.04   [1.03, 1.05]
GET /orders/{…}    4000        12   85  240          30  400  1210   2.41   [2.30, 2.52]
  production's Tr against the mirror's time to the first byte; ratio = mirror / production of the
  typical pair

SAMPLES
  new error  2026-11-22 07:02:28Z  GET /orders/{…}
    production 200 ---- 12 ms  /orders/1017
    mirror     500 34 ms
    id C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9  trace 4bf92f3577b34da6a3ce929d0e0e4736
  new error  2026-11-22 07:02:28Z  GET /orders/{…}
    production 200 ---- 12 ms  /orders/1017
    mirror     connect-refused
    id C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9  trace 4bf92f3577b34da6a3ce929d0e0e4736
  missing on the mirror  no time  POST /orders
    production 201 ---- 40 ms  /orders
    mirror     no line
    id C0A80001:1

COVERAGE           requests      %  what it means
malformed                12  <0.01  no request that could be read (<BADREQ>)
no_id                     0      0  no id on the production line to pair it by
ambiguous_id              0      0  its id is on several different lines
client_abort            310   0.26  the client left before an answer
answered_by_proxy      2107   1.75  HAProxy answered it itself, no server did
paired               117650   97.7  one id on both sides: these are compared
dropped                   0      0  not sent by the agent, or with its body cut
not_mirrored            340   0.28  no SPOE line of the agent: it was not sent
spoe_failed               0      0  HAProxy could not hand it over (SPOE st > 0)
acked_but_missing        12  <0.01  handed to the agent (st=0), but no mirror line
sum                  120431    100  all production requests, each in one bucket
  paired 99.7 % (117650 of 118002 comparable)
  delivered >99.9 % of 117662 that HAProxy or the agent tried to send
  mirror lines without an id 3 · with an id that production does not have 17
  ids answered more than once 2 (the last one counts)

INPUT       file           format            lines  parsed  unparsed  duplicates
production  lb-access.log  haproxy-httplog  240862  240862         0           0
mirror      mirror.log     combined         117700  117672        28           4

! 28 of 117700 mirror lines could not be read

NEXT
  the requests with a new error, on one route:
    spoe-logs diff --production lb-access.log --mirror mirror.log --format ndjson --only new_error \\
      --route 'GET /orders/{…}'
  the requests that have no answer of the mirror:
    spoe-logs diff --production lb-access.log --mirror mirror.log --format ndjson --only missing

FAIL — GET /orders/{…} regressed: 0.00 % -> 5.30 % errors in 4000 pairs
`,
  );
});

test('the screen of a comparison that says nothing yet', () => {
  assert.equal(
    renderDiffTable(inconclusiveReport()),
    `INCONCLUSIVE — 57 pairs are fewer than 200
compared      57 of 4157 production requests (1.37 %), paired by unique id
              2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d)
              statuses and times only; bodies and headers need --answers
not compared  4100 have no answer of the mirror
              28 lines that could not be read (mirror.log)
not known     whether those 4100 were sent at all: no SPOE lines tell
next          the requests that have no answer of the mirror:
    spoe-logs diff --production lb-access.log --mirror mirror.log --format ndjson --only missing

GATES  1 of 3 undecided · exit 3
  INCONCLUSIVE  number of pairs · pairs<200 · observed 57, limit 200
  pass          more errors, over all routes · regression · no change beyond chance and 0.5 pp
  pass          more errors, route by route · route-regression · none of 2 routes regressed

OUTCOMES of 57 pairs  mirror fine             mirror error
  production fine              57  both fine             0  NEW
  production error              0  FIXED                 0  both
  error rate 0 % → 0 % · mirror minus production 0 pp [-3.51, +3.51] · p 0.510 (McNemar mid-p)
  status changed without an error 0 · new 4xx 0 · 4xx gone 0 · covered by --ignore 0

  ROUTES, worst first  pairs  new  fixed  prod %  mirror %  diff pp   95 % interval  q
  GET /                   57    0      0       0         0        0  [-3.51, +3.51]  1
  q = expected share of false alarms among routes with a q this small (Benjamini-Hochberg)

LATENCY, ms   n  prod p50  p95  p99  mirror p50  p95  p99  ratio  95 % interval
all          57        12   85  240          13   91  262   1.04   [1.03, 1.05]
  production's Tr against the mirror's time to the first byte; ratio = mirror / production of the
  typical pair, from a sample of 50

COVERAGE           requests     %  what it means
malformed                 0     0  no request that could be read (<BADREQ>)
no_id                     0     0  no id on the production line to pair it by
ambiguous_id              0     0  its id is on several different lines
client_abort              0     0  the client left before an answer
answered_by_proxy         0     0  HAProxy answered it itself, no server did
paired                   57  1.37  one id on both sides: these are compared
dropped                   0     0  not sent by the agent, or with its body cut
missing                4100  98.6  no mirror line, and no SPOE lines to say why
sum                    4157   100  all production requests, each in one bucket
  paired 1.37 % (57 of 4157 comparable) · delivered: unknown without SPOE lines
  mirror lines without an id 3 · with an id that production does not have 17
  ids answered more than once 2 (the last one counts)

INPUT       file           format            lines  parsed  unparsed  duplicates
production  lb-access.log  haproxy-httplog  240862  240862         0           0
mirror      mirror.log     combined         117700  117672        28           4

NEXT
  the requests that have no answer of the mirror:
    spoe-logs diff --production lb-access.log --mirror mirror.log --format ndjson --only missing

INCONCLUSIVE — 57 pairs are fewer than 200
`,
  );
});

test('the screen without any input still says what it is', () => {
  assert.equal(
    renderDiffTable(emptyReport(), { width: 80, unicode: false }),
    `INCONCLUSIVE -- nothing was compared, so nothing is known about the mirror
weak evidence no id joins the two logs, so whole routes are compared, not one
              request with its own copy
              a difference may come from different requests on each side, and an
              equal rate may hide a change
compared      0 production requests against 0 of the mirror, route by route
              no request was counted
next          make pairing work:
    spoe-logs diff --print-haproxy-config

GATES  3 of 3 undecided | exit 3
  INCONCLUSIVE  number of pairs | pairs<200 | observed 0, limit 200
  INCONCLUSIVE  share of the requests that was compared | coverage<80% |
                observed unknown, limit 80 %
  INCONCLUSIVE  slowest answers (p95) | p95-ratio>1.2 | observed unknown

OUTCOMES, each side alone  requests  errors  error %  95 % interval
  production                      0       -        -              -
  mirror                          -       -        -              -
  error rate - -> - | mirror minus production unknown | p - (not tested)
  status changed without an error 0 | new 4xx 0 | 4xx gone 0
  covered by --ignore 0

ROUTES  none

LATENCY  unknown: no pair has a time on both sides

COVERAGE           requests  %  what it means
malformed                 0  -  no request that could be read (<BADREQ>)
no_id                     0  -  no id on the production line to pair it by
ambiguous_id              0  -  its id is on several different lines
client_abort              0  -  the client left before an answer
answered_by_proxy         0  -  HAProxy answered it itself, no server did
paired                    0  -  one id on both sides: these are compared
dropped                   0  -  not sent by the agent, or with its body cut
missing                   0  -  no mirror line, and no SPOE lines to say why
sum                       0  -  all production requests, each in one bucket
  paired - (0 of 0 comparable) | delivered: unknown without SPOE lines
  mirror lines without an id 0 | with an id that production does not have 0
  ids answered more than once 0 (the worst one counts)

INPUT  none

NEXT
  make pairing work:
    spoe-logs diff --print-haproxy-config

INCONCLUSIVE -- nothing was compared, so nothing is known about the mirror
`,
  );
});

test('a pass says no more than the verdict', () => {
  const text = renderDiffTable(passReport());
  assert.match(text, /^PASS — all 3 gates passed on 117650 pairs\n/);
  assert.doesNotMatch(text, /\bsafe\b/);
});

test('a noise baseline is named among what was compared', () => {
  const base = passReport();
  const text = renderDiffTable({ ...base, settings: { ...base.settings, noiseBaseline: 'aa.json' } });
  assert.match(text, /^ +only what exceeds the noise of aa\.json counts$/m);
});

test('unpaired evidence is called weak before any number', () => {
  const text = renderDiffTable(unmatchedReport());
  const warning = text.indexOf('\nweak evidence ');
  assert.ok(warning > 0 && warning < text.indexOf('\ncompared '));
  assert.match(text, /^INCONCLUSIVE — no request is paired with what the mirror answered\n/);
  assert.match(
    text,
    /OUTCOMES, each side alone {2}requests {2}errors {2}error % {2}95 % interval\n {2}production {19}8000 {6}16 {5}0\.20 {3}\[0\.12, 0\.32\]\n/,
  );
  assert.match(
    text,
    /\nNEXT\n {2}make pairing work:\n {4}spoe-logs diff --print-haproxy-config\n\nINCONCLUSIVE — .*\n$/,
  );
  assert.doesNotMatch(text, /--only/);
});

test('the exit code on the screen is that of the program', () => {
  assert.match(renderDiffTable(emptyReport()), /^GATES .* · exit 3$/m);
  assert.match(renderDiffTable(emptyReport(), { exitCode: 2 }), /^GATES .* · exit 2$/m);
});

test('every bucket says in words what it is, uncut at 80 columns', () => {
  const counts = Object.fromEntries(BUCKETS.map((bucket, i) => [bucket, 1_000_000 + i]));
  const text = renderDiffTable(report({ coverage: coverage(counts) }), { width: 80 });
  for (const bucket of BUCKETS) {
    const line = text.split('\n').find((each) => each.startsWith(`${bucket} `)) ?? '';
    assert.ok(line.endsWith(BUCKET_WORDS[bucket]), `${bucket}: ${line}`);
  }
});

test('only buckets that cannot hold anything are left out', () => {
  const withSpoe = renderDiffTable(report({ coverage: coverage({ paired: 5 }) }));
  assert.match(withSpoe, /^not_mirrored +0 /m);
  assert.doesNotMatch(withSpoe, /^missing /m);
  const without = renderDiffTable(report({ coverage: coverage({ paired: 5 }, false) }));
  assert.match(without, /^missing +0 /m);
  assert.doesNotMatch(without, /^spoe_failed /m);
});

test('buckets that do not sum are shouted about', () => {
  const base = coverage({ paired: 5 });
  const text = renderDiffTable(report({ coverage: { ...base, productionRequests: 6 } }));
  assert.match(text, /^sum +5 +100 +not the 6 production requests: a bug of spoe-logs$/m);
});

test('routes beyond the screen are counted, with what is bad among them', () => {
  assert.match(
    renderDiffTable(hugeReport()),
    /^ {2}… and 190 more routes, 190 of them worse \(--format json has all\)$/m,
  );
  const fine = Array.from({ length: 11 }, (_, i) => route(`GET /${i}`, paired(10, 0, 0, 0, 1)));
  assert.match(
    renderDiffTable(report({ routes: fine })),
    /^ {2}… and 1 more route, none of them worse beyond chance /m,
  );
});

test('a latency shift is notable when it is a tenth or more and beyond chance', () => {
  const shifted = (ratio: number, low: number, high: number, q: number) =>
    latency({ ratio, ratioCi: [low, high], test: { name: 'wilcoxon-signed-rank', p: q / 2, q } });
  const routes = [
    route('GET /slow', paired(10, 0, 0, 0), { latency: shifted(1.5, 1.4, 1.6, 0.001) }),
    route('GET /small', paired(10, 0, 0, 0), { latency: shifted(1.05, 1.04, 1.06, 0.001) }),
    route('GET /chance', paired(10, 0, 0, 0), { latency: shifted(1.5, 0.9, 2.5, 0.3) }),
    route('GET /fast', paired(10, 0, 0, 0), { latency: shifted(0.4, 0.35, 0.45, 0.001) }),
    route('GET /few', paired(10, 0, 0, 0), { latency: latency({ ratio: 3, ratioCi: [2, 4] }) }),
  ];
  const text = renderDiffTable(report({ routes }));
  const rows = text
    .slice(text.indexOf('LATENCY'), text.indexOf('COVERAGE'))
    .split('\n')
    .map((line) => line.split('  ')[0]);
  assert.deepEqual(rows.slice(1, 5), ['all', 'GET /few', 'GET /fast', 'GET /slow']);
});

test('what may not happen does not break the screen', () => {
  const nan = Number.NaN;
  const odd = errors({
    n: 5,
    productionRate: nan,
    mirrorRate: Infinity,
    difference: nan,
    differenceCi: [nan, nan],
    test: { name: 'mcnemar-midp', p: nan, q: nan },
  });
  const text = renderDiffTable(
    report({
      errors: odd,
      latency: latency({ n: nan, ratio: nan, production: { p50: nan, p95: -1, p99: Infinity } }),
      routes: [route('', odd)],
    }),
  );
  assert.doesNotMatch(text, /NaN|Infinity|undefined/);
});
