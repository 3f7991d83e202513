/** What the gates without a limit found, in words that a person needs no statistics for. */

import { SENT_CUT } from '../status/mirror-errors.ts';
import {
  formatPlainPoints,
  formatShare,
  formatTimes,
  milliseconds,
  plainNumber,
  points,
  significant,
} from '../text/numbers.ts';
import type { Assessment } from './assessment.ts';
import { intervalOf } from './comparison.ts';
import { findTypeChanges } from './contents.ts';
import { countSentCut } from './delivery.ts';
import type { Finding, FindingGate } from './gates.ts';
import { DEFAULT_SLOWER } from './latency.ts';
import type {
  ContentComparison,
  Coverage,
  DiffSettings,
  ErrorComparison,
  LatencyComparison,
  RouteDelivery,
  StatusComparison,
} from './model.ts';
import { type Outlook, outlookWords } from './outlook.ts';
import type { Burst } from './over-time.ts';
import { levelOf } from './regression.ts';
import type { ComparedResponses } from './responses/compare-responses.ts';
import { findInBodies, findInHeads, type RespondedPairs } from './responses/response-findings.ts';
import type { ComparedRoute, Comparisons } from './route-order.ts';
import { deniesAccess, grantsAccess } from './status-class.ts';

export interface Findable {
  readonly comparisons: Comparisons;
  readonly coverage: Coverage;
  readonly isUnmatched: boolean;
  readonly settings: DiffSettings;
  /** Undefined without answers. */
  readonly responses: ComparedResponses | undefined;
  readonly contents: ContentComparison | undefined;
  /** What the errors lead to. */
  readonly outlook: Outlook;
}

export function findAll(found: Findable): { readonly [gate in FindingGate]: readonly Finding[] } {
  const { comparisons } = found;
  const { routes } = comparisons;
  const statuses = {
    regression: [regression(found)],
    'route-regression': ofRoutes(
      found,
      'regressed',
      routes.flatMap((route) => routeRegression(route, found.settings)),
    ),
    'status-regression': [statusRegression(found)],
    'route-status-regression': ofRoutes(found, 'got a worse status', routes.flatMap(routeStatusRegression)),
  };
  const isStatusTold = Object.values(statuses).some((findings) => findings.some(({ state }) => state === 'crossed'));
  const answered = respondedPairs(found);
  return {
    ...statuses,
    'body-regression': answered === undefined ? [] : findInBodies(answered),
    'header-regression': answered === undefined ? [] : findInHeads(answered, isStatusTold),
    delivered: [delivered(found)],
    'lost-routes': lostRoutes(found),
    latency: [latency(found)],
    'route-latency': slowRoutes(found),
    'content-type': findTypeChanges(found.contents),
  };
}

/** Undefined where there are no answers to be looked at. */
export function respondedPairs({ responses, coverage, settings }: Findable): RespondedPairs | undefined {
  return responses && { responses, paired: coverage.paired, settings };
}

const NOT_PAIRED: Finding = { state: 'open', observed: null, reason: 'no request is paired' };

function regression({ comparisons: { errors, found }, isUnmatched, settings, outlook }: Findable): Finding {
  const assessed = found.errors;
  const observed = { difference: errors.difference, p: assessed?.significance ?? null };
  if (assessed === null) return { state: 'open', observed, reason: 'there is nothing to compare' };
  const state = stateOf(assessed);
  const isOpen = state === 'open' || (isUnmatched && state === 'fine');
  return {
    state: isOpen ? 'open' : state,
    observed,
    reason: `${countsOf(errors)}${spreadWords(assessed)}`,
    ...(state !== 'fine' && {
      title: [
        errorTitle('errors', errors, assessed, 'p', settings),
        ...(isOpen ? [outlookWords(outlook, errors.n, 'it')] : []),
      ]
        .filter((words) => words !== '')
        .join('; '),
    }),
  };
}

function routeRegression(
  { route, errors, found: { errors: assessed } }: ComparedRoute,
  settings: DiffSettings,
): Finding[] {
  // A route may look suspicious by chance: among many one does.
  if (assessed === null || !(assessed.isWorse || assessed.bursts.length > 0)) return [];
  return [
    {
      state: stateOf(assessed),
      observed: { difference: errors.difference, q: assessed.significance },
      reason: countsOf(errors),
      title: errorTitle(`errors of ${route}`, errors, assessed, 'q', settings),
      route,
    },
  ];
}

function errorTitle(
  what: string,
  errors: ErrorComparison,
  assessed: Assessment,
  name: 'p' | 'q',
  settings: DiffSettings,
): string {
  const { productionRate, mirrorRate, newError } = errors;
  if (assessed.bursts.length > 0) return burstTitle(what, newError, assessed.bursts);
  const isCertain = assessed.isWorse || (assessed.significance <= levelOf(settings) && assessed.difference > 0);
  const verb = isCertain ? 'rose' : 'may have risen';
  const change = `${what} ${verb} from ${formatShare(productionRate ?? 0)} to ${formatShare(mirrorRate ?? 0)}`;
  const counts = `${change}: ${countsOf(errors)}`;
  if (assessed.isWorse) return counts;
  const p = significant(name, assessed.significance);
  // What is no chance is open for being small.
  return isCertain
    ? `${counts} (${p}); what is open is whether by as much as ${effectWords(settings)}`
    : `${counts}, which may be chance (${p})`;
}

/** `--min-effect (0.5 pp, 1.5x)`, of what was asked for. */
function effectWords({ minEffect, minRatio }: DiffSettings): string {
  const parts = [
    ...(minEffect < 1 ? [formatPlainPoints(minEffect)] : []),
    ...(minRatio === undefined ? [] : [`${plainNumber(minRatio)}x`]),
  ];
  return `--min-effect (${parts.join(', ')})`;
}

function countsOf({ n, newError, fixedError, mirrorN, productionErrors, mirrorErrors }: ErrorComparison): string {
  if (mirrorN === undefined) return `${newError} new, ${fixedError} fixed in ${n} pairs`;
  return `${mirrorErrors} in ${mirrorN} requests of the mirror, ${productionErrors} in ${n} of production`;
}

function spreadWords({ spread }: Assessment): string {
  return spread > 1 ? '; they come in clusters, so that p and the bound allow for that' : '';
}

function stateOf({ isWorse, isSuspicious }: Assessment): Finding['state'] {
  if (isWorse) return 'crossed';
  return isSuspicious ? 'open' : 'fine';
}

const HOUR_AND_MINUTE = 16;

function burstTitle(what: string, total: number, bursts: readonly Burst[]): string {
  const up = bursts.reduce((sum, burst) => sum + burst.up, 0);
  const when = bursts
    .map(({ fromMs, toMs }) => `between ${clock(fromMs, 11)} and ${clock(toMs, 11)} UTC`)
    .join(' and ');
  const day = clock(bursts[0]?.fromMs ?? 0, 0).slice(0, 10);
  return `${what}: ${up} of ${total} new ones came on ${day} ${when}, and otherwise nothing rose: was the mirror restarted?`;
}

function clock(ms: number, from: number): string {
  const text = new Date(ms).toISOString();
  return text.slice(from, ms % 60_000 === 0 ? HOUR_AND_MINUTE : HOUR_AND_MINUTE + 3);
}

function statusRegression({ comparisons: { errors, found }, isUnmatched, settings }: Findable): Finding {
  const { status } = errors;
  const assessed = found.status;
  if (isUnmatched || errors.n === 0) return NOT_PAIRED;
  if (status === undefined || assessed === null) {
    return { state: 'fine', observed: null, reason: 'every pair has an error on a side' };
  }
  const isUnbounded = assessed.upper > settings.margin;
  const state = isUnbounded && !assessed.isWorse ? 'open' : stateOf(assessed);
  const bound = `statuses that are no errors may have got worse in up to ${points(assessed.upper)} more than they got better, over the margin of ${formatPlainPoints(settings.margin)}`;
  return {
    state,
    observed: { difference: status.difference, p: assessed.significance },
    reason: statusCounts(status),
    ...(state !== 'fine' && {
      title: stateOf(assessed) === 'fine' ? bound : statusTitle('status', status, assessed),
    }),
  };
}

function routeStatusRegression({ route, errors: { status }, found: { status: assessed } }: ComparedRoute): Finding[] {
  if (status === undefined || assessed === null || !(assessed.isWorse || assessed.bursts.length > 0)) return [];
  return [
    {
      state: stateOf(assessed),
      observed: { difference: status.difference, q: assessed.significance },
      reason: statusCounts(status),
      title: statusTitle(`status of ${route}`, status, assessed),
      route,
    },
  ];
}

function statusTitle(what: string, status: StatusComparison, assessed: Assessment): string {
  if (assessed.bursts.length > 0) return burstTitle(what, status.worse, assessed.bursts);
  const changes = status.transitions.slice(0, 2).map(({ production, mirror, count }, i) => {
    const isGrant = deniesAccess(Number(production)) && grantsAccess(Number(mirror));
    const pairs = i === 0 ? `${status.n} pairs` : 'them';
    return `${production} → ${mirror} in ${formatShare(count / status.n)} of ${pairs}${isGrant ? ', which lets in whom production denies' : ''}`;
  });
  return `${what}: ${assessed.isWorse ? '' : 'perhaps '}${changes.join(', ')}`;
}

function statusCounts({ n, worse, better, accessGranted }: StatusComparison): string {
  const granted = accessGranted > 0 ? `, ${accessGranted} let in whom production denies` : '';
  return `${worse} with a worse class, ${better} with a better one${granted} in ${n} pairs without an error`;
}

/** What was found in routes, or that nothing was. */
function ofRoutes(
  { comparisons: { routes } }: Findable,
  what: string,
  findings: readonly Finding[],
): readonly Finding[] {
  if (findings.length > 0) return findings;
  const tested = routes.filter(({ errors }) => errors.n > 0).length;
  if (tested === 0) return [{ state: 'open', observed: null, route: null, reason: 'no route has pairs' }];
  return [{ state: 'fine', observed: 0, route: null, reason: `none of ${tested} routes ${what}` }];
}

function delivered({ comparisons: { errors }, coverage, isUnmatched, settings }: Findable): Finding {
  if (isUnmatched || errors.n === 0) return NOT_PAIRED;
  const { unanswered = 0 } = coverage;
  const all = errors.n + unanswered;
  const [, worstCase] = intervalOf(all, errors.newError + unanswered, errors.fixedError, settings);
  const [, asItIs] = intervalOf(errors.n, errors.newError, errors.fixedError, settings);
  const share = unanswered / all;
  const { margin } = settings;
  const isOpen = worstCase > margin && unanswered > 0 && (asItIs <= margin || share > margin);
  const reason =
    unanswered === 0 ? 'every request that should have an answer has one' : lackWords(coverage, unanswered);
  return {
    state: isOpen ? 'crossed' : 'fine',
    observed: { count: unanswered, share },
    reason,
    ...(isOpen && {
      title: `${unanswered} of ${all} requests have no answer of the mirror${countSentCut(coverage) > 0 ? ' that counts' : ''} (${reason}): had they failed, errors would have risen by up to ${points(worstCase)}${shareHint(coverage)}`,
    }),
  };
}

function lackWords({ buckets, dropped = {} }: Coverage, unanswered: number): string {
  const why = Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(
      ([word, count]) => `${count} ${word === SENT_CUT ? 'sent with the body cut: tune.bufsize, --truncated' : word}`,
    );
  const explained = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (buckets.dropped > explained) why.push(`${buckets.dropped - explained} dropped by the agent`);
  if (buckets.spoe_failed > 0) why.push(`${buckets.spoe_failed} not handed over by HAProxy`);
  if (buckets.acked_but_missing > 0) why.push(`${buckets.acked_but_missing} handed over and not in the mirror's log`);
  if (buckets.missing > 0) why.push(`${buckets.missing} not in the mirror's log`);
  return why.length === 0 ? `${unanswered} missing` : why.join(', ');
}

/** From this share of silent requests on they may be meant to be: nobody loses most of them unnoticed. */
const SAMPLED_SHARE = 0.2;

/** Each agent writes what it has mirrored. */
const OTHER_RECORDS = '; of several agents, all records have to be given';

/** Where nothing tells how many should have one. */
function shareHint({ buckets, attempted, expectedShare }: Coverage): string {
  if (expectedShare !== undefined) return '';
  if (attempted === null) {
    return buckets.missing === 0
      ? ''
      : `; if only a share is mirrored, SPOE lines or --expect-coverage tell${OTHER_RECORDS}`;
  }
  if (buckets.acked_but_missing < SAMPLED_SHARE * attempted) return '';
  return `; if the agent samples (its --sample), --expect-coverage tells${OTHER_RECORDS}`;
}

/** More would fill the screen, and say the same. */
const MAX_LOST = 10;

function lostRoutes({ comparisons: { routes }, coverage, isUnmatched }: Findable): readonly Finding[] {
  if (isUnmatched || routes.length === 0) return [{ ...NOT_PAIRED, route: null }];
  const lost = routes.flatMap(({ route, delivery }) => (delivery?.lost ? [{ route, delivery }] : []));
  if (lost.length === 0) {
    return [
      {
        state: 'fine',
        observed: 0,
        route: null,
        reason: `none of ${routes.length} routes is answered less than the others`,
      },
    ];
  }
  const others = answeredShare(routes.flatMap(({ delivery }) => (delivery && !delivery.lost ? [delivery] : [])));
  const cut = countSentCut(coverage) > 0 ? '; answers to requests that were sent with the body cut do not count' : '';
  const findings = lost.slice(0, MAX_LOST).map(({ route, delivery }): Finding => {
    const reason = `${delivery.paired} of ${delivery.paired + delivery.unanswered} requests are answered`;
    return {
      state: 'crossed',
      observed: { share: answeredShare([delivery]), pairs: delivery.paired },
      reason,
      title: `${route}: ${reason} by the mirror, of the other routes ${formatShare(others)}${cut}`,
      route,
    };
  });
  const rest = lost.length - findings.length;
  if (rest === 0) return findings;
  const reason = `${rest} more routes are answered less than the others`;
  return [...findings, { state: 'crossed', observed: rest, route: null, reason, title: reason }];
}

function answeredShare(deliveries: readonly RouteDelivery[]): number {
  const paired = deliveries.reduce((sum, delivery) => sum + delivery.paired, 0);
  const unanswered = deliveries.reduce((sum, delivery) => sum + delivery.unanswered, 0);
  return paired + unanswered === 0 ? 0 : paired / (paired + unanswered);
}

function latency({ comparisons: { latency: compared, errors }, isUnmatched, settings }: Findable): Finding {
  if (compared?.slower === true) return slowFinding('the mirror', compared, settings);
  if (isUnmatched || errors.n === 0) return NOT_PAIRED;
  if (compared?.ratio === undefined) {
    return {
      state: 'open',
      observed: null,
      reason: 'both sides need times',
      title:
        'how fast the mirror is cannot be explained: both logs need times (--gates=-latency,-route-latency does without)',
    };
  }
  const all = timedAlike(errors);
  if (compared.n < TIMED_SHARE * all) {
    const reason = `only ${compared.n} of ${all} pairs have a time on both sides`;
    return {
      state: 'open',
      observed: compared.n,
      reason,
      title: `how fast the mirror is cannot be explained: ${reason}`,
    };
  }
  return { state: 'fine', observed: observedTimes(compared), reason: timeWords(compared) };
}

/** Fewer pairs with times than this share say nothing of the others. */
const TIMED_SHARE = 0.5;
/** A route with as many pairs and hardly a time is not known to be as fast as it was. */
const MANY_PAIRS = 20;

/**
 * Pairs whose times are compared, where they have some: of answers that are no error on either side, and a client error on
 * both or on none (outcomes.ts).
 */
function timedAlike({ n, newError, fixedError, bothError, new4xx, fixed4xx }: ErrorComparison): number {
  return n - newError - fixedError - bothError - new4xx - fixed4xx;
}

/** Names of routes most of whose pairs have no time, although others have. */
function untimedRoutes(routes: Findable['comparisons']['routes']): string[] {
  return routes
    .filter(({ errors, latency: compared }) => {
      const all = timedAlike(errors);
      return all >= MANY_PAIRS && (compared?.n ?? 0) < TIMED_SHARE * all;
    })
    .map(({ route }) => route);
}

function slowRoutes({ comparisons: { routes }, isUnmatched, settings }: Findable): readonly Finding[] {
  const slow = routes.flatMap(({ route, latency: compared }) =>
    compared?.slower ? [{ ...slowFinding(route, compared, settings), route }] : [],
  );
  if (slow.length > 0) return slow;
  const timed = routes.filter(({ latency: compared }) => compared?.ratio !== undefined).length;
  const untimed = timed === 0 ? [] : untimedRoutes(routes);
  if (untimed.length > 0) {
    const named = untimed.slice(0, MAX_LOST).join(', ');
    const reason = `most pairs of ${named}${untimed.length > MAX_LOST ? ` and ${untimed.length - MAX_LOST} more routes` : ''} have no time on both sides`;
    return [
      {
        state: 'open',
        observed: untimed.length,
        route: null,
        reason,
        title: `whether a route is slower is not known: ${reason}`,
      },
    ];
  }
  if (timed > 0) return [{ state: 'fine', observed: 0, route: null, reason: `none of ${timed} routes is slower` }];
  return [
    {
      state: 'open',
      observed: null,
      route: null,
      reason: isUnmatched ? 'no request is paired' : 'no route has enough times on both sides',
    },
  ];
}

function slowFinding(what: string, compared: LatencyComparison, settings: DiffSettings): Finding {
  const { allowSlower = DEFAULT_SLOWER.factor, allowSlowerMs = DEFAULT_SLOWER.ms } = settings;
  const allowed = `allowed: ${allowSlower}x and ${milliseconds(allowSlowerMs)}`;
  const reason = timeWords(compared);
  return {
    state: 'crossed',
    observed: observedTimes(compared),
    reason,
    title: `${what} is slower: ${reason} (${allowed})`,
  };
}

function observedTimes({ ratio, differenceMs }: LatencyComparison) {
  return { ratio: ratio ?? null, ...(differenceMs !== undefined && { differenceMs }) };
}

function timeWords({ production, mirror, ratio = 1 }: LatencyComparison): string {
  const change = (quantile: 'p50' | 'p95') =>
    `${milliseconds(production[quantile])} → ${milliseconds(mirror[quantile])}`;
  return `half of the answers within ${change('p50')}, 95 % within ${change('p95')}, typically ${formatTimes(ratio)}x as long`;
}
