import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_KEY, spanOf } from '../../src/diff/join/ids.ts';
import { boundedTarget, errorOf } from '../../src/diff/join/record-values.ts';
import { type RequestBatch, RequestBatcher, unpack } from '../../src/diff/request-batch.ts';
import { NO_TEXT, TEXT_SEED, TextTable } from '../../src/diff/text-table.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { answer } from './records.ts';

/** What comes out of batches for what goes in, one after the other. */
function handOver(records: readonly AccessRecord[]) {
  const batches: RequestBatch[] = [];
  const batcher = new RequestBatcher(TEXT_SEED, (batch) => batches.push(batch));
  for (const [i, record] of records.entries()) batcher.add(record, i, i - 1);
  batcher.flush();
  const tables = { uniqueIds: new TextTable(), traceIds: new TextTable(), targets: new TextTable() };
  const seen: unknown[] = [];
  for (const batch of batches)
    unpack(batch, tables, (request, { uniqueId, traceId, target, span }, error, lineHash, number) => {
      const texts = {
        uniqueId: tables.uniqueIds.text(uniqueId),
        traceId: tables.traceIds.text(traceId),
        target: tables.targets.text(target),
      };
      seen.push({ ...request, ...texts, span, error, lineHash, number });
    });
  return { seen, tables, batches };
}

/** What a comparison keeps of a record. */
function kept(record: AccessRecord, i: number) {
  const { timeMs, status, firstByteMs, totalMs, sid, pid, method, host, uniqueId, traceId, spanId } = record;
  const { responseBytes = -1, sentBytes = -1, destination = '', contentType } = record;
  return {
    ...{ timeMs, status, firstByteMs, totalMs, sid, pid, method, host, uniqueId, traceId },
    ...{ responseBytes, sentBytes, destination, contentType },
    ...{ target: boundedTarget(record.target), span: spanOf(traceId, spanId), error: errorOf(record) },
    ...{ lineHash: i, number: i - 1 },
  };
}

test('size and media type go from one thread to another, and so does that nobody knows them', () => {
  const base = answer({ responseBytes: 17 });
  const records = [base, { ...base, sentBytes: 2 ** 40, contentType: 'text/html' }, { ...base, contentType: '' }];
  assert.deepEqual(handOver(records).seen, records.map(kept));
});

test('all that is kept of a request goes over, whatever it is', () => {
  const text = fc.oneof(
    fc.constantFrom('', 'GET', '/a?b=c', 'é', '\ud800'),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const number = fc.oneof(fc.constantFrom(-1, 0, Number.NaN, 2 ** 40), fc.double());
  const record = fc.record({
    ...{ timeMs: number, status: number, firstByteMs: number, totalMs: number, sid: number, pid: number },
    ...{ responseBytes: number, sentBytes: number },
    ...{ method: text, target: text, uniqueId: text, traceId: text, spanId: text, host: text },
    ...{ destination: text, error: text, termination: text, contentType: fc.option(text, { nil: undefined }) },
    isSentCut: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (values) => {
      const records = values.map(
        ({ contentType, ...rest }) =>
          ({ ...answer(), ...rest, ...(contentType !== undefined && { contentType }) }) as AccessRecord,
      );
      const wellFormed = (value: unknown) => (typeof value === 'string' ? Buffer.from(value).toString() : value);
      const expected = records.map((each, i) => {
        const { uniqueId, traceId, target, ...others } = kept(each, i);
        return { ...others, uniqueId: wellFormed(uniqueId), traceId: wellFormed(traceId), target: wellFormed(target) };
      });
      assert.deepEqual(handOver(records).seen, expected);
    }),
  );
});

test('texts of any length have room, and a text has one number wherever it comes from', () => {
  const records = [1, 10, 300_000, 5, 70_000].map((length) => answer({ uniqueId: 'é'.repeat(length), target: '/t' }));
  const { seen, tables } = handOver([...records, answer({ uniqueId: '' })]);
  assert.deepEqual(seen.slice(0, 5), records.map(kept));
  assert.equal(tables.uniqueIds.size, 5);
  assert.deepEqual(
    records.map(({ uniqueId }) => tables.uniqueIds.intern(uniqueId)),
    [0, 1, 2, 3, 4],
  );
  assert.equal(tables.uniqueIds.intern(''), NO_TEXT);
  assert.equal(spanOf('', 'a'), NO_KEY);
});

test('a batch is full at some number of rows, and the order stays', () => {
  const records = Array.from({ length: 3000 }, (_, i) =>
    answer({ uniqueId: `id-${i}`, method: i % 3 === 0 ? 'GET' : 'POST' }),
  );
  const { seen, batches } = handOver(records);
  assert.deepEqual(seen, records.map(kept));
  assert.ok(batches.length > 1);
  for (const { few } of batches) assert.ok(few.length < 8);
});
