/**
 * A few requests of each kind to look at, from different routes. The choice does not depend on the order of lines. Of files
 * that are compared whole the first ones of each route are shown, the slowest first; of a log that is followed the last
 * ones, because what happens now is what one follows it for.
 */
import type { JoinedRequest } from './join/joined-request.ts';
import { BUCKETS, type Sample, type SampleKind } from './model.ts';
import { type RequestLine, type RequestLineOptions, requestLine, shownTarget } from './request-line.ts';
import { compareTexts } from './transitions.ts';

const PER_KIND = 10;
const PER_ROUTE = 3;
/** Slow is a mirror that took so much longer, and at least twice as long. */
const SLOW_MS = 50;

const SAMPLE_KINDS: readonly SampleKind[] = ['new_error', 'new_4xx', 'both_error', 'fixed_error', 'slow', 'missing'];

export type SampleOrder = 'first' | 'last';

/** `lost`: it is `missing` unless SPOE lines tell what became of it, which is known at the end. */
type CandidateKind = SampleKind | 'lost';

const CANDIDATE_KINDS: { readonly [bucket: string]: CandidateKind } = {
  acked_but_missing: 'missing',
  missing: 'missing',
  not_mirrored: 'lost',
  spoe_failed: 'lost',
};

interface Candidate {
  readonly joined: JoinedRequest;
  /** The smaller one comes first. */
  readonly order: number;
}

/** The candidates of one route. */
export class RouteSamples {
  readonly #order: SampleOrder;
  readonly #candidates = new Map<CandidateKind, Candidate[]>();

  constructor(order: SampleOrder) {
    this.#order = order;
  }

  get size(): number {
    return [...this.#candidates.values()].reduce((sum, { length }) => sum + length, 0);
  }

  addPair(joined: JoinedRequest, kind: JoinedRequest['kind']): void {
    const { request, answer } = joined;
    for (const wanted of SAMPLE_KINDS) if (wanted === kind) this.#offer(wanted, this.#byTime(request.time), joined);
    const slowness = answer === undefined ? 0 : slownessOf(request.totalMs, answer.totalMs);
    if (slowness > 0) this.#offer('slow', this.#order === 'first' ? -slowness : this.#byTime(request.time), joined);
  }

  /** A request that could have been paired and was not. */
  addUnanswered(joined: JoinedRequest): void {
    const kind = CANDIDATE_KINDS[BUCKETS[joined.bucket] as string];
    if (kind !== undefined) this.#offer(kind, this.#byTime(joined.request.time), joined);
  }

  merge(other: RouteSamples): void {
    for (const [kind, candidates] of other.#candidates) {
      for (const { order, joined } of candidates) this.#offer(kind, order, joined);
    }
  }

  /** @param isSpoeUsable SPOE lines tell what became of a request that is not answered */
  list(kind: SampleKind, isSpoeUsable: boolean): readonly JoinedRequest[] {
    const own = this.#candidates.get(kind) ?? [];
    const lost = kind === 'missing' && !isSpoeUsable ? (this.#candidates.get('lost') ?? []) : [];
    const all = lost.length === 0 ? own : [...own, ...lost].sort((a, b) => (isBefore(a, b) ? -1 : 1));
    return all.slice(0, PER_ROUTE).map(({ joined }) => joined);
  }

  /** Requests without a time come last. */
  #byTime(time: number): number {
    if (Number.isNaN(time)) return Number.POSITIVE_INFINITY;
    return this.#order === 'first' ? time : -time;
  }

  #offer(kind: CandidateKind, order: number, joined: JoinedRequest): void {
    let list = this.#candidates.get(kind);
    if (list === undefined) {
      list = [];
      this.#candidates.set(kind, list);
    }
    const candidate = { joined, order };
    if (list.length === PER_ROUTE) {
      if (!isBefore(candidate, list[PER_ROUTE - 1] as Candidate)) return;
      list.pop();
    }
    const at = list.findIndex((other) => isBefore(candidate, other));
    list.splice(at < 0 ? list.length : at, 0, { joined: joined.keep(), order });
  }
}

function isBefore(a: Candidate, b: Candidate): boolean {
  if (a.order !== b.order) return a.order < b.order;
  const byId = compareTexts(a.joined.id, b.joined.id);
  return (byId || compareTexts(contentOf(a), contentOf(b))) < 0;
}

/** Paired by another key, requests may share the id that they are shown by. */
function contentOf({ joined }: Candidate): string {
  return JSON.stringify(sampleOf('slow', joined, '', { showQueries: true }));
}

/** By how many ms the mirror took longer; 0 where that is nothing to look at. */
function slownessOf(before: number, after: number): number {
  return after - before >= SLOW_MS && after >= 2 * before && before >= 0 ? after - before : 0;
}

/** @param routes worst first */
export function chooseSamples(
  routes: readonly { readonly name: string; readonly samples: RouteSamples }[],
  isSpoeUsable: boolean,
  options: RequestLineOptions,
): Sample[] {
  return SAMPLE_KINDS.flatMap((kind) => {
    const candidates = routes.flatMap(({ name, samples }) =>
      samples.list(kind, isSpoeUsable).map((joined) => ({ name, joined })),
    );
    return candidates.slice(0, PER_KIND).map(({ name, joined }) => sampleOf(kind, joined, name, options));
  });
}

function sampleOf(kind: SampleKind, joined: JoinedRequest, route: string, options: RequestLineOptions): Sample {
  const { production, mirror, id, traceId, time } = requestLine(joined, route, options);
  return {
    kind,
    id: id ?? '',
    route,
    production: {
      status: production.status,
      target: production.target,
      ...(production.termination !== '' && { termination: production.termination }),
      ms: production.total_ms ?? production.first_byte_ms,
    },
    ...(mirror !== null && { mirror: mirrorOf(mirror, joined.answer?.target ?? '', options) }),
    traceId,
    time,
  };
}

function mirrorOf(
  { status, error, first_byte_ms, total_ms }: NonNullable<RequestLine['mirror']>,
  target: string,
  options: RequestLineOptions,
): NonNullable<Sample['mirror']> {
  return {
    status,
    target: shownTarget(target, options),
    ...(error !== null && { error }),
    ms: total_ms ?? first_byte_ms,
  };
}
