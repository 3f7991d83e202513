import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictLine } from '../../src/report/headline.ts';
import { renderTable } from '../../src/report/table.ts';
import { displayWidth } from '../../src/report/width.ts';
import type { Summary } from '../../src/stats/model.ts';
import {
  emptySummary,
  failingSummary,
  group,
  healthySummary,
  hostileSummary,
  keyed,
  mixedSummary,
  status,
  summary,
  timers,
} from './summaries.ts';

const ALL: readonly (readonly [name: string, summary: Summary])[] = [
  ['healthy', healthySummary()],
  ['failing', failingSummary()],
  ['mixed', mixedSummary()],
  ['hostile', hostileSummary()],
  ['empty', emptySummary()],
];

test('the screen of a failing agent', () => {
  assert.equal(
    renderTable(failingSummary()),
    `FAILING since 2026-11-22 07:02:28Z — 100 % of 3 events failed
  2026-11-22 07:02:28Z to 2026-11-22 07:02:31Z (3 s) · lb-access.log
  - every event failed

LIKELY CAUSE
  the message was sent but no ACK came in time: the agent is stalled or too slow (100 % of errors)
    → Look at the agent: load, blocked workers, a slow mirror target; then at timeout processing.

AGENT   EVENT                     events  /s  errors  err %  pT p50  p95  p99  p99.9  max  err/time
mirror  on-frontend-http-request       3   1       3    100     500  501  501    501  501  ██ █
pT, ms = latency added to the client's request until the agent's ACK, not the mirror's response time
WHERE p99 GOES    encode 0 %   queue 0 %   wait 100 % ████████████   decode 0 %
NEVER ENDED (-1)  wait 3 · decode 3
SATURATION        idle applets min 0 · applets max 1 · sending max 0 · waiting max 0

ST  MEANING                          DOCUMENTED SPOP  count  share  first UTC  last UTC
 1  timeout during event processing  I/O error            3  100 %  07:02:28   07:02:31
    → See whether the agent is up and how fast it answers; compare with timeout processing.

LOG  lines 7 · SPOE 3 · other SPOE 0 · malformed 0 · spoofed 0 · overlong 0 · filtered 0
     unlogged 0 · restarts 0
`,
  );
});

test('the screen without any event still says what it is', () => {
  assert.equal(
    renderTable(emptySummary()),
    `UNKNOWN — no SPOE event found
  lb-access.log

LOG  lines 7 · SPOE 0 · other SPOE 0 · malformed 0 · spoofed 0 · overlong 0 · filtered 0
     unlogged unknown · restarts unknown
! no SPOE line in the input
`,
  );
});

test('the first line is the verdict', () => {
  assert.equal(verdictLine(healthySummary()), 'HEALTHY — none of 6274 events failed');
  assert.equal(verdictLine(mixedSummary()), 'DEGRADED since 2026-11-22 00:12:07Z — 0.46 % of 126165 events failed');
  for (const [, each] of ALL) assert.equal(renderTable(each).split('\n')[0], verdictLine(each));
});

test('healthy is about the agent alone, and says who knows about the mirror', () => {
  const about = /^ {2}the agent took them; whether the mirror answers: its \/readyz, or spoe-logs diff$/m;
  assert.match(renderTable(healthySummary()), about);
  assert.doesNotMatch(renderTable(failingSummary()), about);
});

test('a period that is over is said with its end', () => {
  const base = mixedSummary();
  const verdict = { ...base.verdict, until: '2026-11-22T01:00:00.000Z' };
  assert.match(
    verdictLine({ ...base, verdict }),
    /^DEGRADED from 2026-11-22 00:12:07Z to 2026-11-22 01:00:00Z, recovered — /,
  );
});

test('the share of a cause says what it is a part of', () => {
  const base = failingSummary();
  const shares = ['no-ack-in-time', 'wait-time'].map((code) => ({ code, message: code, share: 0.5 }));
  const text = renderTable({ ...base, verdict: { ...base.verdict, causes: shares } });
  assert.match(text, /no-ack-in-time \(50 % of errors\)\n {2}wait-time \(50 % of their time\)\n/);
});

test('standard input is called by its name', () => {
  const base = healthySummary();
  assert.match(renderTable({ ...base, input: { ...base.input, files: ['-'] } }), / · standard input\n/);
});

test('the verdict says the lower bound when normal events may not be logged', () => {
  const total = { ...group(3, 3), errorRate: null, errorRateLowerBound: 0.6 };
  const verdict = { status: 'failing', since: null, reasons: [], causes: [] } as const;
  assert.equal(verdictLine(summary({ total, verdict })), 'FAILING — 3 of 3 logged events failed, at least 60 % of all');
  assert.match(renderTable(summary({ total, verdict })), />=60/);
});

for (const width of [100, 80, 60, 40]) {
  for (const unicode of [true, false]) {
    test(`no line is wider than ${width} columns ${unicode ? 'in Unicode' : 'in ASCII'}`, () => {
      for (const [name, each] of ALL) {
        for (const line of renderTable(each, { width, unicode }).split('\n')) {
          assert.ok(displayWidth(line) <= width, `${name}: ${displayWidth(line)} ${line}`);
          if (!unicode) assert.match(line, /^[\x20-\x7e]*$/);
        }
      }
    });
  }
}

test('a wider terminal is not used', () => {
  assert.equal(renderTable(mixedSummary(), { width: 250 }), renderTable(mixedSummary()));
});

test('ordinary input fits one screen', () => {
  const { series: _windows, thresholds: _asked, ...ordinary } = mixedSummary();
  for (const each of [healthySummary(), failingSummary(), ordinary]) {
    assert.ok(renderTable(each).split('\n').length <= 40);
  }
  assert.ok(renderTable(healthySummary()).split('\n').length <= 20);
});

test('colour only adds', () => {
  for (const [, each] of ALL) {
    const coloured = renderTable(each, { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the very thing this test takes away
    assert.equal(coloured.replaceAll(/\x1b\[\d*m/g, ''), renderTable(each));
    assert.ok(['\x1b[31m', '\x1b[32m', '\x1b[33m'].includes(coloured.slice(0, 5)));
  }
});

test('hostile names reach the terminal as visible text only', () => {
  const text = renderTable(hostileSummary());
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.match(text, /agent \\x1b\[31mevil\|`<b> stands out\\x0d\\x0aHEALTHY/);
});

test('an endless name takes neither the screen nor the numbers', () => {
  const name = 'x'.repeat(65_536);
  const base = failingSummary();
  const text = renderTable({
    ...base,
    groups: [keyed(name, name, base.total)],
    notices: [{ code: 'a', message: name }],
  });
  assert.ok(text.split('\n').length <= 30);
  assert.match(text, /x…\s+3\s+1\s+3\s+100/);
});

test('many groups are cut to the worst, and it is said how many are left', () => {
  const groups = Array.from({ length: 22 }, (_, i) => keyed(`agent-${String(i).padStart(2, '0')}`, 'e', group(10, i)));
  const text = renderTable(summary({ total: group(220, 231), groups }));
  assert.match(text, /… and 12 more groups, worst shown first \(--format json shows all\)/);
  assert.match(text, /AGENT.*\nagent-21 /);
  assert.doesNotMatch(text, /agent-11/);
  assert.match(text, /\ntotal /);
});

test('the key columns follow the keys of --by', () => {
  const groups = [
    { key: { host: 'lb1', pid: 713 }, ...group(5, 1) },
    { key: { other: true as const }, ...group(5, 0) },
  ];
  const text = renderTable(summary({ total: group(10, 1), groups }));
  assert.match(text, /\nHOST +PID +events/);
  assert.match(text, /\nlb1 +713 +5 /);
  assert.match(text, /\n\(other\) +5 /);
});

test('HAProxy >= 3.1 logs no phases, and the screen says so', () => {
  const total = group(2, 0, { status: [status(0, 2, 2)], timers: timers(2, {}, [1, 1, 1, 1, 1]) });
  assert.match(renderTable(summary({ total, groups: [keyed('mirror', 'e', total)] })), /HAProxy >= 3\.1 logs pT only/);
});

test('unlogged events come with their reading, other messages with their number', () => {
  const text = renderTable(mixedSummary());
  assert.match(text, /unlogged = 37 events without a line: skipped by an ACL \(sampling\)/);
  assert.match(text, /they cannot be told apart/);
  assert.match(text, / {5}21 x SPOE: \[mirror\] failed to create SPOE applet\n/);
});

test('a crossed threshold and the last windows are shown', () => {
  const text = renderTable(mixedSummary());
  assert.match(text, / {2}CROSSED {2}mirror:p99>50ms {3}observed 300 ms\n/);
  assert.match(text, / {2}ok {7}error-rate>1% {3}observed 0\.46 %\n/);
  assert.match(text, /… and 3 earlier windows of 10 m/);
});

test('both meanings of a code stand beside each other, and 256 + N names N', () => {
  const text = renderTable(mixedSummary());
  assert.match(text, /1 +timeout during event processing +I\/O error +412/);
  assert.match(text, /257 +I\/O error \(SPOP 1\) +- +162/);
});

test('a next step that a cause has said is not said again', () => {
  const base = failingSummary();
  const next = base.total.status[0]?.next ?? '';
  const causes = [{ code: 'a', message: 'm', next }];
  const text = renderTable({ ...base, verdict: { ...base.verdict, causes } });
  assert.equal(text.split(next).length, 2);
});
