/** Memory that is used up: queues that fit into it, and one line about a worker that ran out of it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { fitQueues } from '../../src/programs/spoa-mirror/heap.ts';
import { WorkerStderr } from '../../src/programs/spoa-mirror/worker-stderr.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { Run, workersOf } from '../programs/spoa-mirror/program.ts';

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
    const words = new WorkerStderr(stream, (line) => lines.push(line));
    const text = `(node:1) Warning: x\n${TRACE}`;
    for (let at = 0; at < text.length; at += size) stream.write(text.slice(at, at + size));
    stream.end();
    await words.ended;
    assert.deepEqual(lines, ['(node:1) Warning: x\n']);
    assert.equal(words.ranOutOfMemory, true);
  });
}

test('another end than that of memory is passed on to its last word', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const words = new WorkerStderr(stream, (line) => lines.push(line));
  stream.end('FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n 1: 0xb78db3 node::Abort() [node]\nAborted');
  await words.ended;
  assert.deepEqual(lines, [
    'FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n',
    ' 1: 0xb78db3 node::Abort() [node]\n',
    'Aborted\n',
  ]);
  assert.equal(words.ranOutOfMemory, false);
});

test('a worker without a standard error has no last words', async () => {
  await new WorkerStderr(undefined, assert.fail).ended;
});

test('a line without an end takes no memory', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const words = new WorkerStderr(stream, (line) => lines.push(line));
  for (let i = 0; i < 100; i++) stream.write('x'.repeat(10_000));
  stream.end('\n');
  await words.ended;
  assert.ok((lines[0]?.length ?? 0) <= 2 * 10_000);
  assert.equal(words.ranOutOfMemory, false);
});

const hasWorkers = availableParallelism() > 1 && existsSync('/proc/self');

test('a worker that runs out of memory is one line of the log, and is replaced', {
  skip: !hasWorkers && 'no worker processes here',
}, async () => {
  // Told by a signal, a worker fills its memory.
  const hog = folder.write(
    'hog.cjs',
    `if (require('node:cluster').isWorker) process.on('SIGUSR2', () => { for (const all = []; ; ) all.push(Array.from({ length: 1e5 }, Object)); });`,
  );
  const socket = folder.file('agent.sock');
  const run = new Run(['-r0', '-a', `unix:${socket}`, '-n', '2', '-u', 'http://127.0.0.1:9'], {
    NODE_OPTIONS: `--max-old-space-size=48 --require=${hog}`,
  });
  await run.says(/ ready on /);
  assert.equal(
    run.stdout.match(/the heap of a process has \d+ MiB: of 64 MiB for each of its queues \d+ MiB are used/g)?.length,
    1,
  );
  process.kill(workersOf(run.pid)[0] as number, 'SIGUSR2');
  await run.says(
    /worker \d \(pid \d+\) ran out of memory \(NODE_OPTIONS=--max-old-space-size=MB gives more\): .*; it is replaced\n/,
  );
  run.child.kill('SIGTERM');
  await run.exit;
  assert.match(run.stdout, / stopped: /);
  assert.equal(run.stderr, '');
});
