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
  const change = describeChange(observed);
  if (change !== undefined) return `${route ?? 'all routes together'}: ${change}`;
  if (reason !== undefined) return `${expression}: ${reason}`;
  return `${expression}: it is ${describeNumber(observed, limit)}`;
}

/** Of `regression` and `route-regression`, which observe a difference and its p or q. */
function describeChange(observed: unknown): string | undefined {
  if (typeof observed !== 'object' || observed === null) return undefined;
  const { difference, p, q } = observed as { readonly [key: string]: number | null | undefined };
  const significance = p ?? q;
  if (typeof difference !== 'number' || typeof significance !== 'number') return undefined;
  const verb = difference < 0 ? 'fell' : 'rose';
  const shown = significance < 0.001 ? '< 0.001' : `= ${significance.toFixed(3)}`;
  return `the error rate ${verb} by ${percentPoints(Math.abs(difference))} (${p === undefined ? 'q' : 'p'} ${shown})`;
}

function describeNumber(observed: unknown, limit: unknown): string {
  if (typeof observed !== 'number') return 'not known';
  // Ratios of one have limits far below it, counts are whole.
  return Number.isInteger(observed) && typeof limit === 'number'
    ? String(observed)
    : String(Number(observed.toPrecision(4)));
}

function percentPoints(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} pp`;
}
