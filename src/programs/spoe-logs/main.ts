/** The command line `spoe-logs`. Runs when loaded. */
import packageJson from '../../../package.json' with { type: 'json' };

/** Runs the program, which loads modules when they are needed: those a run does not use would be most of its start-up time. */
async function main(args: readonly string[]): Promise<void> {
  const [first] = args;
  if (args.length === 1 && (first === '--version' || first === '-V')) process.stdout.write(`${packageJson.version}\n`);
  else await (await import('./program.ts')).runProgram(args);
}

// Not awaited: the bundle is CommonJS.
void main(process.argv.slice(2));
