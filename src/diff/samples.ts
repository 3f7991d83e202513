/** A few requests of each kind to look at, from different routes. The choice does not depend on the order of lines. */
import type { Analysis } from './analysis.ts';
import { PAIRED } from './buckets.ts';
import { BUCKETS, type Sample, type SampleKind } from './model.ts';
import type { RequestLine } from './request-line.ts';
import { type RequestLineOptions, requestLine, shownTarget } from './request-lines.ts';
import { compareTexts } from './transitions.ts';

export const PER_KIND = 10;
export const PER_ROUTE = 3;
/** Slow is a mirror that took so much longer, and at least twice as long. */
const SLOW_MS = 50;

const MISSING = new Set(['acked_but_missing', 'missing'].map((name) => (BUCKETS as readonly string[]).indexOf(name)));
export const SAMPLE_KINDS: readonly SampleKind[] = [
  'new_error',
  'new_4xx',
  'both_error',
  'fixed_error',
  'slow',
  'missing',
];

interface Candidate {
  readonly row: number;
  /** Smaller comes first. */
  readonly order: number;
}

/** @param routeOrder routes, worst first */
export function chooseSamples(
  analysis: Analysis,
  routeOrder: readonly number[],
  options: RequestLineOptions,
): Sample[] {
  const found = new Map<string, Candidate[]>();
  const { production } = analysis.collection;
  for (let row = 0; row < production.size; row++) {
    const route = analysis.routeOf(row);
    const kind = sampleKind(analysis, row);
    const time = production.time.at(row);
    const order = Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
    if (kind !== undefined) offer(found, `${kind} ${route}`, { row, order }, analysis);
    const slowness = slownessOf(analysis, row);
    if (slowness > 0) offer(found, `slow ${route}`, { row, order: -slowness }, analysis);
  }
  return SAMPLE_KINDS.flatMap((kind) => {
    const candidates = routeOrder.flatMap((route) => found.get(`${kind} ${route}`) ?? []);
    return candidates.slice(0, PER_KIND).map(({ row }) => sampleOf(kind, analysis, row, options));
  });
}

function sampleOf(kind: SampleKind, analysis: Analysis, row: number, options: RequestLineOptions): Sample {
  const sample = toSample(kind, requestLine(analysis, row, options));
  if (sample.mirror === undefined) return sample;
  const { target, targets } = analysis.collection.mirror;
  const asked = targets.text(target.at(analysis.pairing.answerOf[row] as number));
  return { ...sample, mirror: { ...sample.mirror, target: shownTarget(asked, options) } };
}

/** Of a request that is not slow only; undefined for what nobody wants to see. */
function sampleKind(analysis: Analysis, row: number): SampleKind | undefined {
  if (MISSING.has(analysis.buckets[row] as number)) return 'missing';
  const kind = analysis.kindOf(row);
  return SAMPLE_KINDS.find((wanted) => wanted === kind);
}

function slownessOf({ buckets, collection, pairing }: Analysis, row: number): number {
  if (buckets[row] !== PAIRED) return 0;
  const { production, mirror } = collection;
  const answer = pairing.answerOf[row] as number;
  return slowness(production.totalMs.at(row), mirror.totalMs.at(answer));
}

/** By how many ms the mirror took longer; 0 where that is nothing to look at. */
export function slowness(before: number, after: number): number {
  return after - before >= SLOW_MS && after >= 2 * before && before >= 0 ? after - before : 0;
}

function offer(found: Map<string, Candidate[]>, key: string, candidate: Candidate, analysis: Analysis): void {
  const list = found.get(key);
  if (list === undefined) {
    found.set(key, [candidate]);
    return;
  }
  const last = list.at(-1) as Candidate;
  if (list.length === PER_ROUTE && !isBefore(candidate, last, analysis)) return;
  if (list.length === PER_ROUTE) list.pop();
  const at = list.findIndex((other) => isBefore(candidate, other, analysis));
  list.splice(at < 0 ? list.length : at, 0, candidate);
}

function isBefore(a: Candidate, b: Candidate, analysis: Analysis): boolean {
  if (a.order !== b.order) return a.order < b.order;
  const byId = compareTexts(analysis.idOf(a.row), analysis.idOf(b.row));
  return (byId || compareTexts(contentOf(a, analysis), contentOf(b, analysis))) < 0;
}

/** Paired by another key, requests may share the id that they are shown by. */
function contentOf({ row }: Candidate, analysis: Analysis): string {
  return JSON.stringify(sampleOf('slow', analysis, row, { showQueries: true }));
}

export function toSample(kind: SampleKind, { id, route, production, mirror, traceId, time }: RequestLine): Sample {
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
    ...(mirror !== null && {
      mirror: {
        status: mirror.status,
        target: production.target,
        ...(mirror.error !== null && { error: mirror.error }),
        ms: mirror.total_ms ?? mirror.first_byte_ms,
      },
    }),
    traceId,
    time,
  };
}
