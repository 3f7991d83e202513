/**
 * What differs between two answers of one and the same version, everywhere. Only values: a header that is gone altogether is
 * news whatever stood in it. Content-Security-Policy is not here although a nonce in it differs each time: only a hash of
 * it is known, so that a policy that was weakened would be silent, too; a run of two equal versions tells them apart.
 */

interface BuiltIn {
  /** Lower case. */
  readonly headers: readonly string[];
  readonly kinds: readonly string[];
  /** For people: one phrase. */
  readonly reason: string;
}

const VALUE = ['value'] as const;
/** Whether it is there says where the answer came from. */
const WHOLE = ['value', 'missing', 'extra', 'order', 'count'] as const;

export const BUILT_IN: readonly BuiltIn[] = [
  { headers: ['date'], kinds: VALUE, reason: 'the time of the answer' },
  { headers: ['age'], kinds: WHOLE, reason: 'how long a cache had it, where one had it' },
  { headers: ['expires'], kinds: VALUE, reason: 'a time that is counted from that of the answer' },
  { headers: ['set-cookie'], kinds: VALUE, reason: 'a session of its own for each answer' },
  {
    headers: ['x-request-id', 'request-id', 'x-correlation-id', 'x-amzn-requestid', 'x-amz-request-id', 'x-amz-id-2'],
    kinds: VALUE,
    reason: 'an id of the request or of the answer',
  },
  { headers: ['x-ms-request-id', 'x-trace-id', 'x-unique-id'], kinds: VALUE, reason: 'the same' },
  {
    headers: ['traceparent', 'tracestate', 'x-b3-traceid', 'x-b3-spanid', 'x-amzn-trace-id', 'x-cloud-trace-context'],
    kinds: VALUE,
    reason: 'the trace of the request',
  },
  {
    headers: ['server-timing', 'x-runtime', 'x-response-time', 'x-envoy-upstream-service-time'],
    kinds: VALUE,
    reason: 'how long it took',
  },
  { headers: ['via', 'x-served-by', 'x-timer'], kinds: VALUE, reason: 'the machines that answered' },
  {
    headers: ['x-cache', 'x-cache-hits', 'x-cache-status', 'cf-cache-status'],
    kinds: VALUE,
    reason: 'what a cache had',
  },
  { headers: ['cf-ray', 'x-amz-cf-id', 'x-amz-cf-pop'], kinds: VALUE, reason: 'an id that a CDN gives' },
  {
    headers: ['x-ratelimit-remaining', 'x-ratelimit-reset', 'ratelimit-remaining', 'ratelimit-reset', 'ratelimit'],
    kinds: VALUE,
    reason: 'what is left of a quota at that moment',
  },
];
