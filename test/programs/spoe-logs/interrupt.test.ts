import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, renameSync, truncateSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventLine, TemporaryFolder } from '../../logs/reading.ts';
import { LiveRun } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

describe('Ctrl-C', () => {
  test('ends the reading; a second one ends the program at once', async () => {
    const module = fileURLToPath(new URL('../../../src/programs/spoe-logs/interrupt.ts', import.meta.url));
    const program = `
      import { catchInterrupts } from ${JSON.stringify(module)};
      const { signal, interrupted } = catchInterrupts();
      signal.addEventListener('abort', () => console.log('stopping', interrupted()));
      setInterval(() => {}, 1e6);
      console.log('ready');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
    after(() => child.kill('SIGKILL'));
    const output = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    assert.equal((await output.next()).value, 'ready\n');
    child.kill('SIGINT');
    assert.equal((await output.next()).value, 'stopping true\n');
    assert.equal(child.exitCode, null);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [130, null]);
  });

  test('counts what waits in the pipe', async () => {
    const run = new LiveRun(['parse']);
    run.write(`${eventLine(1)}\n`);
    await run.sees('"sid":1,');
    run.child.kill('SIGSTOP');
    run.write(Array.from({ length: 200 }, (_, i) => `${eventLine(i + 2)}\n`).join(''));
    run.child.kill('SIGINT');
    run.child.kill('SIGCONT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.equal(stdout.match(/"sid":/g)?.length, 201);
  });
});

describe('--follow', () => {
  test('writes a record when a line is appended, across renaming and truncating, until Ctrl-C', async () => {
    const path = folder.write('lb.log', `${eventLine(1)}\n`);
    const run = new LiveRun(['parse', '--follow', '--source', path]);
    await run.sees('"sid":1,');
    appendFileSync(path, `${eventLine(2)}\n`);
    await run.sees('"sid":2,');
    renameSync(path, `${path}.1`);
    // Its writer is not told yet that it has to open the new one.
    appendFileSync(path, '');
    appendFileSync(`${path}.1`, `${eventLine(9)}\n`);
    await run.sees('"sid":9,');
    appendFileSync(path, `${eventLine(3)}\n`);
    await run.sees('"sid":3,');
    appendFileSync(path, eventLine(4).slice(0, 60));
    truncateSync(path);
    appendFileSync(path, `${eventLine(5)}\n`);
    await run.sees('"sid":5,');
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    const places = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ sid, source }) => [sid, source.line]);
    assert.deepEqual(places.slice(0, 4), [
      [1, 1],
      [2, 2],
      [9, 3],
      [3, 1],
    ]);
    assert.equal(places.at(-1)?.[0], 5);
  });

  test('waits for a file that is not there yet, and says so', async () => {
    const path = folder.file('later.log');
    const run = new LiveRun(['parse', '--follow', path]);
    await run.sees(`spoe-logs: ${path} is not there yet: waiting for it (awaited)\n`);
    appendFileSync(path, `${eventLine(1)}\n`);
    await run.sees('"sid":1,');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
  });

  test('goes on with the other files when one cannot be followed, and ends when none can', async () => {
    const good = folder.write('good.log', `${eventLine(1)}\n`);
    const run = new LiveRun(['parse', '--follow', folder.path, good]);
    await run.sees('"sid":1,');
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    assert.equal(code, 2);
    assert.match(stderr, /is a directory \(is-directory\)/);
    assert.equal((await new LiveRun(['parse', '--follow', folder.path]).ended).code, 2);
  });

  test('summarizes what the file holds at the start too', async () => {
    const path = folder.write('old.log', `${eventLine(1)}\n${eventLine(2)}\n`);
    const run = new LiveRun(['summarize', '--follow', '--format', 'json', '--every', '1s', path]);
    await run.sees('"count": 2');
    appendFileSync(path, `${eventLine(3)}\n`);
    await run.sees('"count": 3');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
  });
});

test('SIGUSR1 does not open the debugger', async () => {
  const run = new LiveRun(['parse']);
  run.write(`${eventLine(1)}\n`);
  await run.sees('"sid":1,');
  run.child.kill('SIGUSR1');
  run.write(`${eventLine(2)}\n`);
  await run.sees('"sid":2,');
  run.child.kill('SIGINT');
  const { stderr } = await run.ended;
  assert.doesNotMatch(stderr, /Debugger/);
});
