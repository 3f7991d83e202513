import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderCsv } from '../../src/report/csv.ts';
import { renderSummary, SUMMARY_FORMATS } from '../../src/report/index.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderPrometheus } from '../../src/report/prometheus.ts';
import { renderSummaryHtml } from '../../src/report/summary-html.ts';
import {
  emptySummary,
  failingSummary,
  group,
  healthySummary,
  hostileSummary,
  mixedSummary,
  summary,
} from './summaries.ts';

const ALL = [emptySummary, failingSummary, healthySummary, hostileSummary, mixedSummary];

for (const format of SUMMARY_FORMATS) {
  test(`${format} ends with one newline, is the same twice, and holds no raw control character`, () => {
    for (const make of ALL) {
      const render = () => (format === 'html' ? renderSummaryHtml(make()) : renderSummary(format, make()));
      const text = render();
      assert.equal(text, render());
      assert.match(text, /[^\n]\n$/);
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  });
}

test('JSON is the model itself, in its key order', () => {
  for (const make of ALL) {
    const text = renderJson(make());
    assert.deepEqual(JSON.parse(text), make());
    assert.equal(JSON.stringify(JSON.parse(text)), JSON.stringify(make()));
  }
  assert.match(renderJson(emptySummary()), /^\{\n {2}"schema": "spoe-logs\/summary\/1",\n {2}"input": \{/);
});

test('Markdown keeps a hostile name inside its cell', () => {
  const text = renderMarkdown(hostileSummary());
  const row = text.split('\n').find((line) => line.includes('=cmd()')) ?? '';
  assert.match(row, /^\| \\\\x1b\\\[31mevil\\\|\\`&lt;b&gt; \| =cmd\(\)/);
  assert.equal(row.replaceAll('\\|', '').split('|').length, 14);
  assert.doesNotMatch(text, /<b>/);
});

test('Markdown has the verdict as its heading and every table', () => {
  const text = renderMarkdown(mixedSummary());
  assert.match(text, /^# DEGRADED since 2026-11-22 00:12:07Z — 0\.46 % of 126165 events failed\n/);
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, ['Likely causes', 'Thresholds', 'Events', 'Status', 'Windows', 'Log health', 'Notices']);
});

test('Markdown names the first ten of many files', () => {
  const base = healthySummary();
  const files = Array.from({ length: 126 }, (_, i) => `lb${i}.log`);
  const text = renderMarkdown({ ...base, input: { ...base.input, files } });
  assert.match(text, /lb9\.log, 116 more\n/);
});

test('CSV has a header, a row a group, and the total last', () => {
  const lines = renderCsv(mixedSummary()).trimEnd().split('\n');
  assert.equal(lines.length, 5);
  assert.match(
    lines[0] ?? '',
    /^row,agent,type,name,host,pid,st,count,errors,errorRate,errorRateLowerBound,perSecond,/,
  );
  assert.match(lines[1] ?? '', /^group,mirror,EVENT,on-frontend-http-request,,,,83310,574,/);
  assert.match(lines[4] ?? '', /^total,,,,,,,126165,575,/);
  const columns = lines.map((line) => line.split(',').length);
  assert.equal(new Set(columns).size, 1);
  assert.match(lines[4] ?? '', /,0:125590 1:412 257:162 264:1,[a-z]+,,$/);
});

test('CSV neutralises a formula and quotes a quote', () => {
  const row = renderCsv(hostileSummary()).split('\n')[1] ?? '';
  assert.ok(row.startsWith(`group,\\x1b[31mevil|\`<b>,EVENT,"'=cmd()\\x9b31m\\u2066x""y",h\\x09ost\\x7f,,,`));
});

test('CSV marks the group past the bound', () => {
  const groups = [{ key: { other: true as const }, ...group(5, 0) }];
  assert.match(renderCsv(summary({ total: group(5, 0), groups })), /\nother,,,,,,,5,0,0,/);
});

test('Prometheus tells errors by code, pT in seconds and the verdict as a state set', () => {
  const text = renderPrometheus(failingSummary());
  const key = 'agent="mirror",type="EVENT",name="on-frontend-http-request"';
  for (const line of [
    'spoe_logs_verdict{status="failing"} 1',
    'spoe_logs_verdict{status="healthy"} 0',
    'spoe_logs_verdict_since_timestamp_seconds 1795330948',
    `spoe_logs_events_total{${key}} 3`,
    `spoe_logs_errors_total{${key},st="1",status="processing-timeout"} 3`,
    `spoe_logs_pt_seconds{${key},quantile="0.99"} 0.501`,
    `spoe_logs_pt_seconds_count{${key}} 3`,
    `spoe_logs_phase_interrupted_total{${key},phase="wait"} 3`,
    'spoe_logs_lines_total{kind="malformed"} 0',
    `spoe_logs_applets_max{${key}} 1`,
    `spoe_logs_unlogged_events{${key}} 0`,
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line);
  }
});

test('Prometheus names every series once and every family before its samples', () => {
  for (const make of ALL) {
    const lines = renderPrometheus(make()).trimEnd().split('\n');
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));
    assert.equal(new Set(series).size, series.length);
    for (const line of lines) assert.match(line, /^(# (HELP|TYPE) )?spoe_logs_[a-z_]+/);
  }
});

test('Prometheus leaves out what is unknown, and keeps different names different', () => {
  const groups = [
    { key: { agent: 'a\x1b' }, ...group(1, 1), errorRate: null },
    { key: { agent: 'a\\x1b' }, ...group(1, 0) },
    { key: { other: true as const }, ...group(2, 0) },
  ];
  const text = renderPrometheus(summary({ total: group(4, 1), groups }));
  assert.ok(text.includes('spoe_logs_events_total{agent="a\\\\x1b"} 1\n'));
  assert.ok(text.includes('spoe_logs_events_total{agent="a\\\\\\\\x1b"} 1\n'));
  assert.ok(text.includes('spoe_logs_events_total{other="true"} 2\n'));
  assert.ok(!text.includes('spoe_logs_error_ratio{agent="a\\\\x1b"}'));
});
