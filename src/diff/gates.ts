/** Conditions on a comparison: `new-errors>5`, `p95-ratio>1.2`. One that holds fails its gate. */

import { parsePath, parsePointer } from '../answers/paths.ts';
import {
  isCrossed,
  isRefusal,
  type MetricName,
  metricNames,
  type Operator,
  readCondition,
} from '../options/threshold.ts';
import { nearest } from '../text/nearest.ts';
import { DiffError } from './errors.ts';
import type { GateResult } from './model.ts';

export type GateName = MetricName<'diff'>;

/** Gates that hold at all looks together: e-processes on discordant pairs. */
export const LASTING_GATES = [
  'regression',
  'route-regression',
  'status-regression',
  'route-status-regression',
  'body-regression',
  'header-regression',
] as const;

/** Gates without a limit of their own: what they found is found out elsewhere. */
export const FINDING_GATES = [
  ...LASTING_GATES,
  'delivered',
  'lost-routes',
  'latency',
  'route-latency',
  'content-type',
] as const;
export type FindingGate = (typeof FINDING_GATES)[number];

export interface Gate {
  readonly name: GateName;
  /** The gate as it was given. */
  readonly expression: string;
  /** The limit in the gate's own unit: a count, or a ratio for percents. Undefined for what is found out elsewhere. */
  readonly limit: number | undefined;
  /** How the observed value is held against the limit. */
  readonly operator: Operator | undefined;
  readonly isPercent: boolean;
  readonly warnOnly: boolean;
  /** It decides without being asked for: where what it looks at is not in the logs it says nothing. */
  readonly isDefault: boolean;
  /** Of the gate `field`: what it is about. */
  readonly place?: string;
  /** What it says of the release when it is crossed. */
  readonly crossing: 'fail' | 'inconclusive';
}

interface GateKind {
  /** The expression with which it decides without being asked for. */
  readonly byDefault?: string;
  /** Without being asked for, and with --fail-on. */
  readonly crossing: readonly [byDefault: 'fail' | 'inconclusive', asked: 'fail' | 'inconclusive'];
}

const FAILS = ['fail', 'fail'] as const;
/** No error of the release is seen, but what would be needed to call it safe is not there either. */
const DOUBTS = ['inconclusive', 'fail'] as const;

const KINDS: { readonly [name in GateName]: GateKind } = {
  regression: { byDefault: 'regression', crossing: FAILS },
  'route-regression': { byDefault: 'route-regression', crossing: FAILS },
  'status-regression': { byDefault: 'status-regression', crossing: FAILS },
  'route-status-regression': { byDefault: 'route-status-regression', crossing: FAILS },
  'body-regression': { byDefault: 'body-regression', crossing: FAILS },
  'header-regression': { byDefault: 'header-regression', crossing: FAILS },
  field: { crossing: FAILS },
  // Too few pairs say nothing about the release, whoever asks.
  pairs: { byDefault: 'pairs<200', crossing: ['inconclusive', 'inconclusive'] },
  delivered: { byDefault: 'delivered', crossing: DOUBTS },
  'lost-routes': { byDefault: 'lost-routes', crossing: DOUBTS },
  latency: { byDefault: 'latency', crossing: DOUBTS },
  'route-latency': { byDefault: 'route-latency', crossing: DOUBTS },
  'content-type': { byDefault: 'content-type', crossing: FAILS },
  'new-errors': { crossing: FAILS },
  'error-rate': { crossing: FAILS },
  'error-rate-delta': { crossing: FAILS },
  'new-4xx': { crossing: FAILS },
  'p95-ratio': { crossing: FAILS },
  'size-ratio': { crossing: FAILS },
  coverage: { crossing: FAILS },
  'spoe-errors': { crossing: FAILS },
  unparsed: { crossing: FAILS },
};

/**
 * The gates of --fail-on and --warn-on, and those that decide without being asked for: all, or what --gates chooses of
 * them. What is given replaces the default one of its name; with a limit and without one they are two, as are
 * the least and the most.
 * @param chosen `all`, names, or `-name` for all but these. @throws DiffError `bad-gate`
 */
export function readGates(failOn: readonly string[], warnOn: readonly string[], chosen = 'all'): Gate[] {
  const given = [
    ...warnOn.map((text) => parseGate(text, '--warn-on')),
    ...failOn.map((text) => parseGate(text, '--fail-on')),
  ];
  const named = new Set(given.map(identityOf));
  const defaults = chooseDefaults(chosen)
    .map((name) => {
      const { byDefault = name, crossing } = KINDS[name];
      return { ...parseGate(byDefault, '--gates'), isDefault: true, crossing: crossing[0] };
    })
    .filter((gate) => !named.has(identityOf(gate)));
  return [...defaults, ...given].sort((a, b) => RANK.indexOf(a.name) - RANK.indexOf(b.name));
}

function identityOf({ name, operator }: Gate): string {
  return operator === undefined ? name : `${name}${operator[0]}`;
}

function chooseDefaults(chosen: string): GateName[] {
  const items = chosen.split(',').map((item) => item.trim());
  const defaults = DEFAULT_GATES;
  const unknown = items.find((item) => item !== 'all' && !defaults.some((name) => item.replace(/^-/, '') === name));
  if (unknown !== undefined) {
    throw new DiffError(
      'bad-gate',
      `cannot read --gates ${JSON.stringify(chosen)}`,
      `${didYouMean(unknown.replace(/^-/, ''), defaults)}the default gates are ${defaults.join(', ')}`,
    );
  }
  const left = items.filter((item) => item.startsWith('-')).map((item) => item.slice(1));
  const named = items.filter((item) => !item.startsWith('-'));
  const isAll = named.length === 0 || named.includes('all');
  return defaults.filter((name) => (isAll || named.includes(name)) && !left.includes(name));
}

const RANK = metricNames('diff');
/** Those that decide without being asked for. */
export const DEFAULT_GATES: readonly GateName[] = RANK.filter((name) => KINDS[name].byDefault !== undefined);

function parseGate(text: string, option: '--fail-on' | '--warn-on' | '--gates'): Gate {
  const read = readCondition('diff', option, text);
  if (isRefusal(read)) throw new DiffError('bad-gate', read.problem, read.hint);
  const { name, expression, limit, operator, unit, scope } = read;
  const [, crossing] = KINDS[name].crossing;
  const warnOnly = option === '--warn-on';
  const place = name === 'field' && { place: readPlace(scope ?? '', option, text) };
  return { name, expression, limit, operator, isPercent: unit === '%', warnOnly, isDefault: false, ...place, crossing };
}

const WORDS = /^(?:header [!#$%&'*+.^_`|~0-9a-z-]+|status|content-type|length|body)$/;

/** As a report calls it, or as a JSON pointer with `*` for any element. @throws DiffError `bad-gate` */
function readPlace(given: string, option: string, text: string): string {
  const place = readPath(given.trim());
  if (place !== undefined) return place;
  throw new DiffError(
    'bad-gate',
    `cannot read ${option} ${JSON.stringify(text)}`,
    "write 'field:$.items[*].price', 'field:/items/*/price' or 'field:header x-cache'",
  );
}

function readPath(given: string): string | undefined {
  if (given.startsWith('$')) return parsePath(given);
  if (given.startsWith('/')) return parsePointer(given);
  const word = given.startsWith('header ') ? given.toLowerCase().replace(/ +/, ' ') : given;
  return WORDS.test(word) ? word : undefined;
}

/** Whether it is about what answers hold: of those that are chosen. */
export function isGateOfAnswers(name: string): boolean {
  return name === 'body-regression' || name === 'header-regression' || name === 'field';
}

function isFindingGate(name: string): name is FindingGate {
  return (FINDING_GATES as readonly string[]).includes(name);
}

function didYouMean(name: string, names: readonly string[]): string {
  const known = nearest(name, names);
  return known === undefined ? '' : `did you mean ${known}? `;
}

/** What the gates look at. Null is unknown: such a gate is inconclusive. Shares are ratios. */
export interface Observations {
  readonly pairs: number;
  readonly newErrors: number;
  readonly new4xx: number;
  /** The mirror's rate. */
  readonly errorRate: number | null;
  /** Mirror − production. */
  readonly errorRateDelta: number | null;
  readonly p95Ratio: number | null;
  /** Mirror / production of the typical answer, or why it is not known. */
  readonly sizeRatio: number | string;
  readonly coverage: number | null;
  readonly delivered: number | null;
  readonly spoeErrors: number | null;
  readonly unparsed: number | null;
  /** What was found, or that nothing was; none where nothing could be looked at. */
  readonly findings: { readonly [gate in FindingGate]: readonly Finding[] };
  /** The same of one place of the answers. */
  readonly findingsAt: (place: string) => readonly Finding[];
}

/** `crossed` is worse than allowed; `open` may be, or nobody knows. */
export interface Finding {
  readonly state: 'fine' | 'crossed' | 'open';
  readonly observed: unknown;
  /** In numbers, for people. */
  readonly reason: string;
  /** In plain words, one line. */
  readonly title?: string;
  readonly route?: string | null;
}

/** In the order of the gates; those of routes give one result for each route that they found something in. */
export function applyGates(gates: readonly Gate[], seen: Observations): GateResult[] {
  return gates.flatMap((gate) => {
    const findings = findingsOf(gate, seen);
    if (findings === undefined) return [limitResult(gate, seen)];
    const known = findings.length === 0 && !gate.isDefault ? [unknownFinding(gate)] : findings;
    return known.map((finding) => findingResult(gate, finding));
  });
}

/** Undefined for a gate with a limit. */
function findingsOf({ name, limit, place }: Gate, seen: Observations): readonly Finding[] | undefined {
  if (place !== undefined) return seen.findingsAt(place);
  return limit === undefined && isFindingGate(name) ? seen.findings[name] : undefined;
}

function unknownFinding({ name, place }: Gate): Finding {
  const reason = UNKNOWN[name] ?? 'it is not known';
  const title = place !== undefined && { title: `whether ${place} changed is not known: ${reason}` };
  return { state: 'open', observed: null, reason, ...title };
}

function findingResult(gate: Gate, { state, observed, reason, title, route }: Finding): GateResult {
  return {
    gate: gate.name,
    ...(gate.place !== undefined && { place: gate.place }),
    expression: gate.expression,
    status: state === 'fine' ? 'pass' : state === 'open' ? 'inconclusive' : gate.crossing,
    observed,
    ...(route !== undefined && { route }),
    reason,
    ...warned(gate),
    ...(title !== undefined && { title }),
  };
}

function limitResult(gate: Gate, seen: Observations): GateResult {
  const { limit = 0, operator = '>' } = gate;
  const observed = observe(gate, seen);
  const crossed = observed !== null && isCrossed(observed, operator, limit);
  return {
    gate: gate.name,
    expression: gate.expression,
    status: observed === null ? 'inconclusive' : crossed ? gate.crossing : 'pass',
    observed,
    limit,
    ...(observed === null && { reason: whyUnknown(gate, seen) }),
    ...warned(gate),
  };
}

const NO_ANSWERS = "no pair has answers of both sides (the agent's --answers)";

const UNKNOWN: { readonly [name in GateName]?: string } = {
  'new-errors': 'there are no pairs',
  'new-4xx': 'there are no pairs',
  'error-rate': 'there is nothing to compare',
  'error-rate-delta': 'there is nothing to compare',
  'p95-ratio': 'both sides need times',
  'body-regression': NO_ANSWERS,
  'header-regression': NO_ANSWERS,
  field: NO_ANSWERS,
  'content-type': 'both logs have to name the media type of answers',
  coverage: 'no request could be paired',
  delivered: 'it needs SPOE lines',
  'spoe-errors': 'it needs SPOE lines',
  unparsed: 'nothing was read',
};

function whyUnknown({ name }: Gate, { sizeRatio }: Observations): string {
  if (name === 'size-ratio' && typeof sizeRatio === 'string') return sizeRatio;
  return UNKNOWN[name] ?? 'it is not known';
}

function observe({ name, isPercent }: Gate, seen: Observations): number | null {
  switch (name) {
    case 'pairs':
      return seen.pairs;
    case 'new-errors':
      return countOrShare(seen.newErrors, seen.pairs, isPercent);
    case 'new-4xx':
      return countOrShare(seen.new4xx, seen.pairs, isPercent);
    case 'error-rate':
      return seen.errorRate;
    case 'error-rate-delta':
      return seen.errorRateDelta;
    case 'p95-ratio':
      return seen.p95Ratio;
    case 'size-ratio':
      return typeof seen.sizeRatio === 'string' ? null : seen.sizeRatio;
    case 'coverage':
      return seen.coverage;
    case 'delivered':
      return seen.delivered;
    case 'spoe-errors':
      return seen.spoeErrors;
    case 'unparsed':
      return seen.unparsed;
    default:
      return null;
  }
}

function countOrShare(count: number, pairs: number, isPercent: boolean): number | null {
  if (pairs === 0) return null;
  return isPercent ? count / pairs : count;
}

function warned({ warnOnly }: Gate): { warnOnly: true } | undefined {
  return warnOnly ? { warnOnly: true } : undefined;
}
