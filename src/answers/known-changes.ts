/**
 * What differs between two answers of one and the same version, everywhere. Only values: a header that is gone altogether is
 * news whatever stood in it. Content-Security-Policy is not here although a nonce in it differs each time: only a hash of
 * it is known, so that a policy that was weakened would be silent, too; a run of two equal versions tells them apart.
 */
import type { Difference } from './differences.ts';

interface KnownChange {
  /** Lower case. */
  readonly headers: readonly string[];
  /** For people: one phrase. */
  readonly reason: string;
}

/** Date and Age are not here: no comparison looks at them. */
export const KNOWN_CHANGES: readonly KnownChange[] = [
  { headers: ['expires'], reason: 'a time that is counted from that of the answer' },
  { headers: ['set-cookie'], reason: 'a session of its own for each answer' },
  {
    headers: [
      ...['x-request-id', 'request-id', 'x-correlation-id', 'x-unique-id', 'x-trace-id', 'x-ms-request-id'],
      ...['x-amzn-requestid', 'x-amz-request-id', 'x-amz-id-2'],
    ],
    reason: 'an id of the request or of the answer',
  },
  {
    headers: ['traceparent', 'tracestate', 'x-b3-traceid', 'x-b3-spanid', 'x-amzn-trace-id', 'x-cloud-trace-context'],
    reason: 'the trace of the request',
  },
  {
    headers: ['server-timing', 'x-runtime', 'x-response-time', 'x-envoy-upstream-service-time'],
    reason: 'how long it took',
  },
  { headers: ['via', 'x-served-by', 'x-timer'], reason: 'the machines that answered' },
  {
    headers: ['x-cache', 'x-cache-hits', 'x-cache-status', 'cf-cache-status'],
    reason: 'what a cache had',
  },
  { headers: ['cf-ray', 'x-amz-cf-id', 'x-amz-cf-pop'], reason: 'an id that a CDN gives' },
  {
    headers: ['x-ratelimit-remaining', 'x-ratelimit-reset', 'ratelimit-remaining', 'ratelimit-reset', 'ratelimit'],
    reason: 'what is left of a quota at that moment',
  },
];

const PLACES: ReadonlySet<string> = new Set(
  KNOWN_CHANGES.flatMap(({ headers }) => headers.map((name) => `header ${name}`)),
);

export function isKnownToChange({ place, kind }: Pick<Difference, 'place' | 'kind'>): boolean {
  return kind === 'value' && PLACES.has(place);
}
