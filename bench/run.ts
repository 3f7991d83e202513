#!/usr/bin/env node
/**
 * npm run bench [-- SECTION… OPTIONS]
 *
 * Sections: compare (the default), framings, start-up, all.
 *   --bytes 1g      size of the generated log
 *   --rounds 5      counted rounds; one more warms up
 *   --log FILE      a log that exists already, instead of a generated one
 *   --dir DIR       where the log is generated (default: the system's temporary folder)
 *   --keep          leaves the generated log there
 *   --halog PATH    HAProxy's log tool, when it is not on the PATH
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { bytesOf, type LogOptions, makeLog } from './make-log.ts';
import {
  type Contender,
  describeLoad,
  describeMachine,
  findProgram,
  fixed,
  formatSpread,
  formatTable,
  gnuTimeNote,
  measure,
  medianOfKnown,
  messageOf,
  ROOT,
  ratios,
  requireBuilt,
  runRounds,
  shellQuote,
  spoeLogs,
  temporaryFolder,
} from './measure.ts';
import { benchStartUp } from './start-up.ts';

const SECTIONS = ['compare', 'framings', 'start-up'];
/** Each log of the framings section has this part of --bytes. */
const FRAMING_PART = 0.2;

/** The requirement that a ratio is held against; `limit` is the largest that keeps it. They are of logs of a GB: a start is a part of each. */
const LIMITS = { megabytes: 900, oneThread: 1.2, file: 0.85, pipe: 1.15 };

type Options = ReturnType<typeof readOptions>;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      bytes: { type: 'string', default: '1g' },
      rounds: { type: 'string', default: '5' },
      log: { type: 'string' },
      dir: { type: 'string' },
      keep: { type: 'boolean', default: false },
      halog: { type: 'string', default: 'halog' },
    },
  });
  const unknown = positionals.find((section) => section !== 'all' && !SECTIONS.includes(section));
  if (unknown !== undefined) throw new Error(`no bench ${unknown}: choose from ${SECTIONS.join(', ')}, all`);
  const sections = positionals.includes('all') ? SECTIONS : positionals.length > 0 ? positionals : ['compare'];
  return { ...values, rounds: Number(values.rounds), sections };
}

/** Where generated logs go; with --keep a folder that stays. */
function openFolder({ dir, keep }: Options): string {
  const parent = resolve(dir ?? tmpdir());
  mkdirSync(parent, { recursive: true });
  return keep ? parent : temporaryFolder(parent);
}

function provideLog(folder: string, options: Options): string {
  if (options.log !== undefined) return resolve(options.log);
  const path = join(folder, `bench-${options.bytes}.log`);
  if (!existsSync(path)) {
    console.error(`generating ${options.bytes} …`);
    makeLog(path, { bytes: options.bytes });
  }
  return path;
}

/** The baseline as a program for Node alone: it would pay for the loader that compiles it. */
function buildBaseline(folder: string): string {
  const outfile = join(folder, 'baseline-split2.cjs');
  const entryPoints = [join(ROOT, 'bench/baseline-split2.ts')];
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20' });
  return outfile;
}

function compare(options: Options): void {
  const folder = openFolder(options);
  const scratch = temporaryFolder();
  const log = provideLog(folder, options);
  const file = shellQuote(log);
  const halog = findProgram(options.halog);
  const skipped =
    halog === undefined ? [`halog is not installed (Debian: package haproxy; or --halog PATH): skipped.`] : [];
  const hasGrep = findProgram('grep') !== undefined;
  if (!hasGrep) skipped.push('grep is not installed: skipped.');
  const baseline = `${shellQuote(process.execPath)} ${shellQuote(buildBaseline(scratch))}`;
  const ofHalog = (contender: Contender) => (halog === undefined ? [] : [contender]);
  const readsFile = { name: 'halog -pct < FILE', command: `${shellQuote(halog ?? '')} -pct < ${file}` };
  const readsPipe = { name: 'cat FILE | halog -pct', command: `cat ${file} | ${shellQuote(halog ?? '')} -pct` };
  const contenders: readonly (Contender & { readonly limit?: number })[] = [
    ...ofHalog(readsFile),
    ...(hasGrep ? [{ name: 'grep -c SPOE: FILE', command: `LC_ALL=C grep -c SPOE: ${file}` }] : []),
    { name: 'split2 + regex FILE', command: `${baseline} ${file}` },
    {
      name: 'spoe-logs FILE --threads 1',
      command: spoeLogs(`summarize --threads 1 ${file}`),
      limit: LIMITS.oneThread,
    },
    { name: 'spoe-logs FILE', command: spoeLogs(`summarize ${file}`), limit: LIMITS.file },
    { name: 'spoe-logs < FILE', command: `${spoeLogs('summarize')} < ${file}`, limit: LIMITS.file },
    ...ofHalog(readsPipe),
    { name: 'cat FILE | spoe-logs', command: `cat ${file} | ${spoeLogs('summarize')}`, limit: LIMITS.pipe },
  ];
  const megabytes = statSync(log).size / 1e6;
  const load = describeLoad();
  const resultOf = runRounds(contenders, options.rounds, scratch);
  const rows = contenders.map(({ name, limit: ofLarge }) => {
    const limit = megabytes < LIMITS.megabytes ? undefined : ofLarge;
    const result = resultOf(name);
    const reference =
      halog === undefined ? undefined : resultOf((name.startsWith('cat ') ? readsPipe : readsFile).name);
    const wall = ratios(result, reference, ({ seconds }) => seconds);
    return [
      name,
      formatSpread(
        result.runs.map(({ seconds }) => seconds),
        2,
      ),
      fixed(result.cpuSeconds, 2),
      fixed(result.megabytes, 0),
      formatSpread(wall, 2),
      limit === undefined ? '' : String(limit),
      describeKept(medianOfKnown(wall), limit),
      fixed(medianOfKnown(ratios(result, reference, ({ cpuSeconds }) => cpuSeconds)), 2),
    ];
  });
  console.log(`a log of ${megabytes.toFixed(0)} MB, warm cache, ${options.rounds} rounds in turn: median (least–most)`);
  console.log(`${describeMachine()}, ${load} before\n`);
  console.log(formatTable(['command', 'wall s', 'CPU s', 'RSS MB', '× halog', 'at most', 'kept', 'CPU × halog'], rows));
  console.log('\n× halog: wall time over halog -pct on the same input in the same round, piped against piped.');
  for (const note of [...skipped, gnuTimeNote ?? []].flat()) console.log(note);
}

function describeKept(ratio: number | undefined, limit: number | undefined): string {
  if (ratio === undefined || limit === undefined) return '';
  return ratio <= limit ? 'yes' : 'no';
}

/** `least`: the MB/s that are required, of logs that are not shorter than this. */
const FRAMING_MEGABYTES = 90;
const FRAMINGS: readonly {
  readonly name: string;
  readonly options: Partial<LogOptions>;
  readonly least?: number;
}[] = [
  { name: 'rfc3164', options: {} },
  { name: 'rfc3164, pT only', options: { format: '3.2' } },
  { name: 'rfc3164, both shapes', options: { format: 'mixed' } },
  { name: 'rfc3164, 10 % errors', options: { errors: '0.1' } },
  { name: 'rfc3164, 200 hosts', options: { hosts: '200' } },
  { name: 'iso', options: { framing: 'iso' } },
  { name: 'rfc5424', options: { framing: 'rfc5424' } },
  { name: 'raw', options: { framing: 'raw' } },
  { name: 'json', options: { framing: 'json' }, least: 250 },
];

function framings(options: Options): void {
  const folder = openFolder(options);
  const scratch = temporaryFolder();
  const bytes = Math.round(bytesOf(options.bytes) * FRAMING_PART);
  const contenders: (Contender & { readonly lines: number; readonly megabytes: number; readonly least?: number })[] =
    [];
  const add = (name: string, command: string, lines: number, megabytes: number, least?: number) =>
    contenders.push({ name, command, lines, megabytes, ...(least !== undefined && { least }) });
  for (const [i, { name, options: log, least }] of FRAMINGS.entries()) {
    const path = join(folder, `bench-framing-${i}.log`);
    console.error(`generating ${name} …`);
    const lines = makeLog(path, { ...log, bytes: String(bytes) });
    const megabytes = statSync(path).size / 1e6;
    const file = shellQuote(path);
    add(name, spoeLogs(`summarize --threads 1 ${file}`), lines, megabytes, least);
    if (i > 0) continue;
    if (findProgram('gzip') === undefined) console.log('gzip is not installed: its row is left out.');
    else {
      measure(`gzip -c ${file} > ${shellQuote(`${path}.gz`)}`, join(scratch, 'time'));
      add(`${name}, gzip`, spoeLogs(`summarize ${shellQuote(`${path}.gz`)}`), lines, megabytes);
    }
    add(`${name}, parse`, `${spoeLogs(`parse ${file}`)} > ${shellQuote(join(scratch, 'records'))}`, lines, megabytes);
  }
  const load = describeLoad();
  const resultOf = runRounds(contenders, options.rounds, scratch);
  const rows = contenders.map(({ name, lines, megabytes, least: ofLarge }) => {
    const least = megabytes < FRAMING_MEGABYTES ? undefined : ofLarge;
    const { runs, seconds, megabytes: rss } = resultOf(name);
    return [
      name,
      formatSpread(
        runs.map((run) => run.seconds),
        2,
      ),
      fixed(lines / seconds / 1e6, 2),
      fixed(megabytes / seconds, 0),
      fixed(rss, 0),
      least === undefined ? '' : String(least),
      least === undefined ? '' : megabytes / seconds >= least ? 'yes' : 'no',
    ];
  });
  console.log(
    `each log of ${bytes / 1e6} MB, one thread, warm cache, ${options.rounds} rounds in turn: median (least–most)`,
  );
  console.log(`${describeMachine()}, ${load} before\n`);
  console.log(formatTable(['log', 'wall s', 'Mlines/s', 'MB/s', 'RSS MB', 'MB/s at least', 'kept'], rows));
  if (gnuTimeNote) console.log(gnuTimeNote);
}

try {
  const options = readOptions();
  requireBuilt();
  for (const [i, section] of options.sections.entries()) {
    if (i > 0) console.log('');
    if (section === 'compare') compare(options);
    if (section === 'framings') framings(options);
    if (section === 'start-up') benchStartUp();
  }
} catch (error) {
  console.error(`bench: ${messageOf(error)}`);
  process.exitCode = 1;
}
