import { COMMANDS, EXAMPLES, GLOBAL_OPTIONS, type Loaded, loadNamed } from './command-list.ts';
import { Exit } from './errors.ts';
import { reportProblem, setExit } from './report-problem.ts';

/** Runs the command line `args`; the exit code is left in process.exitCode. */
export async function runProgram(args: readonly string[]): Promise<void> {
  endWithOutput();
  const debug = args.includes('--debug');
  try {
    const loaded = await loadNamed(args);
    const run = plainRun(args, loaded) ?? (await parsedRun(args, loaded));
    await run();
  } catch (error) {
    setExit(Exit.unusable);
    const { message, code, hint } = error as { message: string; code?: string; hint?: string };
    reportProblem({ message, code: typeof code === 'string' ? code : 'unexpected', hint });
    if (debug) process.stderr.write(`${(error as Error).stack}\n`);
  }
}

/** What a plain command line runs; undefined where the parser has to look at it. */
function plainRun([name = '', ...rest]: readonly string[], loaded: Loaded) {
  return loaded.get(name)?.readPlain(rest);
}

/** The parser takes as long to load and to run as a small log to summarize: most command lines do without. */
async function parsedRun(args: readonly string[], loaded: Loaded) {
  const { parse } = await import('./parser.ts');
  return parse(args, { commands: COMMANDS, examples: EXAMPLES, options: GLOBAL_OPTIONS }, loaded);
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
