import { existsSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import packageJson from '../../../package.json' with { type: 'json' };
import { FLAG } from '../../options/kinds.ts';
import { type OptionTable, optionTable } from '../../options/option.ts';
import { addOptions, refuseRepeated } from '../../options/yargs.ts';
import { nearest } from '../../text/nearest.ts';
import type { Command } from './command.ts';
import { CliError, Exit } from './errors.ts';
import { HELP_WIDTH } from './kept-help.ts';
import { STDIN_PATH } from './paths.ts';
import { reportProblem, setExit } from './report-problem.ts';

export const GLOBAL_OPTIONS = optionTable({ debug: { kind: FLAG, help: 'adds the stack to an error' } });

interface Announced {
  readonly usage: string;
  readonly describe: string;
  /**
   * A command brings what --help and the others do not need: only those that the arguments name are loaded. `diff`,
   * `export`, `load` and `sql` are bundles of their own in dist/.
   */
  readonly load: () => Promise<{ readonly command: Command }>;
}

export const COMMANDS = {
  summarize: {
    usage: 'summarize [files..]',
    describe: 'verdict, causes, error rates, latencies and log health',
    load: () => import('./commands/summarize.ts'),
  },
  merge: {
    usage: 'merge <states..>',
    describe: 'one summary of many saved ones, as over all their logs',
    load: () => import('./commands/merge.ts'),
  },
  parse: {
    usage: 'parse [files..]',
    describe: 'one record for each SPOE event line',
    load: () => import('./commands/parse.ts'),
  },
  export: {
    usage: 'export [files..]',
    describe: 'OpenTelemetry: a trace for each SPOE event, to a collector',
    load: () => import('./commands/export.ts'),
  },
  load: {
    usage: 'load [files..]',
    describe: 'events, minutes and requests into ClickHouse or Parquet, each once',
    load: () => import('./commands/load.ts'),
  },
  sql: {
    usage: 'sql [statement..]',
    describe: 'the tables of ClickHouse or DuckDB, and answers from them',
    load: () => import('./commands/sql.ts'),
  },
  diff: {
    usage: 'diff',
    describe: 'production against the mirrored version: errors, latencies, a verdict',
    load: () => import('./commands/diff.ts'),
  },
  serve: {
    usage: 'serve [files..]',
    describe: 'the summary and the comparison as pages, metrics and a verdict for pipelines',
    load: () => import('./commands/serve.ts'),
  },
  config: {
    usage: 'config [what..]',
    describe: 'print a configuration of HAProxy that mirrors, or check one',
    load: () => import('./commands/config.ts'),
  },
  mirroring: {
    usage: 'mirroring [words..]',
    describe: "HAProxy's switch: status, on, off, sample; a guard that holds a budget",
    load: () => import('./commands/mirroring.ts'),
  },
  doctor: {
    usage: 'doctor',
    describe: 'what is in the way of mirroring on this machine: HAProxy, agent, mirror, log',
    load: () => import('./commands/doctor.ts'),
  },
  lnav: {
    usage: 'lnav',
    describe: 'the format with which lnav shows SPOE events: install or print it',
    load: () => import('./commands/lnav.ts'),
  },
  explain: {
    usage: 'explain <what..>',
    describe: 'what a status code or a whole line means',
    load: () => import('./commands/explain.ts'),
  },
} as const satisfies { readonly [name: string]: Announced };

export const EXAMPLES: [line: string, describe: string][] = [
  ['tail -f lb-access.log | $0 summarize', 'is mirroring healthy?'],
  ['$0 explain 264', 'what st=264 means'],
];

/** Runs the command line `args`; the exit code is left in process.exitCode. */
export async function runProgram(args: readonly string[]): Promise<void> {
  endWithOutput();
  const debug = args.includes('--debug');
  try {
    const loaded = await loadNamed(args);
    let run: () => void | Promise<void> = () => undefined;
    createParser(withPaths(withValues(args, loaded)), loaded, (chosen) => {
      run = chosen;
    }).parse();
    await run();
  } catch (error) {
    setExit(Exit.unusable);
    const { message, code, hint } = error as { message: string; code?: string; hint?: string };
    reportProblem({ message, code: typeof code === 'string' ? code : 'unexpected', hint });
    if (debug) process.stderr.write(`${(error as Error).stack}\n`);
  }
}

/** What `--help` writes for these arguments, which is kept as a text by the build. */
export async function helpOf(args: readonly string[]): Promise<string> {
  const loaded = await loadNamed(args);
  const all = [...args, '--help'];
  const parser = createParser(all, loaded, () => undefined);
  return new Promise(
    (resolve) => void parser.parse(all, (_error: unknown, _given: unknown, help: string) => resolve(help)),
  );
}

/**
 * Joins `--gates` and its value, also where that begins with `-` as an option does: `--gates -latency`. Joins a `-` to an
 * option that wants no file, too: `--agent -` is an agent of this name, and not standard input.
 */
function withValues(args: readonly string[], loaded: ReadonlyMap<string, Command>): string[] {
  const options = loaded.get(args.find((arg) => loaded.has(arg)) ?? '')?.options ?? {};
  const isValue = (at: number) => {
    const [before = '', arg = ''] = [args[at - 1], args[at]];
    if (before === '--gates') return /^-[a-z]/.test(arg);
    const option = options[before.replace(/^--/, '')];
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

async function loadNamed(args: readonly string[]): Promise<ReadonlyMap<string, Command>> {
  const named = Object.entries(COMMANDS).filter(([name]) => args.includes(name));
  return new Map(await Promise.all(named.map(async ([name, { load }]) => [name, (await load()).command] as const)));
}

function createParser(
  args: readonly string[],
  loaded: ReadonlyMap<string, Command>,
  choose: (run: () => void | Promise<void>) => void,
) {
  const parser = yargs(args)
    .scriptName('spoe-logs')
    .usage(
      '$0 <command> [FILE..]\n\nReads the SPOE lines in HAProxy logs and tells what is wrong with mirrored traffic.',
    );
  let options: OptionTable = GLOBAL_OPTIONS;
  for (const [name, { usage, describe }] of Object.entries(COMMANDS)) {
    parser.command({
      command: usage,
      describe,
      // yargs tells a builder whether it makes the help, which its types do not name.
      builder: (own, forHelp?: boolean) => {
        const command = loaded.get(name);
        options = { ...GLOBAL_OPTIONS, ...command?.options };
        return command?.addTo(own, forHelp) ?? own;
      },
      handler: (given) => choose(() => loaded.get(name)?.run(given)),
    });
  }
  keepHelpUnwritten(parser);
  // With these `--agent.x 1` would make an object of the agent, and `--no-agent` the text `false`, where it is repeatable.
  parser.parserConfiguration({ 'dot-notation': false, 'boolean-negation': false });
  return addOptions(parser, GLOBAL_OPTIONS)
    .demandCommand(1, 'no command given')
    .example(EXAMPLES)
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
      throw unknownOption(text, args, options) ?? usageError(text, suggestion(args, loaded.size > 0));
    });
}

/** The hint `did you mean summarize? ` where the command is nearly one, or a file stands in its place. */
function suggestion(args: readonly string[], hasCommand: boolean): string {
  const given = args.find((arg) => !arg.startsWith('-'));
  if (hasCommand || given === undefined) return '';
  const found = nearest(given, [...Object.keys(COMMANDS), ...Object.keys(ALIASES)]);
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

/** Ends the program with its output: a reader that has seen enough (`spoe-logs … | head`) is no error, a full disk is. */
function endWithOutput(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    reportProblem({ code: 'cannot-write', message: `cannot write the output: ${code}`, hint: 'check the disk' });
    setExit(Exit.unusable);
  });
  // There is nowhere left to report it.
  process.stderr.on('error', () => undefined);
}
