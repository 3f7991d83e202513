import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogLine } from '../../../src/programs/spoa-mirror/log-file.ts';
import { noticeOnce } from '../../../src/programs/spoa-mirror/notices.ts';

test('a line is said once', () => {
  const lines: string[] = [];
  const notice = noticeOnce((line) => lines.push(line));
  for (let i = 0; i < 3; i++) notice('the same', 'cut');
  assert.deepEqual(lines, ['the same']);
});

test('a peer that chooses the words is left out after ten lines, which is said, and keeps no other line from being said', () => {
  const lines: string[] = [];
  const notice = noticeOnce((line) => lines.push(line));
  for (let i = 0; i < 1000; i++) notice(`message ${i}`, 'unusable');
  notice('-m is too small', 'frame-size');
  assert.equal(lines.length, 12);
  assert.deepEqual(lines.slice(-3), ['message 9', 'message 10; lines like these are said no more', '-m is too small']);
});

test('a line of the log has an end', () => {
  const line = formatLogLine(`internal error: ${'\x9b'.repeat(1_000_000)}`, 1, new Date(0));
  assert.ok(line.length < 64 * 1024);
  assert.match(line, /…$/);
});
