/** From gates and the interval to pass, fail or inconclusive. Absence of evidence is not safety. */

import { durationInWords, formatPlainPoints, points } from '../text/numbers.ts';
import { gateComparison, gateQuestion } from './gate-words.ts';
import { isGateOfAnswers } from './gates.ts';
import type { GateResult, GateStatus, Verdict } from './model.ts';

export interface Evidence {
  readonly gates: readonly GateResult[];
  readonly pairs: number;
  /** How long a request waits for its answer, ms, where none has waited in vain yet. */
  readonly pendingMs?: number | undefined;
  /** Upper bound of mirror − production, in excess of the noise where a baseline is given; null when unknown. */
  readonly upperBound: number | null;
  /** Pairs that production answered below 400. */
  readonly working: number;
  /** Pairs whose lines are of different requests. */
  readonly strangers: number;
  /** The mirror's lines that are of no request that could be compared, and how many of them failed. */
  readonly strays: { readonly lines: number; readonly errors: number };
  /** How many outcomes and statuses of pairs got worse, and how many better. */
  readonly changed: { readonly worse: number; readonly better: number };
  /** What differs is held against a run in which far too much differs to be one of two equal versions. */
  readonly isBaselineBad: boolean;
  /** Why the noise of answers cannot be of production's version, in words. */
  readonly foreignNoise?: string | undefined;
  readonly margin: number;
  /** That answers are not compared because their requests were sent cut, in words; undefined without any. */
  readonly sentCut?: string | undefined;
  /** What more pairs lead to, in words; empty where that is not known. */
  readonly outlook: string;
  /** How far answers were compared, in words; undefined without any. */
  readonly answers?: string | undefined;
}

export const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 3 } as const;

export function decide(evidence: Evidence): Verdict {
  const binding = evidence.gates.filter(({ warnOnly }) => warnOnly !== true);
  const failed = binding.filter(({ status }) => status === 'fail');
  const open = binding.filter(({ status }) => status === 'inconclusive');
  // What fails beyond a bad baseline fails all the same; it only excuses too much for a PASS.
  const excused = [...(evidence.isBaselineBad ? [BAD_BASELINE] : []), ...foreignNoise(evidence)];
  const doubts =
    evidence.pairs === 0 ? nothingPaired(evidence) : [...excused, ...openReasons(open, doubtsOf(evidence, open))];
  const mispaired = describeStrangers(evidence);
  const isDoubtful = mispaired.length > 0 || (failed.length === 0 && doubts.length > 0);
  const status: GateStatus = isDoubtful ? 'inconclusive' : failed.length > 0 ? 'fail' : 'pass';
  const reasons = {
    pass: [describePass(evidence)],
    fail: failed.map(describeGate),
    inconclusive: [...mispaired, ...doubts],
  }[status];
  return { status, exitCode: EXIT_CODES[status], gates: evidence.gates, reasons };
}

/** From this share of pairs on whose lines are of different requests nothing that was found means anything. */
const MOST_STRANGERS = 0.1;

function describeStrangers({ strangers, pairs }: Evidence): string[] {
  if (strangers <= MOST_STRANGERS * pairs) return [];
  return [
    `the lines of ${strangers} of ${pairs} pairs are of different requests: the logs are of different times, or what joins them is no id of a request`,
  ];
}

/** What was found comes before what may be, and that before what is only too little. */
const FOUND: readonly string[] = [
  // What is missing is missing for certain.
  'lost-routes',
  'delivered',
  'regression',
  'route-regression',
  'latency',
  'route-latency',
  'body-regression',
  'header-regression',
];

function openReasons(open: readonly GateResult[], doubts: readonly string[]): string[] {
  const found = FOUND.flatMap((name) => open.filter(({ gate }) => gate === name));
  const others = open.filter(({ gate }) => !FOUND.includes(gate));
  return [...found.map(describeGate), ...doubts, ...others.map(describeGate)];
}

const BAD_BASELINE =
  'in the baseline itself far more differs than two equal versions do: it would excuse whatever fails there';

/** Where nobody asks about answers it excuses nothing. */
function foreignNoise({ gates, foreignNoise: reason }: Evidence): string[] {
  return reason !== undefined && gates.some(({ gate }) => isGateOfAnswers(gate)) ? [reason] : [];
}

function nothingPaired({ pendingMs, sentCut }: Evidence): string[] {
  if (sentCut === undefined && pendingMs !== undefined) return [stillPending(pendingMs)];
  return ['no request is paired with what the mirror answered', ...(sentCut === undefined ? [] : [sentCut])];
}

/** Why nothing is paired yet. @param whose ` of http://mirror/`, where there are several destinations */
export function stillPending(graceMs: number, whose = ''): string {
  return `no request was paired with an answer${whose} yet: the comparison waits --grace (${durationInWords(graceMs)}) before it counts a request`;
}

/** As many pairs as a verdict needs unless it is told otherwise: this doubt no gate switches off. */
const ENOUGH_WORKING = 200;

/** Two versions that fail alike, or that deny everybody alike, show nothing of what works. */
function failingDoubt({ pairs, working }: Evidence): string[] {
  if (working >= ENOUGH_WORKING || 2 * working >= pairs) return [];
  return [
    `production itself answered ${pairs - working} of ${pairs} pairs with 4xx or 5xx: what works there is not shown to work on the mirror`,
  ];
}

/** Had these failures been new ones of requests that could be compared, the margin would not hold. */
function strayDoubt({ pairs, strays: { lines, errors }, margin }: Evidence): string[] {
  if (errors === 0 || errors <= margin * (pairs + lines)) return [];
  return [
    `${errors} answers of the mirror failed whose requests could not be compared (no id in production's lines, an id that several have, lines that are not there): what they say is in no number here`,
  ];
}

/** So many changes in both directions are no luck: the versions do not see the same data. */
const MOST_BALANCED = 0.1;

function balanceDoubt({ pairs, changed: { worse, better } }: Evidence): string[] {
  if (Math.min(worse, better) <= MOST_BALANCED * pairs) return [];
  return [
    `${worse} of ${pairs} pairs got worse and ${better} better: as many make up for each other in the sums, but the two do not answer alike (other data?)`,
  ];
}

function doubtsOf(evidence: Evidence, open: readonly GateResult[]): string[] {
  const { upperBound, margin, outlook } = evidence;
  if (upperBound === null) return ['the change of the error rate is not known'];
  if (upperBound <= margin) return [...failingDoubt(evidence), ...strayDoubt(evidence), ...balanceDoubt(evidence)];
  const bound = `the error rate may have risen by up to ${points(upperBound)}, more than the margin of ${formatPlainPoints(margin)}`;
  // What is known of it is said once.
  const isSaid = open.some(({ gate, title }) => gate === 'regression' && title?.includes('more pairs') === true);
  return [outlook === '' || isSaid ? bound : `${bound}: ${outlook}`];
}

function describePass({ pairs, upperBound, margin, answers }: Evidence): string {
  const compared = answers === undefined ? '' : `; ${answers}`;
  return `no gate failed, and over ${pairs} pairs the error rate rose by at most ${points(Math.max(0, upperBound ?? 0))} (95 %), within the margin of ${formatPlainPoints(margin)}${compared}`;
}

function describeGate(result: GateResult): string {
  const { observed, reason, title } = result;
  if (title !== undefined) return title;
  const isKnown = observed !== null && observed !== undefined;
  return `${gateQuestion(result)}: ${isKnown || reason === undefined ? gateComparison(result) : reason}`;
}
