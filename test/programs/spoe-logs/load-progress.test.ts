/** What a long load says of rows so far. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addLoads, LoadProgress, renderLoadProgress } from '../../../src/programs/spoe-logs/load-progress.ts';

const NONE = { loaded: 0, already: 0, failed: 0, retried: 0, bytes: 0 };

test('a line has what was read, what became of rows, and how long the rest will take', () => {
  const counts = addLoads([
    { ...NONE, loaded: 7, retried: 1, bytes: 2 ** 20 },
    { ...NONE, already: 5, failed: 2, bytes: 2 ** 20 },
  ]);
  assert.equal(
    renderLoadProgress(counts, { totalBytes: 8 * 2 ** 20, seconds: 3 }),
    '2.0 MiB of 8.0 MiB (25 %) · loaded 7 · there before 5 · failed 2 · retried 1 · ETA 9 s',
  );
  assert.equal(
    renderLoadProgress(counts, { totalBytes: undefined, seconds: 3 }),
    '2.0 MiB · loaded 7 · there before 5 · failed 2 · retried 1',
  );
});

/** What is written to standard error, which is no terminal. */
function listen(context: TestContext): string[] {
  const said: string[] = [];
  context.mock.timers.enable({ apis: ['setInterval'] });
  context.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0);
  const { isTTY } = process.stderr;
  process.stderr.isTTY = false;
  context.after(() => {
    process.stderr.isTTY = isTTY;
  });
  return said;
}

test('a service that follows says so once a minute, as long as something happens', (context) => {
  const said = listen(context);
  let counts = NONE;
  const progress = new LoadProgress([], true, () => counts);
  context.mock.timers.tick(60_000);
  counts = { ...NONE, loaded: 3, retried: 2 };
  context.mock.timers.tick(60_000);
  context.mock.timers.tick(60_000);
  assert.deepEqual(said, ['spoe-logs: so far loaded 3 · there before 0 · failed 0 · retried 2\n']);
  progress.stop();
  counts = { ...NONE, loaded: 4 };
  context.mock.timers.tick(60_000);
  assert.equal(said.length, 1);
});

test('a load that ends says nothing in between', (context) => {
  const said = listen(context);
  let loaded = 0;
  const progress = new LoadProgress([], false, () => ({ ...NONE, loaded: ++loaded }));
  context.mock.timers.tick(600_000);
  progress.stop();
  assert.deepEqual(said, []);
});
