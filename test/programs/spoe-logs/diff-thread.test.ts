import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AnswerComparisons } from '../../../src/diff/answer-reader.ts';
import { unpack } from '../../../src/diff/request-batch.ts';
import { TEXT_SEED, TextTable } from '../../../src/diff/text-table.ts';
import { type MirrorThread, readMirror } from '../../../src/programs/spoe-logs/diff-thread.ts';

function line(number: number, rest: object = {}): string {
  const ids = { stream_id: number, frame_id: 1, unique_id: `id-${number}` };
  const request = {
    method: 'GET',
    path: `/${number}`,
    status: 200,
    ttfb_ms: 1,
    latency_ms: 2,
    attempts: 1,
    error: null,
  };
  return `${JSON.stringify({ ts: '2026-11-20T06:00:02.513Z', message: 'mirror', ...ids, ...request, ...rest })}\n`;
}

/** One without an id, within a whole second: in another file it may be another request. */
const VAGUE = line(9, { ts: '2026-11-20T06:00:02Z', unique_id: undefined });
const ANSWER = { answer: { status: 200, headers: {} } };

async function read(...texts: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'diff-thread-'));
  try {
    const paths = texts.map((text, i) => {
      const path = join(folder, `${i}.log`);
      writeFileSync(path, text);
      return path;
    });
    const reading = { format: undefined, options: {}, agent: 'mirror' };
    const options = { filter: {}, zone: { offsetMinutes: 0 }, nowMs: 0 };
    const task = { role: 'mirror', paths, reading, options, textSeed: TEXT_SEED } as const;
    const got: [file: number, target: string, answer: number][] = [];
    const tables = { uniqueIds: new TextTable(), traceIds: new TextTable(), targets: new TextTable() };
    const send = ({ path, requests }: MirrorThread['batch']) =>
      unpack(requests, tables, (_, { target }, _error, _hash, answer) =>
        got.push([paths.indexOf(path), tables.targets.text(target), answer]),
      );
    const { result } = await readMirror(task, { signal: new AbortController().signal, send });
    return { got, result };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a line that is read twice is handed over once, and so is its answer', async () => {
  const first = line(1) + line(2, ANSWER) + line(2, ANSWER);
  const { got, result } = await read(first, line(2, ANSWER) + line(3, ANSWER) + line(1));
  assert.deepEqual(got, [
    [0, '/1', -1],
    [0, '/2', 0],
    [1, '/3', 1],
  ]);
  assert.deepEqual(
    result.facts.inputs.map(({ lines, duplicateLines }) => [lines, duplicateLines]),
    [
      [3, 1],
      [3, 2],
    ],
  );
  assert.equal(new AnswerComparisons(result.answers).size, 2);
});

test('a line that may be of another request is handed over again, and counted where it is of another file', async () => {
  const { got, result } = await read(line(1) + VAGUE + VAGUE, VAGUE);
  assert.deepEqual(
    got.map(([file, target]) => [file, target]),
    [
      [0, '/1'],
      [0, '/9'],
      [0, '/9'],
      [1, '/9'],
    ],
  );
  assert.equal(result.inSeveralFiles, 1);
});
