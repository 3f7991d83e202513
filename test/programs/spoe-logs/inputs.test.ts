import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventLine, TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';
import { LiveRun, type RunOptions, shell } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;
folder.write('one.log', `${eventLine(1)}\n`);
folder.write('two.log', `${eventLine(2)}\n${eventLine(3)}`);
folder.write('four.log.gz', gzipSync(`${eventLine(4)}\n`));
const HEAD = 'source\n';

/** The sids of the records that parse writes. */
async function sids(args: readonly string[], options: RunOptions = {}): Promise<number[]> {
  const { code, stdout, stderr } = await spoeLogs(['parse', ...args], { cwd, ...options });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return readSids(stdout);
}

function readSids(ndjson: string): number[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).sid);
}

describe('inputs', () => {
  test('are several files, read in order', async () => {
    assert.deepEqual(await sids(['two.log', 'one.log', 'four.log.gz']), [2, 3, 1, 4]);
  });

  test('may be standard input, among files or alone', async () => {
    const stdin = `${eventLine(9)}\n`;
    assert.deepEqual(await sids(['one.log', '-', 'two.log'], { stdin }), [1, 9, 2, 3]);
    assert.deepEqual(await sids([], { stdin }), [9]);
    assert.deepEqual(await sids(['-'], { stdin }), [9]);
  });

  test('may be a compressed log with lines appended, through a pipe too', async () => {
    const stdin = Buffer.concat([gzipSync(`${eventLine(5)}\n`), Buffer.from(`${eventLine(6)}\n${eventLine(7)}\n`)]);
    assert.deepEqual(await sids([], { stdin }), [5, 6, 7]);
    folder.write('appended.gz', stdin);
    assert.deepEqual(await sids(['appended.gz']), [5, 6, 7]);
  });

  test('may be standard input that is a file', async () => {
    assert.deepEqual(await sids([], { stdin: { file: folder.file('two.log') } }), [2, 3]);
    assert.deepEqual(await sids([], { stdin: { file: folder.file('four.log.gz') } }), [4]);
  });

  test('go on where a shell left a shared file', { skip: process.platform !== 'linux' }, async () => {
    folder.write('shared.log', `${HEAD}${eventLine(7)}\n`);
    const { code, stdout, stderr } = await shell('(read -r first; $SPOE_LOGS parse) < shared.log', { cwd });
    assert.deepEqual({ code, stderr, sids: readSids(stdout) }, { code: 0, stderr: '', sids: [7] });
  });

  test('may be compressed data in a pipe', async () => {
    assert.deepEqual(await sids([], { stdin: readFileSync(folder.file('four.log.gz')) }), [4]);
    const { code, stderr } = await spoeLogs(['parse'], {
      stdin: readFileSync(folder.file('four.log.gz')).subarray(0, 60),
    });
    assert.equal(code, 2);
    assert.match(stderr, /spoe-logs: standard input ends in the middle of its gzip data \(gzip-truncated\); /);
  });

  test('may be a large pipe of compressed data', async () => {
    const text = Array.from({ length: 20_000 }, (_, sid) => `${eventLine(sid)}\n`).join('');
    const { code, stdout } = await spoeLogs(['summarize', '--format', 'json'], { stdin: gzipSync(text) });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).total.count, 20_000);
  });

  test('may arrive in a pipe byte by byte', async () => {
    const run = new LiveRun(['parse']);
    for (const byte of `${eventLine(5)}\n`) run.write(byte);
    await run.sees('"sid":5');
    run.child.stdin?.end();
    assert.equal((await run.ended).code, 0);
  });

  test('may be shorter than what tells text from other data', async () => {
    const { code, stderr } = await spoeLogs(['parse'], { stdin: 'x\n' });
    assert.equal(code, 2);
    assert.match(stderr, /it begins with 1 other line \(no-spoe-lines\)/);
  });

  test('may be named pipes', { skip: process.platform === 'win32' }, async () => {
    const command = 'mkfifo a.pipe; cat two.log > a.pipe & $SPOE_LOGS summarize --format json a.pipe one.log; wait';
    const { code, stdout, stderr } = await shell(command, { cwd });
    assert.deepEqual({ code, stderr, count: JSON.parse(stdout).total.count }, { code: 0, stderr: '', count: 3 });
  });

  test('that are other than text are named, and the rest is read', async () => {
    folder.write('utf16.log', Buffer.from(eventLine(1), 'utf16le'));
    const { code, stdout, stderr } = await spoeLogs(['parse', 'utf16.log', 'one.log'], { cwd });
    assert.equal(code, 2);
    assert.deepEqual(readSids(stdout), [1]);
    assert.equal(stderr, 'spoe-logs: utf16.log is UTF-16 text (utf-16); convert it: iconv -f UTF-16 -t UTF-8\n');
  });

  test('may be a capture of octet-counted syslog without newlines', async () => {
    const frames = [1, 2, 3].map((sid) => `<133>${eventLine(sid)}`).map((line) => `${line.length} ${line}`);
    assert.deepEqual(await sids([], { stdin: frames.join('') }), [1, 2, 3]);
    folder.write('frames.log', frames.join(''));
    const { stdout } = await spoeLogs(['summarize', '--format', 'json', 'frames.log'], { cwd });
    assert.equal(JSON.parse(stdout).total.count, 3);
  });

  test('are numbered line by line with --source, each input from 1', async () => {
    const { stdout } = await spoeLogs(['parse', '--source', 'two.log', 'one.log', 'two.log'], { cwd });
    const sources = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ source }) => `${source.file}:${source.line}`);
    assert.deepEqual(sources, ['two.log:1', 'two.log:2', 'one.log:1', 'two.log:1', 'two.log:2']);
  });

  test('that hold lines which are no records are told about', async () => {
    const stdin = `${eventLine(1)}\n${eventLine(2).slice(0, 60)}\nNov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] failed to create SPOE applet\n`;
    const { code, stdout, stderr } = await spoeLogs(['parse'], { stdin });
    assert.equal(code, 0);
    assert.deepEqual(readSids(stdout), [1]);
    assert.equal(stderr, 'spoe-logs: lines that are no records: 1 other SPOE, 1 malformed, 0 spoofed\n');
  });
});
