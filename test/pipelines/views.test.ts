/**
 * The views of pipelines/ in ClickHouse: SPOE_LOGS_ENGINES is a folder where `npm install chdb` was run, which is ClickHouse in
 * this process. Skipped without it.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NAMED } from '../../scripts/pipelines.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { fixture, STALL, spoeLogs } from '../programs/spoe-logs/run.ts';

const { SPOE_LOGS_ENGINES: engines = '' } = process.env;
const skip = !existsSync(join(engines, 'node_modules/chdb')) && 'SPOE_LOGS_ENGINES names no folder with chdb';
const LOGS = [STALL, fixture('logs/corpus/haproxy-3.2.26--group-and-event.log')];
const VIEWS = readFileSync(new URL('../../pipelines/clickhouse-otel-views.sql', import.meta.url), 'utf8');

/** The columns of the Collector's tables that the views read. */
const TABLES = [
  `CREATE TABLE otel_logs (Timestamp DateTime64(9), ServiceName String, ResourceAttributes Map(String, String),
    LogAttributes Map(String, String)) ENGINE = MergeTree ORDER BY Timestamp`,
  `CREATE TABLE otel_traces (Timestamp DateTime64(9), TraceId String, SpanId String, SpanKind String, ScopeName String,
    ResourceAttributes Map(String, String), SpanAttributes Map(String, String), Duration UInt64) ENGINE = MergeTree ORDER BY Timestamp`,
];

interface Session {
  query(sql: string, format?: string): string;
  cleanup(): void;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number>>;
}

/** Attributes as the Collector's exporter writes them: all values are texts. */
function texts(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}

describe('the views', { skip }, () => {
  const folder = new TemporaryFolder();
  let session: Session;
  before(async () => {
    const { Session } = createRequire(join(engines, 'here.cjs'))('chdb') as { Session: new () => Session };
    session = new Session();
    for (const sql of [...TABLES, ...VIEWS.replace(/^--.*$/gm, '').split(';')])
      if (sql.trim() !== '') session.query(sql);

    const rows = LOGS.flatMap((log) => readFileSync(log, 'utf8').split('\n')).flatMap((line) => {
      const { host = '', process = '', ...fields } = new RegExp(NAMED).exec(line)?.groups ?? {};
      const record = { Timestamp: 0, ServiceName: process, ResourceAttributes: { 'host.name': host } };
      return fields.agent === undefined ? [] : [JSON.stringify({ ...record, LogAttributes: fields })];
    });
    session.query(`INSERT INTO otel_logs FORMAT JSONEachRow ${rows.join('\n')}`);

    const file = folder.file('spans.jsonl');
    const { code } = await spoeLogs(['export', ...LOGS, '--otlp-file', file, '--tz', 'UTC', '--year', '2026']);
    assert.equal(code, 0);
    const spans = readFileSync(file, 'utf8').split('\n').filter(Boolean).flatMap(spansOf);
    // Exported twice is there twice.
    session.query(`INSERT INTO otel_traces FORMAT JSONEachRow ${[...spans, ...spans].join('\n')}`);
  });
  after(() => {
    session?.cleanup();
    folder.remove();
  });

  for (const view of ['spoe_summary_of_logs', 'spoe_summary_of_traces']) {
    test(`${view} says what summarize says`, async () => {
      const { stdout } = await spoeLogs(['summarize', ...LOGS, '--keep-duplicates', '--format', 'json']);
      const wanted = JSON.parse(stdout).groups.map(({ key, count, errors, timers: { pT } }: Group) => ({
        ...{ agent: key.agent, type: key.type, event: key.name, events: count, errors, pT_max: pT.max },
        pT_quantiles: [pT.p50, pT.p90, pT.p95, pT.p99, pT.p999],
      }));
      const sql = `SELECT agent, type, event, events, errors, pT_max, pT_quantiles FROM ${view} ORDER BY agent, type, event`;
      const found = session.query(sql, 'JSONEachRow').trim().split('\n');
      const order = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();
      assert.deepEqual(order(found.map((line) => JSON.parse(line))), order(wanted));
    });
  }
});

interface Group {
  readonly key: { readonly agent: string; readonly type: string; readonly name: string };
  readonly count: number;
  readonly errors: number;
  readonly timers: { readonly pT: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99' | 'p999' | 'max', number>> };
}

/** The rows that the Collector's exporter makes of a line of an OTLP file. */
function spansOf(line: string): string[] {
  return JSON.parse(line).resourceSpans.flatMap(({ resource, scopeSpans }: ResourceSpans) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) =>
        JSON.stringify({
          Timestamp: 0,
          TraceId: span.traceId,
          SpanId: span.spanId,
          SpanKind: span.kind === 3 ? 'Client' : 'Internal',
          ScopeName: scope.name,
          ResourceAttributes: texts(resource.attributes),
          SpanAttributes: texts(span.attributes ?? []),
          Duration: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)),
        }),
      ),
    ),
  );
}

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly Attribute[] };
  readonly scopeSpans: readonly {
    readonly scope: { readonly name: string };
    readonly spans: readonly {
      readonly traceId: string;
      readonly spanId: string;
      readonly kind: number;
      readonly attributes?: readonly Attribute[];
      readonly startTimeUnixNano: string;
      readonly endTimeUnixNano: string;
    }[];
  }[];
}
