#!/usr/bin/env node
/**
 * How often differences of answers are found that are there, and how often some are that are not, beside Diffy's rule.
 *
 * npm run bench:responses [-- OPTIONS]
 *   --scale 1        0.1: a tenth of the runs
 *   --only TEXT      rows whose title contains it (repeatable)
 *   --seed 1         another one gives other answers
 *   --results FILE   keeps what came of each row there; what is there is not run again, so that a run can be broken off
 *   --write FILE     puts the tables between the marks of this document (docs/diff.md)
 *
 * A requirement that is missed is marked in the tables. The exit code does not depend on it.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine, formatTable } from '../../measure.ts';
import { replaceBlock } from '../calibration/tables.ts';
import { judge as hold, percent, type Requirement } from '../calibration/tally.ts';
import { ACCOUNTS } from './accounts.ts';
import { SETTINGS } from './settings.ts';
import { SHOP } from './shop.ts';
import type { Plants, Site } from './simulated-answer.ts';
import { judge, type NoiseOf, simulate } from './simulation.ts';

const MARKS = ['<!-- answers: written by npm run bench:responses -->', '<!-- answers: end -->'] as const;

const NOTHING: Plants = {};
const CHANGES: Plants = { type: 1, missing: 0.05, reversed: 1 };
const JITTER: Plants = { jitter: 0.4 };
const RARE: Plants = { rare: 0.01, header: 0.01, status: 0.01 };

interface Row {
  readonly what: string;
  readonly plants: Plants;
  readonly noise: NoiseOf;
  readonly looks?: number;
  /** Without any the shop and the accounts. */
  readonly sites?: readonly Site[];
  /** How many runs of so many pairs. */
  readonly runs: readonly (readonly [pairs: number, runs: number])[];
  /** By pairs: what is required of the share of runs with any false alarm, and of those in which each plant is found. */
  readonly falseAlarms?: { readonly [pairs: number]: number };
  readonly found?: { readonly [pairs: number]: number };
}

const OFTEN = [
  [200, 150],
  [1000, 150],
  [5000, 50],
] as const;
const SELDOM = [
  [200, 100],
  [1000, 40],
  [5000, 10],
] as const;
const FEW_FALSE = { 200: 0.07, 1000: 0.05, 5000: 0.01 };

const ROWS: readonly Row[] = [
  { what: 'equal versions', plants: NOTHING, noise: 'same requests', runs: OFTEN, falseAlarms: FEW_FALSE },
  {
    what: 'equal versions',
    plants: NOTHING,
    noise: 'same requests',
    sites: [SETTINGS],
    runs: [[500, 150]],
    falseAlarms: { 500: 0.05 },
  },
  {
    what: 'another type, missing in 5 %, reversed array',
    plants: CHANGES,
    noise: 'same requests',
    runs: OFTEN,
    falseAlarms: FEW_FALSE,
    found: { 200: 0.9, 1000: 1, 5000: 1 },
  },
  { what: 'jitter 30 → 40 %', plants: JITTER, noise: 'same requests', runs: SELDOM, found: { 5000: 1 } },
  { what: 'missing, header, status in 1 %', plants: RARE, noise: 'same requests', runs: SELDOM },
  { what: 'equal versions', plants: NOTHING, noise: 'other requests', runs: SELDOM },
  { what: 'another type, missing in 5 %, reversed array', plants: CHANGES, noise: 'other requests', runs: SELDOM },
  { what: 'equal versions', plants: NOTHING, noise: 'nothing', runs: SELDOM },
  { what: 'another type, missing in 5 %, reversed array', plants: CHANGES, noise: 'nothing', runs: SELDOM },
  { what: 'equal versions, 40 looks', plants: NOTHING, noise: 'same requests', looks: 40, runs: [[2000, 40]] },
];

/** What came of one row: plain data. */
interface Result {
  readonly title: string;
  readonly seed: number;
  readonly runs: number;
  /** Runs with any false alarm. */
  readonly falseRuns: number;
  readonly thresholdFalseRuns: number;
  /** Runs in which each plant was found. */
  readonly found: Readonly<Record<string, number>>;
  readonly thresholdFound: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** A row at one of its numbers of pairs. */
interface Cell {
  readonly row: Row;
  readonly site: Site;
  readonly pairs: number;
  readonly runs: number;
  readonly title: string;
}

const CELLS: readonly Cell[] = ROWS.flatMap((row) =>
  (row.sites ?? [SHOP, ACCOUNTS]).flatMap((site) =>
    row.runs.map(([pairs, runs]) => {
      const title = `${row.what}, noise of ${row.noise}, ${site.name}, ${pairs} pairs`;
      return { row, site, pairs, runs, title };
    }),
  ),
);

function measure({ site, row, pairs, title }: Cell, runs: number, seed: number): Result {
  const found: Record<string, number> = {};
  const thresholdFound: Record<string, number> = {};
  let [falseRuns, thresholdFalseRuns] = [0, 0];
  const started = performance.now();
  for (let run = 0; run < runs; run++) {
    const { plants, noise, looks } = row;
    const own = seedOf(title, seed, run);
    const alarms = simulate({ site, plants, pairs, seed: own, noise, ...(looks !== undefined && { looks }) });
    const ours = judge(
      alarms.ours.map(({ place }) => place),
      { site, plants },
    );
    const theirs = judge(alarms.thresholds, { site, plants });
    if (ours.falseAlarms.length > 0) falseRuns++;
    if (theirs.falseAlarms.length > 0) thresholdFalseRuns++;
    for (const plant of ours.found) found[plant] = (found[plant] ?? 0) + 1;
    for (const plant of theirs.found) thresholdFound[plant] = (thresholdFound[plant] ?? 0) + 1;
  }
  const seconds = (performance.now() - started) / 1000;
  return { title, seed, runs, falseRuns, thresholdFalseRuns, found, thresholdFound, seconds };
}

/** FNV-1a, so that rows share no answers. */
function seedOf(title: string, seed: number, run: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed} ${title} ${run}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

interface CellResult extends Cell {
  readonly result: Result;
}

function tables(results: readonly CellResult[], seed: number): string {
  const sum = (of: 'runs' | 'seconds') => results.reduce((total, { result }) => total + result[of], 0);
  const missed = results.flatMap(missedOf);
  return [
    `${sum('runs')} runs of three simulated sites, seed ${seed}. "Found" is the share of runs in which each change was found, in the order of ` +
      'the row; "false" the share of runs in which anything was said to have changed that had not.',
    missed.length === 0 ? 'Every requirement holds.' : `**Not kept: ${missed.join('; ')}.**`,
    formatTable(
      ['the candidate', 'noise of', 'site', 'pairs', 'runs', 'found', 'false', "Diffy's rule: found", 'false'],
      results.map(({ row, site, pairs, result }) => {
        const { runs, found, falseRuns, thresholdFound, thresholdFalseRuns } = result;
        const isHeld = row.noise === 'same requests' && row.looks === undefined;
        return [
          row.what,
          row.noise,
          site.name,
          String(pairs),
          String(runs),
          shares(row.plants, found, runs),
          `${percent(falseRuns / runs)} %`,
          isHeld ? shares(row.plants, thresholdFound, runs) : '',
          isHeld ? `${percent(thresholdFalseRuns / runs)} %` : '',
        ];
      }),
    ),
    `${Math.round(sum('seconds'))} s on ${describeMachine()}.`,
  ].join('\n\n');
}

function shares(plants: Plants, found: Result['found'], runs: number): string {
  const all = Object.keys(plants).map((plant) => percent((found[plant] ?? 0) / runs));
  return all.length === 0 ? '' : `${all.join(', ')} %`;
}

function missedOf({ row, title, pairs, result }: CellResult): string[] {
  const { runs, falseRuns, found } = result;
  const check = (what: string, requirement: Requirement, count: number) => {
    const state = hold(requirement, count, runs);
    return state === 'holds' ? [] : [`${title}: ${what} in ${percent(count / runs)} % (${state})`];
  };
  const [most, least] = [row.falseAlarms?.[pairs], row.found?.[pairs]];
  const isFound = (plant: string) => check(plant, { atLeast: least ?? 0 }, found[plant] ?? 0);
  return [
    ...(most === undefined ? [] : check('false alarms', { atMost: most }, falseRuns)),
    ...(least === undefined ? [] : Object.keys(row.plants).flatMap(isFound)),
  ];
}

/** Results of the same seed that are kept already, by title. */
function readKept(path: string | undefined, seed: number): ReadonlyMap<string, Result> {
  if (path === undefined || !existsSync(path)) return new Map();
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const results = lines.map((line): Result => JSON.parse(line)).filter((result) => result.seed === seed);
  return new Map(results.map((result) => [result.title, result]));
}

function main(): void {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [''] },
      seed: { type: 'string', default: '1' },
      results: { type: 'string' },
      write: { type: 'string' },
    },
  });
  const [scale, seed] = [Number(values.scale), Number(values.seed)];
  if (!(scale > 0) || !Number.isInteger(seed)) throw new Error('--scale is above 0, and --seed a whole number');
  const kept = readKept(values.results, seed);
  const results: CellResult[] = [];
  for (const cell of CELLS) {
    if (!values.only.some((text) => cell.title.includes(text))) continue;
    const known = kept.get(cell.title);
    const result = known ?? measure(cell, Math.max(1, Math.round(cell.runs * scale)), seed);
    results.push({ ...cell, result });
    if (known === undefined && values.results !== undefined)
      appendFileSync(values.results, `${JSON.stringify(result)}\n`);
    const { runs, found, falseRuns, seconds } = result;
    console.error(
      `${cell.title}: ${runs} runs, found ${shares(cell.row.plants, found, runs)}, false ${falseRuns}; ${Math.round(seconds)} s`,
    );
  }
  const written = tables(results, seed);
  console.log(written);
  if (values.write !== undefined)
    writeFileSync(values.write, replaceBlock(readFileSync(values.write, 'utf8'), written, MARKS));
}

main();
