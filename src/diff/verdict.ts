/** From gates and the interval to pass, fail or inconclusive. Absence of evidence is not safety. */
import { gateComparison, gateQuestion } from './gate-words.ts';
import type { GateResult, GateStatus, Verdict } from './model.ts';
import { formatPlainPoints, points } from './numbers.ts';

export interface Evidence {
  readonly gates: readonly GateResult[];
  readonly pairs: number;
  /** Upper bound of mirror − production, in excess of the noise where a baseline is given; null when unknown. */
  readonly upperBound: number | null;
  /** Of the pairs, those that production answered below 400. */
  readonly working: number;
  readonly minPairs: number;
  readonly margin: number;
  /** Pairs with which the bound would keep the margin; null when none would. */
  readonly needed: number | null;
}

const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 3 } as const;

export function decide(evidence: Evidence): Verdict {
  const binding = evidence.gates.filter(({ warnOnly }) => warnOnly !== true);
  const failed = binding.filter(({ status }) => status === 'fail');
  const open = binding.filter(({ status }) => status === 'inconclusive');
  const doubts = evidence.pairs === 0 ? [NOTHING_PAIRED] : openReasons(open, doubtsOf(evidence));
  const status: GateStatus = failed.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass';
  const reasons = { pass: [describePass(evidence)], fail: failed.map(describeGate), inconclusive: doubts }[status];
  return { status, exitCode: EXIT_CODES[status], gates: evidence.gates, reasons };
}

/** What was found comes before what may be, and that before what is only too little. */
const FOUND = ['regression', 'route-regression', 'lost-routes', 'delivered', 'latency', 'route-latency'];

function openReasons(open: readonly GateResult[], doubts: readonly string[]): string[] {
  const found = FOUND.flatMap((name) => open.filter(({ gate }) => gate === name));
  const others = open.filter(({ gate }) => !FOUND.includes(gate));
  return [...found.map(describeGate), ...doubts, ...others.map(describeGate)];
}

const NOTHING_PAIRED = 'no request is paired with what the mirror answered';

/** Two versions that fail alike, or that deny everybody alike, show nothing of what works. */
function failingDoubt({ pairs, working, minPairs }: Evidence): string[] {
  if (working >= minPairs || 2 * working >= pairs) return [];
  return [
    `production itself answered ${pairs - working} of ${pairs} pairs with 4xx or 5xx: what works there is not shown to work on the mirror`,
  ];
}

function doubtsOf(evidence: Evidence): string[] {
  const { pairs, upperBound, margin, needed } = evidence;
  if (upperBound === null) return ['the change of the error rate is not known'];
  if (upperBound <= margin) return failingDoubt(evidence);
  const bound = `the error rate may have risen by up to ${points(upperBound)}, more than the margin of ${formatPlainPoints(margin)}`;
  const isHelped = needed !== null && needed > pairs;
  return [isHelped ? `${bound}: if things go on like this, ${needed - pairs} more pairs decide` : bound];
}

function describePass({ pairs, upperBound, margin }: Evidence): string {
  return `no gate failed, and over ${pairs} pairs the error rate rose by at most ${points(Math.max(0, upperBound ?? 0))} (95 %), within the margin of ${formatPlainPoints(margin)}`;
}

function describeGate(result: GateResult): string {
  const { observed, reason, title } = result;
  if (title !== undefined) return title;
  const isKnown = observed !== null && observed !== undefined;
  return `${gateQuestion(result)}: ${isKnown || reason === undefined ? gateComparison(result) : reason}`;
}
