/** Single requests, for samples and for ndjson. */
import type { Analysis } from './analysis.ts';
import { PAIRED } from './buckets.ts';
import { BUCKETS } from './model.ts';
import { boundedMoment } from './record-values.ts';
import type { RequestLine } from './request-line.ts';
import { NO_TEXT } from './text-table.ts';

export interface RequestLineOptions {
  /** Query strings hold what is nobody's business: tokens, searches, names. */
  readonly showQueries: boolean;
}

/** The request of a row of production. */
export function requestLine(analysis: Analysis, row: number, options: RequestLineOptions): RequestLine {
  const { collection, pairing, buckets, routes } = analysis;
  const { production } = collection;
  const dropped = analysis.dropReasonOf(row);
  return {
    id: analysis.idOf(row) || null,
    bucket: BUCKETS[buckets[row] as number] as RequestLine['bucket'],
    kind: analysis.kindOf(row) ?? null,
    route: routes[analysis.routeOf(row)] as string,
    time: formatMoment(production.time.at(row)),
    production: {
      status: statusOrNull(production.status.at(row)),
      method: production.methods.text(production.method.at(row)),
      target: shownTarget(production.targets.text(production.target.at(row)), options),
      termination: production.terminations.text(production.termination.at(row)),
      first_byte_ms: timeOrNull(production.firstByteMs.at(row)),
      total_ms: timeOrNull(production.totalMs.at(row)),
    },
    mirror: buckets[row] === PAIRED ? mirrorAnswer(analysis, pairing.answerOf[row] as number) : null,
    traceId: production.keys.traceOf(row) || null,
    spoe_status: analysis.spoeStatusOf(row) ?? null,
    ...(dropped !== '' && { dropped }),
    ...(analysis.destination !== '' && { destination: analysis.destination }),
  };
}

function mirrorAnswer({ collection, pairing }: Analysis, row: number): RequestLine['mirror'] {
  const { status, error, errors, firstByteMs, totalMs } = collection.mirror;
  const attempts = pairing.attempts.get(row);
  return {
    status: statusOrNull(status.at(row)),
    error: error.at(row) === NO_TEXT ? null : errors.text(error.at(row)),
    first_byte_ms: timeOrNull(firstByteMs.at(row)),
    total_ms: timeOrNull(totalMs.at(row)),
    ...(attempts !== undefined && { attempts }),
  };
}

/** Of -1. */
export function statusOrNull(status: number): number | null {
  return status < 0 ? null : status;
}

/** Of -1 and NaN. */
export function timeOrNull(ms: number): number | null {
  return ms >= 0 ? ms : null;
}

/** ISO 8601, UTC; null for what is no moment. */
export function formatMoment(ms: number): string | null {
  return Number.isNaN(boundedMoment(ms)) ? null : new Date(ms).toISOString();
}

/** Without user names and passwords, and without the values of the query unless they are asked for. */
export function shownTarget(target: string, { showQueries }: RequestLineOptions): string {
  const safe = target.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/?#]*@/, '$1');
  const query = showQueries ? -1 : safe.search(/[?#]/);
  return query < 0 ? safe : `${safe.slice(0, query + 1)}…`;
}
