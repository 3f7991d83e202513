#!/usr/bin/env node
/**
 * How fast `spoe-logs diff` is beside awk, sort and join doing the bare join, and whether it finds the truth:
 * node --import tsx bench/diff/run.ts [options]
 *   --requests 1000000
 *   --seed 7
 *   --mirror agent-jsonl     agent-jsonl, haproxy-httplog, combined
 *   --spoe inline            inline, separate, none
 *   --broken ROUTE           default 'GET /orders/{id}'; '' for none
 *   --broken-rate 0.3
 *   --no-traps               ordinary requests only
 *   --rounds 3               counted rounds; one more warms up
 *   --dir DIR                where the data is generated (default: the system's temporary folder)
 *   --keep                   leaves data and report there, and uses data that is there already
 *
 * The exit code is 1 when the report differs from the truth, or when it took more than the requirement allows.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  CLI,
  describeLoad,
  describeMachine,
  fixed,
  formatSpread,
  formatTable,
  gnuTimeNote,
  type Measured,
  messageOf,
  type Rounds,
  ratios,
  requireBuilt,
  runRounds,
  shellQuote,
  spoeLogs,
  temporaryFolder,
} from '../measure.ts';
import { bareJoin } from './bare-join.ts';
import { compare } from './check-truth.ts';
import { generateFiles, type Paths, pathsOf } from './generate.ts';
import { type DataSettings, readMirrorFormat, readSpoePlace, settle } from './settings.ts';
import type { TruthResult } from './truth.ts';

/** For a million requests. */
const LIMITS = { requests: 1_000_000, seconds: 7, megabytes: 400 };
const MOST_SHOWN = 40;

type Options = ReturnType<typeof readOptions>;

function readOptions() {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      requests: { type: 'string', default: String(LIMITS.requests) },
      seed: { type: 'string', default: '7' },
      mirror: { type: 'string', default: 'agent-jsonl' },
      spoe: { type: 'string', default: 'inline' },
      broken: { type: 'string', default: 'GET /orders/{id}' },
      'broken-rate': { type: 'string', default: '0.3' },
      traps: { type: 'boolean', default: true },
      rounds: { type: 'string', default: '3' },
      dir: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const settings: Partial<DataSettings> = {
    requests: Number(values.requests),
    seed: Number(values.seed),
    mirror: readMirrorFormat(values.mirror),
    spoe: readSpoePlace(values.spoe),
    broken: values.broken === '' ? undefined : values.broken,
    brokenRate: Number(values['broken-rate']),
    traps: values.traps,
  };
  return { settings: settle(settings), rounds: Number(values.rounds), dir: values.dir, keep: values.keep };
}

/** The data of these settings; with --keep it is made once. */
function provideData({ settings, dir, keep }: Options) {
  const parent = resolve(dir ?? tmpdir());
  mkdirSync(parent, { recursive: true });
  const name = `diff-${Object.values(settings)
    .join('-')
    .replace(/[^\w.-]+/g, '_')}`;
  const folder = keep ? join(parent, name) : temporaryFolder(parent);
  const truthPath = join(folder, 'truth.json');
  const paths = pathsOf(folder, settings.spoe);
  if (existsSync(truthPath)) {
    const truth: TruthResult = JSON.parse(readFileSync(truthPath, 'utf8'));
    return { folder, paths, truth };
  }
  console.error(`generating ${settings.requests} requests …`);
  const started = performance.now();
  const truth = generateFiles(folder, settings);
  console.error(`generated in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return { folder, paths, truth };
}

/** Nothing to measure before the command is there. */
function whyNoDiff(): string | undefined {
  try {
    requireBuilt();
  } catch (error) {
    return messageOf(error);
  }
  const { status, stdout } = spawnSync(process.execPath, [CLI, 'diff', '--help'], { encoding: 'utf8' });
  return status === 0 && stdout.includes('--production') ? undefined : 'spoe-logs has no diff yet';
}

/** Its verdict is none of the bench's business: 1 and 3 are as good as 0. The accept dates are those of UTC. */
function diffCommand({ production, mirror, spoe }: Paths, report: string): string {
  const separate = spoe === undefined ? '' : ` --spoe ${shellQuote(spoe)}`;
  const args = `--production ${shellQuote(production)} --mirror ${shellQuote(mirror)}${separate}`;
  const command = `TZ=UTC ${spoeLogs(`diff ${args} --format json`)} > ${shellQuote(report)}`;
  return `${command}; code=$?; [ $code = 1 ] || [ $code = 3 ] || exit $code`;
}

function describeRun(name: string, result: Rounds, join: Rounds): string[] {
  const seconds = ({ seconds: wall }: Measured) => wall;
  return [
    name,
    formatSpread(result.runs.map(seconds), 2),
    fixed(result.cpuSeconds, 2),
    fixed(result.megabytes, 0),
    formatSpread(ratios(result, join, seconds), 2),
  ];
}

/** What the requirement says, for the million requests that it speaks of. */
function overLimit({ seconds, megabytes = 0 }: Measured, requests: number): string[] {
  if (requests !== LIMITS.requests) return [];
  const over: string[] = [];
  if (seconds > LIMITS.seconds) over.push(`${fixed(seconds, 2)} s is more than ${LIMITS.seconds} s`);
  if (megabytes > LIMITS.megabytes) over.push(`${fixed(megabytes, 0)} MB is more than ${LIMITS.megabytes} MB`);
  return over;
}

function checkReport(path: string, truth: TruthResult): boolean {
  const mismatches = compare(JSON.parse(readFileSync(path, 'utf8')), truth);
  if (mismatches.length === 0) {
    console.log('\nThe report finds the truth exactly.');
    return true;
  }
  console.log(`\n${mismatches.length} mismatches with the truth:`);
  for (const mismatch of mismatches.slice(0, MOST_SHOWN)) console.log(`  ${mismatch}`);
  return false;
}

function main() {
  const options = readOptions();
  const { settings, rounds } = options;
  const { folder, paths, truth } = provideData(options);
  const scratch = temporaryFolder(folder);
  const missing = whyNoDiff();
  const report = join(options.keep ? folder : scratch, 'report.json');
  const contenders = [{ name: 'awk | sort, join', command: bareJoin(paths, settings.mirror, scratch) }];
  if (missing === undefined) contenders.unshift({ name: 'spoe-logs diff', command: diffCommand(paths, report) });
  const load = describeLoad();
  const resultOf = runRounds(contenders, rounds, scratch);
  const bare = resultOf('awk | sort, join');
  const { production, mirror } = truth.inputs;
  console.log(`${describeMachine()}, ${load} before; ${rounds} rounds in turn: median (least–most)`);
  console.log(
    `${production.lines} lines of production (${production.accessLines} requests), ${mirror.lines} of the mirror\n`,
  );
  const rows = contenders.map(({ name }) => describeRun(name, resultOf(name), bare));
  console.log(formatTable(['', 'seconds', 'CPU s', 'MB', '× join'], rows));
  if (gnuTimeNote !== undefined) console.log(`\n${gnuTimeNote}`);
  if (missing !== undefined) {
    console.log(`\nNot compared: ${missing}.`);
    return;
  }
  const over = overLimit(resultOf('spoe-logs diff'), settings.requests);
  for (const text of over) console.log(`\nToo much: ${text}.`);
  if (!checkReport(report, truth) || over.length > 0) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  console.error(`bench/diff: ${messageOf(error)}`);
  process.exitCode = 2;
}
