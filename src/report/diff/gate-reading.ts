/** A gate as every renderer shows it. */
import { gateComparison, gateQuestion } from '../../diff/gate-words.ts';
import type { DiffReport, GateResult, GateStatus } from '../../diff/model.ts';

/** The first four are the order of reading: what decides comes first. */
export const GATE_STATES = ['FAIL', 'INCONCLUSIVE', 'WARN', 'pass'] as const;
export type GateState = (typeof GATE_STATES)[number];

export interface GateReading {
  readonly state: GateState;
  /** What its result is, else the question, in plain words; unescaped. */
  readonly title: string;
  /** What the gate asks, whatever it found; unescaped. */
  readonly question: string;
  /** The title says this result, and not only what its gate asks. */
  readonly isTitled: boolean;
  /** The expression as it was given: `pairs<200`. */
  readonly expression: string;
  /** `observed 0.15 pp, limit 0.5 pp`; unescaped. */
  readonly comparison: string;
  /** The reason in words, unescaped; empty without one. */
  readonly reason: string;
  readonly route: string | null;
  readonly gate: string;
}

/** All gates, those that decide the verdict first, otherwise in the order of the report. */
export function readGates(report: DiffReport): readonly GateReading[] {
  const readings = report.verdict.gates.map(readGate);
  return GATE_STATES.flatMap((state) => readings.filter((reading) => reading.state === state));
}

function readGate(result: GateResult): GateReading {
  return {
    state: stateOf(result),
    title: result.title ?? gateQuestion(result),
    question: gateQuestion(result),
    isTitled: result.title !== undefined,
    expression: result.expression,
    comparison: gateComparison(result),
    reason: result.reason ?? '',
    route: result.route ?? null,
    gate: result.gate,
  };
}

/** `2 of 9 failed, 1 undecided`. */
export function gateCounts(gates: readonly GateReading[]): string {
  const count = (state: GateState): number => gates.filter((gate) => gate.state === state).length;
  const counts = [
    { number: count('FAIL'), words: 'failed' },
    { number: count('INCONCLUSIVE'), words: 'undecided' },
    { number: count('WARN'), words: 'of --warn-on did not pass' },
  ].filter(({ number }) => number > 0);
  if (counts.length === 0) return gates.length === 1 ? 'the only one passed' : `all ${gates.length} passed`;
  return counts.map(({ number, words }, i) => `${number}${i === 0 ? ` of ${gates.length}` : ''} ${words}`).join(', ');
}

const STATE: { readonly [status in GateStatus]: GateState } = {
  pass: 'pass',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
};

/** The state of a gate; one of --warn-on that does not pass is a warning, whatever it found. */
function stateOf({ status, warnOnly }: GateResult): GateState {
  return warnOnly === true && status !== 'pass' ? 'WARN' : STATE[status];
}

/** The notes on a gate, without what its title says already; where there is little room no reason at all. */
export function gateNotes({ state, title, isTitled, reason }: GateReading, isShort = false): readonly string[] {
  const said = title.includes(reason) || (isShort && isTitled);
  const note = state === 'WARN' ? 'given with --warn-on: does not change the verdict' : '';
  return [said ? '' : reason, note].filter((text) => text !== '');
}
