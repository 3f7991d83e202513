import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { DiffReport } from '../../../src/diff/model.ts';
import { REQUEST_KINDS, type RequestLine } from '../../../src/diff/request-line.ts';
import { renderDiffJson } from '../../../src/report/diff-json.ts';
import { renderRequest } from '../../../src/report/diff-ndjson.ts';
import { emptyReport, failReport, HOSTILE, REPORTS } from './reports.ts';

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../../docs/schemas/diff-report.schema.json', import.meta.url), 'utf8'),
);

interface Schema {
  readonly $ref?: string;
  readonly properties?: { readonly [key: string]: Schema };
  readonly items?: Schema;
}

/** Where keys of the value are not in the order of its schema; keys the schema does not name come last. */
function disorder(value: unknown, schema: Schema | undefined, where = '$'): string[] {
  if (typeof value !== 'object' || value === null || schema === undefined) return [];
  if (schema.$ref !== undefined) return disorder(value, SCHEMA.$defs[schema.$ref.replace('#/$defs/', '')], where);
  if (Array.isArray(value)) return value.flatMap((item, i) => disorder(item, schema.items, `${where}[${i}]`));
  const named = Object.keys(schema.properties ?? {});
  const ranks = Object.keys(value).map((key) => (named.includes(key) ? named.indexOf(key) : named.length));
  const sorted = ranks.every((rank, i) => i === 0 || rank >= (ranks[i - 1] ?? 0));
  const below = Object.entries(value).flatMap(([key, part]) =>
    disorder(part, schema.properties?.[key], `${where}.${key}`),
  );
  return sorted ? below : [where, ...below];
}

/** The same report, its objects built the other way round. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  ) as T;
}

test('JSON is valid by the published schema, and in its order', () => {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  const validate = ajv.compile(SCHEMA);
  for (const [what, report] of REPORTS) {
    const parsed: unknown = JSON.parse(renderDiffJson(report));
    assert.ok(validate(parsed), `${what}: ${JSON.stringify(validate.errors)}`);
    assert.deepEqual(disorder(parsed, SCHEMA), [], what);
  }
});

test('JSON holds the whole report, except numbers that are none', () => {
  const report: DiffReport = { ...failReport(), generatedAt: '2026-11-23T08:00:00.000Z' };
  assert.deepEqual(JSON.parse(renderDiffJson(report)), JSON.parse(JSON.stringify(report)));
  const gates = JSON.parse(renderDiffJson(emptyReport())).verdict.gates;
  assert.deepEqual(
    gates.map((gate: { observed: unknown }) => gate.observed),
    [0, null, null],
  );
});

test('JSON does not depend on the order in which objects were built', () => {
  for (const [what, report] of REPORTS) {
    if (what === 'hostile') continue;
    const same = { ...reversed(report), verdict: { ...reversed(report.verdict), gates: report.verdict.gates } };
    assert.equal(renderDiffJson(same), renderDiffJson(report), what);
  }
});

const REQUEST: RequestLine = {
  id: 'C0A80001:1',
  bucket: 'paired',
  kind: 'new_error',
  route: 'GET /orders/{…}',
  time: '2026-11-22T07:02:28.123Z',
  production: { status: 200, method: 'GET', target: '/orders/1', termination: '----', first_byte_ms: 12, total_ms: 14 },
  mirror: { status: null, error: 'timeout', first_byte_ms: -1, total_ms: 3000, attempts: 2 },
  traceId: null,
  spoe_status: 0,
};

test('a request is one line in the order of its type', () => {
  assert.equal(
    renderRequest(REQUEST),
    '{"id":"C0A80001:1","bucket":"paired","kind":"new_error","route":"GET /orders/{…}","time":"2026-11-22T07:02:28.123Z",' +
      '"production":{"status":200,"method":"GET","target":"/orders/1","termination":"----","first_byte_ms":12,"total_ms":14},' +
      '"mirror":{"status":null,"error":"timeout","first_byte_ms":null,"total_ms":3000,"attempts":2},"traceId":null,"spoe_status":0}\n',
  );
  assert.equal(renderRequest(reversed(REQUEST)), renderRequest(REQUEST));
});

test('a request that was not paired has no mirror', () => {
  const lost: RequestLine = {
    ...REQUEST,
    id: null,
    bucket: 'not_mirrored',
    kind: null,
    mirror: null,
    spoe_status: null,
    time: null,
  };
  assert.match(
    renderRequest(lost),
    /^\{"id":null,"bucket":"not_mirrored","kind":null,.*"mirror":null,"traceId":null,"spoe_status":null\}\n$/,
  );
});

test('a hostile request stays one line that a terminal can show, and parses to what it was', () => {
  const production = { ...REQUEST.production, target: HOSTILE, method: HOSTILE, first_byte_ms: Number.NaN };
  for (const kind of REQUEST_KINDS) {
    const line = renderRequest({ ...REQUEST, kind, id: HOSTILE, route: HOSTILE, production });
    assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.equal(JSON.parse(line).production.target, HOSTILE);
    assert.equal(JSON.parse(line).production.first_byte_ms, null);
  }
});
