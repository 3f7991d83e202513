/** The library's summary, held against the command's. */
import assert from 'node:assert/strict';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import split2 from 'split2';
import { parseLine } from '../../src/logs/line.ts';
import { spoeLines } from '../../src/logs/spoe-lines.ts';
import { renderJson } from '../../src/report/json.ts';
import type { Summary } from '../../src/stats/model.ts';
import { type SummarizeOptions, summarize } from '../../src/stats/summarizer.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { fixture, STALL } from '../programs/spoe-logs/run.ts';

const WHEN = { tz: 'UTC', year: 2026 } as const;
const ARGS = ['summarize', '--format', 'json', '--tz', 'UTC', '--year', '2026'];
const RECORD = fixture('diff/3.0.11--broken-orders--mirror.jsonl');
const DEMO = readdirSync(fixture('demo')).filter((name) => name.endsWith('.log'));

async function ofCommand(...args: string[]): Promise<string> {
  const { stdout } = await spoeLogs([...ARGS, ...args]);
  return stdout;
}

/** What lines tell of themselves: not how many there were, nor what else was in the log. */
function ofEvents({ total, groups, window, series }: Summary) {
  return { total, groups, window, series };
}

for (const name of DEMO) {
  test(`${name}: a file read by the library is the command's JSON, byte by byte`, async () => {
    const path = fixture(`demo/${name}`);
    const summary = summarize({ ...WHEN, by: ['agent', 'pid'], windowMs: 60_000, failOn: ['p99>50ms'] });
    await summary.read(path);
    assert.equal(
      renderJson(summary.summary()),
      await ofCommand('--by', 'pid,agent', '--window', '1m', '--fail-on', 'p99>50ms', path),
    );
  });
}

test('a stream is what standard input is to the command', async () => {
  const { stdout } = await spoeLogs(ARGS, { stdin: readFileSync(STALL) });
  const summary = summarize(WHEN);
  await pipeline(createReadStream(STALL, { highWaterMark: 7 }), summary);
  assert.equal(renderJson(summary.summary()), stdout);
});

test('several inputs, named, are several files of the command', async () => {
  const paths = DEMO.map((name) => fixture(`demo/${name}`));
  const read = summarize(WHEN);
  const written = summarize(WHEN);
  for (const path of paths) {
    await read.read(path);
    written.begin(path);
    written.write(readFileSync(path));
  }
  written.end();
  const expected = await ofCommand(...paths);
  assert.equal(renderJson(read.summary()), expected);
  assert.equal(renderJson(written.summary()), expected);
});

test("the agent's record is the command's --record, beside a log and alone", async () => {
  const both = summarize(WHEN);
  await both.read(STALL);
  await both.readMirror(RECORD);
  assert.equal(renderJson(both.summary()), await ofCommand('--record', RECORD, STALL));

  const alone = summarize(WHEN);
  await pipeline(createReadStream(RECORD), alone.mirrorInput(RECORD));
  const { stdout } = await spoeLogs([...ARGS, '--record', RECORD]);
  assert.equal(renderJson(alone.summary()), stdout);
});

test('a summary may be asked for any time, and changes nothing', async () => {
  const summary = summarize(WHEN);
  const counts: number[] = [];
  for (const line of readFileSync(STALL, 'utf8').split(/(?<=\n)/)) {
    summary.write(line);
    counts.push(summary.summary().total.count);
  }
  summary.end();
  assert.equal(counts.at(-1), 20);
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => a - b),
  );
  const { stdout } = await spoeLogs(ARGS, { stdin: readFileSync(STALL) });
  assert.equal(renderJson(summary.summary()), stdout);
});

test('events of spoeLines and lines of parseLine lead to the same numbers as bytes', async () => {
  for (const name of DEMO) {
    const path = fixture(`demo/${name}`);
    const options: SummarizeOptions = { ...WHEN, by: ['agent', 'event', 'pid'], windowMs: 60_000 };
    const bytes = summarize(options);
    const events = summarize(options);
    const lines = summarize(options);
    await pipeline(createReadStream(path), bytes);
    await pipeline(createReadStream(path), spoeLines(WHEN), events);
    await pipeline(createReadStream(path), split2(parseLine), lines);
    assert.deepEqual(ofEvents(events.summary()), ofEvents(bytes.summary()), name);
    assert.deepEqual(ofEvents(lines.summary()), ofEvents(bytes.summary()), name);
    const { bytes: _, ...input } = bytes.summary().input;
    assert.deepEqual(lines.summary().input, { ...input, bytes: 0 }, name);
  }
});

test('a filter and duplicates count as with the command', async () => {
  const log = readFileSync(STALL);
  const twice = summarize({ ...WHEN, filter: { status: (code) => code !== 0 } });
  twice.write(log);
  twice.end(log);
  const { stdout } = await spoeLogs([...ARGS, '--status', 'error'], { stdin: Buffer.concat([log, log]) });
  assert.equal(renderJson(twice.summary()), stdout);
  const kept = summarize({ ...WHEN, keepDuplicates: true });
  kept.write(log);
  kept.end(log);
  assert.equal(kept.summary().total.count, 40);
});

test('what cannot be meant is refused, and what cannot be read has a code', async () => {
  assert.throws(() => summarize({ failOn: ['errors>many'] }), { code: 'bad-threshold' });
  assert.throws(() => summarize({ by: ['host'], failOn: ['mirror:p99>1ms'] }), { code: 'bad-threshold' });
  assert.throws(() => summarize({ by: [] }), RangeError);
  for (const windowMs of [10, Number.NaN, Number.POSITIVE_INFINITY, 1e300])
    assert.throws(() => summarize({ windowMs }), { name: 'RangeError', message: /windowMs/ });
  for (const minEvents of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => summarize({ minEvents }), { name: 'RangeError', message: /minEvents/ });
  await assert.rejects(summarize().read('/nonexistent/x.log'), { code: 'not-found' });
});

const EVENT = { agent: 'a', type: 'EVENT', name: 'e', sid: 1, st: 0, pT: 1, nbError: 0, nbProcessed: 1 };

test('what is neither of a log nor one of its lines is a TypeError of the stream', async () => {
  const refused: readonly unknown[] = [
    ...[{ some: 'thing' }, 5, true, undefined, []],
    ...[{ kind: 'x' }, { kind: 'other' }, { kind: 'unread' }, { kind: 'event' }, { kind: undefined }],
    ...[
      { timeMs: 1, event: null },
      { timeMs: 1, event: {} },
      { timeMs: 1, event: EVENT, repeat: 1 },
    ],
    { timeMs: 1, event: { ...EVENT, nbError: undefined }, header: {}, repeat: 1 },
    { kind: 'event', event: EVENT, header: null, repeat: 1, torn: false },
  ];
  for (const chunk of refused) {
    const summary = summarize();
    const failed = new Promise((resolve) => summary.once('error', resolve));
    summary.write(chunk);
    const error = await failed;
    assert.ok(error instanceof TypeError, JSON.stringify(chunk));
    assert.match(error.message, /^give bytes or text of a log, or what spoeLines or parseLine gave$/);
  }
  const summary = summarize();
  summary.write({ timeMs: 1, event: EVENT, header: {}, repeat: 1 });
  summary.write({ kind: 'malformed', header: {} });
  assert.deepEqual([summary.summary().total.count, summary.summary().input.malformed], [1, 1]);
});

test('a signal ends the reading between blocks of a file, and what was read counts', async () => {
  const folder = new TemporaryFolder();
  try {
    const line = readFileSync(STALL, 'utf8').split(/(?<=\n)/)[0] as string;
    const log = folder.write('large.log', line.repeat(Math.ceil(4e6 / line.length)));
    const record = folder.write('large.jsonl', readFileSync(RECORD, 'utf8').repeat(40));
    for (const read of ['read', 'readMirror'] as const) {
      const path = read === 'read' ? log : record;
      const summary = summarize(WHEN);
      const ending = new AbortController();
      setImmediate(() => ending.abort());
      await summary[read](path, { signal: ending.signal });
      const { input, mirror } = summary.summary();
      const lines = read === 'read' ? input.lines : (mirror?.lines ?? 0);
      const all = readFileSync(path, 'utf8').split('\n').length - 1;
      assert.ok(lines > 0 && lines < all / 2, `${read}: ${lines} of ${all} lines`);
    }
  } finally {
    folder.remove();
  }
});
