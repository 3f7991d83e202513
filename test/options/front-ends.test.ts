/** One table, read from both kinds of command lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from '../../src/options/getopt.ts';
import { readGiven } from '../../src/options/given.ts';
import { agentTime, choice, count, duration, FILE, FLAG, SIZE, texts } from '../../src/options/kinds.ts';
import { defaultText, optionTable } from '../../src/options/option.ts';

const TABLE = optionTable({
  wait: { short: 'w', kind: duration(), default: 30_000, help: 'how long' },
  size: { kind: SIZE, implied: 1024, help: 'how much' },
  names: { also: 'called', kind: texts('NAME'), repeatable: true, help: 'whose' },
  file: { short: 'f', kind: FILE, repeatable: true, help: 'where' },
  colour: { kind: choice('COLOUR', ['red', 'green']), help: 'which' },
  quiet: { short: 'q', kind: FLAG, help: 'nothing' },
});

const getopt = (...args: string[]) => readArguments(args, TABLE, () => false);

test('both give the same values, with their types', () => {
  const expected = {
    wait: 2000,
    size: 2048,
    names: ['a', 'b', 'c'],
    file: ['x', 'y,z'],
    colour: 'green' as const,
    quiet: true,
  };
  const { given, errors } = getopt(
    '-qw2s',
    '--size=2k',
    '--names',
    'a,b',
    '--called=c',
    '-fx',
    '-f',
    'y,z',
    '--colour',
    'green',
  );
  assert.deepEqual([given, errors], [expected, []]);
  const args = { wait: '2s', size: '2k', names: ['a,b', 'c'], file: ['x', 'y,z'], colour: 'green', quiet: true };
  const read = readGiven(TABLE, args);
  assert.deepEqual(read, expected);
  const wait: number = read.wait;
  const colour: 'red' | 'green' | undefined = read.colour;
  assert.deepEqual([wait, colour], [2000, 'green']);
});

test('what is not given has its default, or is left to whoever implies one', () => {
  const { wait, size, quiet } = getopt().given;
  assert.deepEqual({ wait, size, quiet }, { wait: 30_000, size: undefined, quiet: false });
  assert.deepEqual([defaultText(TABLE.wait), defaultText(TABLE.size)], ['30s', '1k']);
});

test('an error of getopt names the option as it was typed', () => {
  for (const [args, typed] of [
    [['-w', '1'], '-w'],
    [['-qw1'], '-w'],
    [['--wait=1'], '--wait'],
    [['--wai', '1'], '--wai'],
  ] as const)
    assert.deepEqual(getopt(...args).errors, [{ message: `invalid time: '1' (${typed})`, code: 'bad-duration' }]);
  const { typed } = getopt('--wai=1s');
  assert.deepEqual([typed('wait'), typed('file')], ['--wai', '--file']);
});

test('an error of yargs names the option, and the value or the part of it that is wrong', () => {
  const message = (args: { readonly [name: string]: unknown }) => {
    try {
      return readGiven(TABLE, args);
    } catch (error) {
      const { message: text, code, hint } = error as { message: string; code: string; hint: string };
      return [text, code, hint];
    }
  };
  assert.deepEqual(message({ wait: '5' }), [
    'cannot read --wait "5"',
    'bad-duration',
    'it has no unit: write 5s or 5ms',
  ]);
  assert.deepEqual(message({ size: '\u001b[2J' }), [
    'cannot read --size "\\u001b[2J"',
    'bad-size',
    'write 64k, 64m or 1g',
  ]);
});

test('a default is a value of its option', () => {
  // @ts-expect-error a duration is a number
  optionTable({ wait: { kind: duration(), default: '30s', help: '' } });
  // @ts-expect-error not one of them
  optionTable({ colour: { kind: choice('COLOUR', ['red']), implied: 'blue', help: '' } });
  assert.equal(optionTable({ n: { kind: count('N'), default: 1, help: '' } }).n.default, 1);
  assert.equal(agentTime(0, 1).format(0), '0');
});
