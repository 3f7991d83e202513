/** The page of a summary as text: what may be in it, what it says, and how large it becomes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { PAGE_SCRIPT } from '../../../src/report/html/page-script.ts';
import { type Baseline, renderSummaryHtml, renderSummarySections } from '../../../src/report/summary-html.ts';
import { Aggregator } from '../../../src/stats/aggregator.ts';
import { viewHistory } from '../../../src/stats/history-view.ts';
import { MirrorRecordTally } from '../../../src/stats/mirror-tally.ts';
import type { Summary } from '../../../src/stats/model.ts';
import { summarize } from '../../../src/stats/summary.ts';
import { fuzz } from '../../attack/fuzzing.ts';
import { eventLine, eventLines, readLog } from '../../stats/read-log.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import { readMarkup } from '../diff/markup-reader.ts';

function baselineOf(text: string, by: readonly ('agent' | 'event' | 'host')[] = ['agent', 'event']): Baseline {
  const log = readLog(text, { history: true, by });
  const summary = summarize({ files: ['lb.log'], minEvents: 1, ...log });
  return { name: 'before.json', summary, history: log.aggregator.history && viewHistory(log.aggregator.history) };
}

/** The page of a log, against another log where one is given. */
function page(text: string, before?: Baseline): string {
  const { summary, history } = baselineOf(text);
  return renderSummaryHtml(summary, { history, baseline: before });
}

/** Without its script, whose text is no markup. */
function read(html: string) {
  return readMarkup(html.replace(/<script>[\s\S]*<\/script>/, ''), ['meta', 'br']);
}

const HALF_FAILED = eventLines(0, 50) + eventLines(50, 50, { st: 257, timers: '0/1/301/-1/302 0/0 0/0' }, 51);

test('the policy names style and script by their hashes and allows nothing else', () => {
  const html = page(HALF_FAILED);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
  assert.equal(
    policy,
    `default-src 'none'; style-src ${hash(style)}; script-src ${hash(PAGE_SCRIPT)}; base-uri 'none'; form-action 'none'`,
  );
  assert.doesNotMatch(html.replace(PAGE_SCRIPT, ''), /url\(|@import|https?:| style=| on\w+=/i);
});

test('the script is small', () => {
  assert.ok(PAGE_SCRIPT.length < 20_000, `${PAGE_SCRIPT.length} bytes`);
});

test('no text of a log changes the page around it', () => {
  const hostile = (text: string): string => {
    const { summary, history } = baselineOf(HALF_FAILED);
    const groups = summary.groups.map((group) => ({ ...group, key: { agent: text, name: text } }));
    const changed: Summary = {
      ...{ ...summary, groups },
      verdict: { ...summary.verdict, reasons: [text], causes: [{ code: 'x', message: text, next: text }] },
      notices: [{ code: 'x', message: text }],
      input: { ...summary.input, files: [text], otherMessages: [{ message: text, count: 1 }] },
    };
    return renderSummaryHtml(changed, { history, baseline: { name: text, summary: changed, history } });
  };
  const expected = read(hostile('x')).structure;
  fuzz(
    fc.property(
      fc.oneof(fc.string({ unit: CODE_POINT, minLength: 1 }), fc.constant('</script><svg onload="x">')),
      (text) => {
        assert.equal(read(hostile(text)).structure, expected);
      },
    ),
    100,
  );
});

test('sections keep their ids and their order, whatever there is to say', () => {
  const ids = (text: string) => {
    const { summary, history } = baselineOf(text);
    return renderSummarySections(summary, { history }).map(({ id }) => id);
  };
  assert.deepEqual(ids(''), ids(HALF_FAILED));
  assert.equal(new Set(ids('')).size, ids('').length);
});

/** A year of a mirror that fails in many ways. */
function recordOfYear(): MirrorRecordTally {
  const record = new MirrorRecordTally({ history: true });
  for (let i = 0; i < 365 * 120; i++) {
    const error = i % 5 === 0 ? `reason-${i % 40}` : '';
    record.add(`http://mirror-${i % 3}`, {
      ...{ timeMs: Date.UTC(2026, 10, 22, 7) + i * 720_000, status: error === '' ? 200 + (i % 4) * 101 : -1, error },
      ...{ firstByteMs: 1, totalMs: (i * 7919) % 3001, requestBytes: 0, responseBytes: 0 },
    });
  }
  return record;
}

test('a year of nights, merged, is a page of less than 1 MB', () => {
  const merged = new Aggregator({ by: ['agent', 'event', 'host'], history: true });
  const codes = [0, 0, 0, 1, 2, 3, 257, 264, 265, 259];
  for (let day = 0; day < 365; day++) {
    const lines = Array.from({ length: 120 }, (_, i) => {
      const [wait, host] = [Math.floor((day * 7919 + i * 104_729) % 3001), `lb${i % 8}`];
      const timers = `${i % 3}/${i % 5}/${wait}/${i % 2}/${wait + 9} ${i % 7}/${i % 90} ${i % 4}/${i % 60}`;
      return eventLine(day * 86_400 + i * 600, { host, st: codes[(day + i) % codes.length] ?? 0, timers });
    });
    merged.merge(readLog(lines.join(''), { by: ['agent', 'event', 'host'], history: true }).aggregator.toState());
  }
  const { tally } = readLog('');
  const mirror = recordOfYear();
  const summary = summarize({ files: ['lb.log'], minEvents: 1, aggregator: merged, tally, mirror });
  const history = viewHistory(merged.history, mirror.history);
  assert.equal(history?.seconds, 86_400);
  assert.equal(history?.events, 365 * 120);
  assert.equal(history?.mirror?.requests, 365 * 120);
  const html = renderSummaryHtml(summary, { history, baseline: { name: 'before.json', summary, history } });
  assert.ok(Buffer.byteLength(html) < 1_000_000, `${Buffer.byteLength(html)} bytes`);
});

test('a comparison says what is worse, and what cannot be compared', () => {
  const before = eventLines(-86_400, 100);
  const text = read(page(HALF_FAILED, baselineOf(before))).text;
  assert.match(text, /worse More fails than before: 50 % now, 0 % before\./);
  assert.match(text, /Dashed: the baseline, moved by 1 day, so that times of day agree\./);
  assert.doesNotMatch(text, /With care/);
  const same = read(page(HALF_FAILED, baselineOf(HALF_FAILED))).text;
  assert.match(same, /No clear change of the error rate/);
  assert.match(same, /both are of the same time in part/);
  const other = read(page(HALF_FAILED, baselineOf(eventLines(-86_400, 5), ['host']))).text;
  assert.match(other, /groups are of host in the baseline and of agent, event here \(--by\): they cannot be compared/);
  assert.match(other, /the baseline has 5 events: too few to compare rates/);
});

test('what is not known is said, and never drawn as nothing', () => {
  const failures = read(page(eventLine(0, { st: 257, timers: '4', nbError: 1, processed: 9 }).repeat(3))).text;
  assert.match(
    failures,
    /The phases of an event and how full the connections were: HAProxy 3\.1 and later log pT only\./,
  );
  assert.match(failures, /Whether the mirror answers/);
  const untimed = read(page(eventLine(0).replace(/^\S+ \S+ haproxy\[713\]: /, ''))).text;
  assert.match(untimed, /When anything happened: the lines have no time that can be read\./);
  const { summary } = baselineOf(HALF_FAILED);
  assert.match(read(renderSummaryHtml(summary)).text, /How it went over time: it was not kept when this was counted\./);
});

/** The page of a record, beside a log where one is given. */
function pageOfRecord(text: string, error: string, keeps = true): string {
  const log = readLog(text, { history: true });
  const mirror = new MirrorRecordTally({ history: keeps });
  for (let i = 0; i < 60; i++)
    mirror.add('', {
      ...{ timeMs: Date.UTC(2026, 10, 22, 7) + i * 1000, status: i < 30 ? 200 : -1, error: i < 30 ? '' : error },
      ...{ firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 0 },
    });
  const summary = summarize({ files: text === '' ? [] : ['lb.log'], minEvents: 1, ...log, mirror });
  return renderSummaryHtml(summary, { history: viewHistory(log.aggregator.history, mirror.history) });
}

const figuresOf = (html: string) => [...html.matchAll(/<figure class="chart" id="([^"]*)"/g)].map(([, id]) => id);

test('what the mirror answered stands beside what HAProxy logged, and alone', () => {
  const beside = figuresOf(pageOfRecord(HALF_FAILED, 'timeout'));
  assert.deepEqual(beside.slice(0, 2), ['chart-rate', 'chart-errors']);
  const ofMirror = ['chart-mirror', 'chart-mirror-failures', 'chart-mirror-latency'];
  assert.deepEqual(beside.slice(-3), ofMirror);
  assert.deepEqual(figuresOf(pageOfRecord('', 'timeout')), ofMirror);
  const text = read(pageOfRecord('', 'timeout')).text;
  assert.match(text, /the first step with failures is 2026-11-22 07:00:30Z/);
  assert.match(text, /MirroredMirror 2xxMirror no answerMirror timeoutMirror p50 ms/);
});

test('failures and codes that are not told apart are one rest, of kinds that nobody counted', () => {
  const mirror = new MirrorRecordTally({ history: true });
  for (let i = 0; i < 3000; i++)
    mirror.add('', {
      ...{ timeMs: Date.UTC(2026, 10, 22, 7) + i * 20, status: 500 + (i % 30), error: '' },
      ...{ firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 0 },
    });
  const summary = summarize({ files: [], minEvents: 1, ...readLog(''), mirror });
  const { text } = read(renderSummaryHtml(summary, { history: viewHistory(undefined, mirror.history) }));
  assert.match(text, /Mirror 500Mirror 501Mirror 502Mirror 503Mirror 504Mirror, other failuresMirror p50 ms/);
  assert.doesNotMatch(text, /\d other failures/);
});

test('a destination that alone stopped is named, where charts of the others go on, and its requests are no events', () => {
  const mirror = new MirrorRecordTally({ history: true });
  for (let i = 0; i < 3600; i++) {
    const of = { timeMs: Date.UTC(2026, 10, 22, 7) + i * 1000, status: i % 2 === 0 ? 200 : 503, error: '' };
    const request = { ...of, firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 0 };
    if (i < 1200) mirror.add('http://blue:8080', request);
    mirror.add('http://green:8080', request);
  }
  const summary = summarize({ files: [], minEvents: 1, ...readLog('', { history: true }), mirror });
  const html = renderSummaryHtml(summary, { history: viewHistory(undefined, mirror.history) });
  assert.match(html, /Nothing of http:\/\/blue:8080 came after 2026-11-22 07:19:59Z\./);
  assert.doesNotMatch(html, /Nothing came after/);
  assert.match(html, /% of the requests of a step of [\d]+ [ms\d ]+ failed/);
  assert.doesNotMatch(html, /of the events of a step/);
});

test('an hour of which no steps were kept is not told as one without requests', () => {
  const recordAt = (hour: number, history: boolean) => {
    const mirror = new MirrorRecordTally({ history });
    for (let i = 0; i < 360; i++) {
      const of = { timeMs: Date.UTC(2026, 10, 22, hour) + i * 10_000, status: i % 2 === 0 ? 200 : 503, error: '' };
      mirror.add('', { ...of, firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 0 });
    }
    return mirror;
  };
  const mirror = recordAt(9, true);
  mirror.merge(recordAt(8, false).toState());
  const log = readLog(eventLines(3600, 60), { history: true });
  const summary = summarize({ files: ['lb.log'], minEvents: 1, ...log, mirror });
  const html = renderSummaryHtml(summary, { history: viewHistory(log.aggregator.history, mirror.history) });
  const { text } = read(html);
  assert.match(text, /The mirror's charts have 360 of 720 requests/);
  assert.doesNotMatch(text, /without a request|first step with failures/);
  assert.match(text, /2026-11-22 08:00:00Z[\d.]*–––/);
});

test('a record whose steps were not kept has no chart of nothing, and it is said', () => {
  const html = pageOfRecord(HALF_FAILED, 'timeout', false);
  assert.ok(!figuresOf(html).includes('chart-mirror'));
  assert.match(read(html).text, /How the mirror answered over time: it was not kept when this was counted/);
  assert.match(read(pageOfRecord('', 'timeout', false)).text, /Over timeNot known: it was not kept/);
});

test('no name of a failure changes the page around it', () => {
  const expected = read(pageOfRecord(HALF_FAILED, 'x')).structure;
  fuzz(
    fc.property(
      fc.oneof(fc.string({ unit: CODE_POINT, minLength: 1 }), fc.constant('</script><svg onload="x">')),
      (text) => {
        assert.equal(read(pageOfRecord(HALF_FAILED, text)).structure, expected);
      },
    ),
    50,
  );
});

/** Events of ten minutes, one in fifty failed; the first of them of another host where it is named. */
const FEW_FAILED = Array.from({ length: 600 }, (_, second) =>
  eventLine(second, {
    ...(second % 50 === 49 && { st: 257, timers: '0/1/301/-1/302 0/0 0/0' }),
    ...{ processed: second + 1, nbError: Math.floor((second + 1) / 50) },
  }),
).join('');

test('errors over time are as tall as the worst step of all rows, which is written', () => {
  const html = page(FEW_FAILED);
  const full = /errors over time: full height is ([\d.]+ %) of a step/.exec(html)?.[1];
  assert.ok(full !== undefined && full !== '100 %', full);
  const heights = [...html.matchAll(/<rect class="failed"[^>]* height="([\d.]+)"/g)].map(([, height]) =>
    Number(height),
  );
  assert.equal(Math.max(...heights), 22);
  assert.ok(html.includes(`>at most ${full}</span>`));
});

test('a baseline too short to be drawn has no legend, but a sentence', () => {
  const text = read(page(FEW_FAILED, baselineOf(eventLine(-600)))).text;
  assert.doesNotMatch(text, /Dashed|all events, before|p99, before/);
  assert.match(text, /The baseline is not drawn: .*meet the middle of no step/);
});

test('no quantile of a step is above the largest value', () => {
  const text = read(page(eventLine(0, { timers: '0/0/1000/0/1000 0/0 0/0' }).repeat(3))).text;
  assert.match(text, /p99 at most 1000 ms/);
});

test('small whole times are compared by their difference', () => {
  const of = (ms: number, second: number) => eventLines(second, 600, { timers: `0/0/${ms}/0/${ms} 0/0 0/0` });
  assert.match(read(page(of(0, 0), baselineOf(of(1, -86_400)))).text, /pT p50, ms\s*0\s*-1 ms\s*1\b/);
  assert.match(read(page(of(40, 0), baselineOf(of(20, -86_400)))).text, /pT p50, ms\s*40\s*× 2\.00\s*20\b/);
});

test('a line under another is named as such', () => {
  const idle = (idles: number) => eventLines(0, 50, { timers: `0/0/1/0/1 ${idles}/4 0/3` });
  assert.match(read(page(idle(0))).text, /fewest idle \(in every step equal to most sending, which lies on it\)/);
  assert.doesNotMatch(read(page(idle(2))).text, /fewest idle \(/);
});
