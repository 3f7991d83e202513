/** Rows of a comparison: what diff keeps of each line; each once, whatever fails. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mirrorError, productionFlags, requestRank, requestValues, shapeOf } from '../../src/diff/request-values.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { AccessScanner } from '../../src/logs/access-scanner.ts';
import { Inputs } from '../../src/logs/inputs.ts';
import { LineTally } from '../../src/logs/tally.ts';
import type { RequestRole } from '../../src/tables/request-part.ts';
import type { TableName } from '../../src/tables/schema.ts';
import { loadRequests, TIMES } from './loading.ts';
import { MemoryTarget, type Row } from './memory-target.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const PRODUCTION = path.join(FIXTURES, 'diff/3.0.11--broken-orders--production.log');
const MIRROR = path.join(FIXTURES, 'diff/3.0.11--broken-orders--mirror.jsonl');

let folder = '';
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spoe-requests-'));
});
after(() => rmSync(folder, { recursive: true }));

async function recordsOf(file: string): Promise<(readonly [AccessRecord, number])[]> {
  const records: (readonly [AccessRecord, number])[] = [];
  const scanner = new AccessScanner({}, { onRequest: (record, hash) => records.push([record, hash]) });
  await new Inputs(scanner, new LineTally(), TIMES).read([{ path: file }], {
    signal: new AbortController().signal,
    onTurn: () => undefined,
    onEnter: (name) => scanner.begin(name),
  });
  scanner.settle();
  return records;
}

function common([record, hash]: readonly [AccessRecord, number]): Row {
  const values = requestValues(record);
  return {
    ...{ time: values.timeMs, host: record.host, pid: record.pid, sid: record.sid },
    ...{ unique_id: record.uniqueId, trace_id: record.traceId, span_id: record.spanId ?? '', method: record.method },
    ...{ target: values.target, status: values.status },
    ...{ first_byte_ms: values.firstByteMs, total_ms: values.totalMs, line_hash: hash },
    ...{ body_bytes: values.bodyBytes, sent_bytes: values.sentBytes, content_type: values.contentType },
    ...{ unmistakable: values.isUnmistakable ? 1 : 0, run: 'r1' },
  };
}

function without(row: Row, ...names: string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}

test('a request of production is a row with what diff keeps of it', async () => {
  const target = new MemoryTarget();
  const { counts } = await loadRequests(target, 'production', [PRODUCTION]);
  const records = await recordsOf(PRODUCTION);
  const expected = records.map(([record, hash]) => ({
    ...common([record, hash]),
    shape: shapeOf(record.target),
    flags: productionFlags(record),
    termination: record.termination,
    lot: requestRank(record.uniqueId),
  }));
  const rows = target.rows('prod_requests');
  assert.deepEqual(
    rows.map((row) => without(row, 'source', 'line')),
    expected,
  );
  assert.deepEqual([records.length, counts.loaded, target.rows('spoe_streams').length], [320, 640, 320]);
  assert.equal(new Set(rows.map(({ line }) => line)).size, 320);
});

test('so is a line of the record of the agent', async () => {
  const target = new MemoryTarget();
  await loadRequests(target, 'mirror', [MIRROR]);
  const expected = (await recordsOf(MIRROR)).map(([record, hash]) => ({
    ...common([record, hash]),
    ...{ error: mirrorError(record), destination: record.destination ?? '', answer: record.answer ?? '' },
  }));
  assert.deepEqual(
    target.rows('mirror_answers').map((row) => without(row, 'source', 'line')),
    expected,
  );
});

test('so is the answer to a request that was sent cut, and its row says that it counts for nothing', async () => {
  const file = path.join(folder, 'cut.jsonl');
  writeFileSync(file, readFileSync(MIRROR, 'utf8').replaceAll('"truncated":false', '"truncated":true'));
  const [target, whole] = [new MemoryTarget(), new MemoryTarget()];
  await loadRequests(target, 'mirror', [file]);
  await loadRequests(whole, 'mirror', [MIRROR]);
  const rows = target.rows('mirror_answers');
  assert.deepEqual(new Set(rows.map(({ error }) => error)), new Set(['sent-truncated']));
  assert.deepEqual(
    rows.map(({ status }) => status),
    whole.rows('mirror_answers').map(({ status }) => status),
  );
});

test('what a part says of its lines adds up to the whole log', async () => {
  const target = new MemoryTarget();
  await loadRequests(target, 'production', [PRODUCTION], { limits: { rows: 100 }, turnBytes: 9000 });
  const details = target
    .rows('spoe_loads')
    .filter(({ state }) => state === 'loaded')
    .map((row) => JSON.parse(String(row.details)));
  assert.ok(details.length > 3);
  assert.deepEqual(new Set(details.map(({ format }) => format)), new Set(['haproxy-httplog']));
  const sum = (kind: string) => details.reduce((total, { counts }) => total + counts[kind], 0);
  assert.deepEqual([sum('lines'), sum('parsed'), sum('spoe'), sum('unparsed')], [640, 320, 320, 0]);
});

const TABLES_OF: { readonly [role in RequestRole]: readonly TableName[] } = {
  production: ['prod_requests', 'spoe_streams'],
  spoe: ['spoe_streams'],
  mirror: ['mirror_answers'],
};

/** How many writes a load of most of the log takes, at least. */
const WRITES = { production: 12, spoe: 6, mirror: 3 };

for (const [role, log] of [
  ['production', PRODUCTION],
  ['spoe', PRODUCTION],
  ['mirror', MIRROR],
] as const)
  test(`a load of ${role} that fails at any write is finished by the next, also when the log has grown`, async () => {
    const content = readFileSync(log);
    const file = path.join(folder, `${role}.log`);
    const whole = new MemoryTarget();
    writeFileSync(file, content);
    await loadRequests(whole, role, [file]);
    for (let failsAt = 1; failsAt <= WRITES[role]; failsAt++)
      for (const failsAfter of [false, true]) {
        const target = new MemoryTarget();
        target.failsAt = failsAt;
        target.failsAfter = failsAfter;
        writeFileSync(file, content.subarray(0, Math.floor(content.length * 0.7)));
        const { fault } = await loadRequests(target, role, [file], { limits: { rows: 90 }, turnBytes: 9000 });
        assert.notEqual(fault, undefined);
        target.failsAt = Number.POSITIVE_INFINITY;
        writeFileSync(file, content);
        await loadRequests(target, role, [file]);
        for (const table of TABLES_OF[role])
          assert.deepEqual(
            target.rows(table).map((row) => without(row, 'line')),
            whole.rows(table).map((row) => without(row, 'line')),
            `${table}, ${failsAt} ${failsAfter}`,
          );
      }
  });
