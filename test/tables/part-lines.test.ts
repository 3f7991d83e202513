/** What parts say of lines that are no event adds up to what the whole file says. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Inputs, timesFor } from '../../src/logs/inputs.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { LogCount } from '../../src/stats/log-count.ts';
import { LinesOfParts, parsePartLines } from '../../src/tables/part-lines.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import { type LoadingOptions, loadEvents, TIMES } from './loading.ts';
import { MemoryTarget } from './memory-target.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-part-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** The tally of the parts that were loaded, in their order. */
async function ofParts(files: readonly string[], options: LoadingOptions) {
  const target = new MemoryTarget();
  await loadEvents(target, files, options);
  const rows = target.rows('spoe_loads').filter(({ state }) => state === 'loaded');
  const lines = new LinesOfParts(new LineTally());
  let file: unknown;
  for (const { load_id, details } of rows) {
    if (load_id !== file) lines.endFile();
    file = load_id;
    const part = parsePartLines(String(details));
    assert.ok(part !== undefined);
    lines.add(part);
  }
  lines.endFile();
  return { tally: lines.tally.toState(), parts: rows.length };
}

async function ofFiles(files: readonly string[]) {
  const count = new LogCount({ by: ['agent'], keepDuplicates: false, times: timesFor('-', TIMES) });
  const inputs = new Inputs(count.scanner, count.tally, TIMES);
  await inputs.read(
    files.map((each) => ({ path: each })),
    {
      signal: new AbortController().signal,
      onTurn: () => undefined,
      onEnter: () => count.beginInput(),
    },
  );
  return count.tally.toState();
}

const access = (second: number, host: string) =>
  `Nov 22 06:56:${String(second % 60).padStart(2, '0')} ${host} haproxy[5]: 10.0.0.1:1 [22/Nov/2026:06:56:00.000] fe be/s1 0/0/0/1/1 200 1 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n`;
const event = (second: number, host: string, sid: number) =>
  `Nov 22 06:56:${String(second % 60).padStart(2, '0')} ${host} haproxy[5]: SPOE: [mirror] <EVENT:e> sid=${sid} st=0 0 0/${sid}\n`;

/** Events and requests of two hosts, one of which goes on without events; torn lines, words of HAProxy, and what a client sent. */
function mixedLog(): string {
  const lines: string[] = [];
  for (let i = 0; i < 400; i++) {
    lines.push(access(i, 'a'), access(i, 'b'));
    if (i < 350) lines.push(event(i, 'a', i));
    if (i < 100) lines.push(event(i, 'b', i));
    if (i % 90 === 0) lines.push(`Nov 22 06:56:01 a haproxy[5]: SPOE: [mirror] <EVENT:e> sid=1 st=\n`);
    if (i % 70 === 0) lines.push(`Nov 22 06:56:01 a haproxy[5]: SPOE: [mirror] a message number ${i}\n`);
    if (i === 200)
      lines.push(
        'Nov 22 06:57:00 b haproxy[5]: Server agents/a1 is DOWN, reason: Layer4 timeout, 0 active and 0 backup servers left.\n',
      );
  }
  lines.push('Nov 22 06:58:00 b haproxy[5]: Proxy fe stopped (cumulated conns: FE: 4, BE: 0).\n');
  return lines.join('');
}

const LOGS = readdirSync(fixture('logs/formats'))
  .filter((name) => name.endsWith('.log'))
  .map((name) => path.join(fixture('logs/formats'), name))
  .filter((file) => readFileSync(file).at(-1) === 10);

test('of every framing', async () => {
  assert.ok(LOGS.length > 10);
  for (const log of LOGS) {
    const { tally } = await ofParts([log], { limits: { rows: 3 } });
    assert.deepEqual(tally, await ofFiles([log]), log);
  }
});

test('wherever parts end, of files one after another', async () => {
  const [first, second] = [
    fileOf('first.log', mixedLog()),
    fileOf('second.log', `${access(1, 'c')}${event(2, 'c', 9)}`),
  ];
  const whole = await ofFiles([first, second]);
  for (const turnBytes of [700, 5000, 40_000]) {
    const { tally, parts } = await ofParts([first, second], { limits: { rows: 20 }, turnBytes });
    assert.ok(parts > 1);
    assert.deepEqual(tally, whole, `${turnBytes}`);
  }
  assert.equal(whole.malformed, 5);
  assert.ok((whole.traffic?.hosts?.length ?? 0) >= 2);
});

test('what is no such JSON is none', () => {
  for (const text of ['', '{', 'null', '{}', '{"lines":{},"end":{},"unchecked":0}'])
    assert.equal(parsePartLines(text), undefined, text);
});
