/** Conditions on a comparison: `new-errors>5`, `p95-ratio>1.2`. One that holds fails its gate. */
import { DiffError } from './errors.ts';
import type { GateResult, GateStatus } from './model.ts';

export type GateName =
  | 'regression'
  | 'route-regression'
  | 'pairs'
  | 'new-errors'
  | 'error-rate-delta'
  | 'new-4xx'
  | 'p95-ratio'
  | 'coverage'
  | 'delivered'
  | 'spoe-errors'
  | 'unparsed';

export interface Gate {
  readonly name: GateName;
  /** As given. */
  readonly expression: string;
  /** In the gate's own unit: a count, or a ratio for percents. */
  readonly limit: number;
  readonly isPercent: boolean;
  readonly warnOnly: boolean;
}

interface GateKind {
  readonly operator: '<' | '>' | undefined;
  readonly units: readonly ('' | '%' | 'pp')[];
}

const KINDS: { readonly [name in GateName]: GateKind } = {
  regression: { operator: undefined, units: [] },
  'route-regression': { operator: undefined, units: [] },
  pairs: { operator: '<', units: [''] },
  'new-errors': { operator: '>', units: ['', '%'] },
  'error-rate-delta': { operator: '>', units: ['pp'] },
  'new-4xx': { operator: '>', units: ['', '%'] },
  'p95-ratio': { operator: '>', units: [''] },
  coverage: { operator: '<', units: ['%'] },
  delivered: { operator: '<', units: ['%'] },
  'spoe-errors': { operator: '>', units: ['%'] },
  unparsed: { operator: '>', units: ['%'] },
};

const DEFAULT_GATES = ['regression', 'route-regression', 'pairs<200'];

/** The gates of --fail-on and --warn-on with the default ones, whose limits they may change. @throws DiffError `bad-gate` */
export function readGates(failOn: readonly string[], warnOn: readonly string[]): Gate[] {
  const given = [...warnOn.map((text) => parseGate(text, true)), ...failOn.map((text) => parseGate(text, false))];
  const named = new Set(given.map(({ name }) => name));
  const defaults = DEFAULT_GATES.map((text) => parseGate(text, false)).filter(({ name }) => !named.has(name));
  return [...defaults, ...given].sort((a, b) => RANK.indexOf(a.name) - RANK.indexOf(b.name));
}

const RANK = Object.keys(KINDS) as GateName[];
/** Of a limit. */
const MAX_DIGITS = 15;

function parseGate(text: string, warnOnly: boolean): Gate {
  const match = /^([a-z0-9-]+?)\s*(?:([<>])\s*(\d+(?:\.\d+)?)\s*(%|pp)?)?$/.exec(text.trim());
  const [, name = '', operator, digits, unit = ''] = match ?? [];
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name as GateName] : undefined;
  if (
    kind === undefined ||
    (digits?.length ?? 0) > MAX_DIGITS ||
    operator !== kind.operator ||
    (operator && !kind.units.includes(unit as '' | '%' | 'pp'))
  ) {
    throw new DiffError('bad-gate', `cannot read the gate ${JSON.stringify(text)}`, hintFor(name, kind));
  }
  const isPercent = unit !== '';
  // Not divided by 100: 0.7 / 100 is less than 0.007, which 7 of 1000 are.
  const limit = Number(`${digits ?? 0}${isPercent ? 'e-2' : ''}`);
  return { name: name as GateName, expression: text.trim(), limit, isPercent, warnOnly };
}

function hintFor(name: string, kind: GateKind | undefined): string {
  if (kind === undefined) return `gates are ${RANK.join(', ')}`;
  if (kind.operator === undefined) return `write ${name} alone`;
  return `write ${kind.units.map((unit) => `'${name}${kind.operator}${EXAMPLES[unit]}${unit}'`).join(' or ')}`;
}

const EXAMPLES = { '': '5', '%': '1', pp: '0.5' } as const;

/** What the gates look at. Null is unknown: such a gate is inconclusive. Shares are ratios. */
export interface Observations {
  readonly pairs: number;
  readonly newErrors: number;
  readonly new4xx: number;
  /** Mirror − production. */
  readonly errorRateDelta: number | null;
  readonly p95Ratio: number | null;
  readonly coverage: number | null;
  readonly delivered: number | null;
  readonly spoeErrors: number | null;
  readonly unparsed: number | null;
  readonly regression: Finding;
  /** Of routes with pairs, worst first; only those that regressed. */
  readonly regressedRoutes: readonly (Finding & { readonly route: string })[];
  readonly testedRoutes: number;
}

export interface Finding {
  readonly regressed: boolean;
  readonly difference: number | null;
  /** p of the whole, q of a route. */
  readonly significance: number | null;
  readonly reason: string;
}

/** One result a gate; `route-regression` gives one for each route that regressed. */
export function applyGates(gates: readonly Gate[], seen: Observations): GateResult[] {
  return gates.flatMap((gate) => {
    if (gate.name === 'regression')
      return [findingResult(gate, seen.regression, seen.pairs > 0 || seen.regression.regressed)];
    if (gate.name === 'route-regression') return routeResults(gate, seen);
    return [limitResult(gate, seen)];
  });
}

function findingResult(gate: Gate, finding: Finding, isKnown: boolean, route?: string): GateResult {
  const { difference, significance, regressed, reason } = finding;
  return {
    gate: gate.name,
    expression: gate.expression,
    status: regressed ? 'fail' : isKnown ? 'pass' : 'inconclusive',
    observed: { difference, [route === undefined ? 'p' : 'q']: significance },
    ...(route !== undefined && { route }),
    reason,
    ...warned(gate),
  };
}

function routeResults(gate: Gate, { regressedRoutes, testedRoutes }: Observations): GateResult[] {
  if (regressedRoutes.length > 0) {
    return regressedRoutes.map((finding) => findingResult(gate, finding, true, finding.route));
  }
  return [
    {
      gate: gate.name,
      expression: gate.expression,
      status: testedRoutes === 0 ? 'inconclusive' : 'pass',
      observed: 0,
      route: null,
      reason: testedRoutes === 0 ? 'no route has pairs' : `none of ${testedRoutes} routes regressed`,
      ...warned(gate),
    },
  ];
}

function limitResult(gate: Gate, seen: Observations): GateResult {
  const observed = observe(gate, seen);
  const crossed =
    observed !== null && (KINDS[gate.name].operator === '<' ? observed < gate.limit : observed > gate.limit);
  return {
    gate: gate.name,
    expression: gate.expression,
    status: statusOf(gate, observed, crossed),
    observed,
    limit: gate.limit,
    ...(observed === null && { reason: UNKNOWN[gate.name] ?? 'it is not known' }),
    ...warned(gate),
  };
}

/** Too few pairs say nothing about the release; everything else that is crossed does. */
function statusOf({ name }: Gate, observed: number | null, crossed: boolean): GateStatus {
  if (observed === null) return 'inconclusive';
  if (!crossed) return 'pass';
  return name === 'pairs' ? 'inconclusive' : 'fail';
}

const UNKNOWN: { readonly [name in GateName]?: string } = {
  'new-errors': 'there are no pairs',
  'new-4xx': 'there are no pairs',
  'error-rate-delta': 'there is nothing to compare',
  'p95-ratio': 'both sides need times',
  coverage: 'no request could be paired',
  delivered: 'it needs SPOE lines',
  'spoe-errors': 'it needs SPOE lines',
  unparsed: 'nothing was read',
};

function observe({ name, isPercent }: Gate, seen: Observations): number | null {
  switch (name) {
    case 'pairs':
      return seen.pairs;
    case 'new-errors':
      return countOrShare(seen.newErrors, seen.pairs, isPercent);
    case 'new-4xx':
      return countOrShare(seen.new4xx, seen.pairs, isPercent);
    case 'error-rate-delta':
      return seen.errorRateDelta;
    case 'p95-ratio':
      return seen.p95Ratio;
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
