/** Command lines that are read without yargs: what they say, yargs reads in them, too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Command, defineCommand } from '../../../src/programs/spoe-logs/command.ts';
import { COMMANDS, EXAMPLES, GLOBAL_OPTIONS } from '../../../src/programs/spoe-logs/command-list.ts';
import { parse } from '../../../src/programs/spoe-logs/parser.ts';

const PROGRAM = { commands: COMMANDS, examples: EXAMPLES, options: GLOBAL_OPTIONS };
const NAMES = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

/** Texts that a parser may take for something else than the word that stands there. */
const WORDS = [
  'a.log',
  '-undefined',
  'b',
  '1',
  '0',
  '007',
  '-1',
  '1.5',
  '0x10',
  '1e3',
  '1e400',
  '9007199254740993',
  '5m',
  '1%',
  'a,b',
  ',',
  '',
]
  .concat([
    'true',
    'false',
    'True',
    'null',
    'undefined',
    'NaN',
    'help',
    'version',
    'h',
    'V',
    'constructor',
    '__proto__',
  ])
  .concat([
    '-',
    '--',
    '---',
    '-F',
    '-FF',
    '-h',
    '-V',
    '-x',
    '-1m',
    '--help',
    '--version',
    '--debug',
    '--nothing',
    '--no-once',
  ])
  .concat([
    '"a b"',
    "'a'",
    "'",
    '"',
    'a"b',
    'a b',
    ' a',
    'a ',
    '\n',
    'é',
    '/dev/stdin',
    './-a',
    'a=b',
    '=',
    '$0',
    '*',
    '\\',
  ])
  .concat(['--__proto__', '--constructor=1', '--toString', '--_', '--$0=1', '--=', '--=1'])
  .concat(NAMES);

/** A command that says what it was given in place of doing it. */
function recorder({ options, positionals }: Command) {
  const seen: unknown[] = [];
  const command = defineCommand({ options, positionals, examples: [], run: (given) => void seen.push(given) });
  return { seen, command };
}

/** What is given, or what is said of it. */
function outcome(seen: unknown[], run: () => void | Promise<void>): unknown {
  seen.length = 0;
  try {
    void run();
    return { ran: seen.length, given: seen[0] };
  } catch (error) {
    const { message, code, hint } = error as { message: string; code?: string; hint?: string };
    return { message, code, hint };
  }
}

const PLAIN_ONES: { readonly [Name in keyof typeof COMMANDS]?: readonly (readonly string[])[] } = {
  summarize: [
    [],
    ['a.log'],
    ['a.log', '--by', 'agent,host', 'b.log.gz'],
    ['--format=json', '--once', '--threads', '2', '--fail-on', 'error-rate>1%', '--fail-on=p99>50ms', '/var/log/x'],
    ['--window', 'nonsense', '--every=10s'],
    ['--threads=65'],
    ['-F', 'a.log', '--every', '10s'],
  ],
  parse: [['a.log', '--format', 'csv']],
  merge: [['a.json', 'b.json', '--min-events=3']],
  explain: [['264']],
  diff: [
    ['--production', 'a.log', 'b.log', '--mirror', 'c.log', '--fail-on', 'p99>50ms'],
    ['--plan', '--production=a.log', 'b.log', '--production', 'c.log'],
  ],
};

for (const name of NAMES) {
  const load = async () => recorder((await COMMANDS[name].load()).command);
  const byYargs = (args: readonly string[], { seen, command }: Awaited<ReturnType<typeof load>>) =>
    outcome(seen, () => parse([name, ...args], PROGRAM, new Map([[name, command]]))());

  test(`${name}: a plain command line means what yargs makes of it`, async () => {
    const own = await load();
    const { options } = own.command;
    const value = fc.oneof(
      fc.constantFrom(...WORDS),
      fc.constantFrom(...Object.values(options).flatMap(({ kind }) => kind.words ?? []), 'x'),
      fc.string({ maxLength: 6 }),
    );
    const long = fc.constantFrom(...Object.keys(options), 'debug').map((option) => `--${option}`);
    const args = fc.array(
      fc.oneof(
        long.map((option) => [option]),
        fc.tuple(long, value),
        fc.tuple(long, value).map(([option, text]) => [`${option}=${text}`]),
        value.map((text) => [text]),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(args, (parts) => {
        const given = parts.flat();
        let isPlain = true;
        const plain = outcome(own.seen, () => {
          const run = own.command.readPlain(given);
          isPlain = run !== undefined;
          return run?.();
        });
        if (isPlain) assert.deepEqual(plain, byYargs(given, own));
      }),
      { numRuns: 400 },
    );
  });

  test(`${name}: usual command lines are plain`, async () => {
    const own = await load();
    for (const args of PLAIN_ONES[name] ?? []) {
      const plain = outcome(own.seen, () => {
        const run = own.command.readPlain(args);
        assert.notEqual(run, undefined, args.join(' '));
        return run?.();
      });
      assert.deepEqual(plain, byYargs(args, own));
    }
  });
}
