/** What --record and --follow make of standard input, and of files that are not there. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { formatRecord, formatTime } from '../../../src/mirror/record.ts';
import { eventLine, TemporaryFolder } from '../../logs/reading.ts';
import { LiveRun, shell, spoeLogs } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;
const answered = {
  ...{ message: 'mirror', frame_id: 1, method: 'GET', path: '/', status: 200, ttfb_ms: 1.5, latency_ms: 2.25 },
  ...{ request_bytes: 0, response_bytes: 42, truncated: false, attempts: 1, error: null },
};
const RECORD = Array.from({ length: 60 }, (_, i) =>
  formatRecord({ ...answered, ts: formatTime(Date.UTC(2026, 10, 22, 7) + i * 1000), stream_id: i }),
).join('\n');
folder.write('fine.jsonl', `${RECORD}\n`);
folder.write('lb.log', `${eventLine(1)}\n`);
const summarize = (...args: string[]) => spoeLogs(['summarize', ...args], { cwd });

describe('standard input beside a record', () => {
  const failing = Array.from({ length: 60 }, (_, i) => eventLine(i + 1).replace('st=0', 'st=256')).join('\n');
  const verdict = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout).verdict.status;
  const args = ['summarize', '--record', 'fine.jsonl', '--format', 'json'];

  test('is the log where no FILE is named: a pipe or a file', async () => {
    const log = folder.write('failing.log', `${failing}\n`);
    for (const stdin of [`${failing}\n`, { file: log }]) {
      const piped = await spoeLogs(args, { cwd, stdin });
      assert.deepEqual([piped.code, piped.stderr, verdict(piped)], [0, '', 'failing']);
    }
  });

  test('that brings nothing, and /dev/null, leave the record alone', async () => {
    const { stdout } = await spoeLogs(args, { cwd });
    assert.equal(verdict({ stdout }), 'healthy');
    assert.deepEqual(await spoeLogs(args, { cwd, stdin: '' }), { code: 0, stdout, stderr: '' });
  });

  test('that is open and silent is said to be waited for', async () => {
    const run = new LiveRun(args, { cwd });
    await run.sees(
      'nothing comes from standard input, which is read as the log: waiting for it (awaited); for the record',
    );
    run.child.stdin?.end();
    const ended = await run.ended;
    assert.deepEqual([ended.code, verdict(ended)], [0, 'healthy']);
  });

  test('is followed beside files: as the record of a log, and as the log of a record', async () => {
    const log = folder.write('followed.log', `${eventLine(1)}\n`);
    const ofRecord = new LiveRun(['summarize', '-F', '--format', 'json', '--every', '1s', log, '--record', '-'], {
      cwd,
    });
    ofRecord.write(`${RECORD}\n`);
    await ofRecord.sees('"requests": 60');
    appendFileSync(log, `${eventLine(2)}\n`);
    await ofRecord.sees('"count": 2');
    ofRecord.child.kill('SIGINT');
    assert.equal((await ofRecord.ended).code, 130);
    const ofLog = new LiveRun(['summarize', '-F', '--format', 'json', '--every', '1s', '--record', 'fine.jsonl'], {
      cwd,
    });
    ofLog.write(`${eventLine(1)}\n${eventLine(2)}\n`);
    await ofLog.sees('"count": 2');
    ofLog.child.kill('SIGINT');
    assert.equal((await ofLog.ended).code, 130);
  });

  test('cannot be followed where nothing else is, nor in one log with files: which argument that is, is said', async () => {
    const alone = await summarize('-F', '--record', '-');
    assert.deepEqual([alone.code, /--follow needs files \(cannot-follow\)/.test(alone.stderr)], [2, true]);
    const mixed = await summarize('-F', 'lb.log', '-');
    assert.equal(
      mixed.stderr,
      'spoe-logs: --follow cannot read standard input (-) and lb.log as one log (cannot-follow); pipe both: tail -F lb.log … | spoe-logs …\n',
    );
  });
});

test('a followed file that does not exist is among the reasons, the record that does not is not called empty', async () => {
  const run = new LiveRun(['summarize', '-F', 'nolog', '--record', 'norecord', '--every', '1s'], { cwd });
  await run.sees('norecord does not exist: waiting for it');
  run.child.kill('SIGINT');
  const { stdout } = await run.ended;
  const reasons = stdout.split('\n').map((text) => text.trim());
  assert.ok(reasons.includes('- nolog does not exist: waiting for it'), stdout);
  assert.match(stdout, /the record of the agent is not there yet/);
});

describe('a long log at standard input', () => {
  test('is summarized alike through a pipe, which a thread may come to read, and as a file', async () => {
    const block = Array.from({ length: 10_000 }, (_, i) => `${eventLine(i)}\n`).join('');
    const file = folder.write('long.log', block.repeat(50));
    const args = ['summarize', '--format', 'json', '--keep-duplicates', '--year', '2026'];
    const whole = await spoeLogs(args, { cwd, stdin: { file } });
    assert.equal(JSON.parse(whole.stdout).input.spoe, 500_000);
    assert.deepEqual(await shell(`cat long.log | $SPOE_LOGS ${args.join(' ')}`, { cwd }), whole);
  });
});
