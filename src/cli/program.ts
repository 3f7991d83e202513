import yargs, { type Argv } from 'yargs';
import packageJson from '../../package.json' with { type: 'json' };
import { CliError, Exit } from './errors.ts';
import { STDIN_PATH } from './paths.ts';
import { reportProblem, setExit } from './report-problem.ts';

const WIDEST = 100;

/** What a file in commands/ exports. */
interface Command<Given> {
  addOptions(yargs: Argv): Argv<Given>;
  run(given: Given): void | Promise<void>;
}

/**
 * What the arguments ask for. It runs after parsing: while yargs waits for a handler, it writes the whole help text to
 * memory, which takes longer than a small summary.
 */
interface Chosen {
  run: () => void | Promise<void>;
}

/** Runs the command line `args`; the exit code is left in process.exitCode. */
export async function runProgram(args: readonly string[]): Promise<void> {
  endWithOutput();
  const debug = args.includes('--debug');
  try {
    const chosen: Chosen = { run: () => undefined };
    await createParser(withPaths(args), chosen).parseAsync();
    await chosen.run();
  } catch (error) {
    setExit(Exit.unusable);
    const { message, code, hint } = error as { message: string; code?: string; hint?: string };
    reportProblem({ message, code: typeof code === 'string' ? code : 'unexpected', hint });
    if (debug) process.stderr.write(`${(error as Error).stack}\n`);
  }
}

/** yargs loses a `-` among files, and files after `--`: both become paths that it keeps. */
function withPaths(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  const after = end < 0 ? [] : args.slice(end + 1);
  const paths = after.map((path) => (path.startsWith('-') && path !== '-' ? `./${path}` : path));
  return [...before, ...paths].map((arg) => (arg === '-' ? STDIN_PATH : arg));
}

function createParser(args: readonly string[], chosen: Chosen) {
  const parser = yargs(args)
    .scriptName('spoe-logs')
    .usage(
      '$0 <command> [FILE..]\n\nReads the SPOE lines in HAProxy logs and tells what is wrong with mirrored traffic.',
    );
  const add = <Given>(command: string, describe: string, load: () => Promise<Command<Given>>) => {
    parser.command({
      command,
      describe,
      // The type says that builders return at once; yargs waits for those that do not.
      builder: (async (own: Argv) => (await load()).addOptions(own)) as unknown as (own: Argv) => Argv<Given>,
      handler: (given) => {
        chosen.run = async () => (await load()).run(given as Given);
      },
    });
  };
  // Each is loaded only when it is called: it brings what --help and the others do not need.
  add(
    'summarize [files..]',
    'verdict, causes, error rates, latencies and log health',
    () => import('./commands/summarize.ts'),
  );
  add(
    'merge <states..>',
    'one summary of many saved ones, as over all their logs',
    () => import('./commands/merge.ts'),
  );
  add('parse [files..]', 'one record for each SPOE event line', () => import('./commands/parse.ts'));
  add('explain <what..>', 'what a status code or a whole line means', () => import('./commands/explain.ts'));
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
    .wrap(Math.min(WIDEST, process.stdout.columns ?? WIDEST))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error ?? new CliError('usage', message.replace(/\s*\n\s*/g, ' '), 'see spoe-logs --help');
    });
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
