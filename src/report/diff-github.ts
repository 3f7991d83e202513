/**
 * The verdict and the worst findings as annotations of GitHub Actions, on standard output of a step. An error is what
 * fails, a warning what is undecided or only warned of, a notice what else is to be known. The verdict is the first of
 * its level.
 */
import type { DiffReport } from '../diff/model.ts';
import type { GateReading, GateState } from './diff/gate-reading.ts';
import { gateNotes, readGates } from './diff/gate-reading.ts';
import { makeOverview } from './diff/overview.ts';
import { UNREAD, UNUSABLE } from './diff/reading.ts';
import type { Annotation, AnnotationLevel } from './workflow-commands.ts';
import { MOST_ANNOTATIONS, renderAnnotation } from './workflow-commands.ts';

const LEVELS = ['error', 'warning', 'notice'] as const;

const VERDICT_LEVELS = { pass: 'notice', fail: 'error', inconclusive: 'warning' } as const;

const GATE_LEVELS: { readonly [state in GateState]: AnnotationLevel | undefined } = {
  FAIL: 'error',
  INCONCLUSIVE: 'warning',
  WARN: 'warning',
  pass: undefined,
};

/** The facts of the overview that stand below the verdict. */
const BELOW_VERDICT = ['destinations', 'compared', 'not known', 'to decide'];

export interface DiffGithubOptions {
  /** The exit code of the program, where it is not what the verdict says, as for the table. */
  readonly exitCode?: number;
}

/** At most ten annotations of each level, errors first; the last of a level says how many more there are. */
export function renderDiffGithub(report: DiffReport, { exitCode }: DiffGithubOptions = {}): string {
  const { word, why, facts } = makeOverview(report);
  const gates = readGates(report);
  // The gate whose words the verdict gives as its reason is no annotation of its own.
  const told = gates.find(({ title, state }) => title === why && state !== 'WARN');
  const below = facts.filter(({ label }) => BELOW_VERDICT.includes(label));
  const all = [
    ...(exitCode === UNUSABLE ? [annotation('error', 'no verdict', [UNREAD])] : []),
    annotation(VERDICT_LEVELS[report.verdict.status], word, [
      why,
      ...(told === undefined ? [] : [`${told.expression}: ${observedOf(told)}`]),
      ...below.map(({ label, lines }) => `${label}: ${lines.join('; ')}`),
    ]),
    ...gates.filter((gate) => gate !== told).flatMap(gateAnnotation),
    ...report.warnings.map(({ code, message }) => annotation('notice', code, [message])),
  ];
  return LEVELS.flatMap((level) => bounded(all, level))
    .map(renderAnnotation)
    .join('');
}

function bounded(all: readonly Annotation[], level: AnnotationLevel): readonly Annotation[] {
  const ofLevel = all.filter((each) => each.level === level);
  if (ofLevel.length <= MOST_ANNOTATIONS) return ofLevel;
  const shown = ofLevel.slice(0, MOST_ANNOTATIONS - 1);
  const rest = ofLevel.length - shown.length;
  return [
    ...shown,
    annotation(level, `${rest} more of these`, ['GitHub shows ten of a step: the report has them all']),
  ];
}

function annotation(level: AnnotationLevel, title: string, lines: readonly string[]): Annotation {
  return { level, title: `spoe-logs diff: ${title}`, lines };
}

function gateAnnotation(gate: GateReading): Annotation[] {
  const level = GATE_LEVELS[gate.state];
  return level === undefined
    ? []
    : [annotation(level, `${gate.state} ${gate.expression}`, [gate.title, observedOf(gate)])];
}

function observedOf(gate: GateReading): string {
  return [gate.comparison, ...gateNotes(gate)].join('; ');
}
