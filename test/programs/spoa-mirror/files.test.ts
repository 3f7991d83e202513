/** Paths that are not what they should be: FIFOs nobody reads, files where a socket belongs, pidfiles of others. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import { startAdmin } from '../../../src/programs/spoa-mirror/admin.ts';
import { LineFile } from '../../../src/programs/spoa-mirror/line-file.ts';
import { formatLogLine, LogFile } from '../../../src/programs/spoa-mirror/log-file.ts';
import { checkPem } from '../../../src/programs/spoa-mirror/pem.ts';
import { PidFile } from '../../../src/programs/spoa-mirror/pid-file.ts';
import { measureProcess } from '../../../src/programs/spoa-mirror/process-stats.ts';
import { createAgent } from '../../../src/spoa/agent.ts';
import { until } from '../../until.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoa-files-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const fresh = (name: string) => join(folder, `${count++}-${name}`);

const options = { skip: process.platform !== 'linux' && 'pipes are others elsewhere' };
function fifo(): string {
  const path = fresh('fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}
const READER = constants.O_RDONLY | constants.O_NONBLOCK;

/** Gives what ends it. */
async function listenOn(path: string): Promise<() => unknown> {
  const agent = createAgent({ handlers: {} });
  await agent.listen({ path });
  return () => agent.close();
}

const pages = { healthy: () => true, unready: async () => [], metrics: async () => [], stats: async () => ({}) };

for (const [what, listen] of [
  ['the agent', listenOn],
  [
    'the admin pages',
    async (path: string) => {
      const server = await startAdmin({ path }, pages);
      return () => server.close();
    },
  ],
] as const) {
  test(`${what} never removes what is no socket to listen there`, async () => {
    const [file, directory, link] = [fresh('file'), fresh('directory'), fresh('link')];
    writeFileSync(file, 'precious');
    mkdirSync(directory);
    symlinkSync(join(folder, 'nowhere'), link);
    for (const path of [file, directory, link])
      await assert.rejects(listen(path), { code: 'listen', message: /it exists and is no socket$/ });
    assert.equal(readFileSync(file, 'utf8'), 'precious');
    assert.ok(existsSync(directory));
  });

  test(`${what} takes the place of a socket nobody answers at, and of no other`, async () => {
    const [live, stale] = [fresh('live'), fresh('stale')];
    const other = createServer().listen(live);
    await once(other, 'listening');
    await assert.rejects(listen(live), { code: 'listen', message: /in use|EADDRINUSE/ });
    const bind = `require('node:net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', bind]);
    assert.ok(existsSync(stale));
    const close = await listen(stale);
    const socket = connect(stale);
    await once(socket, 'connect');
    socket.destroy();
    other.close();
    await close();
  });

  test(`${what} cannot listen on a path that would be cut off`, async () => {
    await assert.rejects(listen(`/${'x'.repeat(107)}`), { code: 'listen', message: /107 bytes at most, not 108$/ });
  });
}

test('a pidfile of another process stays what it is until this one listens, and afterwards', () => {
  const path = fresh('pid');
  writeFileSync(path, '4194304\n');
  const failing = new PidFile(path, 77);
  failing.remove();
  assert.equal(readFileSync(path, 'utf8'), '4194304\n');
  const starting = new PidFile(path, 77);
  starting.write();
  assert.equal(readFileSync(path, 'utf8'), '77\n');
  writeFileSync(path, '78\n');
  starting.remove();
  assert.equal(readFileSync(path, 'utf8'), '78\n');
});

test('a pidfile of an agent that runs is refused, that of any other process is one left behind', options, async () => {
  for (const [command, refused] of [
    ['spoa-mirror', true],
    ['other', false],
  ] as const) {
    const path = fresh('pid');
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log()', command]);
    await once(child.stdout, 'data');
    writeFileSync(path, `${child.pid}\n`);
    const attempt = () => new PidFile(path, process.pid).write();
    if (refused) assert.throws(attempt, { code: 'pid-file', message: /is that of process \d+, which runs$/ });
    else attempt();
    child.kill();
    await once(child, 'close');
  }
});

test('a pidfile is gone with its process, or when that never got to listen', () => {
  const path = fresh('pid');
  new PidFile(path, 77).remove();
  assert.equal(existsSync(path), false);
  const file = new PidFile(path, 77);
  file.write();
  file.remove();
  assert.equal(existsSync(path), false);
  assert.throws(() => new PidFile(folder, 77), { code: 'pid-file', message: /EISDIR/ });
});

test('a FIFO nobody reads is refused at once', options, () => {
  const path = fifo();
  const message = /nobody reads it \(ENXIO\)$/;
  assert.throws(() => new LineFile(path), { code: 'ENXIO' });
  assert.throws(() => new LogFile({ path, mode: 'a' }, 7), { code: 'log-file', message });
  assert.throws(() => new PidFile(path, 77), { code: 'pid-file', message });
});

test('a log whose reader stands still loses lines, not time', options, async () => {
  const path = fifo();
  const reader = openSync(path, READER);
  const log = new LogFile({ path, mode: 'a' }, 7);
  for (let i = 0; i < 10_000; i++) log.write('x'.repeat(99));
  await log.close();
  // A pipe holds 64 KiB unless somebody changed that.
  const held = Buffer.alloc(1024 * 1024);
  const lines = held.toString('latin1', 0, readSync(reader, held)).split('\n');
  closeSync(reader);
  assert.equal(lines[0], 'x'.repeat(99));
  assert.ok(lines.length < 10_000, `${lines.length} lines`);
});

test('a record whose reader stands still is given up at the end, and its lines are counted', options, async () => {
  const path = fifo();
  const reader = openSync(path, READER);
  const record = new LineFile(path);
  for (let i = 0; i < 5000; i++) record.write('x'.repeat(99));
  await record.close();
  const { written, dropped } = record.stats;
  assert.equal(written + dropped, 5000);
  assert.ok(written > 0 && dropped > 0, `${written} written, ${dropped} dropped`);
  closeSync(reader);
});

test('lines that several writers put into a pipe stay whole, however slowly it is read', options, async () => {
  const path = fifo();
  const reader = openSync(path, READER);
  const writers = [new LineFile(path), new LineFile(path), new LineFile(path)];
  for (let i = 0; i < 2000; i++)
    for (const [n, writer] of writers.entries()) writer.write(`{"writer":${n},"i":${i},"x":"${'y'.repeat(i % 300)}"}`);
  const closing = Promise.all(writers.map((writer) => writer.flush()));
  const chunk = Buffer.alloc(3000);
  let text = '';
  let lines = 0;
  // An empty pipe is EAGAIN.
  await until('6000 lines', () => {
    for (let i = 0; i < 10 && lines < 6000; i++) {
      const piece = chunk.toString('latin1', 0, readSync(reader, chunk));
      text += piece;
      lines += piece.split('\n').length - 1;
    }
    return lines >= 6000;
  });
  await closing;
  await Promise.all(writers.map((writer) => writer.close()));
  closeSync(reader);
  const written = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { writer: number; i: number });
  for (const n of writers.keys())
    assert.deepEqual(
      written.filter(({ writer }) => writer === n).map(({ i }) => i),
      Array.from({ length: 2000 }, (_, i) => i),
    );
});

test('a record that is reopened again and again loses nothing', async () => {
  const path = fresh('record');
  const record = new LineFile(path);
  const reopened: Promise<void>[] = [];
  for (let i = 0; i < 3000; i++) {
    record.write(`${i}`.padStart(60));
    if (i % 10 === 0) reopened.push(record.reopen());
    if (i % 100 === 0) await new Promise(setImmediate);
  }
  await Promise.all(reopened);
  await record.close();
  assert.deepEqual(
    readFileSync(path, 'utf8').trimEnd().split('\n').map(Number),
    Array.from({ length: 3000 }, (_, i) => i),
  );
  assert.deepEqual(record.stats, { written: 3000, dropped: 0 });
});

test('an entry of the log is one line that moves no cursor', () => {
  const line = formatLogLine('a\nb \u001b[2J\u009b \u202e \u{e0001} \ud800', 5, new Date(0));
  assert.equal(line, '1970-01-01T00:00:00.000Z spoa-mirror[5]: a\\nb \\x1b[2J\\x9b \\u202e \\u{e0001} \\ud800');
});

test('files that are no certificate or key are refused before anything starts', async () => {
  const garbage = 'garbage';
  await assert.rejects(checkPem({ ca: garbage }), { code: 'usage', message: /^--ca cannot be used/ });
  await assert.rejects(checkPem({ cert: garbage }), { code: 'usage', message: /^--cert or --key cannot be used/ });
  await assert.rejects(checkPem({ key: garbage }), { code: 'usage', message: /^--cert or --key cannot be used/ });
  await checkPem({});
});

test('figures of the process are there without a file descriptor to read them', () => {
  const before = measureProcess().rssBytes;
  const failing = mock.method(process.memoryUsage, 'rss', () => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  });
  assert.equal(measureProcess().rssBytes, before);
  failing.mock.restore();
});
