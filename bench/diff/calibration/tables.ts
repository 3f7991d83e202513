/** The result as Markdown, and its place in a document. */

import type { GateStatus } from '../../../src/diff/model.ts';
import { formatTable } from '../../measure.ts';
import type { Scenario } from './scenarios.ts';
import { type Count, judge, judgeAll, type NamedRequirement, percent } from './tally.ts';

const MARKS = ['<!-- calibration: written by npm run bench:calibration -->', '<!-- calibration: end -->'] as const;

/** What came of one scenario: plain data. */
export interface ScenarioResult {
  readonly name: string;
  readonly seed: number;
  readonly runs: number;
  readonly verdicts: Readonly<Record<GateStatus, number>>;
  /** The gates that did not pass, and in how many runs. */
  readonly notPassed: readonly { readonly gate: string; readonly count: number }[];
  /** By name of the measure. */
  readonly counts: Readonly<Record<string, Count>>;
  readonly reports: number;
  /** Those that a process had to write, too. */
  readonly compared: number;
  readonly seconds: number;
}

export type PartResult = ScenarioResult & Pick<Scenario, 'part'>;

/** The fewest pairs that pass when nothing fails. */
export interface SmallestPass {
  readonly pairs: number;
  /** Of one pair less, and of so many. */
  readonly below: GateStatus;
  readonly at: GateStatus;
  /** What `--plan` says. */
  readonly planned: number | undefined;
}

interface Calibrated {
  readonly results: readonly PartResult[];
  readonly requirements: readonly NamedRequirement[];
  readonly smallest: SmallestPass;
  readonly seed: number;
  readonly machine: string;
}

export function tables({ results, requirements, smallest, seed, machine }: Calibrated): string {
  const measures = judgeAll(
    requirements,
    results.map(({ counts }) => counts),
  );
  const sum = (field: 'runs' | 'reports' | 'compared' | 'seconds') =>
    results.reduce((total, result) => total + result[field], 0);
  const missed = measures.filter(({ state }) => state !== 'holds');
  const smallestHolds = smallest.below !== 'pass' && smallest.at === 'pass' && smallest.planned === smallest.pairs;
  return [
    `${sum('runs')} simulated runs, ${sum('reports')} reports, seed ${seed}; ${sum('compared')} of them were written once more by a process of its own, ` +
      'byte for byte the same.',
    missed.length === 0 && smallestHolds
      ? 'Every requirement holds.'
      : `**Not kept: ${[...missed.map(({ name, state }) => `${name} (${state})`), ...(smallestHolds ? [] : ['the fewest pairs'])].join('; ')}.**`,
    formatTable(
      ['what', 'required', 'measured', '95 % of so many runs', 'runs', ''],
      measures.map((result) => [
        result.name,
        result.required,
        `${percent(result.count / result.n)} %`,
        result.interval.map(percent).join(' – '),
        String(result.n),
        result.state === 'holds' ? result.state : `**${result.state}**`,
      ]),
    ),
    `Without any error ${smallest.pairs - 1} pairs are ${smallest.below.toUpperCase()} and ${smallest.pairs} are ${smallest.at.toUpperCase()}; ` +
      `--plan says ${smallest.planned}${smallestHolds ? '' : ` (**MISSED**: it takes ${smallest.pairs})`}.`,
    'Equal servers, by what is special about the run:',
    formatTable(
      ['equal servers', 'runs', 'PASS', 'INCONCLUSIVE', 'FAIL', 'did not pass, in runs'],
      results.filter(({ part }) => part === 'equal').map(describeScenario),
    ),
    'What differs, and which words it got:',
    formatTable(
      ['the mirror', 'runs', 'PASS', 'INCONCLUSIVE', 'FAIL', 'did not pass, in runs'],
      results.filter(({ part }) => part !== 'equal').map(describeScenario),
    ),
    `${Math.round(sum('seconds'))} s on ${machine}.`,
  ].join('\n\n');
}

function describeScenario({ name, runs, verdicts, notPassed, part }: PartResult): string[] {
  const isTooOften = part === 'equal' && judge({ atMost: 0.05 }, verdicts.fail, runs) === 'MISSED';
  return [
    name,
    String(runs),
    String(verdicts.pass),
    String(verdicts.inconclusive),
    isTooOften ? `**${verdicts.fail}**` : String(verdicts.fail),
    notPassed.map(({ gate, count }) => `${gate} ${count}`).join(', ') || 'nothing',
  ];
}

/** The document with what stands between its marks replaced. */
export function replaceBlock(
  document: string,
  written: string,
  [first, last]: readonly [begin: string, end: string] = MARKS,
): string {
  const [begin, end] = [document.indexOf(first), document.indexOf(last)];
  if (begin < 0 || end < begin) throw new Error(`the document has no ${first} … ${last}`);
  return `${document.slice(0, begin + first.length)}\n\n${written}\n\n${document.slice(end)}`;
}
