/** The command line `spoe-logs`. Runs when loaded. */
import packageJson from '../../../package.json' with { type: 'json' };
import { keptHelp } from './kept-help.ts';

/** Runs the program, which loads modules when they are needed: those a run does not use would be most of its start-up time. */
async function main(args: readonly string[]): Promise<void> {
  const [first] = args;
  const isVersion = args.length === 1 && (first === '--version' || first === '-V');
  const text = isVersion ? `${packageJson.version}\n` : keptHelp(args);
  if (text === undefined) await (await import('./program.ts')).runProgram(args);
  else process.stdout.write(text);
}

// Not awaited: the bundle is CommonJS.
void main(process.argv.slice(2));
