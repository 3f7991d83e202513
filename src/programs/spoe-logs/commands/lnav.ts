/** `spoe-logs lnav`: the format with which lnav shows SPOE events. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import format from '../../../../pipelines/haproxy_spoe_log.json' with { type: 'json' };
import { FLAG } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import { escapeTerminal } from '../../../text/terminal.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../errors.ts';

const OPTIONS = optionTable({
  install: { kind: FLAG, help: "writes the format into lnav's folder of installed formats" },
  print: { kind: FLAG, help: 'writes it to standard output' },
});

export const command = defineCommand({
  options: OPTIONS,
  positionals: {},
  examples: [
    ['$0 lnav --install', 'then: lnav lb-access.log'],
    ['$0 lnav --print > haproxy_spoe_log.json', 'for lnav -i, or another machine'],
  ],
  run,
});

/** A larger file was not written by this program. */
const LARGEST_BYTES = 1 << 20;
const NAME = 'haproxy_spoe_log';
/** How the description of each version of the format begins: by it a file is known as one of ours. */
const OURS = 'Of spoe-logs: ';
const TEXT = `${JSON.stringify(format, undefined, 2)}\n`;

function run({ install, print }: Given<typeof OPTIONS>): void {
  if (install === print)
    throw new CliError('usage', 'lnav takes one of --install and --print', 'see spoe-logs lnav --help');
  if (print) process.stdout.write(TEXT);
  else installFormat(join(lnavFolder(process.env), 'formats', 'installed', `${NAME}.json`));
}

/** The folder of lnav's configuration, chosen as lnav itself does (0.10 and newer). */
function lnavFolder(env: NodeJS.ProcessEnv): string {
  const home = env.HOME || homedir();
  const { XDG_CONFIG_HOME: configured = '' } = env;
  const own = join(home, '.lnav');
  if (isFolder(own)) return own;
  const [parent] = [configured, join(home, '.config')].filter((folder) => folder !== '' && isFolder(folder));
  return parent === undefined ? own : join(parent, 'lnav');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function installFormat(path: string): void {
  try {
    const there = readThere(path);
    if (there === TEXT) {
      say(`${path} is there already`);
      return;
    }
    if (there !== undefined && !isOurs(there))
      throw new CliError('exists', `${path} is there, and not of this program`, 'move it away, or see lnav --print');
    mkdirSync(dirname(path), { recursive: true });
    // What was changed by hand is not lost: lnav reads names that end in .json alone.
    if (there !== undefined) renameSync(path, `${path}.old`);
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, TEXT, { flag: 'wx' });
    renameSync(temporary, path);
    say(there === undefined ? `wrote ${path}` : `wrote ${path}, the former one is ${path}.old`);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError('cannot-write', `cannot write ${path}: ${code ?? message}`);
  }
}

/** The text of the file; undefined where there is none. */
function readThere(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isFile() && stats.size <= LARGEST_BYTES ? readFileSync(path, 'utf8') : '';
}

function isOurs(text: string): boolean {
  try {
    const { description } = (JSON.parse(text) as { [NAME]: { description: unknown } })[NAME];
    return typeof description === 'string' && description.startsWith(OURS);
  } catch {
    return false;
  }
}

function say(text: string): void {
  process.stdout.write(`${escapeTerminal(text)}\n`);
}
