/** From gates and the interval to pass, fail or inconclusive. Absence of evidence is not safety. */
import type { GateResult, GateStatus, Verdict } from './model.ts';

export interface Evidence {
  readonly gates: readonly GateResult[];
  readonly pairs: number;
  /** Upper bound of mirror − production, in excess of the noise where a baseline is given; null when unknown. */
  readonly upperBound: number | null;
  readonly margin: number;
}

const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 3 } as const;

export function decide(evidence: Evidence): Verdict {
  const binding = evidence.gates.filter(({ warnOnly }) => warnOnly !== true);
  const failed = binding.filter(({ status }) => status === 'fail');
  const open = binding.filter(({ status }) => status === 'inconclusive');
  const doubts = [...open.map(describeGate), ...doubtsOf(evidence)];
  const status: GateStatus = failed.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass';
  const reasons = { pass: [describePass(evidence)], fail: failed.map(describeGate), inconclusive: doubts }[status];
  return { status, exitCode: EXIT_CODES[status], gates: evidence.gates, reasons };
}

function doubtsOf({ pairs, upperBound, margin }: Evidence): string[] {
  if (pairs === 0) return ['no request is paired with what the mirror answered'];
  if (upperBound === null) return ['the change of the error rate is not known'];
  if (upperBound <= margin) return [];
  return [
    `the error rate may have risen by up to ${percentPoints(upperBound)}, more than the margin of ${percentPoints(margin)}`,
  ];
}

function describePass({ pairs, upperBound, margin }: Evidence): string {
  return `no gate failed, and over ${pairs} pairs the error rate rose by at most ${percentPoints(Math.max(0, upperBound ?? 0))} (95 %), within the margin of ${percentPoints(margin)}`;
}

function describeGate({ expression, observed, limit, route, reason }: GateResult): string {
  if (reason !== undefined) return route ? `${route}: ${reason}` : `${expression}: ${reason}`;
  return `${expression}: it is ${describeNumber(observed, limit)}`;
}

function describeNumber(observed: unknown, limit: unknown): string {
  if (typeof observed !== 'number') return 'not known';
  // Ratios of one have limits far below it, counts are whole.
  return Number.isInteger(observed) && typeof limit === 'number'
    ? String(observed)
    : String(Number(observed.toPrecision(4)));
}

export function percentPoints(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} pp`;
}
