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
import { makeLog } from './make-log.ts';
import {
  describeMachine,
  findProgram,
  fixed,
  formatTable,
  gnuTimeNote,
  measure,
  ROOT,
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

/** The requirement that a ratio is held against; `limit` is the largest that keeps it. */
const LIMITS = { 'threads-1': 1.5, file: 1, pipe: 1.3 };

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
function openFolder({ dir, keep }) {
  const parent = resolve(dir ?? tmpdir());
  mkdirSync(parent, { recursive: true });
  return keep ? parent : temporaryFolder(parent);
}

function provideLog(folder, options) {
  if (options.log !== undefined) return resolve(options.log);
  const path = join(folder, `bench-${options.bytes}.log`);
  if (!existsSync(path)) {
    console.error(`generating ${options.bytes} …`);
    makeLog(path, { bytes: options.bytes });
  }
  return path;
}

function compare(options) {
  const folder = openFolder(options);
  const scratch = temporaryFolder();
  const log = provideLog(folder, options);
  const file = shellQuote(log);
  const halog = findProgram(options.halog);
  const skipped =
    halog === undefined ? [`halog is not installed (Debian: package haproxy; or --halog PATH): skipped.`] : [];
  if (findProgram('grep') === undefined) skipped.push('grep is not installed: skipped.');
  const baseline = `${shellQuote(process.execPath)} ${shellQuote(join(ROOT, 'bench/baseline-split2.mjs'))}`;
  const contenders = [
    halog && { name: 'halog -pct < FILE', command: `${shellQuote(halog)} -pct < ${file}` },
    findProgram('grep') && { name: 'grep -c SPOE: FILE', command: `LC_ALL=C grep -c SPOE: ${file}` },
    { name: 'split2 + regex FILE', command: `${baseline} ${file}` },
    {
      name: 'spoe-logs FILE --threads 1',
      command: spoeLogs(`summarize --threads 1 ${file}`),
      limit: LIMITS['threads-1'],
    },
    { name: 'spoe-logs FILE', command: spoeLogs(`summarize ${file}`), limit: LIMITS.file },
    { name: 'spoe-logs < FILE', command: `${spoeLogs('summarize')} < ${file}`, limit: LIMITS.file },
    halog && { name: 'cat FILE | halog -pct', command: `cat ${file} | ${shellQuote(halog)} -pct` },
    { name: 'cat FILE | spoe-logs', command: `cat ${file} | ${spoeLogs('summarize')}`, limit: LIMITS.pipe },
  ].filter(Boolean);
  const results = runRounds(contenders, options.rounds, scratch);
  const baselines = { file: results.get('halog -pct < FILE'), pipe: results.get('cat FILE | halog -pct') };
  const rows = contenders.map(({ name, limit }) => {
    const result = results.get(name);
    const reference = name.startsWith('cat ') ? baselines.pipe : baselines.file;
    const ratio = reference && result.seconds / reference.seconds;
    const kept = limit === undefined || ratio === undefined ? '' : ratio <= limit ? 'yes' : 'no';
    return [
      name,
      fixed(result.seconds, 2),
      fixed(result.cpuSeconds, 2),
      fixed(result.megabytes, 0),
      fixed(ratio, 2),
      limit === undefined ? '' : String(limit),
      kept,
    ];
  });
  const megabytes = statSync(log).size / 1e6;
  console.log(`a log of ${megabytes.toFixed(0)} MB, warm cache, median of ${options.rounds} rounds in turn`);
  console.log(`${describeMachine()}\n`);
  console.log(formatTable(['command', 'wall s', 'CPU s', 'RSS MB', '× halog', 'at most', 'kept'], rows));
  console.log('\n× halog: wall time over halog -pct on the same input, piped against piped.');
  for (const note of [...skipped, gnuTimeNote].filter(Boolean)) console.log(note);
}

const FRAMINGS = [
  { name: 'rfc3164', options: {} },
  { name: 'rfc3164, pT only', options: { format: '3.2' } },
  { name: 'rfc3164, both shapes', options: { format: 'mixed' } },
  { name: 'rfc3164, 10 % errors', options: { errors: '0.1' } },
  { name: 'rfc3164, 200 hosts', options: { hosts: '200' } },
  { name: 'iso', options: { framing: 'iso' } },
  { name: 'rfc5424', options: { framing: 'rfc5424' } },
  { name: 'raw', options: { framing: 'raw' } },
  { name: 'json', options: { framing: 'json' } },
];

function framings(options) {
  const folder = openFolder(options);
  const scratch = temporaryFolder();
  const bytes = parseBytesPart(options.bytes);
  const contenders = [];
  const sizes = new Map();
  const add = (name, command, lines, megabytes) => {
    contenders.push({ name, command });
    sizes.set(name, { lines, megabytes });
  };
  for (const [i, { name, options: log }] of FRAMINGS.entries()) {
    const path = join(folder, `bench-framing-${i}.log`);
    console.error(`generating ${name} …`);
    const lines = makeLog(path, { ...log, bytes });
    const megabytes = statSync(path).size / 1e6;
    const file = shellQuote(path);
    add(name, spoeLogs(`summarize --threads 1 ${file}`), lines, megabytes);
    if (i > 0) continue;
    if (findProgram('gzip') === undefined) console.log('gzip is not installed: its row is left out.');
    else {
      measure(`gzip -c ${file} > ${shellQuote(`${path}.gz`)}`, join(scratch, 'time'));
      add(`${name}, gzip`, spoeLogs(`summarize ${shellQuote(`${path}.gz`)}`), lines, megabytes);
    }
    add(`${name}, parse`, `${spoeLogs(`parse ${file}`)} > ${shellQuote(join(scratch, 'records'))}`, lines, megabytes);
  }
  const results = runRounds(contenders, options.rounds, scratch);
  const rows = contenders.map(({ name }) => {
    const { seconds, megabytes: rss } = results.get(name);
    const { lines, megabytes } = sizes.get(name);
    return [name, fixed(seconds, 2), fixed(lines / seconds / 1e6, 2), fixed(megabytes / seconds, 0), fixed(rss, 0)];
  });
  console.log(`each log of ${bytes / 1e6} MB, one thread, warm cache, median of ${options.rounds} rounds in turn`);
  console.log(`${describeMachine()}\n`);
  console.log(formatTable(['log', 'wall s', 'Mlines/s', 'MB/s', 'RSS MB'], rows));
  if (gnuTimeNote) console.log(gnuTimeNote);
}

function parseBytesPart(text) {
  const unit = { k: 1e3, m: 1e6, g: 1e9 }[text.at(-1).toLowerCase()] ?? 1;
  return Math.round(Number.parseFloat(text) * unit * FRAMING_PART);
}

try {
  const options = readOptions();
  requireBuilt();
  for (const [i, section] of options.sections.entries()) {
    if (i > 0) console.log('');
    if (section === 'compare') compare(options);
    if (section === 'framings') framings(options);
    if (section === 'start-up') benchStartUp([]);
  }
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
