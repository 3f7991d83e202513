import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCrossed, isRefusal, metricNames, readCondition } from '../../src/options/threshold.ts';

const COMMANDS = ['summarize', 'diff'] as const;

test('an error rate is limited in the same words in both commands, on either side', () => {
  for (const command of COMMANDS) {
    for (const operator of ['<', '<=', '>', '>='] as const) {
      for (const limit of ['1%', ' 1 %', '0.01']) {
        const read = readCondition(command, '--fail-on', `error-rate${operator}${limit}`);
        assert.ok(!isRefusal(read), JSON.stringify(read));
        assert.deepEqual([read.name, read.operator, read.limit], ['error-rate', operator, 0.01]);
      }
    }
  }
});

test('every name of a command is read with the limit that its refusal proposes', () => {
  for (const command of COMMANDS) {
    for (const name of metricNames(command)) {
      const bad = readCondition(command, '--fail-on', `${name}>${'9'.repeat(16)}`);
      assert.ok(isRefusal(bad) && bad.hint.startsWith('write '), name);
      for (const [, proposed = ''] of bad.hint.matchAll(/'([^']+)'/g))
        assert.ok(!isRefusal(readCondition(command, '--fail-on', proposed)), proposed);
    }
  }
});

const REFUSALS = [
  [
    'diff',
    '--warn-on',
    'covrage<80%',
    'cannot read --warn-on "covrage<80%": there is no covrage',
    /^did you mean 'coverage<80%'\? diff knows regression, .*unparsed$/,
  ],
  [
    'summarize',
    '--fail-on',
    'coverage<80%',
    'cannot read --fail-on "coverage<80%": there is no coverage, but in diff',
    /^summarize knows error-rate, .*mirror-max$/,
  ],
  [
    'diff',
    '--fail-on',
    'mirror:error-rate>1%',
    'cannot read --fail-on "mirror:error-rate>1%": it is about the whole comparison, not about "mirror"',
    /^write 'error-rate>1%'$/,
  ],
  ['diff', '--fail-on', 'pairs', 'cannot read --fail-on "pairs": it has no limit', /^write 'pairs<200', in quotes$/],
  [
    'summarize',
    '--fail-on',
    'error-rate<150%',
    '--fail-on "error-rate<150%" is always crossed: a rate is 0 to 1, or 0% to 100%',
    /^write 'error-rate<1%'$/,
  ],
  [
    'diff',
    '--fail-on',
    'error-rate>5',
    '--fail-on "error-rate>5" is never crossed: a rate is 0 to 1, or 0% to 100%',
    /^write 'error-rate>5%'$/,
  ],
  [
    'diff',
    '--fail-on',
    'error-rate>100%',
    '--fail-on "error-rate>100%" is never crossed: a rate is 0 to 1, or 0% to 100%',
    /^write 'error-rate>1%'$/,
  ],
] as const;

for (const [command, option, text, problem, hint] of REFUSALS) {
  test(`${command} ${option} '${text}' is refused with its option, its value and what is known`, () => {
    const read = readCondition(command, option, text);
    assert.ok(isRefusal(read));
    assert.equal(read.problem, problem);
    assert.match(read.hint, hint);
  });
}

test('a text of any length is read in no time, and shown on one line', () => {
  for (const text of ['a:'.repeat(50_000), `${' '.repeat(50_000)}>`, 'p99>1\n>2', '\u001b[31m>1']) {
    const read = readCondition('summarize', '--fail-on', text);
    assert.ok(isRefusal(read) && !read.problem.includes('\n') && !read.problem.includes('\u001b'));
  }
});

test('a limit is crossed on its side, and at it with =', () => {
  const crossed = (['<', '<=', '>', '>='] as const).map((operator) => [1, 2, 3].map((n) => isCrossed(n, operator, 2)));
  assert.deepEqual(crossed, [
    [true, false, false],
    [true, true, false],
    [false, false, true],
    [false, true, true],
  ]);
});
