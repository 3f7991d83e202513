/** The command line `spoe-logs`. Runs when loaded; in a thread that it started itself, reads that thread's part. */
import packageJson from '../../../package.json' with { type: 'json' };
import { READING_THREAD } from './threads.ts';

/** Everything else is loaded when needed: what a run does not use would be most of its start-up time. */
async function main(args: readonly string[]): Promise<void> {
  const [first] = args;
  if (first === READING_THREAD && (await (await import('./parallel.ts')).runReadingThread())) return;
  if (args.length === 1 && (first === '--version' || first === '-V')) process.stdout.write(`${packageJson.version}\n`);
  else await (await import('./program.ts')).runProgram(args);
}

// Not awaited: the bundle is CommonJS. A thread that fails is reported by the one that started it.
void main(process.argv.slice(2));
