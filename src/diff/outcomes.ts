/** What became of each pair: the four cells, and what changed besides. */
import type { Sides as Requests } from './collection.ts';
import type { MirrorAnswers } from './mirror-answers.ts';
import type { ProductionRequests } from './production.ts';
import type { RequestKind } from './request-line.ts';
import { pathOf } from './routes/path-segments.ts';
import { type IgnoreRule, isMirrorError, isProductionError, type Rules } from './rules.ts';
import { NO_TEXT } from './text-table.ts';

export interface Sides extends Requests {
  readonly rules: Rules;
  readonly routeNames: readonly string[];
}

export function outcomeOf(sides: Sides, row: number, answer: number, route: number): RequestKind {
  const { production, mirror, rules } = sides;
  if (rules.ignored.length > 0 && isIgnored(sides, row, answer, route)) return 'ignored';
  const before = isProductionError(production, row, rules);
  const after = isMirrorError(mirror, answer, rules);
  return changeOf(before, production.status.at(row), after, mirror.status.at(answer));
}

/** Of a pair: whether each side is an error, and its status. */
export function changeOf(before: boolean, statusBefore: number, after: boolean, statusAfter: number): RequestKind {
  if (before || after) return before && after ? 'both_error' : after ? 'new_error' : 'fixed_error';
  if (statusBefore === statusAfter) return 'same';
  if (isClientError(statusAfter) !== isClientError(statusBefore)) {
    return isClientError(statusAfter) ? 'new_4xx' : 'fixed_4xx';
  }
  return 'changed';
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

/** `200`; `none` when the client got no status. */
export function productionStatus({ status }: ProductionRequests, row: number): string {
  return statusName(status.at(row), '');
}

/** `200`; without a status, why there was none. */
export function mirrorStatus({ status, error, errors }: MirrorAnswers, row: number): string {
  return statusName(status.at(row), error.at(row) === NO_TEXT ? '' : errors.text(error.at(row)));
}

export function statusName(status: number, error: string): string {
  return status >= 0 ? String(status) : error || 'none';
}

function isIgnored({ production, mirror, rules, routeNames }: Sides, row: number, answer: number, route: number) {
  return isWanted(rules.ignored, {
    before: productionStatus(production, row),
    after: mirrorStatus(mirror, answer),
    method: production.methods.text(production.method.at(row)),
    route: routeNames[route] as string,
    target: () => production.targets.text(production.target.at(row)),
  });
}

/** What a rule of --ignore looks at. */
export interface Change {
  readonly before: string;
  readonly after: string;
  readonly method: string;
  /** With its method. */
  readonly route: string;
  readonly target: () => string;
}

export function isWanted(rules: readonly IgnoreRule[], { before, after, method, route, target }: Change): boolean {
  // A change is ignored; what did not change is compared.
  if (before === after) return false;
  const path = route.slice(method === '' ? 0 : method.length + 1);
  const fits = (rule: IgnoreRule) =>
    rule.production(before) &&
    rule.mirror(after) &&
    (rule.method === undefined || rule.method === method) &&
    (rule.path === undefined || rule.path === path || rule.path === pathOf(target()));
  return rules.some(fits);
}
