/** The names of the model in words for a reader who has never seen them. */
import type { Bucket, CorrelationKey, DuplicatePolicy, Role, SampleKind } from '../../diff/model.ts';
import { SENT_CUT } from '../../status/mirror-errors.ts';

/** Short enough to stand in one line of 80 columns beside its numbers. */
export const BUCKET_WORDS: { readonly [bucket in Bucket]: string } = {
  malformed: 'no request that could be read (<BADREQ>)',
  no_id: 'no id on the production line to pair it by',
  ambiguous_id: 'its id is on several different lines',
  client_abort: 'the client left before an answer',
  answered_by_proxy: 'HAProxy answered it itself, no server did',
  paired: 'one id on both sides: these are compared',
  dropped: 'not sent by the agent, or with its body cut',
  not_mirrored: 'no SPOE line of the agent: it was not sent',
  spoe_failed: 'HAProxy could not hand it over (SPOE st > 0)',
  acked_but_missing: 'handed to the agent (st=0), but no mirror line',
  missing: 'no mirror line, and no SPOE lines to say why',
};

/** The reason, after a number of requests, why they were not compared, for a reader who knows neither SPOE nor the buckets. */
export const LEFT_OUT_WORDS: { readonly [bucket in Bucket]: string } = {
  malformed: 'were no requests that could be read (<BADREQ>)',
  no_id: 'have no id in the production log',
  ambiguous_id: 'share their id with another request',
  client_abort: 'were left by the client before an answer',
  answered_by_proxy: 'were answered by HAProxy itself',
  paired: 'were compared',
  dropped: 'never reached the mirror',
  not_mirrored: 'were not sent to the mirror (sampled out, or not selected)',
  spoe_failed: 'could not be handed to the agent by HAProxy',
  acked_but_missing: 'were handed to the agent, but no answer is logged',
  missing: 'have no answer of the mirror',
};

/** Why a request did not reach the mirror, or not as it is. */
export const DROP_WORDS: { readonly [code: string]: string } = {
  'dropped-queue-full': 'queue full',
  'dropped-max-rate': "over the agent's rate limit",
  'skipped-truncated': 'body cut off by HAProxy',
  [SENT_CUT]: 'sent with the body cut',
  shutdown: 'agent shutting down',
};

export const KEY_WORDS: { readonly [key in CorrelationKey]: string } = {
  'unique-id': 'unique id',
  traceparent: 'trace id (traceparent)',
  'pid+sid': 'host, process and stream number',
  none: 'nothing',
};

export const POLICY_WORDS: { readonly [policy in DuplicatePolicy]: string } = {
  last: 'the last one counts',
  worst: 'the worst one counts',
  first: 'the first one counts',
};

export const ROLE_WORDS: { readonly [role in Role]: string } = {
  production: 'production',
  spoe: 'SPOE',
  mirror: 'mirror',
  agent: 'agent',
  baseline: 'baseline',
};

export const KIND_WORDS: { readonly [kind in SampleKind]: string } = {
  new_error: 'new error',
  fixed_error: 'fixed error',
  both_error: 'error on both sides',
  new_4xx: 'new 4xx',
  slow: 'slow',
  missing: 'missing on the mirror',
};

/** The warning for a comparison without pairs. */
export const WEAK_EVIDENCE = {
  why: 'no id joins the two logs, so whole routes are compared, not one request with its own copy',
  so: 'a difference may come from different requests on each side, and an equal rate may hide a change',
} as const;

export const NOT_FORWARD_COMPATIBLE = 'the mirror answers 404, 405 or 414 where production answered below 400';

export const Q_WORDS = 'q = expected share of false alarms among routes with a q this small (Benjamini-Hochberg)';

export const MISSING_WORDS = 'missing = requests that should have an answer of the mirror and have none';

export const STATUS_WORDS = 'status = pairs whose status got worse without being an error (200 to 403, 200 to 302)';
