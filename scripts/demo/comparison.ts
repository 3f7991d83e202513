/** `spoe-logs diff` of what production and the mirror answered, once all is over. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT, ScriptError } from '../project.mjs';
import type { Cleanup } from './cleanup.ts';
import type { Ending } from './ending.ts';

const PROGRAM = join(ROOT, 'bin/spoe-logs.js');
/** Its exit codes for a verdict. */
const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 3 };
/** The blocks of its screen that are shown: what everybody reads, and the fields. */
const SHOWN = /^(PASS|FAIL|INCONCLUSIVE)\b|^FIELDS/;

export interface Compared {
  /** HAProxy's log. */
  readonly lines: readonly string[];
  /** The agent's record; the log is written into its folder. */
  readonly recordFile: string;
  /** Requests before that are left out. */
  readonly sinceMs: number;
}

/** What is shown of its screen, line by line. */
export async function compareAnswers(
  { lines, recordFile, sinceMs }: Compared,
  cleanup: Cleanup,
  ending: Ending,
): Promise<string[]> {
  const production = join(dirname(recordFile), 'haproxy.log');
  writeFileSync(production, lines.map((line) => `${line}\n`).join(''));
  const since = new Date(sinceMs).toISOString();
  const args = [PROGRAM, 'diff', '--production', production, '--mirror', recordFile, '--since', since];
  const child = cleanup.start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('diff has no output');
  const [screen, [code]] = await ending.until(Promise.all([text(child.stdout), once(child, 'close')]));
  if (code !== EXIT_CODES.pass && code !== EXIT_CODES.fail && code !== EXIT_CODES.inconclusive) {
    throw new ScriptError(`spoe-logs diff ended with ${code} (diff-ended)`);
  }
  // The last block says the verdict once more; the next command is about files that are gone by then.
  const [verdict = '', ...others] = screen
    .trimEnd()
    .split('\n\n')
    .slice(0, -1)
    .filter((block) => SHOWN.test(block));
  return [verdict.replace(/\nnext .*/s, ''), ...others].join('\n\n').split('\n');
}
