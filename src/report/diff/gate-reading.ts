/** A gate as every renderer shows it: what was observed, against which limit, and in which unit. */
import type { DiffReport, GateResult, GateStatus } from '../../diff/model.ts';
import {
  formatP,
  formatPlainPoints,
  formatPlainShare,
  formatPointsNumber,
  formatShare,
  formatTimes,
  plainNumber,
} from '../../diff/numbers.ts';
import { formatSignedMs } from './numbers.ts';
import { GATE_WORDS } from './words.ts';

/** The first four are the order of reading: what decides comes first. */
export const GATE_STATES = ['FAIL', 'INCONCLUSIVE', 'WARN', 'pass'] as const;
export type GateState = (typeof GATE_STATES)[number];

export interface GateReading {
  readonly state: GateState;
  /** What it is about, in plain words; unescaped. */
  readonly title: string;
  /** As given: `pairs<200`. */
  readonly expression: string;
  /** `observed 0.15 pp, limit 0.5 pp`; unescaped. */
  readonly comparison: string;
  /** In words, unescaped; empty without. */
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
  const unit = unitOf(result);
  const observed = `observed ${valueText(result.observed, unit, true)}`;
  const comparison =
    result.limit === undefined || result.limit === null
      ? observed
      : `${observed}, limit ${valueText(result.limit, unit, false)}`;
  return {
    state: stateOf(result),
    title: result.title ?? titleOf(result),
    expression: result.expression,
    comparison,
    reason: result.reason ?? '',
    route: result.route ?? null,
    gate: result.gate,
  };
}

function titleOf({ gate, route }: GateResult): string {
  const words = Object.hasOwn(GATE_WORDS, gate) ? (GATE_WORDS[gate] ?? gate) : gate;
  return typeof route === 'string' ? `${words}: ${route}` : words;
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

/** A gate of --warn-on that does not pass is a warning, whatever it found. */
function stateOf({ status, warnOnly }: GateResult): GateState {
  return warnOnly === true && status !== 'pass' ? 'WARN' : STATE[status];
}

/** What else is to be said of a gate, without what its title says already. */
export function gateNotes({ state, title, reason }: GateReading): readonly string[] {
  const note = state === 'WARN' ? 'given with --warn-on: does not change the verdict' : '';
  return [title.includes(reason) ? '' : reason, note].filter((text) => text !== '');
}

type Unit = 'points' | 'share' | 'times' | 'ms' | 'p' | 'plain';

const UNITS: { readonly [gate: string]: Unit } = {
  'error-rate-delta': 'points',
  'p95-ratio': 'times',
  coverage: 'share',
  delivered: 'share',
  'spoe-errors': 'share',
  unparsed: 'share',
};

function unitOf({ gate, expression }: GateResult): Unit {
  if (gate.startsWith('new-') && expression.includes('%')) return 'share';
  return Object.hasOwn(UNITS, gate) ? (UNITS[gate] ?? 'plain') : 'plain';
}

function valueText(value: unknown, unit: Unit, observed: boolean): string {
  if (value === null || value === undefined) return 'unknown';
  if (typeof value === 'number') return numberText(value, unit, observed);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((each) => valueText(each, unit, observed)).join(', ');
  const parts = Object.entries(value).map(
    ([key, part]) => `${key.replace(/Ms$/, '')} ${valueText(part, unitOfKey(key), observed)}`,
  );
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** An observation that has several parts names them, and each name says its unit. */
function unitOfKey(key: string): Unit {
  if (key === 'p' || key === 'q') return 'p';
  if (/difference$|bound$/i.test(key)) return 'points';
  if (/Ms$/.test(key)) return 'ms';
  if (/(share|rate)$/i.test(key)) return 'share';
  return /ratio$/i.test(key) ? 'times' : 'plain';
}

function numberText(value: number, unit: Unit, observed: boolean): string {
  if (!Number.isFinite(value)) return 'unknown';
  switch (unit) {
    case 'p':
      return formatP(value);
    case 'points':
      return observed ? `${formatPointsNumber(value)} pp` : formatPlainPoints(value);
    case 'share':
      return observed ? formatShare(value) : formatPlainShare(value);
    case 'times':
      return observed ? formatTimes(value) : plainNumber(value);
    case 'ms':
      return formatSignedMs(value);
    case 'plain':
      return plainNumber(value);
  }
}
