/** From gates and the interval to pass, fail or inconclusive. Absence of evidence is not safety. */
import type { GateResult, GateStatus, Verdict } from './model.ts';
import { points } from './numbers.ts';

export interface Evidence {
  readonly gates: readonly GateResult[];
  readonly pairs: number;
  /** Upper bound of mirror − production, in excess of the noise where a baseline is given; null when unknown. */
  readonly upperBound: number | null;
  readonly margin: number;
  /** Pairs with which the bound would keep the margin; null when none would. */
  readonly needed?: number | null;
}

const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 3 } as const;

export function decide(evidence: Evidence): Verdict {
  const binding = evidence.gates.filter(({ warnOnly }) => warnOnly !== true);
  const failed = binding.filter(({ status }) => status === 'fail');
  const open = binding.filter(({ status }) => status === 'inconclusive');
  const doubts = evidence.pairs === 0 ? [NOTHING_PAIRED] : [...doubtsOf(evidence), ...open.map(describeGate)];
  const status: GateStatus = failed.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass';
  const reasons = { pass: [describePass(evidence)], fail: failed.map(describeGate), inconclusive: doubts }[status];
  return { status, exitCode: EXIT_CODES[status], gates: evidence.gates, reasons };
}

const NOTHING_PAIRED = 'no request is paired with what the mirror answered';

function doubtsOf({ pairs, upperBound, margin, needed }: Evidence): string[] {
  if (upperBound === null) return ['the change of the error rate is not known'];
  if (upperBound <= margin) return [];
  const bound = `the error rate may have risen by up to ${points(upperBound)}, more than the margin of ${points(margin)}`;
  const isHelped = typeof needed === 'number' && needed > pairs;
  return [isHelped ? `${bound}: if things go on like this, ${needed - pairs} more pairs decide` : bound];
}

function describePass({ pairs, upperBound, margin }: Evidence): string {
  return `no gate failed, and over ${pairs} pairs the error rate rose by at most ${points(Math.max(0, upperBound ?? 0))} (95 %), within the margin of ${points(margin)}`;
}

function describeGate({ expression, observed, limit, reason, title }: GateResult): string {
  if (title !== undefined) return title;
  if (reason !== undefined) return `${expression}: ${reason}`;
  return `${expression}: it is ${describeNumber(observed, limit)}`;
}

function describeNumber(observed: unknown, limit: unknown): string {
  if (typeof observed !== 'number') return 'not known';
  // Ratios of one have limits far below it, counts are whole.
  return Number.isInteger(observed) && typeof limit === 'number'
    ? String(observed)
    : String(Number(observed.toPrecision(4)));
}
