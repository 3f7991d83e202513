/** The agent's record, read again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import split2 from 'split2';
import { formatRecord, type MirrorRecord } from '../../src/mirror/record.ts';
import { parseRecord, readRecord } from '../../src/mirror/record-lines.ts';

const RECORD: MirrorRecord = {
  ts: '2026-11-22T07:00:00.000Z',
  message: 'mirror',
  stream_id: 2n ** 63n - 1n,
  frame_id: 1,
  unique_id: 'a","sid":12345678901234567890,"b',
  sid: 9007199254740993n,
  pid: -9223372036854775808n,
  args: { sid: 3, note: '","pid":12345678901234567,' },
  method: 'GET',
  path: '/a?b="sid":12345678901234567,',
  status: 200,
  ttfb_ms: 1.5,
  latency_ms: 2,
  request_bytes: 0,
  response_bytes: 10,
  truncated: false,
  attempts: 1,
  error: null,
};
const { sid: _, pid: __, ...SMALL } = { ...RECORD, stream_id: 7 };

async function collect(chunks: readonly (Uint8Array | string)[]) {
  const stream = readRecord();
  const records: MirrorRecord[] = [];
  for await (const record of Readable.from(chunks).pipe(stream)) records.push(record);
  return { records, counts: stream.counts };
}

test('what the agent writes is read as it was, integers past 2^53 too', () => {
  for (const record of [RECORD, SMALL]) assert.deepEqual(parseRecord(formatRecord(record)), record);
});

test('any other line is none', () => {
  const lines = ['', '{', '[]', 'null', '{}', 'SPOE: [mirror]', formatRecord(RECORD).slice(0, -1)];
  for (const line of lines) assert.equal(parseRecord(line), undefined, line);
  for (const key of Object.keys(SMALL)) {
    if (key === 'args' || key === 'unique_id') continue;
    const { [key]: _, ...rest } = SMALL as { [key: string]: unknown };
    assert.equal(parseRecord(JSON.stringify(rest)), undefined, `without ${key}`);
    assert.equal(parseRecord(JSON.stringify({ ...SMALL, [key]: {} })), undefined, `${key} of another type`);
  }
  assert.equal(parseRecord(JSON.stringify({ ...SMALL, stream_id: '7' })), undefined);
});

test('every line of a record is read, wherever it is cut', async () => {
  const bytes = readFileSync(new URL('../../fixtures/diff/3.0.11--broken-orders--mirror.jsonl', import.meta.url));
  const whole = await collect([bytes]);
  assert.deepEqual(whole.counts, { bytes: bytes.length, lines: 320, records: 320, answers: 0, unread: 0 });
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7));
  assert.deepEqual(await collect(pieces), whole);
  assert.equal(whole.records.filter(({ status }) => status === 500).length, 20);
});

test('what was not read is counted, and no line can grow without end', async () => {
  const line = formatRecord(SMALL);
  const { records, counts } = await collect([
    `${line}\nnonsense\n\n`,
    ...Array.from({ length: 5 }, () => 'x'.repeat(64 * 1024)),
    `\n${line}`,
  ]);
  assert.equal(records.length, 2);
  assert.deepEqual([counts.lines, counts.records, counts.unread], [5, 2, 2]);
});

test('parseRecord is a mapper of split2', async () => {
  const lines = Readable.from([`${formatRecord(SMALL)}\nnonsense\n${formatRecord(SMALL)}\n`]).pipe(split2(parseRecord));
  const records: unknown[] = [];
  for await (const record of lines) records.push(record);
  assert.deepEqual(records, [SMALL, SMALL]);
});

test('answers of production between the records are passed over, and are not unread', async () => {
  const answer =
    '{"ts":"2026-11-26T02:14:17.653Z","kind":"production","message":"answer-body","unique_id":"a","answer":{"key":"k"}}';
  const hostile = formatRecord({ ...SMALL, path: '/"kind":"production"' });
  const { records, counts } = await collect([`${answer}\n${hostile}\n${answer.slice(0, -1)}\n"kind":"production"\n`]);
  assert.deepEqual(records, [{ ...SMALL, path: '/"kind":"production"' }]);
  const { lines, records: read, answers, unread } = counts;
  assert.deepEqual({ lines, read, answers, unread }, { lines: 4, read: 1, answers: 1, unread: 2 });
});
