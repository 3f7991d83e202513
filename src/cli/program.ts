import yargs from 'yargs';
import packageJson from '../../package.json' with { type: 'json' };
import { explainCommand } from './commands/explain.ts';
import { mergeCommand } from './commands/merge.ts';
import { parseCommand } from './commands/parse.ts';
import { summarizeCommand } from './commands/summarize.ts';
import { CliError, Exit } from './errors.ts';
import { reportProblem, setExit } from './report-problem.ts';

const WIDEST = 100;

/** Runs the command line `args`; the exit code is left in process.exitCode. */
export async function runProgram(args: readonly string[]): Promise<void> {
  ignoreClosedOutput();
  const debug = args.includes('--debug');
  try {
    await createParser(args).parseAsync();
  } catch (error) {
    setExit(Exit.unusable);
    const { message, code, hint } = error as { message: string; code?: string; hint?: string };
    reportProblem({ message, code: typeof code === 'string' ? code : 'unexpected', hint });
    if (debug) process.stderr.write(`${(error as Error).stack}\n`);
  }
}

function createParser(args: readonly string[]) {
  return yargs(args)
    .scriptName('spoe-logs')
    .usage(
      '$0 <command> [FILE..]\n\nReads the SPOE lines in HAProxy logs and tells what is wrong with mirrored traffic.',
    )
    .command(summarizeCommand)
    .command(mergeCommand)
    .command(parseCommand)
    .command(explainCommand)
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
      throw error ?? new CliError('usage', message, 'see spoe-logs --help');
    });
}

/** `spoe-logs … | head`: a reader that has seen enough is no error. */
function ignoreClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
