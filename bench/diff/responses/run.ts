#!/usr/bin/env node
/**
 * How often differences of answers are found that are there, and how often some are that are not, beside Diffy's rule.
 *
 * npm run bench:responses [-- OPTIONS]
 *   --scale 1        0.1: a tenth of the runs
 *   --only TEXT      rows whose title contains it (repeatable)
 *   --seed 1         another one gives other answers
 *   --write FILE     puts the tables between the marks of this document (docs/diff.md)
 *
 * A requirement that is missed is marked in the tables. The exit code does not depend on it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine, formatTable } from '../../measure.ts';
import { replaceBlock } from '../calibration/tables.ts';
import { judge as hold, percent, type Requirement } from '../calibration/tally.ts';
import { ACCOUNTS } from './accounts.ts';
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
  [200, 150],
  [1000, 50],
  [5000, 20],
] as const;
const FEW_FALSE = { 200: 0.07, 1000: 0.05, 5000: 0.01 };

const ROWS: readonly Row[] = [
  { what: 'equal versions', plants: NOTHING, noise: 'same requests', runs: OFTEN, falseAlarms: FEW_FALSE },
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
  { what: 'equal versions, 40 looks', plants: NOTHING, noise: 'same requests', looks: 40, runs: [[2000, 50]] },
];

interface Result {
  readonly site: Site;
  readonly row: Row;
  readonly pairs: number;
  readonly runs: number;
  /** Runs with any false alarm. */
  readonly falseRuns: number;
  readonly thresholdFalseRuns: number;
  readonly found: ReadonlyMap<string, number>;
  readonly thresholdFound: ReadonlyMap<string, number>;
}

function measure(site: Site, row: Row, pairs: number, runs: number, seed: number): Result {
  const [found, thresholdFound] = [new Map<string, number>(), new Map<string, number>()];
  let [falseRuns, thresholdFalseRuns] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const { plants, noise, looks } = row;
    const own = seedOf(`${row.what} ${noise} ${site.name} ${pairs}`, seed, run);
    const alarms = simulate({ site, plants, pairs, seed: own, noise, ...(looks !== undefined && { looks }) });
    const ours = judge(
      alarms.ours.map(({ place }) => place),
      { site, plants },
    );
    const theirs = judge(alarms.thresholds, { site, plants });
    if (ours.falseAlarms.length > 0) falseRuns++;
    if (theirs.falseAlarms.length > 0) thresholdFalseRuns++;
    for (const plant of ours.found) found.set(plant, (found.get(plant) ?? 0) + 1);
    for (const plant of theirs.found) thresholdFound.set(plant, (thresholdFound.get(plant) ?? 0) + 1);
  }
  return { site, row, pairs, runs, falseRuns, thresholdFalseRuns, found, thresholdFound };
}

/** FNV-1a, so that rows share no answers. */
function seedOf(title: string, seed: number, run: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed} ${title} ${run}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

function tables(results: readonly Result[], seed: number, seconds: number): string {
  const runs = results.reduce((sum, result) => sum + result.runs, 0);
  const missed = results.flatMap(missedOf);
  return [
    `${runs} runs of two simulated sites, seed ${seed}. "Found" is the share of runs in which each change was found, in the order of ` +
      'the row; "any false alarm" the share of runs in which something was said to have changed that had not.',
    missed.length === 0 ? 'Every requirement holds.' : `**Not kept: ${missed.join('; ')}.**`,
    formatTable(
      [
        'the candidate',
        'noise of',
        'site',
        'pairs',
        'runs',
        'found',
        'any false alarm',
        "Diffy's rule: found",
        'any false alarm',
      ],
      results.map(({ row, site, pairs, runs, found, falseRuns, thresholdFound, thresholdFalseRuns }) => [
        row.what,
        row.noise,
        site.name,
        String(pairs),
        String(runs),
        shares(row.plants, found, runs),
        `${percent(falseRuns / runs)} %`,
        row.noise === 'same requests' ? shares(row.plants, thresholdFound, runs) : '',
        row.noise === 'same requests' ? `${percent(thresholdFalseRuns / runs)} %` : '',
      ]),
    ),
    `${Math.round(seconds)} s on ${describeMachine()}.`,
  ].join('\n\n');
}

function shares(plants: Plants, found: ReadonlyMap<string, number>, runs: number): string {
  const all = Object.keys(plants).map((plant) => percent((found.get(plant) ?? 0) / runs));
  return all.length === 0 ? '' : `${all.join(', ')} %`;
}

function missedOf({ row, site, pairs, runs, falseRuns, found }: Result): string[] {
  const title = `${row.what}, ${site.name}, ${pairs} pairs`;
  const check = (what: string, requirement: Requirement, count: number) => {
    const state = hold(requirement, count, runs);
    return state === 'holds' ? [] : [`${title}: ${what} in ${percent(count / runs)} % (${state})`];
  };
  const [most, least] = [row.falseAlarms?.[pairs], row.found?.[pairs]];
  return [
    ...(most === undefined ? [] : check('false alarms', { atMost: most }, falseRuns)),
    ...(least === undefined
      ? []
      : Object.keys(row.plants).flatMap((plant) => check(plant, { atLeast: least }, found.get(plant) ?? 0))),
  ];
}

function main(): void {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [''] },
      seed: { type: 'string', default: '1' },
      write: { type: 'string' },
    },
  });
  const [scale, seed] = [Number(values.scale), Number(values.seed)];
  if (!(scale > 0) || !Number.isInteger(seed)) throw new Error('--scale is above 0, and --seed a whole number');
  const started = performance.now();
  const results: Result[] = [];
  for (const row of ROWS) {
    for (const site of [SHOP, ACCOUNTS]) {
      for (const [pairs, runs] of row.runs) {
        const title = `${row.what}, noise of ${row.noise}, ${site.name}, ${pairs} pairs`;
        if (!values.only.some((text) => title.includes(text))) continue;
        const result = measure(site, row, pairs, Math.max(1, Math.round(runs * scale)), seed);
        results.push(result);
        console.error(
          `${title}: ${result.runs} runs, found ${shares(row.plants, result.found, result.runs)}, false ${result.falseRuns}; ` +
            `${Math.round((performance.now() - started) / 1000)} s`,
        );
      }
    }
  }
  const written = tables(results, seed, (performance.now() - started) / 1000);
  console.log(written);
  if (values.write !== undefined)
    writeFileSync(values.write, replaceBlock(readFileSync(values.write, 'utf8'), written, MARKS));
}

main();
