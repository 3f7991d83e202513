/** What became of each pair: the four cells, and what changed besides. */
import type { MirrorAnswers } from './mirror-answers.ts';
import type { ProductionRequests } from './production.ts';
import type { RequestKind } from './request-line.ts';
import { pathOf } from './routes/path-segments.ts';
import { type IgnoreRule, isMirrorError, isProductionError, type Rules } from './rules.ts';
import { NO_TEXT } from './text-table.ts';

export interface Sides {
  readonly production: ProductionRequests;
  readonly mirror: MirrorAnswers;
  readonly rules: Rules;
  readonly routeNames: readonly string[];
}

export function outcomeOf(sides: Sides, row: number, answer: number, route: number): RequestKind {
  const { production, mirror, rules } = sides;
  if (rules.ignored.length > 0 && isIgnored(sides, row, answer, route)) return 'ignored';
  const before = isProductionError(production, row, rules);
  const after = isMirrorError(mirror, answer, rules);
  if (before || after) return before && after ? 'both_error' : after ? 'new_error' : 'fixed_error';
  const statusBefore = production.status.at(row);
  const statusAfter = mirror.status.at(answer);
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
  const code = status.at(row);
  return code < 0 ? 'none' : String(code);
}

/** `200`; without a status, why there was none. */
export function mirrorStatus({ status, error, errors }: MirrorAnswers, row: number): string {
  const code = status.at(row);
  if (code >= 0) return String(code);
  return error.at(row) === NO_TEXT ? 'none' : errors.text(error.at(row));
}

function isIgnored({ production, mirror, rules, routeNames }: Sides, row: number, answer: number, route: number) {
  const before = productionStatus(production, row);
  const after = mirrorStatus(mirror, answer);
  // A change is ignored; what did not change is compared.
  if (before === after) return false;
  const method = production.methods.text(production.method.at(row));
  const path = (routeNames[route] as string).slice(method === '' ? 0 : method.length + 1);
  const fits = (rule: IgnoreRule) =>
    rule.production(before) &&
    rule.mirror(after) &&
    (rule.method === undefined || rule.method === method) &&
    (rule.path === undefined || rule.path === path || rule.path === exactPath(production, row));
  return rules.ignored.some(fits);
}

function exactPath({ target, targets }: ProductionRequests, row: number): string {
  return pathOf(targets.text(target.at(row)));
}
