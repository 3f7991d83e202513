/** The record: whole lines, bounded, and found again after rotation. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LineFile } from '../../../src/programs/spoa-mirror/line-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoa-record-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('lines of two writers stay whole and in their order', async () => {
  const path = join(folder, 'shared');
  const writers = [new LineFile(path), new LineFile(path)];
  for (let i = 0; i < 5000; i++) for (const [n, writer] of writers.entries()) writer.write(`{"writer":${n},"i":${i}}`);
  await Promise.all(writers.map((writer) => writer.close()));
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const n of [0, 1]) {
    assert.deepEqual(
      lines.filter(({ writer }) => writer === n).map(({ i }) => i),
      Array.from({ length: 5000 }, (_, i) => i),
    );
    assert.deepEqual(writers[n]?.stats, { written: 5000, dropped: 0 });
  }
});

test('what does not fit into the buffer is dropped and counted', async () => {
  const path = join(folder, 'bounded');
  const record = new LineFile(path, { maxBuffered: 100 });
  for (let i = 0; i < 10; i++) record.write('x'.repeat(30));
  await record.close();
  assert.deepEqual(record.stats, { written: 3, dropped: 7 });
  assert.equal(readFileSync(path, 'utf8'), `${'x'.repeat(30)}\n`.repeat(3));
});

test('after rotation lines go to a new file', async () => {
  const path = join(folder, 'rotated');
  const record = new LineFile(path);
  record.write('old');
  await record.flush();
  renameSync(path, `${path}.1`);
  record.write('between');
  await record.reopen();
  record.write('new');
  await record.close();
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'old\nbetween\n');
  assert.equal(readFileSync(path, 'utf8'), 'new\n');
});

test('a disk that is full costs lines, nothing else', { skip: process.platform !== 'linux' }, async () => {
  const said: string[] = [];
  const record = new LineFile('/dev/full', { onLosing: (why) => said.push(why) });
  for (const line of ['lost', 'too']) {
    record.write(line);
    await record.flush();
  }
  assert.deepEqual(record.stats, { written: 0, dropped: 2 });
  assert.deepEqual(said, ['ENOSPC'], 'said when it begins, not line by line');
  await record.close();
});

test('a folder that is not there is refused at once', () => {
  assert.throws(() => new LineFile(join(folder, 'no', 'x')), { code: 'ENOENT' });
});
