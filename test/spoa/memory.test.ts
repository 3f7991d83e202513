/** Memory that is used up: queues that fit into it, and one line about a worker that ran out of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fitQueues } from '../../src/programs/spoa-mirror/heap.ts';
import { LastWords } from '../../src/programs/spoa-mirror/last-words.ts';
import { TemporaryFolder } from '../logs/reading.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/spoa-mirror.js', import.meta.url));
const MIB = 1024 * 1024;
const folder = new TemporaryFolder();
after(() => folder.remove());

test('queues that fit are as they were asked for', () => {
  const options = { destinations: ['http://a', 'http://b'], maxQueueBytes: 64 * MIB };
  assert.equal(fitQueues(options, assert.fail, 2048 * MIB), options);
  const plain = { destinations: ['http://a'] };
  assert.equal(fitQueues(plain, assert.fail, 2048 * MIB), plain);
});

test('a small heap makes them smaller, by default and where more is asked for, and it is said', () => {
  for (const maxQueueBytes of [undefined, 64 * MIB]) {
    const lines: string[] = [];
    const { maxQueueBytes: most = 0 } = fitQueues(
      { destinations: ['http://a', 'http://b'], maxQueueBytes },
      (line) => lines.push(line),
      96 * MIB,
    );
    assert.equal(most, 8 * MIB);
    assert.deepEqual(lines, [
      'the heap of a process has 96 MiB: of 64 MiB for each of its queues 8 MiB are used; NODE_OPTIONS=--max-old-space-size=MB gives more',
    ]);
  }
});

const TRACE = `
<--- Last few GCs --->

[26:0x3304da10]    20273 ms: Mark-Compact 52.5 (71.5) -> 52.5 (71.5) MB, 4.21 / 0.00 ms

<--- JS stacktrace --->

FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
`;

for (const [how, size] of [
  ['at once', TRACE.length],
  ['byte by byte', 1],
] as const) {
  test(`what V8 says of memory is kept off, read ${how}; a warning is passed on`, async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    const words = new LastWords(stream, (line) => lines.push(line));
    const text = `(node:1) Warning: x\n${TRACE}`;
    for (let at = 0; at < text.length; at += size) stream.write(text.slice(at, at + size));
    stream.end();
    await words.ended;
    assert.deepEqual(lines, ['(node:1) Warning: x\n']);
    assert.equal(words.areOfMemory, true);
  });
}

test('another end than that of memory is passed on to its last word', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const words = new LastWords(stream, (line) => lines.push(line));
  stream.end('FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n 1: 0xb78db3 node::Abort() [node]\nAborted');
  await words.ended;
  assert.deepEqual(lines, [
    'FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n',
    ' 1: 0xb78db3 node::Abort() [node]\n',
    'Aborted\n',
  ]);
  assert.equal(words.areOfMemory, false);
});

test('a worker without a standard error has no last words', async () => {
  await new LastWords(undefined, assert.fail).ended;
});

test('a line without an end takes no memory', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const words = new LastWords(stream, (line) => lines.push(line));
  for (let i = 0; i < 100; i++) stream.write('x'.repeat(10_000));
  stream.end('\n');
  await words.ended;
  assert.ok((lines[0]?.length ?? 0) <= 2 * 10_000);
  assert.equal(words.areOfMemory, false);
});

const hasWorkers = availableParallelism() > 1 && existsSync('/proc/self');

test('a worker that runs out of memory is one line of the log, and is replaced', {
  skip: !hasWorkers && 'no worker processes here',
  timeout: 60_000,
}, async (t) => {
  // Told by a signal, a worker fills its memory.
  const hog = folder.write(
    'hog.cjs',
    `if (require('node:cluster').isWorker) process.on('SIGUSR2', () => { for (const all = []; ; ) all.push(Array.from({ length: 1e5 }, Object)); });`,
  );
  const socket = folder.file('agent.sock');
  const child = spawn(
    process.execPath,
    [PROGRAM, '-r0', '-a', `unix:${socket}`, '-n', '2', '-u', 'http://127.0.0.1:9'],
    {
      env: { ...process.env, NODE_OPTIONS: `--max-old-space-size=48 --require=${hog}` },
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  const says = async (pattern: RegExp) => {
    while (!pattern.test(stdout)) await once(child.stdout, 'data');
  };
  await says(/ ready on /);
  assert.equal(
    stdout.match(/the heap of a process has \d+ MiB: of 32 MiB for each of its queues \d+ MiB are used/g)?.length,
    1,
  );
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  process.kill(Number(children[0]), 'SIGUSR2');
  await says(
    /worker \d \(pid \d+\) ran out of memory \(NODE_OPTIONS=--max-old-space-size=MB gives more\): .*; it is replaced\n/,
  );
  child.kill('SIGTERM');
  await once(child, 'close');
  assert.match(stdout, / stopped: /);
  assert.equal(stderr, '');
});
