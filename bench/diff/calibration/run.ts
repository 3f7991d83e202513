#!/usr/bin/env node
/**
 * Whether the verdict of `spoe-logs diff` keeps what it promises: traffic whose truth is known, through the program.
 *
 * npm run bench:calibration [-- OPTIONS]
 *   --scale 1        0.1: a tenth of the runs; looks=0.1: of that part alone (equal, margin, different, looks; repeatable)
 *   --only TEXT      scenarios whose name contains it (repeatable)
 *   --seed 1         another one gives other traffic
 *   --results FILE   keeps what came of each scenario there; what is there is not run again, so that a run can be broken off
 *   --write FILE     puts the tables between the marks of this document (docs/diff.md)
 *
 * A requirement that is missed is marked in the tables. The exit code does not depend on it.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { DiffReport, GateStatus } from '../../../src/diff/model.ts';
import { describeMachine, temporaryFolder } from '../../measure.ts';
import { type Plan, Program } from './program.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { type GrowingLogs, type Logs, simulate } from './simulation.ts';
import { type PartResult, replaceBlock, type ScenarioResult, type SmallestPass, tables } from './tables.ts';
import type { Count } from './tally.ts';

/** One run of so many is repeated by a process of its own. */
const COMPARED_EVERY = 50;
/** Enough pairs for a PASS when nothing fails, and one too few. */
const SMALLEST_PASS = 276;

type Options = ReturnType<typeof readOptions>;
type Looks = NonNullable<Scenario['looks']>;

function readOptions() {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string', multiple: true, default: ['1'] },
      only: { type: 'string', multiple: true, default: [''] },
      seed: { type: 'string', default: '1' },
      results: { type: 'string' },
      write: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error('--seed is a whole number');
  return {
    scales: values.scale.map(readScale),
    seed,
    only: values.only,
    results: values.results,
    document: values.write,
  };
}

interface Scale {
  /** All parts when it is left out. */
  readonly part: string | undefined;
  readonly scale: number;
}

function readScale(text: string): Scale {
  const [, part, scale] = /^(?:([a-z]+)=)?([\d.]+)$/.exec(text) ?? [];
  if (!(Number(scale) > 0)) throw new Error(`cannot read --scale ${text}`);
  return { part, scale: Number(scale) };
}

class Calibration {
  readonly #program: Program;
  readonly #plan: Plan;
  readonly #scales: readonly Scale[];
  readonly #seed: number;
  #reports = 0;

  constructor(program: Program, plan: Plan, { scales, seed }: Options) {
    this.#program = program;
    this.#plan = plan;
    this.#scales = scales;
    this.#seed = seed;
  }

  /** What came of one scenario, as plain data. */
  async run(scenario: Scenario): Promise<ScenarioResult> {
    const verdicts: Record<GateStatus, number> = { pass: 0, inconclusive: 0, fail: 0 };
    const gates = new Map<string, number>();
    const counts: Record<string, Count> = {};
    const runs = Math.max(1, Math.round(scenario.runs * this.#scaleOf(scenario)));
    const [started, reports, compared] = [performance.now(), this.#reports, this.#program.compared];
    for (let index = 0; index < runs; index++) {
      // Each scenario has seeds of its own: adding one changes none of the others.
      const { report, truth } = await this.#one(scenario, seedOf(scenario.name, this.#seed, index), index);
      verdicts[report.verdict.status]++;
      for (const gate of openGates(report)) gates.set(gate, (gates.get(gate) ?? 0) + 1);
      for (const measure of scenario.measures) count(counts, measure.name, measure.of(report, truth));
    }
    const result = {
      name: scenario.name,
      seed: this.#seed,
      runs,
      verdicts,
      notPassed: [...gates].map(([gate, count]) => ({ gate, count })).sort((a, b) => b.count - a.count),
      counts,
      reports: this.#reports - reports,
      compared: this.#program.compared - compared,
      seconds: (performance.now() - started) / 1000,
    };
    console.error(describeProgress(result));
    return result;
  }

  /** The last one that names its part, or none. */
  #scaleOf({ part: own }: Scenario): number {
    return this.#scales.findLast(({ part }) => part === undefined || part === own)?.scale ?? 1;
  }

  async #one({ make, baseline, formats, looks }: Scenario, seed: number, index: number) {
    const { settings, args, truth = {} } = make(seed, index, this.#plan);
    const extra: string[] = [];
    if (baseline !== undefined) {
      const quiet = await this.#report(simulate({ seed: seed ^ 0x55555555, ...baseline }), formats);
      extra.push('--noise-baseline', this.#program.write('baseline.json', JSON.stringify(quiet)));
    }
    const logs = simulate(settings);
    if (looks !== undefined) return { report: await this.#look(logs, [...formats, ...args], looks), truth };
    // A process finds the formats out, as it does for people.
    const isCompared = index % COMPARED_EVERY === 0;
    const report = await this.#report(logs, [...(isCompared ? [] : formats), ...args, ...extra], isCompared);
    return { report, truth };
  }

  #report(logs: Logs, args: readonly string[], isCompared = false): Promise<DiffReport> {
    this.#reports++;
    return this.#program.report(logs, args, isCompared);
  }

  /** The first report that says the word that must not be said, or the last one. */
  async #look(logs: GrowingLogs, args: readonly string[], { count, endsWith }: Looks): Promise<DiffReport> {
    for (let look = 1; look < count; look++) {
      const report = await this.#report(logs.until(look / count), args);
      if (report.verdict.status === endsWith) return report;
    }
    return await this.#report(logs.until(1), args);
  }

  /** The fewest pairs that pass when nothing fails, and what `--plan` says of it. */
  async smallestPass(): Promise<SmallestPass> {
    const verdictOf = async (pairs: number) => {
      const logs = simulate({ seed: this.#seed, pairs, siteOptions: { errorRate: 0 }, counts: { 'GET /': pairs } });
      return (await this.#report(logs, [])).verdict.status;
    };
    const [below, at] = [await verdictOf(SMALLEST_PASS - 1), await verdictOf(SMALLEST_PASS)];
    return { pairs: SMALLEST_PASS, below, at, planned: this.#plan.get('nothing fails')?.pairs };
  }
}

/** Each gate once; the margin is none, and keeps a run from PASS all the same. */
function openGates({ verdict }: DiffReport): readonly string[] {
  const open = new Set(verdict.gates.filter(({ status }) => status !== 'pass').map(({ gate }) => gate));
  return open.size === 0 && verdict.status !== 'pass' ? ['margin'] : [...open];
}

function count(counts: Record<string, Count>, name: string, result: boolean | undefined): void {
  if (result === undefined) return;
  const known = counts[name] ?? { count: 0, n: 0 };
  counts[name] = { count: known.count + Number(result), n: known.n + 1 };
}

function describeProgress({ name, runs, seconds, verdicts, notPassed }: ScenarioResult): string {
  const gates = notPassed.map(({ gate, count }) => `${gate} ${count}`).join(', ');
  return `${name}: ${runs} runs, ${seconds.toFixed(1)} s · ${JSON.stringify(verdicts)} · ${gates}`;
}

/** FNV-1a of the name, so that scenarios share no traffic. */
function seedOf(name: string, seed: number, index: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed} ${name} ${index}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** Results of the same seed that are kept already, by scenario. */
function readKept(path: string | undefined, seed: number): ReadonlyMap<string, ScenarioResult> {
  if (path === undefined || !existsSync(path)) return new Map();
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const results = lines.map((line): ScenarioResult => JSON.parse(line)).filter((result) => result.seed === seed);
  return new Map(results.map((result) => [result.name, result]));
}

async function main() {
  const options = readOptions();
  const program = new Program(temporaryFolder());
  const calibration = new Calibration(program, await program.plan(), options);
  const kept = readKept(options.results, options.seed);
  const results: PartResult[] = [];
  for (const scenario of SCENARIOS) {
    if (!options.only.some((text) => scenario.name.includes(text))) continue;
    const known = kept.get(scenario.name);
    const result = known ?? (await calibration.run(scenario));
    results.push({ ...result, part: scenario.part });
    if (known === undefined && options.results !== undefined)
      appendFileSync(options.results, `${JSON.stringify(result)}\n`);
  }
  const written = tables({
    results,
    requirements: SCENARIOS.flatMap(({ measures }) => measures),
    smallest: await calibration.smallestPass(),
    seed: options.seed,
    machine: describeMachine(),
  });
  console.log(written);
  if (options.document !== undefined)
    writeFileSync(options.document, replaceBlock(readFileSync(options.document, 'utf8'), written));
}

try {
  await main();
} catch (error) {
  console.error(`bench/diff/calibration: ${error instanceof Error ? error.stack : error}`);
  process.exitCode = 2;
}
