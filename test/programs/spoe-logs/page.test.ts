/** --format html of summarize and merge. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { STALL, spoeLogs } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-page-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const state = join(folder, 'state.json');

/** What a page is made of but for the file it was read from. */
function body(html: string): string {
  return html.slice(html.indexOf('<main>')).replaceAll(STALL, 'lb.log');
}

test('a saved state makes the page that the log makes', async () => {
  const { code, stdout } = await spoeLogs(['summarize', '--format', 'html', '--save', state, STALL]);
  assert.equal(code, 0);
  assert.match(stdout, /^<!DOCTYPE html>\n/);
  assert.match(stdout, /<svg class="plot" /);
  const merged = await spoeLogs(['merge', '--format', 'html', state]);
  assert.equal(merged.code, 0);
  assert.equal(body(merged.stdout), body(stdout));
});

test('threads count the same history', async () => {
  const [one, four] = await Promise.all(
    ['1', '4'].map((threads) => spoeLogs(['summarize', '--format', 'html', '--threads', threads, STALL])),
  );
  assert.equal(one?.stdout, four?.stdout);
});

test('a baseline that is no state ends it before anything is read, with one clear line', async () => {
  writeFileSync(join(folder, 'no.json'), '{}');
  const { code, stdout, stderr } = await spoeLogs([
    'summarize',
    '--format',
    'html',
    '--baseline',
    join(folder, 'no.json'),
    STALL,
  ]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /no\.json: it is not a saved state .*\(bad-state\)/);
});

test('a baseline and a rewritten summary are refused where they make no sense', async () => {
  const table = await spoeLogs(['summarize', '--baseline', state, STALL]);
  assert.deepEqual([table.code, table.stdout], [2, '']);
  assert.match(table.stderr, /--baseline is for a page \(no-page\); add --format html/);
  const again = await spoeLogs(['summarize', '--format', 'html', '--every', '1s', STALL]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /\(page-again\)/);
});
