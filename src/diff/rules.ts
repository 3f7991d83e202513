/** What counts as an error, and which changes are wanted. */
import { DiffError } from './errors.ts';
import type { LoggedByProduction } from './join/joined-request.ts';
import { RequestFlag } from './join/request-flags.ts';
import type { DuplicatePolicy } from './model.ts';
import type { DifferenceRules } from './responses/difference-rules.ts';

export interface Rules {
  /** By status: 1 where it is an error. */
  readonly errorStatuses: Uint8Array;
  readonly ignored: readonly IgnoreRule[];
  readonly mirrorDuplicates: DuplicatePolicy;
  /** Which differences of answers are no news; all count without it. */
  readonly responses?: DifferenceRules;
}

export interface IgnoreRule {
  /** Undefined is any. */
  readonly method: string | undefined;
  /** A route or a path; undefined is any. */
  readonly path: string | undefined;
  readonly production: (status: string) => boolean;
  readonly mirror: (status: string) => boolean;
}

const STATUSES = 1000;

/** `5xx`, `409`, `500-504` → a table. @throws DiffError `bad-error-rule` */
export function parseErrorStatuses(rules: readonly string[]): Uint8Array {
  const table = new Uint8Array(STATUSES);
  for (const rule of rules.flatMap((text) => text.split(',')).map((text) => text.trim())) {
    const range = statusRange(rule);
    if (range === undefined) {
      throw new DiffError('bad-error-rule', `cannot read --error ${JSON.stringify(rule)}`, 'write 5xx, 409 or 500-504');
    }
    // RFC 9110 section 15: what is above 599 is taken for a 5xx.
    table.fill(1, range[0], range[1] === 599 && /xx$/i.test(rule) ? STATUSES : range[1] + 1);
  }
  return table;
}

function statusRange(text: string): readonly [number, number] | undefined {
  const whole = /^([1-9])xx$/i.exec(text);
  if (whole !== null) return [Number(whole[1]) * 100, Number(whole[1]) * 100 + 99];
  const match = /^([1-9]\d\d)(?:-([1-9]\d\d))?$/.exec(text);
  if (match === null) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  return high < low ? undefined : [low, high];
}

/** `POST /orders 201->409`, `/orders/{…} 2xx->404`, `200->204`, `* 5xx->*`. @throws DiffError `bad-ignore-rule` */
export function parseIgnoreRule(text: string): IgnoreRule {
  const match = /^(?:([A-Za-z]+|\*) +)?(?:([/*]\S*) +)?(\S+?) *-> *(\S+)$/.exec(text.trim());
  const production = match === null ? undefined : statusTest(match[3] ?? '');
  const mirror = match === null ? undefined : statusTest(match[4] ?? '');
  if (match === null || production === undefined || mirror === undefined) {
    throw new DiffError(
      'bad-ignore-rule',
      `cannot read --ignore ${JSON.stringify(text)}`,
      "write 'POST /orders 201->409', '/orders/{…} 2xx->404' or '200->204'",
    );
  }
  const [, method, path] = match;
  return {
    method: method === undefined || method === '*' ? undefined : method.toUpperCase(),
    path: path === '*' ? undefined : path,
    production,
    mirror,
  };
}

/** A status, a class, a range, `*`, or an error code of the agent. */
function statusTest(text: string): ((status: string) => boolean) | undefined {
  if (text === '*') return () => true;
  const range = statusRange(text);
  if (range !== undefined) return (status) => Number(status) >= range[0] && Number(status) <= range[1];
  return /^[a-z][a-z-]*$/.test(text) ? (status) => status === text : undefined;
}

/** Whether it is an error by its status, or by what its termination state says. */
export function isProductionError(
  { status, flags }: Pick<LoggedByProduction, 'status' | 'flags'>,
  errorStatuses: Rules['errorStatuses'],
): boolean {
  return errorStatuses[status] === 1 || (flags & RequestFlag.serverFailed) !== 0;
}

export function isMirrorError(status: number, hasError: boolean, errorStatuses: Rules['errorStatuses']): boolean {
  return errorStatuses[status] === 1 || hasError;
}
