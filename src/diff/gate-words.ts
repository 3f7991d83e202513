/** What a gate asks and what it saw, in the words of the verdict and of every report. */

import {
  formatAmount,
  formatP,
  formatPlainPoints,
  formatPlainShare,
  formatPointsNumber,
  formatShare,
  formatSignedMs,
  formatTimes,
  plainNumber,
} from '../text/numbers.ts';
import type { GateResult } from './model.ts';

/** What a gate asks, where its result brings no words of its own. */
const QUESTIONS: { readonly [gate: string]: string } = {
  regression: 'more errors, over all routes',
  'route-regression': 'more errors, route by route',
  'status-regression': 'worse statuses, over all routes',
  'route-status-regression': 'worse statuses, route by route',
  'body-regression': 'other bodies',
  'header-regression': 'other headers',
  field: 'one place of the answers',
  delivered: 'missing answers',
  'lost-routes': 'routes without answers',
  latency: 'slower, over all routes',
  'route-latency': 'slower, route by route',
  'content-type': 'media types, route by route',
  pairs: 'number of pairs',
  'new-errors': 'requests that only the mirror fails',
  'error-rate': 'error rate of the mirror',
  'error-rate-delta': 'rise of the error rate',
  'new-4xx': 'requests that only the mirror refuses (4xx)',
  'p95-ratio': 'slowest answers (p95)',
  'size-ratio': 'size of the typical answer',
  coverage: 'share of the requests that was compared',
  'spoe-errors': 'requests that HAProxy could not hand over',
  unparsed: 'lines that could not be read',
};

/** Where its result brings no title of its own; unescaped. */
export function gateQuestion({ gate, route }: GateResult): string {
  const words = Object.hasOwn(QUESTIONS, gate) ? (QUESTIONS[gate] ?? gate) : gate;
  return typeof route === 'string' ? `${words}: ${route}` : words;
}

/** Of more routes, those that come first are named. */
const MOST_ROUTES = 3;

/** `GET /large, GET /chunked and 2 more routes`; unescaped. */
export function routeList(routes: readonly { readonly route: string }[]): string {
  // One name is never spared to say that there is one more.
  const shown = routes.length > MOST_ROUTES + 1 ? routes.slice(0, MOST_ROUTES) : routes;
  const names = shown.map(({ route }) => route).join(', ');
  const rest = routes.length - shown.length;
  return rest === 0 ? names : `${names} and ${formatAmount(rest, 'more route')}`;
}

/** `observed 0.15 pp, limit 0.5 pp`; unescaped. */
export function gateComparison(result: GateResult): string {
  const unit = unitOf(result);
  const observed = `observed ${valueText(result.observed, unit, true)}`;
  if (result.limit === undefined || result.limit === null) return observed;
  return `${observed}, limit ${valueText(result.limit, unit, false)}`;
}

type Unit = 'points' | 'share' | 'times' | 'ms' | 'p' | 'plain';

const UNITS: { readonly [gate: string]: Unit } = {
  'error-rate': 'share',
  'error-rate-delta': 'points',
  'p95-ratio': 'times',
  'size-ratio': 'times',
  coverage: 'share',
  delivered: 'share',
  'spoe-errors': 'share',
  unparsed: 'share',
};

function unitOf({ gate, expression }: GateResult): Unit {
  if (gate.startsWith('new-') && expression.includes('%')) return 'share';
  return Object.hasOwn(UNITS, gate) ? (UNITS[gate] ?? 'plain') : 'plain';
}

function valueText(value: unknown, unit: Unit, observed: boolean): string {
  if (value === null || value === undefined) return 'unknown';
  if (typeof value === 'number') return numberText(value, unit, observed);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((each) => valueText(each, unit, observed)).join(', ');
  const parts = Object.entries(value).map(
    ([key, part]) => `${nameOfKey(key)} ${valueText(part, unitOfKey(key), observed)}`,
  );
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** `noise share` of `noiseShare`, without a unit that its value has. */
function nameOfKey(key: string): string {
  return key
    .replace(/Ms$/, '')
    .replaceAll(/([a-z])([A-Z])/g, (_, end: string, next: string) => `${end} ${next.toLowerCase()}`);
}

/** An observation that has several parts names them, and each name says its unit. */
function unitOfKey(key: string): Unit {
  if (key === 'p' || key === 'q') return 'p';
  if (/difference$|bound$/i.test(key)) return 'points';
  if (/Ms$/.test(key)) return 'ms';
  if (/(share|rate)$/i.test(key)) return 'share';
  return /ratio$/i.test(key) ? 'times' : 'plain';
}

function numberText(value: number, unit: Unit, observed: boolean): string {
  if (!Number.isFinite(value)) return 'unknown';
  switch (unit) {
    case 'p':
      return formatP(value);
    case 'points':
      return observed ? `${formatPointsNumber(value)} pp` : formatPlainPoints(value);
    case 'share':
      return observed ? formatShare(value) : formatPlainShare(value);
    case 'times':
      return observed ? formatTimes(value) : plainNumber(value);
    case 'ms':
      return formatSignedMs(value);
    case 'plain':
      return plainNumber(value);
  }
}
