/**
 * What a report on the data must say. It is counted from what each request is, by the definitions of the comparison
 * (docs/schemas/diff-report.schema.json), while the lines are made: nothing here reads a line.
 */
import type { Bucket, Coverage, DuplicatePolicy, ErrorComparison } from '../../src/diff/model.ts';
import { loggedTime } from './mirror-lines.ts';
import { placeholders } from './routes.ts';
import type { DataSettings } from './settings.ts';
import type { Answer, Request, Stray } from './traffic.ts';

/** The mirror's logs of the data have no records of drops. */
type TruthBucket = Exclude<Bucket, 'dropped'>;

const BUCKETS: readonly TruthBucket[] = [
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
const POLICIES: readonly DuplicatePolicy[] = ['last', 'worst', 'first'];
/** How far Hodges and Lehmann's ratio may be from the one that the mirror was slowed by. */
const RATIO_TOLERANCE = 0.03;

/** The 2x2 and what is counted beside it. */
export type Cells = Pick<
  ErrorComparison,
  'n' | 'bothOk' | 'newError' | 'fixedError' | 'bothError' | 'new4xx' | 'fixed4xx' | 'statusChanged'
>;
type CellCounts = { -readonly [cell in keyof Cells]: number };

export interface RouteTruth extends Cells {
  /** By the mirror's status. */
  readonly notForwardCompatible: Readonly<Record<string, number>>;
}

export interface TransitionTruth {
  readonly production: string;
  readonly mirror: string;
  readonly count: number;
}

export interface OutcomesTruth {
  readonly errors: Cells;
  readonly routes: Readonly<Record<string, RouteTruth>>;
  readonly transitions: readonly TransitionTruth[];
}

/** Of one input, as the report states it; duplicates are among what was parsed. */
export interface InputTruth {
  readonly lines: number;
  readonly parsed: number;
  readonly unparsed: number;
  readonly notices: number;
  readonly duplicateLines: number;
  readonly accessLines: number;
  readonly spoeLines: number;
  readonly duplicateAccessLines: number;
  readonly duplicateSpoeLines: number;
}

export interface InputsTruth {
  readonly production: InputTruth;
  readonly mirror: InputTruth;
  /** null where SPOE lines have no file of their own. */
  readonly spoe: InputTruth | null;
}

export interface TruthResult {
  readonly schema: 'spoe-logs/diff-truth/1';
  readonly settings: DataSettings;
  readonly inputs: InputsTruth;
  readonly correlation: { readonly mode: string; readonly key: string; readonly clockSkewMs: number | null };
  readonly coverage: Pick<
    Coverage,
    'productionRequests' | 'comparable' | 'paired' | 'pairedShare' | 'mirrorOnly' | 'attempted' | 'deliveredShare'
  > & { readonly buckets: Readonly<Record<TruthBucket, number>> };
  /** By --mirror-duplicates. */
  readonly outcomes: Readonly<Record<DuplicatePolicy, OutcomesTruth>>;
  readonly brokenRoute: string | null;
  readonly latency: { readonly ratio: number; readonly tolerance: number };
  readonly traps: Readonly<Record<string, number>>;
}

const is4xx = (status: number) => status >= 400 && status < 500;
const is5xx = (status: number) => status >= 500;
/** The new version does not know the route, or refuses what the old one took. */
const isUnknownThere = (status: number | null) => status === 404 || status === 405 || status === 414;

/** In the order in which the buckets are tested. */
function bucketOf(request: Request, hasSpoe: boolean): TruthBucket {
  const { malformed, loggedId, twins, termination, timers, server, answers, spoe } = request;
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

function cells(): CellCounts {
  return { n: 0, bothOk: 0, newError: 0, fixedError: 0, bothError: 0, new4xx: 0, fixed4xx: 0, statusChanged: 0 };
}

/** The 2x2 and the transitions, of all and by route. */
class Outcomes {
  readonly #errors = cells();
  readonly #routes = new Map<string, CellCounts & { readonly notForwardCompatible: Record<string, number> }>();
  readonly #transitions = new Map<string, number>();

  add(route: string, request: Request, answer: Answer): void {
    let own = this.#routes.get(route);
    if (own === undefined) {
      own = { ...cells(), notForwardCompatible: {} };
      this.#routes.set(route, own);
    }
    const mirror = answer.error ?? String(answer.status);
    const transition = `${request.status} ${mirror}`;
    this.#transitions.set(transition, (this.#transitions.get(transition) ?? 0) + 1);
    for (const counts of [this.#errors, own]) count(counts, request, answer);
    if (request.status >= 0 && request.status < 400 && isUnknownThere(answer.status)) {
      own.notForwardCompatible[mirror] = (own.notForwardCompatible[mirror] ?? 0) + 1;
    }
  }

  toJSON(): OutcomesTruth {
    const transitions = [...this.#transitions]
      .map(([key, count]) => {
        const [production = '', mirror = ''] = key.split(' ');
        return { production, mirror, count };
      })
      .sort((a, b) => b.count - a.count || (`${a.production} ${a.mirror}` < `${b.production} ${b.mirror}` ? -1 : 1));
    const routes = Object.fromEntries([...this.#routes].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { errors: this.#errors, routes, transitions };
  }
}

function count(counts: CellCounts, { status, termination }: Request, { status: mirrorStatus, error }: Answer): void {
  const productionFailed = is5xx(status) || /^[Ss]/.test(termination);
  const mirrorFailed = error !== null || mirrorStatus === null || is5xx(mirrorStatus);
  counts.n++;
  if (productionFailed && mirrorFailed) counts.bothError++;
  else if (productionFailed) counts.fixedError++;
  else if (mirrorFailed) counts.newError++;
  else {
    counts.bothOk++;
    if (status !== mirrorStatus) counts.statusChanged++;
    if (!is4xx(status) && is4xx(mirrorStatus)) counts.new4xx++;
    if (is4xx(status) && !is4xx(mirrorStatus)) counts.fixed4xx++;
  }
}

/** An error is worse than 4xx, which is worse than anything else; no request of the data has two of the worst. */
function worst(answers: readonly Answer[]): Answer | undefined {
  const rank = ({ status, error }: Answer) =>
    error !== null || status === null || is5xx(status) ? 2 : is4xx(status) ? 1 : 0;
  return answers.reduce<Answer | undefined>((a, b) => (a === undefined || rank(b) > rank(a) ? b : a), undefined);
}

export class Truth {
  readonly #settings: DataSettings;
  readonly #buckets: Record<TruthBucket, number> = {
    malformed: 0,
    no_id: 0,
    ambiguous_id: 0,
    client_abort: 0,
    answered_by_proxy: 0,
    paired: 0,
    not_mirrored: 0,
    spoe_failed: 0,
    acked_but_missing: 0,
    missing: 0,
  };
  readonly #mirrorOnly = { withoutId: 0, unknownId: 0, retriedIds: 0 };
  readonly #outcomes = { last: new Outcomes(), worst: new Outcomes(), first: new Outcomes() };
  /** Milliseconds of mirror time − production time, and how many pairs have them. */
  readonly #skews = new Map<number, number>();
  readonly #traps: Record<string, number> = {};

  constructor(settings: DataSettings) {
    this.#settings = settings;
  }

  trap(name: string): void {
    this.#traps[name] = (this.#traps[name] ?? 0) + 1;
  }

  /** Of a line of the mirror that belongs to no request of production. */
  stray(kind: Stray): void {
    if (kind === 'without-id') this.#mirrorOnly.withoutId++;
    else if (kind !== 'unparsed') this.#mirrorOnly.unknownId++;
  }

  /** The moments of the answers are those that the mirror writes, with its clock. */
  request(request: Request): void {
    const bucket = bucketOf(request, this.#settings.spoe !== 'none');
    this.#buckets[bucket] += 1 + request.twins;
    // Nobody can know them again.
    if (request.loggedId !== 'whole')
      for (const { id } of request.answers) this.stray(id === '' ? 'without-id' : 'unknown-id');
    if (bucket === 'paired') this.#pair(request);
  }

  #pair(request: Request): void {
    const { answers, method, route, acceptMs } = request;
    const name = `${method} ${route.template}`;
    const last = answers.at(-1);
    const chosen = { last, worst: worst(answers), first: answers[0] };
    for (const policy of POLICIES) {
      const answer = chosen[policy];
      if (answer !== undefined) this.#outcomes[policy].add(name, request, answer);
    }
    if (answers.length > 1) this.#mirrorOnly.retriedIds++;
    if (last === undefined) return;
    const skew = loggedTime(last, this.#settings.mirror) - acceptMs;
    this.#skews.set(skew, (this.#skews.get(skew) ?? 0) + 1);
  }

  #medianSkew(pairs: number): number | null {
    if (pairs === 0) return null;
    const sorted = [...this.#skews].sort(([a], [b]) => a - b);
    const at = (rank: number) => {
      let left = rank;
      for (const [skew, number] of sorted) {
        if (left < number) return skew;
        left -= number;
      }
      return Number.NaN;
    };
    return (at(Math.floor((pairs - 1) / 2)) + at(Math.floor(pairs / 2))) / 2;
  }

  #coverage(): TruthResult['coverage'] {
    const buckets = this.#buckets;
    const sum = Object.values(buckets).reduce((a, b) => a + b, 0);
    const apart = BUCKETS.slice(0, BUCKETS.indexOf('paired')).reduce((total, bucket) => total + buckets[bucket], 0);
    const hasSpoe = this.#settings.spoe !== 'none';
    const attempted = hasSpoe ? buckets.paired + buckets.spoe_failed + buckets.acked_but_missing : null;
    const share = (part: number, whole: number | null) => (whole === null || whole === 0 ? null : part / whole);
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
  result(inputs: InputsTruth, more: Readonly<Record<string, number>>): TruthResult {
    const { broken, latencyRatio } = this.#settings;
    const traps = { ...this.#traps, ...more };
    return {
      schema: 'spoe-logs/diff-truth/1',
      settings: this.#settings,
      inputs,
      correlation: { mode: 'paired', key: 'unique-id', clockSkewMs: this.#medianSkew(this.#buckets.paired) },
      coverage: this.#coverage(),
      outcomes: {
        last: this.#outcomes.last.toJSON(),
        worst: this.#outcomes.worst.toJSON(),
        first: this.#outcomes.first.toJSON(),
      },
      brokenRoute: broken === undefined ? null : placeholders(broken),
      latency: { ratio: latencyRatio, tolerance: RATIO_TOLERANCE },
      traps: Object.fromEntries(Object.entries(traps).sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
