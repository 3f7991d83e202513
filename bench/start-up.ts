/**
 * How long spoe-logs takes to start, over an empty Node script: medians of 20 runs each, in turn.
 * npm run bench -- start-up
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, describeMachine, fixed, formatTable, median, requireBuilt, temporaryFolder } from './measure.ts';

const LINE =
  'Nov 22 06:57:11 lb1 haproxy[29973]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=6 st=0 0/0/1/0/1 1/2 0/0 0/4\n';

export function benchStartUp(rounds = 20): void {
  requireBuilt();
  const folder = temporaryFolder();
  const empty = join(folder, 'empty.cjs');
  const log = join(folder, 'one-line.log');
  writeFileSync(empty, '');
  writeFileSync(log, LINE);
  const contenders: { readonly name: string; readonly args: readonly string[]; readonly goal?: number }[] = [
    { name: 'empty script', args: [empty] },
    { name: '--version', args: [CLI, '--version'], goal: 25 },
    { name: '--help', args: [CLI, '--help'], goal: 25 },
    { name: 'summarize, one line', args: [CLI, 'summarize', log], goal: 45 },
  ];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const runs = contenders.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, contender.args, { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`exit code ${status}: ${contender.name}\n${stderr}`);
      if (round > 0) runs[i]?.push(performance.now() - started);
    }
  }
  const medians = runs.map(median);
  const [emptyMs = Number.NaN] = medians;
  const rows = contenders.map(({ name, goal }, i) => {
    const ms = medians[i] ?? Number.NaN;
    const overEmpty = ms - emptyMs;
    return [
      name,
      fixed(ms, 1),
      i === 0 ? '–' : fixed(overEmpty, 1),
      goal === undefined ? '–' : String(goal),
      goal === undefined ? '' : overEmpty <= goal ? 'yes' : 'no',
    ];
  });
  console.log(`start-up, median of ${rounds} runs in turn\n${describeMachine()}\n`);
  console.log(formatTable(['command', 'ms', 'over empty', 'goal', 'kept'], rows));
}
