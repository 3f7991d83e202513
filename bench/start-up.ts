/**
 * What a start of spoe-logs costs over an empty Node script, in CPU ms of all threads: min, median and max of 20 runs each, in turn.
 * The second start and later ones are measured, whose code is compiled already.
 * npm run bench -- start-up
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CLI,
  describeLoad,
  describeMachine,
  fixed,
  formatTable,
  median,
  requireBuilt,
  temporaryFolder,
} from './measure.ts';

const LINE =
  'Nov 22 06:57:11 lb1 haproxy[29973]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=6 st=0 0/0/1/0/1 1/2 0/0 0/4\n';

export function benchStartUp(rounds = 20): void {
  requireBuilt();
  const folder = temporaryFolder();
  const empty = join(folder, 'empty.cjs');
  const log = join(folder, 'one-line.log');
  writeFileSync(empty, '');
  writeFileSync(log, LINE);
  const usage = join(folder, 'usage.cjs');
  writeFileSync(
    usage,
    "process.on('exit', () => require('node:fs').writeSync(3, JSON.stringify(process.cpuUsage())));",
  );
  const contenders: { readonly name: string; readonly args: readonly string[]; readonly goal?: number }[] = [
    { name: 'empty script', args: [empty] },
    { name: '--version', args: [CLI, '--version'], goal: 12 },
    { name: '--help', args: [CLI, '--help'], goal: 20 },
    { name: 'summarize --help', args: [CLI, 'summarize', '--help'], goal: 20 },
    { name: 'summarize, one line', args: [CLI, 'summarize', log], goal: 35 },
  ];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const load = describeLoad();
  const runs = contenders.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { name, args }] of contenders.entries()) {
      const { status, stderr, output } = spawnSync(process.execPath, ['--require', usage, ...args], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      });
      if (status !== 0) throw new Error(`exit code ${status}: ${name}\n${stderr}`);
      const { user, system } = JSON.parse(output[3] ?? '') as NodeJS.CpuUsage;
      if (round > 0) runs[i]?.push((user + system) / 1000);
    }
  }
  const emptyMs = median(runs[0] ?? []);
  const rows = contenders.map(({ name, goal }, i) => {
    const own = runs[i] ?? [];
    const over = median(own) - emptyMs;
    return [
      name,
      ...[Math.min(...own), median(own), Math.max(...own)].map((ms) => fixed(ms, 1)),
      ...(goal === undefined ? ['–', '–', ''] : [fixed(over, 1), String(goal), over <= goal ? 'yes' : 'no']),
    ];
  });
  console.log(`start-up, CPU ms, ${rounds} runs in turn\n${describeMachine()}, ${load} before\n`);
  console.log(formatTable(['command', 'min', 'median', 'max', 'over empty', 'goal', 'kept'], rows));
}
