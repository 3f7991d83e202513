/** One run of `spoe-logs diff` that writes what several readers want: --report, and the summary of a step of GitHub's. */
import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commandsOf } from '../../report/workflow-runner.ts';
import { spoeLogs } from './one-process.ts';
import { fixture, LiveRun } from './run.ts';

const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const MIRROR = fixture('diff/3.0.11--broken-orders--mirror.jsonl');
const DIFF = ['diff', '--production', PRODUCTION, '--mirror', MIRROR];
const FORMATS = ['table', 'json', 'markdown', 'html', 'junit'];

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-diff-reports-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

test('each file of --report is what --format writes, and standard output stays what it was', async () => {
  const plain = await spoeLogs(DIFF);
  const all = await spoeLogs([...DIFF, ...FORMATS.flatMap((format) => ['--report', `${format}=${at(format)}`])]);
  assert.deepEqual(all, plain);
  assert.equal(all.code, 1);
  for (const format of FORMATS) {
    assert.equal(readFileSync(at(format), 'utf8'), (await spoeLogs([...DIFF, '--format', format])).stdout, format);
  }
});

test('a report takes the place of the last one, beside single requests, too', async () => {
  writeFileSync(at('old.md'), 'x'.repeat(100_000));
  const { stdout } = await spoeLogs([...DIFF, '--format', 'ndjson', '--report', `markdown=${at('old.md')}`]);
  assert.equal(stdout.trimEnd().split('\n').length, 320);
  assert.equal(readFileSync(at('old.md'), 'utf8'), (await spoeLogs([...DIFF, '--format', 'markdown'])).stdout);
});

test('what cannot be written is refused before anything is read, and no input is written over', async () => {
  const input = at('mirror.jsonl');
  writeFileSync(input, readFileSync(MIRROR));
  linkSync(input, at('same.jsonl'));
  for (const [args, message] of [
    [['--report', 'pdf=x'], /bad-report\); choose from table, json, markdown, html, junit$/],
    [['--report', 'markdwn=x'], /did you mean markdown\?/],
    [['--report', 'github=x'], /bad-report/],
    [['--report', 'junit'], /write markdown=comment\.md, or junit=diff\.xml$/],
    [['--report', 'junit='], /bad-report/],
    [['--report', 'junit=-'], /for standard output: --format$/],
    [['--report', `json=${at('no/such/folder')}`], /cannot write .*: ENOENT \(cannot-write\)$/],
    [['--report', `json=${folder}`], /cannot write .*: EISDIR \(cannot-write\)$/],
    [['--report', `json=${at('same.jsonl')}`], /mirror\.jsonl is an input \(same-file\)$/],
    [['--report', `json=${at('a')}`, '--report', `html=${folder}/./a`], /another --report is written there/],
  ] as const) {
    const args1 = ['diff', '--production', PRODUCTION, '--mirror', input, ...args];
    const { code, stdout, stderr } = await spoeLogs(args1);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr.trimEnd(), message);
  }
  assert.deepEqual(readFileSync(input), readFileSync(MIRROR));
  assert.equal(existsSync(at('a')), false);
});

test('a report that fails while it is written ends with 2, after all that could be written', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full here');
  const args = ['--report', 'json=/dev/full', '--report', `markdown=${at('after.md')}`];
  const { code, stdout, stderr } = await spoeLogs([...DIFF, ...args]);
  assert.equal(code, 2);
  assert.match(stderr, /^spoe-logs: cannot write \/dev\/full: ENOSPC \(cannot-write\)\n$/);
  assert.match(stdout, /^FAIL /);
  assert.match(readFileSync(at('after.md'), 'utf8'), /FAIL/);
});

test('--format github annotates, and adds the report to what the summary of the step has', async () => {
  const summary = at('summary.md');
  writeFileSync(summary, 'of an earlier command\n');
  const run = await spoeLogs([...DIFF, '--format', 'github'], { env: { GITHUB_STEP_SUMMARY: summary } });
  assert.deepEqual([run.code, run.stderr], [1, '']);
  const commands = commandsOf(run.stdout);
  assert.equal(commands.length, 4);
  for (const { name } of commands) assert.equal(name, 'error');
  assert.match(commands[0]?.data ?? '', /^errors rose from 0 % to 6\.25 %: 20 new, 0 fixed in 320 pairs\n/);
  const { stdout: markdown } = await spoeLogs([...DIFF, '--format', 'markdown']);
  assert.equal(readFileSync(summary, 'utf8'), `of an earlier command\n${markdown}\n`);
});

test('without a summary to write to, or with another format, nothing is written', async () => {
  const summary = at('unused.md');
  const annotated = await spoeLogs([...DIFF, '--format', 'github']);
  assert.equal(annotated.code, 1);
  await spoeLogs([...DIFF, '--format', 'json'], { env: { GITHUB_STEP_SUMMARY: summary } });
  assert.equal(existsSync(summary), false);
});

test('a summary that cannot be written is said, and ends with 2', async () => {
  const env = { GITHUB_STEP_SUMMARY: folder };
  const { code, stderr } = await spoeLogs([...DIFF, '--format', 'github'], { env });
  assert.equal(code, 2);
  assert.match(stderr, /EISDIR \(cannot-write\)$/m);
});

test('--follow writes its reports once it is told to end', async () => {
  const args = [...DIFF, '--follow', '--format', 'ndjson', '--report', `json=${at('followed.json')}`];
  const run = new LiveRun(args);
  // All of it is read.
  await run.sees(/^(?:.*\n){320}/, 'stdout');
  assert.equal(existsSync(at('followed.json')), false);
  run.child.kill('SIGINT');
  assert.equal((await run.ended).code, 1);
  assert.equal(JSON.parse(readFileSync(at('followed.json'), 'utf8')).verdict.status, 'fail');
});

test('one file by two folders is one, and the summary of a step is no report of --report', async () => {
  mkdirSync(at('real'));
  symlinkSync(at('real'), at('linked'));
  const twice = ['--report', `junit=${at('real/x')}`, '--report', `markdown=${at('linked/x')}`];
  assert.match((await spoeLogs([...DIFF, ...twice])).stderr, /another --report is written there \(same-file\)$/m);
  const env = { GITHUB_STEP_SUMMARY: at('step.md') };
  const same = ['--format', 'github', '--report', `json=${at('step.md')}`];
  const { stderr } = await spoeLogs([...DIFF, ...same], { env });
  assert.match(stderr, /which gets the report by itself \(same-file\)$/m);
  assert.equal(existsSync(at('step.md')), false);
});

test('a report that cannot be written whole leaves the last one, and GitHub is told which is missing', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full here');
  const { stdout, code } = await spoeLogs([...DIFF, '--format', 'github', '--report', 'json=/dev/full']);
  assert.equal(code, 2);
  assert.match(
    stdout,
    /^::error title=spoe-logs diff%3A a report is missing::cannot write \/dev\/full: ENOSPC\n::error title=spoe-logs diff%3A FAIL::/,
  );
  assert.doesNotMatch(stdout, /could not be read/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});
