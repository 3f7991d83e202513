/** Command lines as yargs reads them: with all that may be wrong in them, and help. */
import { existsSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import packageJson from '../../../package.json' with { type: 'json' };
import type { OptionTable } from '../../options/option.ts';
import { addOptions, refuseRepeated } from '../../options/yargs.ts';
import { nearest } from '../../text/nearest.ts';
import type { Announced, Loaded } from './command-list.ts';
import { CliError } from './errors.ts';
import { HELP_WIDTH } from './kept-help.ts';
import { STDIN_PATH } from './paths.ts';

/** What the parser is told of the program: this file is a bundle of its own, which is to hold no command. */
export interface Announcement {
  readonly commands: { readonly [name: string]: Announced };
  readonly examples: readonly (readonly [line: string, describe: string])[];
  readonly options: OptionTable;
}

/** What the arguments run. @throws CliError, OptionError */
export function parse(args: readonly string[], program: Announcement, loaded: Loaded): () => void | Promise<void> {
  let run: () => void | Promise<void> = () => undefined;
  createParser(withPaths(withValues(args, loaded)), program, loaded, (chosen) => {
    run = chosen;
  }).parse();
  return run;
}

/** What `--help` writes for these arguments. */
export async function helpText(args: readonly string[], program: Announcement, loaded: Loaded): Promise<string> {
  const all = [...args, '--help'];
  const parser = createParser(all, program, loaded, () => undefined);
  return new Promise(
    (resolve) => void parser.parse(all, (_error: unknown, _given: unknown, help: string) => resolve(help)),
  );
}

/**
 * Joins `--gates` and its value, also where that begins with `-` as an option does: `--gates -latency`. Joins a `-` to an
 * option that wants no file, too: `--agent -` is an agent of this name, and not standard input.
 */
function withValues(args: readonly string[], loaded: Loaded): string[] {
  const options = loaded.get(args.find((arg) => loaded.has(arg)) ?? '')?.options ?? {};
  const isValue = (at: number) => {
    const [before = '', arg = ''] = [args[at - 1], args[at]];
    if (before === '--gates') return /^-[a-z]/.test(arg);
    const name = before.replace(/^--/, '');
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    // No option has a blank in it: this is a command line, as of --agent-command.
    const isText = arg === '-' || /^-.*\s/.test(arg);
    return isText && before.startsWith('--') && option !== undefined && !['flag', 'file'].includes(option.kind.name);
  };
  return args.flatMap((arg, i) => {
    if (isValue(i)) return [];
    return isValue(i + 1) ? [`${arg}=${args[i + 1]}`] : [arg];
  });
}

/** Makes paths of a `-` among files and of files after `--`, which yargs would lose. */
function withPaths(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  const after = end < 0 ? [] : args.slice(end + 1);
  const paths = after.map((path) => (path.startsWith('-') && path !== '-' ? `./${path}` : path));
  return [...before, ...paths].map((arg) => (arg === '-' ? STDIN_PATH : arg));
}

function createParser(
  args: readonly string[],
  program: Announcement,
  loaded: Loaded,
  choose: (run: () => void | Promise<void>) => void,
) {
  const parser = yargs(args)
    .scriptName('spoe-logs')
    .usage(
      '$0 <command> [FILE..]\n\nReads the SPOE lines in HAProxy logs and tells what is wrong with mirrored traffic.',
    );
  let { options } = program;
  for (const [name, { usage, describe }] of Object.entries(program.commands)) {
    parser.command({
      command: usage,
      describe,
      // yargs tells a builder whether it makes the help, which its types do not name.
      builder: (own, forHelp?: boolean) => {
        const command = loaded.get(name);
        options = { ...program.options, ...command?.options };
        return command?.addTo(own, forHelp) ?? own;
      },
      handler: (given) => choose(() => loaded.get(name)?.run(given)),
    });
  }
  keepHelpUnwritten(parser);
  // With these `--agent.x 1` would make an object of the agent, and `--no-agent` the text `false`, where it is repeatable.
  parser.parserConfiguration({ 'dot-notation': false, 'boolean-negation': false });
  return addOptions(parser, program.options)
    .demandCommand(1, 'no command given')
    .example(program.examples.map(([line, describe]) => [line, describe]))
    .version(packageJson.version)
    .help()
    .alias({ help: 'h', version: 'V' })
    .locale('en')
    .strict()
    .check((given) => {
      refuseRepeated(options, given);
      refuseMissing(options, given);
      return true;
    })
    .wrap(Math.min(HELP_WIDTH, process.stdout.columns ?? HELP_WIDTH))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      const missing = /^Not enough arguments following: (\S+)$/.exec(message)?.[1];
      if (missing !== undefined) throw needsValue(missing, options);
      if (error !== undefined) throw error;
      const text = message.replace(/\s*\n\s*/g, ' ');
      throw unknownOption(text, args, options) ?? usageError(text, suggestion(args, program, loaded));
    });
}

/** The hint `did you mean summarize? ` where the command is nearly one, or a file stands in its place. */
function suggestion(args: readonly string[], { commands }: Announcement, loaded: Loaded): string {
  const given = args.find((arg) => !arg.startsWith('-'));
  if (loaded.size > 0 || given === undefined) return '';
  const found = nearest(given, [...Object.keys(commands), ...Object.keys(ALIASES)]);
  if (found !== undefined) return `did you mean ${ALIASES[found] ?? found}? `;
  return existsSync(given) ? `did you mean summarize ${given}? ` : '';
}

/** The names of commands in other programs. */
const ALIASES: { readonly [name: string]: string } = {
  summary: 'summarize',
  stats: 'summarize',
  status: 'explain',
  compare: 'diff',
  code: 'explain',
  help: '--help',
  version: '--version',
};

/** The error for wrong usage; `suggested` ends in a space where it is not empty. */
function usageError(message: string, suggested: string): CliError {
  return new CliError('usage', message, `${suggested}see spoe-logs --help`);
}

function needsValue(option: string, options: OptionTable): CliError {
  const dashes = option.length === 1 ? '-' : '--';
  return usageError(`${dashes}${option} needs a ${options[option]?.kind.name === 'file' ? 'FILE' : 'value'}`, '');
}

/** The error for an option that yargs does not know; undefined for another message. */
function unknownOption(message: string, args: readonly string[], options: OptionTable): CliError | undefined {
  const names = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(', ') ?? [];
  const typed = names.map((name) => args.find((arg) => arg.startsWith('-') && arg.replace(/^-+|=.*$/gs, '') === name));
  const letter = names.find(
    (name) => name.length === 1 && args.some((arg) => /^-[a-z]/i.test(arg) && arg.includes(name)),
  );
  const option = typed.find((arg) => arg !== undefined)?.replace(/=.*$/s, '') ?? (letter && `-${letter}`);
  if (option === undefined) return undefined;
  const known = Object.keys(options).filter((name) => options[name]?.hidden !== true);
  const name = option.replace(/^--no-|^-+/, '');
  const meant = nearest(name, [...known, 'help', 'version']);
  // Nobody means --agent by --no-agent.
  const isNone = meant === undefined || meant === name;
  return usageError(`unknown option ${option}`, isNone ? '' : `did you mean --${meant}? `);
}

/** Refuses an empty text, which a shell variable that is not set leaves: it would choose nothing, or everything. */
function refuseMissing(options: OptionTable, given: { readonly [name: string]: unknown }): void {
  const isEmpty = (value: unknown) =>
    value === '' || (Array.isArray(value) && (value.length === 0 || value.includes('')));
  const missing = Object.keys(options).find((name) => isEmpty(given[name]));
  if (missing !== undefined) throw needsValue(missing, options);
}

/**
 * yargs writes the whole help text to memory whenever it has called a command, for a later `getHelp()`. That takes
 * longer than a small summary, and nobody asks for it. Should a later yargs have no such method, nothing changes.
 */
function keepHelpUnwritten(parser: Argv): void {
  const internal = parser as unknown as {
    getInternalMethods?: () => { getUsageInstance?: () => { cacheHelpMessage?: () => void } };
  };
  const usage = internal.getInternalMethods?.().getUsageInstance?.();
  if (usage?.cacheHelpMessage !== undefined) usage.cacheHelpMessage = () => {};
}
