/** Loads logs of both sides, and compares `diff --from` with `diff` of the logs. */
import assert from 'node:assert/strict';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import type { DiffSet } from './diff-sets.ts';
import { DUCKDB_ENV } from './engines.ts';

const TIMES = ['--tz', 'UTC', '--year', '2026'];

function sidesOf({ production, mirror, spoe = [] }: DiffSet): string[] {
  return ['--production', ...production, '--mirror', ...mirror, ...(spoe.length > 0 ? ['--spoe', ...spoe] : [])];
}

export async function loadSet(to: string, set: DiffSet): Promise<void> {
  const { code, stderr } = await spoeLogs(['load', '--to', to, '--run', set.name, ...TIMES, ...sidesOf(set)]);
  assert.deepEqual([code, stderr], [0, '']);
}

/** @param parts how many rows of a side are one part, in turn */
export async function checkSet(from: string, set: DiffSet, args: readonly string[], parts: readonly number[]) {
  const expected = await spoeLogs(['diff', ...sidesOf(set), ...TIMES, ...args]);
  assert.ok(expected.code !== 2, expected.stderr);
  for (const rows of parts) {
    const whole = ['diff', '--from', from, '--run', set.name, '--part-rows', String(rows), ...args];
    const found = await spoeLogs(whole, { env: DUCKDB_ENV });
    const said = `${set.name} ${args.join(' ')} in parts of ${rows}`;
    assert.deepEqual(withoutCommand(found), withoutCommand(expected), said);
  }
}

/** Left away is the command that is shown, which names logs or what was loaded, up to its end. */
function withoutCommand<Out extends { readonly stdout: string }>(outcome: Out): Out {
  return { ...outcome, stdout: outcome.stdout.replace(/spoe-logs diff[\s\S]*?(?=\n\n|<|```)/g, 'spoe-logs diff') };
}
