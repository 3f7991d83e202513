/** What is said besides the verdict: about what was compared, and how far it can be believed. */
import { describeSentCut } from './delivery.ts';
import type { Warning } from './model.ts';
import type { NoiseBaseline } from './noise.ts';
import type { Found } from './report.ts';
import { formatMoment } from './request-line.ts';
import type { Comparisons } from './route-order.ts';
import type { TimeProfile } from './time-profile.ts';

export function makeWarnings(found: Found, noise: NoiseBaseline | undefined): Warning[] {
  const { spoe, coverage, isUnmatched, key, betterKey, comparisons } = found;
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  const { errors } = comparisons.found;
  if (noise?.status === 'fail')
    warn('baseline-failed', 'the run that is the noise baseline is FAIL itself: what differs there is excused here');
  if (errors !== null && errors.spread > 1) {
    warn(
      'clustered-errors',
      `changes of the outcome come in clusters, ${Number(errors.spread.toPrecision(2))} times as uneven over time as chance makes them: p and bounds allow for that`,
    );
  }
  const gap = comparisons.tally && !isUnmatched ? findMirroringGap(comparisons.tally.profile) : undefined;
  if (gap !== undefined) {
    const { fromMs, toMs, requests, shareElsewhere } = gap;
    const elsewhere = shareElsewhere >= 0.995 ? 'all' : `${(100 * shareElsewhere).toPrecision(2)} %`;
    warn(
      'not-mirrored-for-a-time',
      `no request from ${formatMoment(fromMs)} to ${formatMoment(toMs)} has an answer of the mirror (${requests} requests; at other times ${elsewhere} have): did the mirror or the agent stop, was mirroring switched off? What is judged is the rest`,
    );
  }
  const sentCut = describeSentCut(coverage);
  if (sentCut !== undefined) warn('sent-truncated', sentCut);
  const mutating = isUnmatched ? undefined : findMutatingPairs(comparisons);
  if (mutating !== undefined) {
    const { pairs, methods } = mutating;
    warn(
      'mutating-requests',
      `${pairs} pairs are ${methods.join(', ')}: what they change was changed twice if the mirror shares anything with production, with the credentials of clients unless the agent strips them (--methods, --strip-header, or --mark and a mirror that heeds it)`,
    );
  }
  const oneSided = oneSidedRoutes(comparisons);
  if (isUnmatched && oneSided.length > 0) {
    warn('one-sided-routes', `only one side has requests of ${oneSided.join(', ')}: not compared`);
  }
  if (isUnmatched) {
    warn(
      'weak-evidence',
      'no request could be paired with its mirrored one: rates are compared by route, and different requests may be behind them',
    );
  }
  if (spoe.lines === 0 && spoe.otherAgents.size > 0) {
    const others = [...spoe.otherAgents].sort().join(', ');
    warn('other-agent', `there is no SPOE line of the agent ${spoe.agent}, but of ${others}: choose with --agent`);
  }
  if (spoe.incomplete !== undefined) {
    const { pairs, without } = spoe.incomplete;
    warn(
      'spoe-incomplete',
      `${without} of ${pairs} pairs have no SPOE line (option dontlog-normal, a HAProxy whose log is not here, lines lost on the way): what has none is missing, not sampled out`,
    );
  } else if (spoe.lines > 0 && !spoe.isUsable) {
    warn('spoe-without-process', 'the SPOE lines name no process, so they cannot be joined with requests');
  }
  if (spoe.isUsable && coverage.buckets.missing > 0) {
    warn(
      'no-stream',
      `${coverage.buckets.missing} requests tell no stream number (%rt) and process: why they are missing is not known`,
    );
  }
  if (betterKey !== undefined) {
    warn('other-key', `--key ${betterKey} would pair more requests than ${key}`);
  }
  if (coverage.buckets.ambiguous_id > 0) {
    warn('ambiguous-ids', `${coverage.buckets.ambiguous_id} requests share their id with another line`);
  }
  return warnings;
}

/** Names of more would be no warning but a list. */
const MAX_NAMED = 5;

function oneSidedRoutes({ routes }: Comparisons): string[] {
  const named = routes.flatMap(({ route, errors: { n, mirrorN = 0 } }) => {
    if (n > 0 && mirrorN > 0) return [];
    return [n > 0 ? `${route} (production, ${n})` : `${route} (mirror, ${mirrorN})`];
  });
  const rest = named.length - MAX_NAMED;
  return rest > 0 ? [...named.slice(0, MAX_NAMED), `${rest} more routes`] : named;
}

/** Requests that change something. */
const MUTATING = /^(?:POST|PUT|PATCH|DELETE)(?= )/;

/** Pairs of such requests, and their methods, most pairs first; undefined without any. */
export function findMutatingPairs({
  routes,
}: Pick<Comparisons, 'routes'>): { readonly pairs: number; readonly methods: readonly string[] } | undefined {
  const byMethod = new Map<string, number>();
  for (const { route, errors } of routes) {
    const method = MUTATING.exec(route)?.[0];
    if (method !== undefined && errors.n > 0) byMethod.set(method, (byMethod.get(method) ?? 0) + errors.n);
  }
  if (byMethod.size === 0) return undefined;
  const sorted = [...byMethod].sort(([, a], [, b]) => b - a);
  return { pairs: sorted.reduce((sum, [, n]) => sum + n, 0), methods: sorted.map(([method]) => method) };
}

/** A stretch of time in which production went on and no request has an answer of the mirror, although others have. */
interface MirroringGap {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Production's requests in it. */
  readonly requests: number;
  /** 0–1: answered outside of it. */
  readonly shareElsewhere: number;
}

/** That many times likelier than chance, as natural logarithm: what sampling leaves out stands between what it takes. */
const MIN_EVIDENCE = 18;

/** The longest one; undefined where sampling or what is selected explains the pauses. */
export function findMirroringGap(profile: TimeProfile): MirroringGap | undefined {
  const steps = profile.steps();
  const answered = steps.reduce((sum, step) => sum + step.pairs, 0);
  const all = steps.reduce((sum, step) => sum + step.unanswered + step.notMirrored, answered);
  let longest: MirroringGap | undefined;
  let [fromMs, requests] = [Number.NaN, 0];
  for (const step of steps) {
    if (step.pairs > 0) {
      [fromMs, requests] = [Number.NaN, 0];
      continue;
    }
    if (Number.isNaN(fromMs)) fromMs = step.fromMs;
    requests += step.unanswered + step.notMirrored;
    if (requests <= (longest?.requests ?? 0)) continue;
    longest = { fromMs, toMs: step.fromMs + profile.stepMs, requests, shareElsewhere: answered / (all - requests) };
  }
  if (longest === undefined || answered === 0) return undefined;
  const evidence = -longest.requests * Math.log(1 - Math.min(longest.shareElsewhere, 0.999));
  return evidence >= MIN_EVIDENCE ? longest : undefined;
}
