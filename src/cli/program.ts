import { existsSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import packageJson from '../../package.json' with { type: 'json' };
import { CliError, Exit } from './errors.ts';
import { STDIN_PATH } from './paths.ts';
import { reportProblem, setExit } from './report-problem.ts';

const WIDEST = 100;

/** What a file in commands/ exports. */
interface Command {
  addOptions(yargs: Argv): Argv;
  run(given: never): void | Promise<void>;
}

interface Announced {
  readonly usage: string;
  readonly describe: string;
  /**
   * A command brings what --help and the others do not need: only those that the arguments name are loaded. `diff` and
   * `export` are bundles of their own in dist/.
   */
  readonly load: () => Promise<unknown>;
}

const COMMANDS: { readonly [name: string]: Announced } = {
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
  diff: {
    usage: 'diff',
    describe: 'production against the mirrored version: errors, latencies, a verdict',
    load: () => import('./commands/diff.ts'),
  },
  explain: {
    usage: 'explain <what..>',
    describe: 'what a status code or a whole line means',
    load: () => import('./commands/explain.ts'),
  },
};

/** Runs the command line `args`; the exit code is left in process.exitCode. */
export async function runProgram(args: readonly string[]): Promise<void> {
  endWithOutput();
  const debug = args.includes('--debug');
  try {
    const loaded = await loadNamed(args);
    let run: () => void | Promise<void> = () => undefined;
    createParser(withPaths(withNegations(args)), loaded, (chosen) => {
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

/** What follows `--gates` is its value, also where it begins with `-` as an option does: `--gates -latency`. */
function withNegations(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const isNegation = (at: number) => args[at] === '--gates' && /^-[a-z]/.test(args[at + 1] ?? '');
    if (isNegation(i)) return [`${arg}=${args[i + 1]}`];
    return isNegation(i - 1) ? [] : [arg];
  });
}

/** yargs loses a `-` among files, and files after `--`: both become paths that it keeps. */
function withPaths(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  const after = end < 0 ? [] : args.slice(end + 1);
  const paths = after.map((path) => (path.startsWith('-') && path !== '-' ? `./${path}` : path));
  return [...before, ...paths].map((arg) => (arg === '-' ? STDIN_PATH : arg));
}

async function loadNamed(args: readonly string[]): Promise<ReadonlyMap<string, Command>> {
  const names = Object.keys(COMMANDS).filter((name) => args.includes(name));
  return new Map(
    await Promise.all(names.map(async (name) => [name, (await COMMANDS[name]?.load()) as Command] as const)),
  );
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
  for (const [name, { usage, describe }] of Object.entries(COMMANDS)) {
    parser.command({
      command: usage,
      describe,
      builder: (own) => loaded.get(name)?.addOptions(own) ?? own,
      handler: (given) => choose(() => loaded.get(name)?.run(given as never)),
    });
  }
  keepHelpUnwritten(parser);
  return parser
    .demandCommand(1, 'no command given')
    .option('debug', { type: 'boolean', default: false, describe: 'adds the stack to an error' })
    .example('tail -f lb-access.log | $0 summarize', 'is mirroring healthy?')
    .example('$0 explain 264', 'what st=264 means')
    .version(packageJson.version)
    .help()
    .alias({ help: 'h', version: 'V' })
    .locale('en')
    .strict()
    .check(refuseRepeated)
    .wrap(Math.min(WIDEST, process.stdout.columns ?? WIDEST))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      const text = message.replace(/\s*\n\s*/g, ' ');
      throw error ?? new CliError('usage', text, `${suggestion(args, loaded.size > 0)}see spoe-logs --help`);
    });
}

/** `did you mean summarize? ` where the command is nearly one, or a file stands in its place. */
function suggestion(args: readonly string[], hasCommand: boolean): string {
  const given = args.find((arg) => !arg.startsWith('-'));
  if (hasCommand || given === undefined) return '';
  const names = Object.keys(COMMANDS).map((name) => ({ name, distance: editDistance(given.toLowerCase(), name) }));
  const nearest = names.sort((a, b) => a.distance - b.distance)[0];
  if (nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.name.length / 3)))
    return `did you mean ${nearest.name}? `;
  const alias = ALIASES[given.toLowerCase()];
  if (alias !== undefined) return `did you mean ${alias}? `;
  return existsSync(given) ? `did you mean summarize ${given}? ` : '';
}

/** Names that others have for the same. */
const ALIASES: { readonly [name: string]: string } = {
  summary: 'summarize',
  stats: 'summarize',
  status: 'explain',
  compare: 'diff',
  code: 'explain',
  help: '--help',
  version: '--version',
};

/** How many letters have to be put in, left out, changed or swapped with the next. */
function editDistance(a: string, b: string): number {
  const rows = [...a, ''].map(() => new Array<number>(b.length + 1).fill(0));
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      const at = (x: number, y: number) => rows[x]?.[y] ?? Number.POSITIVE_INFINITY;
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const row = rows[i] as number[];
      row[j] =
        i + j === 0
          ? 0
          : Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, isSwapped ? at(i - 2, j - 2) + 1 : changed);
    }
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** Options that may be given several times, and files. */
const REPEATABLE = [
  ...['_', 'agent', 'host', 'pid', 'fail-on', 'failOn', 'header', 'files', 'states', 'what'],
  ...['record', 'production', 'mirror', 'spoe', 'error', 'ignore', 'route', 'warn-on', 'warnOn'],
];

function refuseRepeated(given: Record<string, unknown>): true {
  const repeated = Object.keys(given).find((name) => Array.isArray(given[name]) && !REPEATABLE.includes(name));
  if (repeated !== undefined) throw new CliError('usage', `--${repeated} is given more than once`, 'give it once');
  return true;
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

/** `spoe-logs … | head`: a reader that has seen enough is no error. A full disk is. */
function endWithOutput(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    reportProblem({ code: 'cannot-write', message: `cannot write the output: ${code}`, hint: 'check the disk' });
    setExit(Exit.unusable);
  });
  // There is nobody left to tell.
  process.stderr.on('error', () => undefined);
}
