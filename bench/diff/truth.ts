/**
 * What a report on the data must say. It is counted from what each request is, by the definitions of the comparison
 * (docs/schemas/diff-report.schema.json), while the lines are made: nothing here reads a line.
 */
import { loggedTime } from './mirror-lines.ts';
import { placeholders } from './routes.ts';

const BUCKETS = [
  'malformed',
  'no_id',
  'ambiguous_id',
  'client_abort',
  'answered_by_proxy',
  'paired',
  'not_mirrored',
  'spoe_failed',
  'acked_but_missing',
  'missing',
];
const POLICIES = ['last', 'worst', 'first'];
/** How far Hodges and Lehmann's ratio may be from the one that the mirror was slowed by. */
const RATIO_TOLERANCE = 0.03;

const is4xx = (status) => status >= 400 && status < 500;
const is5xx = (status) => status >= 500;
/** The new version does not know the route, or refuses what the old one took. */
const isUnknownThere = (status) => status === 404 || status === 405 || status === 414;

/** In the order in which the buckets are tested. */
function bucketOf({ malformed, loggedId, twins, termination, timers, server, answers, spoe }, hasSpoe) {
  if (malformed) return 'malformed';
  if (loggedId !== 'whole') return 'no_id';
  if (twins > 0) return 'ambiguous_id';
  if (/^[Cc]/.test(termination) && timers.Tr === -1) return 'client_abort';
  if (server === '<NOSRV>' && !/^[Ss]/.test(termination)) return 'answered_by_proxy';
  if (answers.length > 0) return 'paired';
  if (!hasSpoe) return 'missing';
  const ours = spoe.filter(({ agent }) => agent === 'mirror');
  if (ours.length === 0) return 'not_mirrored';
  return ours.some(({ st }) => st > 0) ? 'spoe_failed' : 'acked_but_missing';
}

function cells() {
  return { n: 0, bothOk: 0, newError: 0, fixedError: 0, bothError: 0, new4xx: 0, fixed4xx: 0, statusChanged: 0 };
}

/** The 2x2 and the transitions, of all and by route. */
class Outcomes {
  errors = cells();
  #routes = new Map();
  #transitions = new Map();

  add(route, request, answer) {
    let own = this.#routes.get(route);
    if (own === undefined) {
      own = { ...cells(), notForwardCompatible: {} };
      this.#routes.set(route, own);
    }
    const mirror = answer.error ?? String(answer.status);
    const transition = `${request.status} ${mirror}`;
    this.#transitions.set(transition, (this.#transitions.get(transition) ?? 0) + 1);
    for (const counts of [this.errors, own]) count(counts, request, answer);
    if (request.status >= 0 && request.status < 400 && isUnknownThere(answer.status)) {
      own.notForwardCompatible[mirror] = (own.notForwardCompatible[mirror] ?? 0) + 1;
    }
  }

  toJSON() {
    const transitions = [...this.#transitions]
      .map(([key, number]) => ({ production: key.split(' ')[0], mirror: key.split(' ')[1], count: number }))
      .sort((a, b) => b.count - a.count || (`${a.production} ${a.mirror}` < `${b.production} ${b.mirror}` ? -1 : 1));
    const routes = Object.fromEntries([...this.#routes].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { errors: this.errors, routes, transitions };
  }
}

function count(counts, { status, termination }, answer) {
  const productionFailed = is5xx(status) || /^[Ss]/.test(termination);
  const mirrorFailed = answer.error !== null || is5xx(answer.status);
  counts.n++;
  if (productionFailed && mirrorFailed) counts.bothError++;
  else if (productionFailed) counts.fixedError++;
  else if (mirrorFailed) counts.newError++;
  else {
    counts.bothOk++;
    if (status !== answer.status) counts.statusChanged++;
    if (!is4xx(status) && is4xx(answer.status)) counts.new4xx++;
    if (is4xx(status) && !is4xx(answer.status)) counts.fixed4xx++;
  }
}

/** An error is worse than 4xx, which is worse than anything else; no request of the data has two of the worst. */
function worst(answers) {
  const rank = ({ status, error }) => (error !== null || is5xx(status) ? 2 : is4xx(status) ? 1 : 0);
  return answers.reduce((a, b) => (rank(b) > rank(a) ? b : a));
}

export class Truth {
  #settings;
  #buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0]));
  #mirrorOnly = { withoutId: 0, unknownId: 0, retriedIds: 0 };
  #outcomes = Object.fromEntries(POLICIES.map((policy) => [policy, new Outcomes()]));
  /** Milliseconds of mirror time − production time, and how many pairs have them. */
  #skews = new Map();
  #traps = {};

  constructor(settings) {
    this.#settings = settings;
  }

  trap(name) {
    this.#traps[name] = (this.#traps[name] ?? 0) + 1;
  }

  /** Of a line of the mirror that belongs to no request of production. */
  stray(kind) {
    if (kind === 'without-id') this.#mirrorOnly.withoutId++;
    else if (kind !== 'unparsed') this.#mirrorOnly.unknownId++;
  }

  /** The moments of the answers are those that the mirror writes, with its clock. */
  request(request) {
    const bucket = bucketOf(request, this.#settings.spoe !== 'none');
    this.#buckets[bucket] += 1 + request.twins;
    // Nobody can know them again.
    if (request.loggedId !== 'whole')
      for (const { id } of request.answers) this.stray(id === '' ? 'without-id' : 'unknown');
    if (bucket === 'paired') this.#pair(request);
  }

  #pair(request) {
    const { answers, method, route, acceptMs } = request;
    const name = `${method} ${route.template}`;
    const last = answers.at(-1);
    const chosen = { last, worst: worst(answers), first: answers[0] };
    for (const policy of POLICIES) this.#outcomes[policy].add(name, request, chosen[policy]);
    if (answers.length > 1) this.#mirrorOnly.retriedIds++;
    const skew = loggedTime(last, this.#settings.mirror) - acceptMs;
    this.#skews.set(skew, (this.#skews.get(skew) ?? 0) + 1);
  }

  #medianSkew(pairs) {
    if (pairs === 0) return null;
    const sorted = [...this.#skews].sort(([a], [b]) => a - b);
    const at = (rank) => {
      let left = rank;
      for (const [skew, number] of sorted) {
        if (left < number) return skew;
        left -= number;
      }
    };
    return (at(Math.floor((pairs - 1) / 2)) + at(Math.floor(pairs / 2))) / 2;
  }

  #coverage() {
    const buckets = this.#buckets;
    const sum = Object.values(buckets).reduce((a, b) => a + b, 0);
    const apart = BUCKETS.slice(0, BUCKETS.indexOf('paired')).reduce((total, bucket) => total + buckets[bucket], 0);
    const hasSpoe = this.#settings.spoe !== 'none';
    const attempted = hasSpoe ? buckets.paired + buckets.spoe_failed + buckets.acked_but_missing : null;
    const share = (part, whole) => (whole === null || whole === 0 ? null : part / whole);
    return {
      productionRequests: sum,
      comparable: sum - apart,
      paired: buckets.paired,
      pairedShare: share(buckets.paired, sum - apart),
      buckets,
      mirrorOnly: this.#mirrorOnly,
      attempted,
      deliveredShare: share(buckets.paired, attempted),
    };
  }

  /** `inputs` are the counts of the writers, `more` those of the traps that are not counted by request. */
  result(inputs, more) {
    const { broken, latencyRatio } = this.#settings;
    const traps = { ...this.#traps, ...more };
    return {
      schema: 'spoe-logs/diff-truth/1',
      settings: this.#settings,
      inputs,
      correlation: { mode: 'paired', key: 'unique-id', clockSkewMs: this.#medianSkew(this.#buckets.paired) },
      coverage: this.#coverage(),
      /** By --mirror-duplicates. */
      outcomes: Object.fromEntries(POLICIES.map((policy) => [policy, this.#outcomes[policy].toJSON()])),
      brokenRoute: broken === undefined ? null : placeholders(broken),
      latency: { ratio: latencyRatio, tolerance: RATIO_TOLERANCE },
      traps: Object.fromEntries(Object.entries(traps).sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
