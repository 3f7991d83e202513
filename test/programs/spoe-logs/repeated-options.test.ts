import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../../src/programs/spoe-logs/command.ts';
import { command as diff } from '../../../src/programs/spoe-logs/commands/diff.ts';
import { command as explain } from '../../../src/programs/spoe-logs/commands/explain.ts';
import { command as exporting } from '../../../src/programs/spoe-logs/commands/export.ts';
import { command as merge } from '../../../src/programs/spoe-logs/commands/merge.ts';
import { command as parse } from '../../../src/programs/spoe-logs/commands/parse.ts';
import { command as summarize } from '../../../src/programs/spoe-logs/commands/summarize.ts';
import { spoeLogs } from './one-process.ts';

const COMMANDS: readonly (readonly [name: string, command: Command, operands: readonly string[]])[] = [
  ['summarize', summarize, []],
  ['merge', merge, ['state.json']],
  ['parse', parse, []],
  ['export', exporting, []],
  ['diff', diff, []],
  ['explain', explain, ['264']],
];

for (const [name, { options }, operands] of COMMANDS) {
  describe(`an option of ${name} for one value`, () => {
    for (const [option, { repeatable, kind }] of Object.entries(options)) {
      if (repeatable === true || kind.name === 'flag') continue;
      test(`is refused when it is given twice: --${option}`, async () => {
        const [first, second] = kind.name === 'choice' ? (kind.words ?? []) : ['1', '2'];
        assert.deepEqual(await spoeLogs([name, `--${option}=${first}`, `--${option}=${second}`, ...operands]), {
          code: 2,
          stdout: '',
          stderr: `spoe-logs: --${option} is given more than once (usage); give it once\n`,
        });
      });
    }
  });
}

test('an option that may be repeated in one command is for one value in another', async () => {
  const { code, stderr } = await spoeLogs(['diff', '--plan', '--agent', 'a', '--agent', 'b']);
  assert.deepEqual(
    { code, stderr },
    { code: 2, stderr: 'spoe-logs: --agent is given more than once (usage); give it once\n' },
  );
  assert.equal(
    (await spoeLogs(['summarize', '--agent', 'a', '--agent', 'b'], { stdin: 'x\n' })).stderr.includes('more than once'),
    false,
  );
});

test('a text does not become an object, nor a boolean', async () => {
  for (const [args, option] of [
    [['diff', '--plan', '--agent.x', 'b'], '--agent.x'],
    [['diff', '--plan', '--no-agent'], '--no-agent'],
    [['diff', '--no-plan'], '--no-plan'],
    [['config', 'print', '--no-uid'], '--no-uid'],
  ] as const) {
    const { code, stderr } = await spoeLogs(args);
    assert.deepEqual([code, stderr], [2, `spoe-logs: unknown option ${option} (usage); see spoe-logs --help\n`]);
  }
});

for (const [name, { options }, operands] of COMMANDS)
  test(`no option of ${name} that may be repeated takes --no-NAME for a value`, async () => {
    for (const option of Object.keys(options).filter((each) => options[each]?.repeatable === true))
      assert.deepEqual(await spoeLogs([name, ...operands, `--no-${option}`]), {
        code: 2,
        stdout: '',
        stderr: `spoe-logs: unknown option --no-${option} (usage); see spoe-logs --help\n`,
      });
  });

test('who leaves a value out is told that it is a file, where it is one', async () => {
  assert.match((await spoeLogs(['diff', '--key'])).stderr, /--key needs a value/);
  assert.match((await spoeLogs(['export', '--key'])).stderr, /--key needs a FILE/);
});
