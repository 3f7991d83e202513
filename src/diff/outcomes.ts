/** What a pair says: the four cells, and what changed besides. */
import type { LoggedByMirror, LoggedByProduction } from './join/joined-request.ts';
import type { RequestKind } from './request-line.ts';
import { pathOf } from './routes/path-segments.ts';
import { type IgnoreRule, isProductionError, type Rules } from './rules.ts';

/** Read only where there are rules to ignore changes by. */
export interface NamedRoute {
  /** The name of the request's route, with its method. */
  readonly routeName: string;
}

export function kindOf(
  request: LoggedByProduction,
  answer: LoggedByMirror,
  { ignored, errorStatuses }: Rules,
  named: NamedRoute,
): RequestKind {
  if (ignored.length > 0 && isIgnored(request, answer, ignored, named)) return 'ignored';
  const [before, after] = [isProductionError(request, errorStatuses), answer.isError];
  if (before || after) return before && after ? 'both_error' : after ? 'new_error' : 'fixed_error';
  if (request.status === answer.status) return 'same';
  if (isClientError(answer.status) !== isClientError(request.status)) {
    return isClientError(answer.status) ? 'new_4xx' : 'fixed_4xx';
  }
  return 'changed';
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

/** `200`; without a status why there was none: the error, or `none`. */
export function statusName(status: number, error: string): string {
  return status >= 0 ? String(status) : error || 'none';
}

function isIgnored(
  { status, method, target }: LoggedByProduction,
  answer: LoggedByMirror,
  rules: readonly IgnoreRule[],
  { routeName }: NamedRoute,
): boolean {
  const before = statusName(status, '');
  const after = statusName(answer.status, answer.error);
  // A change is ignored; what did not change is compared.
  if (before === after) return false;
  const path = routeName.slice(method === '' ? 0 : method.length + 1);
  return rules.some(
    (rule) =>
      rule.production(before) &&
      rule.mirror(after) &&
      (rule.method === undefined || rule.method === method) &&
      (rule.path === undefined || rule.path === path || rule.path === pathOf(target)),
  );
}
