/**
 * Every example of README.md and docs/ is run and must give exactly the output that stands there.
 *
 * An example is a fenced block marked `console`: a line `$ COMMAND`, then its standard output; further commands of the
 * block follow the same way. `…` alone on a line stands for any lines. Commands run in a folder of their own for each
 * document, in which fixtures/ lies as in the repository, so that an example may save a file and the next one read it.
 *
 *     UPDATE_EXAMPLES=1 npm test -- test/readme.test.ts     writes the present output into the documents
 */
import assert from 'node:assert/strict';
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spoeLogs } from './programs/spoe-logs/one-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UPDATE = process.env.UPDATE_EXAMPLES === '1';
const ANY_LINES = '…';
/** Programs that an example may use and that need not be installed. */
const OPTIONAL_PROGRAMS = ['jq', 'gzip'];

interface Example {
  readonly command: string;
  /** What stands in the document below the command. */
  readonly expected: string;
  /** Line of the command in the document, from 1. */
  readonly line: number;
}

function findExamples(markdown: string): Example[] {
  const examples: { command: string; output: string[]; line: number }[] = [];
  let inside = false;
  for (const [i, line] of markdown.split('\n').entries()) {
    if (/^\s*```/.test(line)) inside = !inside && line.trim() === '```console';
    else if (inside && line.startsWith('$ ')) examples.push({ command: line.slice(2), output: [], line: i + 1 });
    else if (inside) examples.at(-1)?.output.push(line);
  }
  return examples.map(({ command, output, line }) => ({
    command,
    expected: output.map((text) => `${text}\n`).join(''),
    line,
  }));
}

/** A pattern for the whole output: every line as it stands, `…` for any lines. */
function outputPattern(expected: string): RegExp {
  const lines = expected.split(/(?<=\n)/).map((line) => {
    if (line.trim() === ANY_LINES) return '(?:.*\n)*';
    return line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${lines.join('')}$`);
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** The program that a command needs and this machine lacks. */
function missingProgram(command: string): string | undefined {
  return OPTIONAL_PROGRAMS.find(
    (program) => new RegExp(`(^|[|;&] *)${program} `).test(command) && !isInstalled(program),
  );
}

/** `spoe-logs ARGUMENTS`, or that and `| FILTER`; nothing else that only a shell understands is in the arguments. */
const PLAIN_COMMAND = /^spoe-logs ((?:'[^']*'|"[^"$`\\]*"|[^'"|&;<>()$`\\])*)(?:\| (.*))?$/;

/** The standard output of a command, in whose words a shell finds quotes and names of files. */
async function outputOf(command: string, options: SpawnSyncOptionsWithStringEncoding): Promise<string> {
  const [, words, filter] = PLAIN_COMMAND.exec(command) ?? [];
  if (words === undefined) return spawnSync('sh', ['-c', command], options).stdout;
  const args = spawnSync('sh', ['-c', `printf '%s\\0' ${words}`], options).stdout.split('\0');
  const { stdout } = await spoeLogs(args.slice(0, -1), { cwd: String(options.cwd), env: { ...options.env } });
  return filter === undefined ? stdout : spawnSync('sh', ['-c', filter], { ...options, input: stdout }).stdout;
}

/** A folder to run in, with fixtures/ and a `spoe-logs` on the PATH. */
function makeWorkplace(): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-examples-'));
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  symlinkSync(join(ROOT, 'fixtures'), join(folder, 'fixtures'));
  const script = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/spoe-logs.js')}' "$@"\n`;
  writeFileSync(join(bin, 'spoe-logs'), script, { mode: 0o755 });
  const { FORCE_COLOR: _1, GITHUB_STEP_SUMMARY: _2, ...env } = process.env;
  return {
    folder,
    env: { ...env, PATH: `${bin}${delimiter}${env.PATH}`, LC_ALL: 'C.UTF-8', TZ: 'UTC', NO_COLOR: '1' },
  };
}

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const documents = ['README.md', ...docs.map((name) => `docs/${name}`)];

for (const document of documents) {
  const path = join(ROOT, document);
  const examples = findExamples(readFileSync(path, 'utf8'));
  if (examples.length === 0 || process.platform === 'win32') continue;

  describe(`the examples of ${document}`, () => {
    const { folder, env } = makeWorkplace();
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const { command, expected, line } of examples) {
      const missing = missingProgram(command);
      test(`line ${line}: ${command}`, { skip: missing ? `${missing} is not installed` : false }, async () => {
        const stdout = await outputOf(command, { cwd: folder, env, encoding: 'utf8' });
        if (outputPattern(expected).test(stdout)) return;
        if (UPDATE && !expected.split('\n').includes(ANY_LINES)) {
          // The texts of the other examples are left as they are, so their order in the file does not matter.
          const before = `$ ${command}\n${expected}`;
          writeFileSync(
            path,
            readFileSync(path, 'utf8').replace(before, () => `$ ${command}\n${stdout}`),
          );
          return;
        }
        assert.equal(stdout, expected);
      });
    }
  });
}
