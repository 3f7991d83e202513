/** The help of each command as the build keeps it: the parser makes the same text in several times the time. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The columns that help takes at most, and those of a kept one. */
export const HELP_WIDTH = 100;

/** The help for a command line that asks for nothing else; undefined where it must be made: for a narrow terminal, or without dist/. */
export function keptHelp(args: readonly string[]): string | undefined {
  const [command = 'spoe-logs', ...rest] = args.slice(0, -1);
  const last = args.at(-1);
  const isHelp = (last === '--help' || last === '-h') && rest.length === 0 && /^[a-z-]+$/.test(command);
  if (!isHelp || (process.stdout.columns ?? HELP_WIDTH) < HELP_WIDTH) return undefined;
  try {
    return readFileSync(fileURLToPath(new URL(`help/${command}.txt`, import.meta.url)), 'utf8');
  } catch {
    // No such command, or the executable, which has no files: the parser knows.
    return undefined;
  }
}
