/** What stops while something else goes on, and what a filter leaves of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderCsv } from '../../src/report/csv.ts';
import { renderPrometheus } from '../../src/report/prometheus.ts';
import { renderTable } from '../../src/report/table.ts';
import { type MirroredRequest, MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import type { Summary } from '../../src/stats/model.ts';
import { summarize } from '../../src/stats/summary.ts';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { eventLine, eventLines, readLog, summarizeLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const headline = (summary: Summary) => renderTable(summary).split('\n')[0] ?? '';

function request(second: number, host = 'lb1'): string {
  const time = new Date(START + second * 1000).toISOString().slice(0, 19);
  return `${time}+00:00 ${host} haproxy[713]: 192.0.2.7:4711 [22/Nov/2026:07:00:00.000] fe be/s1 0/0/0/1/1 200 9 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n`;
}

/** As HAProxy writes it on standard output: without a time, a host, a pid. */
const raw = (text: string) => text.replace(/^.*?haproxy\[\d+\]: /gm, '');
const pair = (second: number, event = {}) =>
  eventLine(second, event) + request(second, (event as { host?: string }).host);
const stops =
  range(0, 300)
    .map((s) => pair(s))
    .join('') +
  range(300, 600)
    .map((s) => request(s))
    .join('');

describe('a filter does not switch silence off', () => {
  const filters = {
    agent: { agents: new Set(['mirror']) },
    host: { hosts: new Set(['lb1']) },
    pid: { pids: new Set([713]) },
    'since, within': { since: START + 5000 },
    'since, after the last event': { since: START + 400_000 },
    until: { until: START + 500_000 },
  };
  for (const [name, filter] of Object.entries(filters))
    test(name, () => {
      const summary = summarizeLog(stops, { filter });
      assert.equal(summary.verdict.silence?.since, '2026-11-22T07:04:59.000Z');
      assert.match(headline(summary), /^SILENT since 2026-11-22 07:04:59Z/);
    });

  test('what --until ends before the silence is well', () => {
    assert.equal(summarizeLog(stops, { filter: { until: START + 200_000 } }).verdict.status, 'healthy');
  });
});

describe('lines without times', () => {
  test('a log that goes on without events is silent', () => {
    const log = raw(
      range(0, 150)
        .map((s) => pair(s))
        .join('') +
        range(0, 500)
          .map((s) => request(s))
          .join(''),
    );
    const summary = summarizeLog(log);
    assert.equal(summary.verdict.silence?.since, null);
    assert.match(headline(summary), /^SILENT — traffic, but nothing mirrored since \(501 lines\)/);
  });

  test('of another input, or a few, say nothing', () => {
    const few = raw(
      range(0, 150)
        .map((s) => pair(s))
        .join('') +
        range(0, 10)
          .map((s) => request(s))
          .join(''),
    );
    assert.equal(summarizeLog(few).verdict.silence, undefined);
  });

  test('the end of them is now', () => {
    const log = raw(
      range(0, 500)
        .map((s) => pair(s))
        .join('') +
        range(0, 150)
          .map((s) => pair(s, { st: 2 }))
          .join(''),
    );
    const { verdict } = summarizeLog(log);
    assert.equal(verdict.status, 'failing');
    assert.match(verdict.reasons.join(), /all of the last 64 events failed/);
  });

  test('an agent that stops is told by the order of lines', () => {
    const log = range(0, 1200)
      .map((s) => (s < 600 ? eventLine(s) : '') + pair(s, { agent: 'waf' }))
      .join('');
    assert.match(headline(summarizeLog(raw(log))), /^SILENT — agent mirror: nothing mirrored/);
  });
});

describe('one that stops is not hidden by another that goes on', () => {
  const agents = range(0, 1200)
    .map((s) => (s < 600 ? eventLine(s) : '') + pair(s, { agent: 'waf' }))
    .join('');
  const hosts = range(0, 1200)
    .map((s) => (s < 600 ? eventLine(s) : '') + request(s) + pair(s, { host: 'lb2' }))
    .join('');
  const of = (host: string) =>
    hosts
      .split('\n')
      .filter((line) => line.includes(` ${host} `))
      .join('\n');

  test('an agent', () => {
    const summary = summarizeLog(agents);
    assert.match(
      headline(summary),
      /^SILENT since 2026-11-22 07:09:59Z — agent mirror: nothing mirrored since, others go on/,
    );
    assert.equal(summary.verdict.status, 'unknown');
    assert.deepEqual([summary.verdict.silence?.agent, summary.verdict.silence?.host], ['mirror', undefined]);
    assert.equal(summarizeLog(agents, { filter: { agents: new Set(['waf']) } }).verdict.status, 'healthy');
  });

  test('a host', () => {
    assert.match(headline(summarizeLog(hosts)), /^SILENT since 2026-11-22 07:09:59Z — lb1: nothing mirrored since/);
  });

  test('a host whose state is merged with that of one that is well', () => {
    const [silent, well] = [readLog(of('lb1')), readLog(of('lb2'))];
    for (const order of [
      [silent, well],
      [well, silent],
    ]) {
      const { aggregator, tally } = readLog('');
      for (const part of order) {
        aggregator.merge(part.aggregator.toState());
        tally.merge(part.tally.toState());
      }
      assert.match(
        headline(summarize({ files: [], aggregator, tally, minEvents: 1 })),
        /^SILENT .* lb1: nothing mirrored/,
      );
    }
  });

  test('a destination of the record', () => {
    const record = new MirrorRecordTally();
    const one: MirroredRequest = {
      timeMs: 0,
      status: 200,
      error: '',
      firstByteMs: 1,
      totalMs: 2,
      requestBytes: 1,
      responseBytes: 1,
    };
    for (const s of range(0, 900)) {
      record.add('http://a', { ...one, timeMs: START + s * 1000 });
      if (s < 420) record.add('http://b', { ...one, timeMs: START + s * 1000 });
    }
    const thresholds = ['mirror-error-rate>1%', 'http://a:mirror-error-rate>1%'].map(parseThreshold);
    const summary = summarizeLog('', {}, { files: [], mirror: record, thresholds });
    assert.match(summary.verdict.reasons.join(), /nothing of http:\/\/b since 2026-11-22 07:06:59Z/);
    assert.match(headline(summary), /^SILENT since 2026-11-22 07:06:59Z — http:\/\/b/);
    assert.deepEqual(
      summary.thresholds?.map(({ crossed }) => crossed),
      [true, false],
    );
  });

  test('what ends otherwise is no silence', () => {
    const ends: readonly (readonly [string, string])[] = [
      ['a host whose log ends earlier', of('lb2') + of('lb1').split('\n').slice(0, 800).join('\n')],
      [
        'a host that gets no requests any more',
        range(0, 600)
          .map((s) => pair(s) + (s < 300 ? pair(s, { host: 'lb2' }) : ''))
          .join(''),
      ],
      [
        'an agent that few requests are for',
        range(0, 1250)
          .map((s) => pair(s) + (s % 100 === 0 ? eventLine(s, { agent: 'login' }) : ''))
          .join(''),
      ],
      [
        'clocks that differ by seconds',
        range(5, 600)
          .map((s) => pair(s) + pair(s - 5, { host: 'lb2' }))
          .join(''),
      ],
      [
        'bursts',
        range(0, 1000)
          .map((i) => pair(Math.floor(i / 25) * 30))
          .join(''),
      ],
      [
        'a night',
        range(0, 600)
          .map((s) => pair(s))
          .join('') +
          range(1, 60)
            .map((i) => pair(600 + i * 100))
            .join(''),
      ],
    ];
    for (const [what, log] of ends) assert.equal(summarizeLog(log).verdict.status, 'healthy', what);
  });
});

describe('machines are told', () => {
  const thresholds = ['error-rate>1%', 'p99>1s'].map(parseThreshold);
  const summary = summarizeLog(stops, {}, { thresholds });

  test('no gate passes', () => {
    assert.ok(summary.thresholds?.every(({ crossed, reason }) => crossed && reason?.includes('silent since')));
  });

  test('Prometheus and CSV have it', () => {
    const text = renderPrometheus(summary);
    assert.match(text, /^spoe_logs_silent 1$/m);
    assert.match(text, /^spoe_logs_silent_since_timestamp_seconds 1795331099$/m);
    assert.match(renderPrometheus(summarizeLog(eventLines(0, 30))), /^spoe_logs_silent 0$/m);
    assert.match(renderCsv(summary), /,unknown,2026-11-22T07:04:59\.000Z,all\n$/);
  });
});

describe('patience, live', () => {
  const at = (log: string, ageMs: number) =>
    summarizeLog(log, {}, { present: { nowMs: START + ageMs, lastEventMs: START, lastLineMs: START } }).verdict.silence;
  const load = (n: number) =>
    range(0, n)
      .map((i) =>
        range(0, 25)
          .map(() => eventLine(i * 5))
          .join(''),
      )
      .join('');

  test('the first page loads say nothing of what a log is used to', () => {
    for (const n of [1, 2, 3, 8, 20]) assert.equal(at(load(n), 4500), undefined, `${n} loads`);
    assert.notEqual(at(load(20), 60_000), undefined);
  });

  test('a longer pause before that is known is not called well', () => {
    const live = (log: string, ageMs: number) =>
      summarizeLog(log, {}, { present: { nowMs: START + ageMs, lastEventMs: START, lastLineMs: START } }).verdict;
    const log = raw(eventLines(0, 150));
    assert.equal(live(log, 9000).status, 'healthy');
    const { status, reasons, silence } = live(log, 12_000);
    assert.deepEqual([status, silence], ['unknown', undefined]);
    assert.match(reasons[0] ?? '', /no event for 12 s, and what this log is used to is not known yet/);
    assert.notEqual(live(log, 61_000).silence, undefined);
  });
});
