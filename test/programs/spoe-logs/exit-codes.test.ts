import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventLine, TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';
import { LiveRun, STALL, shell, spoeLogs as spoeLogsAlone } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;
folder.write('good.log', `${eventLine(1)}\n`);
folder.write(
  'access.log',
  '192.0.2.7:1 [22/Nov/2026:07:00:00.000] fe be/s1 0/0/0/1/1 200 1 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n',
);
folder.write('truncated.gz', gzipSync(readFileSync(STALL)).subarray(0, 500));

const JSON_FORMAT = ['--format', 'json'];

describe('exit code 0', () => {
  test('is for a log that could be read, whatever it says', async () => {
    assert.equal((await spoeLogsAlone(['summarize', STALL])).code, 0);
  });

  test('is for filters that leave nothing', async () => {
    const { code, stdout, stderr } = await spoeLogs(['summarize', ...JSON_FORMAT, '--agent', 'nobody', 'good.log'], {
      cwd,
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.equal(JSON.parse(stdout).input.filtered, 1);
    assert.equal(JSON.parse(stdout).total.count, 0);
    assert.deepEqual(await spoeLogs(['parse', '--agent', 'nobody', 'good.log'], { cwd }), {
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('is for an output that is closed early', async () => {
    const lines = folder.write('many.log', `${eventLine(1)}\n`.repeat(100_000));
    const { stdout, stderr } = await shell(`{ $SPOE_LOGS parse ${lines}; echo "exit code $?" >&2; } | head -n 1`);
    assert.equal(stdout.split('\n').length, 2);
    assert.equal(stderr, 'exit code 0\n');
  });

  test('is for a closed output while the input goes on', async () => {
    const { stderr } = await shell(
      `yes '${eventLine(1)}' | { $SPOE_LOGS parse; echo "exit code $?" >&2; } | head -n 1`,
    );
    assert.equal(stderr, 'exit code 0\n');
  });
});

describe('exit code 1', () => {
  for (const threshold of ['error-rate>1%', 'p99>50ms', 'mirror:p99>50ms', 'mirror:error-rate>24%']) {
    test(`is for a threshold that is crossed: ${threshold}`, async () => {
      assert.equal((await spoeLogs(['summarize', '--fail-on', threshold, STALL])).code, 1);
    });
  }

  for (const threshold of ['error-rate>25%', 'p99>302ms', 'mirror:p99>1s']) {
    test(`is not for one that is not: ${threshold}`, async () => {
      assert.equal((await spoeLogs(['summarize', '--fail-on', threshold, STALL])).code, 0);
    });
  }

  test('is for fewer events than --min-events, with the reason', async () => {
    const args = ['summarize', '--fail-on', 'error-rate>50%', '--min-events', '21', ...JSON_FORMAT, STALL];
    const { code, stdout } = await spoeLogsAlone(args);
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).thresholds[0].crossed, true);
    assert.match(JSON.parse(stdout).thresholds[0].reason, /21/);
  });

  test('is for a threshold about an agent that is not there', async () => {
    assert.equal((await spoeLogs(['summarize', '--fail-on', 'nobody:p99>1s', STALL])).code, 1);
  });
});

describe('exit code 2', () => {
  const usage: readonly (readonly [string, readonly string[], string])[] = [
    ['no command', [], 'no command given (usage); see spoe-logs --help'],
    [
      'an unknown command',
      ['sumarize'],
      'Unknown argument: sumarize (usage); did you mean summarize? see spoe-logs --help',
    ],
    [
      'a command of another tool',
      ['compare'],
      'Unknown argument: compare (usage); did you mean diff? see spoe-logs --help',
    ],
    [
      'a file in place of a command',
      ['good.log'],
      'Unknown argument: good.log (usage); did you mean summarize good.log? see spoe-logs --help',
    ],
    [
      'a threshold whose limit the shell has taken',
      ['summarize', '--fail-on', 'error-rate', 'good.log'],
      "the threshold error-rate has no limit: the shell takes an unquoted > for itself (bad-threshold); quote it: --fail-on 'error-rate>1%'",
    ],
    ['an unknown option', ['summarize', '--nope', 'good.log'], 'unknown option --nope (usage); see spoe-logs --help'],
    [
      'a command nearly as others call it',
      ['sumary', 'good.log'],
      'Unknown arguments: sumary, good.log (usage); did you mean summarize? see spoe-logs --help',
    ],
    [
      'an option that is nearly one, of any command',
      ['export', '--endpont=x', 'good.log'],
      'unknown option --endpont (usage); did you mean --endpoint? see spoe-logs --help',
    ],
    [
      'an option with an underscore',
      ['summarize', '--fail_on', 'error-rate>1%', 'good.log'],
      'unknown option --fail_on (usage); did you mean --fail-on? see spoe-logs --help',
    ],
    [
      'an option that is nearly one and a switch',
      ['summarize', '--no-folow', 'good.log'],
      'unknown option --no-folow (usage); did you mean --follow? see spoe-logs --help',
    ],
    [
      'a word that all objects have',
      ['summarize', '--toString', '-a b', 'good.log'],
      'unknown option --toString (usage); see spoe-logs --help',
    ],
    [
      'a dash and undefined',
      ['summarize', '-undefined', 'good.log'],
      'unknown option -u (usage); see spoe-logs --help',
    ],
    ['a letter among others', ['summarize', '-Fx', 'good.log'], 'unknown option -x (usage); see spoe-logs --help'],
    [
      'a format that is nearly one',
      ['parse', '--format', 'cvs', 'good.log'],
      'cannot read --format "cvs" (usage); did you mean csv? choose from ndjson, csv',
    ],
    [
      'a duration without its unit',
      ['summarize', '--window', '30', 'good.log'],
      'cannot read --window "30" (bad-duration); it has no unit: write 30s or 30ms',
    ],
    [
      'a threshold that is nearly one',
      ['summarize', '--fail-on', 'mirror:eror-rate>1%', 'good.log'],
      'cannot read --fail-on "mirror:eror-rate>1%": there is no eror-rate (bad-threshold); did you mean \'mirror:error-rate>1%\'? summarize knows error-rate, mirror-error-rate, mirror-refused, dropped, p50, p90, p95, p99, p99.9, p999, max, mirror-p50, mirror-p90, mirror-p95, mirror-p99, mirror-p99.9, mirror-p999, mirror-max',
    ],
    [
      'a file that is missing behind its option',
      ['summarize', 'good.log', '--record'],
      '--record needs a FILE (usage); see spoe-logs --help',
    ],
    [
      'a value that another option stands in place of',
      ['parse', '--since', '--follow', 'good.log'],
      '--since needs a value (usage); see spoe-logs --help',
    ],
    [
      'files that are missing behind their option',
      ['diff', '--production', '--mirror', 'good.log'],
      '--production needs a FILE (usage); see spoe-logs --help',
    ],
    [
      'a value that is an empty text',
      ['summarize', '--agent', '', 'good.log'],
      '--agent needs a value (usage); see spoe-logs --help',
    ],
    [
      'a time that was meant to be ago',
      ['summarize', '--since', '15m', 'good.log'],
      'cannot read --since "15m" (bad-time); did you mean --since -15m?',
    ],
    [
      'minutes ago without their unit',
      ['summarize', '--until', '-15', 'good.log'],
      'cannot read --until "-15" (bad-time); did you mean --until -15m?',
    ],
    [
      'an unknown format',
      ['parse', '--format', 'xml', 'good.log'],
      'cannot read --format "xml" (usage); choose from ndjson, csv',
    ],
    [
      'a key that is none',
      ['diff', '--key', 'sid'],
      'cannot read --key "sid" (usage); choose from auto, unique-id, traceparent, pid+sid',
    ],
    [
      'an unknown group',
      ['summarize', '--by', 'agent,x', 'good.log'],
      'cannot read --by "x" (bad-by); choose from agent, event, host, pid, st',
    ],
    [
      'a width that is none',
      ['summarize', '--window', '1y', 'good.log'],
      'cannot read --window "1y" (bad-duration); write 10s, 1m or 2h; at least 1s',
    ],
    [
      'a time that is none',
      ['parse', '--since', 'yesterday', 'good.log'],
      'cannot read --since "yesterday" (bad-time); write 2026-11-22T07:00:00Z, 2026-11-22, or -15m for 15 minutes ago',
    ],
    [
      'a status that is none',
      ['parse', '--status', 'x', 'good.log'],
      "cannot read --status \"x\" (bad-status); write codes, ranges or 'error': 1,256-400 or '!0'",
    ],
    [
      'a pid that is none',
      ['parse', '--pid', 'x', 'good.log'],
      'cannot read --pid "x" (bad-pid); write a process number',
    ],
    [
      'a year that is none',
      ['parse', '--year', '26', 'good.log'],
      'cannot read --year "26" (bad-year); write four digits, such as 2026',
    ],
    ...[' ', ' , ', '12576, ,5', '5,'].map((text): [string, string[], string] => [
      `a pid that is blank: ${JSON.stringify(text)}`,
      ['parse', '--pid', text, 'good.log'],
      `cannot read --pid "${text}" (bad-pid); an item is blank: is a variable not set?`,
    ]),
    ...['agent', 'host'].map((option): [string, string[], string] => [
      `no ${option} at all`,
      ['parse', `--${option}`, ' , ', 'good.log'],
      `cannot read --${option} " , " (bad-${option}); an item is blank: is a variable not set?`,
    ]),
    [
      'a pid that is no row of digits',
      ['parse', '--pid', '1e1', 'good.log'],
      'cannot read --pid "1e1" (bad-pid); write a process number',
    ],
    ...['x', '2026.5', '-1', '-'].map((text): [string, string[], string] => [
      `a year that is no number of one: ${text}`,
      ['parse', '--year', text, 'good.log'],
      `cannot read --year "${text}" (bad-year); write four digits, such as 2026`,
    ]),
    ...['x', '0', '1e9'].map((text): [string, string[], string] => [
      `a number of requests that is none, or too many: ${text}`,
      ['diff', '--max-requests', text],
      `cannot read --max-requests "${text}" (bad-max-requests); write a whole number up to 100000000`,
    ]),
    [
      'a - in place of a number',
      ['summarize', '--threads', '-'],
      'cannot read --threads "-" (bad-threads); write a number from 1 to 64',
    ],
    [
      'a - in place of names',
      ['summarize', '--by', '-', 'good.log'],
      'cannot read --by "-" (bad-by); choose from agent, event, host, pid, st',
    ],
    [
      'too many threads',
      ['summarize', '--threads', '65', 'good.log'],
      'cannot read --threads "65" (bad-threads); write a number from 1 to 64',
    ],
    [
      'events that cannot be counted',
      ['summarize', '--min-events', '-1', 'good.log'],
      'cannot read --min-events "-1" (bad-min-events); write a whole number',
    ],
    [
      'a threshold of an agent where groups know none',
      ['summarize', '--by', 'host', '--fail-on', 'mirror:p99>1s', 'good.log'],
      'mirror:p99>1s is about one agent, but groups do not tell agents apart (bad-threshold); add agent to --by',
    ],
    ['standard input twice', ['parse', '-', '-'], 'standard input can be read only once (stdin-twice); name - once'],
    [
      'standard input that is followed',
      ['parse', '--follow'],
      '--follow needs files (cannot-follow); standard input is followed without it: tail -f LOG | spoe-logs …',
    ],
  ];
  for (const [what, args, message] of usage) {
    test(`is for ${what}, in one line`, async () => {
      assert.deepEqual(await spoeLogs(args, { cwd }), { code: 2, stdout: '', stderr: `spoe-logs: ${message}\n` });
    });
  }

  test('is for a threshold that cannot be read', async () => {
    const { code, stdout, stderr } = await spoeLogsAlone(['summarize', '--fail-on', 'p98>5', 'good.log'], { cwd });
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, /^spoe-logs: .*p98>5.*\n$/);
  });

  test('is for a missing file while the others are still read', async () => {
    const { code, stdout, stderr } = await spoeLogs(['summarize', ...JSON_FORMAT, 'none.log', 'good.log'], { cwd });
    assert.equal(code, 2);
    assert.equal(stderr, 'spoe-logs: no such file: none.log (not-found); check the path\n');
    const summary = JSON.parse(stdout);
    assert.equal(summary.total.count, 1);
    assert.ok(summary.notices.some((notice: { code: string }) => notice.code === 'not-found'));
  });

  test('is for a single missing file, and says nothing else', async () => {
    const { code, stderr } = await spoeLogs(['summarize', 'none.log'], { cwd });
    assert.deepEqual(
      { code, stderr },
      { code: 2, stderr: 'spoe-logs: no such file: none.log (not-found); check the path\n' },
    );
  });

  test('is for truncated gzip, of which what is readable counts', async () => {
    const { code, stdout, stderr } = await spoeLogs(['summarize', ...JSON_FORMAT, 'truncated.gz'], { cwd });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'spoe-logs: truncated.gz ends in the middle of its gzip data (gzip-truncated); what could be read is counted; fetch the file again for the rest\n',
    );
    assert.ok(JSON.parse(stdout).total.count > 0);
  });

  test('is for a log without an SPOE line; says what is there, and still prints json', async () => {
    const { code, stdout, stderr } = await spoeLogs(['summarize', ...JSON_FORMAT, 'access.log'], { cwd });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^spoe-logs: no SPOE line in access\.log: it begins with 1 HAProxy access line \(no-spoe-lines\); .*\n$/,
    );
    assert.equal(JSON.parse(stdout).input.lines, 1);
  });

  test('is for an input that is empty', async () => {
    const { code, stderr } = await spoeLogsAlone(['parse'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /^spoe-logs: no SPOE line in standard input: it is empty \(no-spoe-lines\); .*\n$/);
  });

  test('is for an output that cannot be written', { skip: process.platform !== 'linux' }, async () => {
    const { stderr } = await shell(`$SPOE_LOGS summarize '${STALL}' > /dev/full; echo "exit code $?" >&2`);
    assert.equal(stderr, 'spoe-logs: cannot write the output: ENOSPC (cannot-write); check the disk\nexit code 2\n');
  });

  test('is for a state that cannot be saved', async () => {
    const { code, stderr } = await spoeLogs(['summarize', '--save', 'no/such/folder.json', 'good.log'], { cwd });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^spoe-logs: cannot write no\/such\/folder\.json: .* \(cannot-save\); check the folder and the disk\n$/,
    );
  });

  test('comes with the stack when --debug is given', async () => {
    const { code, stderr } = await spoeLogs(['summarize', '--by', 'x', '--debug', 'good.log'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /^spoe-logs: cannot read --by "x" .*\n.*\n {4}at /);
  });
});

describe('exit code 130', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`is for ${signal}, after the final summary of what was read`, async () => {
      const run = new LiveRun(['summarize', ...JSON_FORMAT, '--every', '1s']);
      run.write(`${eventLine(1)}\n${eventLine(2)}\n`);
      await run.sees('"count": 2');
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      assert.deepEqual({ code, stderr }, { code: 130, stderr: '' });
      assert.ok(stdout.trimEnd().endsWith('}'));
    });
  }

  test('is not for Ctrl-C when a threshold is crossed: that is 1', async () => {
    const run = new LiveRun([
      'summarize',
      ...JSON_FORMAT,
      '--every',
      '1s',
      '--fail-on',
      'error-rate>1%',
      '--min-events',
      '9',
    ]);
    run.write(`${eventLine(1)}\n`);
    await run.sees('"count": 1');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 1);
  });

  test('is for Ctrl-C before anything was read, and says nothing about the log', async () => {
    const run = new LiveRun(['summarize', ...JSON_FORMAT, '--every', '1s']);
    await run.sees('"schema"');
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    assert.deepEqual({ code, stderr }, { code: 130, stderr: '' });
  });

  test('is for a named pipe that nobody writes to', { skip: process.platform === 'win32' }, async () => {
    await shell(`mkfifo '${folder.file('pipe')}'`);
    const run = new LiveRun(['summarize', ...JSON_FORMAT, '--every', '1s', folder.file('pipe')]);
    await run.sees('"schema"');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
  });
});

describe('what was wrong when a state was saved', () => {
  test('is still wrong when it is merged', async () => {
    const saved = await spoeLogs(['summarize', ...JSON_FORMAT, '--save', 'cut.json', 'truncated.gz'], { cwd });
    const { code, stdout, stderr } = await spoeLogs(['merge', ...JSON_FORMAT, 'cut.json'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /\(gzip-truncated\)/);
    assert.equal(JSON.parse(stdout).notices[0].code, 'gzip-truncated');
    assert.equal(stdout, saved.stdout);
  });
});

describe('an option for one value', () => {
  test('is refused in one line when it is given twice', async () => {
    const { code, stderr } = await spoeLogs(['summarize', '--by', 'agent', '--by', 'host', STALL]);
    assert.equal(code, 2);
    assert.equal(stderr, 'spoe-logs: --by is given more than once (usage); give it once\n');
  });
});
