/** The completions: their syntax, and what the shells themselves say. Those that are not installed are skipped. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bashCompletion, type CompletedProgram, fishCompletion, zshCompletion } from '../../src/options/completions.ts';
import { choice, FILE, FLAG, text } from '../../src/options/kinds.ts';
import { COMPLETED_PROGRAM } from '../../src/programs/spoa-mirror/manual.ts';
import { completedProgram } from '../../src/programs/spoe-logs/manual.ts';

const BUILT = fileURLToPath(new URL('../../dist/completions/', import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), 'spoe-logs-completions-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

function skipWithout(shell: string): string | false {
  return spawnSync(shell, ['--version']).error === undefined ? false : `${shell} is not installed`;
}

/** In a folder without files, and with a home of its own. */
function shell(program: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: FOLDER,
    env: { PATH: process.env.PATH, HOME: FOLDER, LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
  });
  assert.deepEqual([stderr, status], ['', 0]);
  return stdout;
}

const SHELLS = {
  bash: { render: bashCompletion, file: (name: string) => `bash/${name}` },
  zsh: { render: zshCompletion, file: (name: string) => `zsh/_${name}` },
  fish: { render: fishCompletion, file: (name: string) => `fish/${name}.fish` },
} as const;
const PROGRAMS = [await completedProgram(), COMPLETED_PROGRAM];

for (const [name, { render, file }] of Object.entries(SHELLS)) {
  for (const program of PROGRAMS) {
    test(`${name} finds no fault in its script for ${program.name}, which names every option`, {
      skip: skipWithout(name),
    }, () => {
      shell(name, ['-n', join(BUILT, file(program.name))]);
      const script = render(program);
      const tables = [program.options, ...program.commands.map(({ options }) => options)];
      for (const [option, { hidden }] of tables.flatMap((table) => Object.entries(table)))
        assert.equal(new RegExp(`(--|-l )${option}(?![\\w-])`).test(script), hidden !== true, option);
    });
  }
}

const COMPLETE = `source "$1"; self=$2; shift 2
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); "$self"
((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;

/** What bash offers for the last of these words. */
function complete(...words: string[]): string[] {
  const [program = ''] = words;
  const script = join(BUILT, 'bash', program);
  const self = `_${program.replaceAll('-', '_')}`;
  const output = shell('bash', ['--norc', '--noprofile', '-c', COMPLETE, 'bash', script, self, ...words]);
  return output.split('\n').filter((line) => line !== '');
}

describe('bash completes', { skip: skipWithout('bash') }, () => {
  const cases: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
    [
      ['spoe-logs', ''],
      [
        'summarize',
        'merge',
        'parse',
        'export',
        'load',
        'sql',
        'diff',
        'serve',
        'config',
        'mirroring',
        'doctor',
        'lnav',
        'explain',
      ],
    ],
    [
      ['spoe-logs', 'e'],
      ['export', 'explain'],
    ],
    [['spoe-logs', '--v'], ['--version']],
    [
      ['spoe-logs', 'summarize', '--k'],
      ['--key', '--keep-duplicates'],
    ],
    [['spoe-logs', 'merge', '--re'], []],
    [
      ['spoe-logs', 'summarize', '--format', ''],
      ['table', 'json', 'markdown', 'csv', 'prometheus', 'html'],
    ],
    // As readline takes it apart.
    [['spoe-logs', 'summarize', '--format', '=', 'm'], ['markdown']],
    [
      ['spoe-logs', 'summarize', '--format', '='],
      ['table', 'json', 'markdown', 'csv', 'prometheus', 'html'],
    ],
    // Where = is no word break.
    [['spoe-logs', 'summarize', '--format=m'], ['--format=markdown']],
    [['spoe-logs', 'summarize', '--by', 'agent,h'], ['agent,host']],
    [['spoe-logs', 'summarize', '--fail-on', 'drop'], ['dropped']],
    [['spoe-logs', 'diff', '--fail-on', 'cov'], ['coverage']],
    [['spoe-logs', 'diff', '--gates', 'route-l'], ['route-latency']],
    // Behind -- nothing is an option.
    [['spoe-logs', 'summarize', '--', '--f'], []],
    [['spoe-logs', 'summarize', '--', '--format', ''], []],
    [
      ['spoe-logs', '--', 'e'],
      ['export', 'explain'],
    ],
    [['spoa-mirror', '--', '--drop', ''], []],
    [
      ['spoe-logs', 'summarize', '--agent', '--', '--fo'],
      ['--format', '--follow'],
    ],
    // A value is no command.
    [['spoe-logs', '--format', 'parse', '--f'], []],
    [['spoe-logs', '--format', '=', 'parse', '--f'], []],
    [['spoe-logs', '--format', 'parse', 'diff', '--compare'], ['--compare-latency']],
    [['spoe-logs', '--agent', 'a', ':', 'parse', 'diff', '--compare'], ['--compare-latency']],
    [['spoe-logs', '--debug', 'explain', '--codes', 'd'], ['documented']],
    // Files are readline's own, and of other texts nothing is known.
    [['spoe-logs', 'summarize', '--record', ''], []],
    [['spoe-logs', 'summarize', ''], []],
    [['spoe-logs', 'summarize', '--since', ''], []],
    [['spoa-mirror', '--mirror-i'], ['--mirror-interface']],
    [['spoa-mirror', '-r0', '-c', 'p'], ['pipelining']],
    [
      ['spoa-mirror', '--drop', ''],
      ['newest', 'oldest'],
    ],
    [['spoa-mirror', '--host-header', 'k'], ['keep']],
    // As readline takes -l a:FILE apart: files are its own.
    [['spoa-mirror', '-l', 'a', ':', 'k'], []],
    [['spoa-mirror', '--drop', '=', 'n'], ['newest']],
    [['spoa-mirror', '$(touch here)', '--drop', '$(touch here)'], []],
  ];
  for (const [words, offered] of cases)
    test(words.join(' '), () => {
      assert.deepEqual(complete(...words), offered);
      assert.equal(existsSync(join(FOLDER, 'here')), false);
    });
});

test('zsh offers again what may be repeated, and nothing else', () => {
  for (const program of PROGRAMS) {
    const tables = [program.options, ...program.commands.map(({ options }) => options)];
    const script = zshCompletion(program);
    for (const [name, { repeatable, hidden, kind }] of tables.flatMap((table) => Object.entries(table))) {
      if (hidden || kind.name === 'flag') continue;
      const isRepeatedSomewhere = tables.some((table) => table[name]?.repeatable === true);
      assert.equal(new RegExp(`'\\*'(\\{|)--${name}=`).test(script), repeatable === true || isRepeatedSomewhere, name);
    }
  }
});

test('fish completes', { skip: skipWithout('fish') }, () => {
  const offered = (line: string) => {
    const source = PROGRAMS.map(({ name }) => `source ${join(BUILT, SHELLS.fish.file(name))}`);
    const output = shell('fish', ['--no-config', '-c', [...source, 'complete -C $argv[1]'].join('; '), line]);
    return output.split('\n').flatMap((each) => (each === '' ? [] : [each.split('\t')[0]]));
  };
  assert.deepEqual(offered('spoe-logs '), [
    'config',
    'diff',
    'doctor',
    'explain',
    'export',
    'lnav',
    'load',
    'merge',
    'mirroring',
    'parse',
    'serve',
    'sql',
    'summarize',
  ]);
  assert.deepEqual(offered('spoe-logs explain --codes '), ['documented', 'engine']);
  assert.deepEqual(offered('spoe-logs merge --keep'), ['--keep-duplicates']);
  assert.deepEqual(offered('spoa-mirror --drop '), ['newest', 'oldest']);
});

/** What a shell would take for its own, in every text that a script has. */
const HOSTILE = `'; touch here; ' "$(touch here)" \`touch here\` [a]:b (touch here) \\ #`;

const HOSTILE_PROGRAM: CompletedProgram = {
  name: 'x-y',
  options: {
    first: { kind: FLAG, help: HOSTILE },
    second: { kind: text(HOSTILE), help: HOSTILE, repeatable: true },
    third: { short: 't', kind: { ...FILE, placeholder: HOSTILE }, help: HOSTILE },
  },
  commands: [
    { name: 'command', summary: HOSTILE, options: { fourth: { kind: FLAG, help: HOSTILE } }, takesFiles: true },
  ],
};

for (const [name, { render }] of Object.entries(SHELLS)) {
  test(`no text becomes a command of ${name}`, { skip: skipWithout(name) }, () => {
    for (const commands of [HOSTILE_PROGRAM.commands, []]) {
      const script = join(FOLDER, `script.${name}`);
      writeFileSync(script, render({ ...HOSTILE_PROGRAM, commands }));
      shell(name, ['-n', script]);
      // A completion of zsh runs only within one.
      if (name !== 'zsh') shell(name, [script]);
      assert.equal(existsSync(join(FOLDER, 'here')), false);
    }
  });
}

test('a word that a shell would read is no completion', () => {
  const options = { colour: { kind: choice('COLOUR', ['red', '$(touch here)']), help: '' } };
  for (const { render } of Object.values(SHELLS))
    assert.throws(() => render({ name: 'x', options, commands: [] }), /a shell would read it/);
});
