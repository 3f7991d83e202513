/** What the outcomes in the agent's record (docs/schemas/agent-record.schema.json) say about the mirror. */

export interface MirrorErrorMeaning {
  /** The request never reached the mirror: nothing is known of its answer then. */
  readonly neverSent: boolean;
  readonly meaning: string;
  /** What an operator does about it, one sentence. */
  readonly next: string;
}

/** The agent left a request out because it was told to mirror no more than so many a second: sampling, no loss. */
export const SAMPLED_OUT = 'dropped-max-rate';

/** Beside the agent's codes: it sent the request with its body cut, so that whatever came back answers another request. */
export const SENT_CUT = 'sent-truncated';

export const MIRROR_ERRORS = {
  'invalid-method': {
    neverSent: true,
    meaning: 'the method is no token of HTTP',
    next: 'Look at the argument arg_method of the SPOE message.',
  },
  'invalid-path': {
    neverSent: true,
    meaning: 'the path is no request target',
    next: 'Look at the argument arg_path of the SPOE message.',
  },
  'invalid-header': {
    neverSent: true,
    meaning: 'a header cannot be sent on',
    next: 'Look at the argument arg_hdrs of the SPOE message: it takes req.hdrs_bin.',
  },
  'skipped-truncated': {
    neverSent: true,
    meaning: 'the body was cut by a buffer of HAProxy, and the agent leaves such requests out',
    next: 'Raise tune.bufsize and the frame sizes, or mirror cut bodies as well (--truncated send).',
  },
  [SAMPLED_OUT]: {
    neverSent: true,
    meaning: 'over --max-rate: left out as asked',
    next: 'Raise --max-rate if more is to be mirrored.',
  },
  'dropped-queue-full': {
    neverSent: true,
    meaning: "the agent's queue was full: the mirror takes less than it is given",
    next: 'Mirror less (--sample, --max-rate), make the mirror faster, or give it more connections (--connections).',
  },
  'queue-timeout': {
    neverSent: true,
    meaning: "waited in the agent's queue until its time was over",
    next: 'Mirror less (--sample, --max-rate), make the mirror faster, or give it more connections (--connections).',
  },
  'local-address': {
    neverSent: true,
    meaning: "the agent's host had no free port or address for a connection",
    next: 'Look for connections in TIME_WAIT and the range of local ports on the host of the agent.',
  },
  shutdown: {
    neverSent: true,
    meaning: 'the agent ended before it was sent',
    next: 'Look why the agent was stopped or restarted.',
  },
  'connect-refused': {
    neverSent: false,
    meaning: 'nobody listens at the mirror',
    next: 'Start the mirrored version, or mend host and port of -u.',
  },
  'connect-timeout': {
    neverSent: false,
    meaning: 'no connection to the mirror in time',
    next: 'Look at the firewall between agent and mirror, and whether the mirror accepts connections.',
  },
  dns: {
    neverSent: false,
    meaning: "the mirror's name has no address",
    next: 'Look the name of -u up on the host of the agent.',
  },
  unreachable: {
    neverSent: false,
    meaning: 'no way to the mirror in the network',
    next: 'Look at routes and firewall on the host of the agent.',
  },
  proxy: {
    neverSent: false,
    meaning: 'the proxy in front of the mirror refused or failed',
    next: 'Look at the proxy that -x names.',
  },
  tls: {
    neverSent: false,
    meaning: "the mirror's TLS failed: certificate, name or protocol",
    next: "Check the mirror's certificate and name: openssl s_client -connect HOST:PORT -servername HOST.",
  },
  closed: {
    neverSent: false,
    meaning: 'the mirror closed the connection before it answered',
    next: "Look at the mirror's own log: it crashed, or its keep-alive is shorter than the agent's.",
  },
  reset: {
    neverSent: false,
    meaning: 'the mirror reset the connection',
    next: "Look at the mirror's own log: it crashed, or refuses what it is sent.",
  },
  timeout: {
    neverSent: false,
    meaning: 'no whole answer in time',
    next: 'The mirror is too slow or hangs: look at its load, then at --response-timeout.',
  },
  'protocol-error': {
    neverSent: false,
    meaning: 'the answer is no HTTP',
    next: 'Check that -u names an HTTP port, and http or https as it is.',
  },
} as const satisfies { readonly [code: string]: MirrorErrorMeaning };

/** The meaning of an error code; undefined for a code that no agent of ours writes. */
export function describeMirrorError(code: string): MirrorErrorMeaning | undefined {
  return Object.hasOwn(MIRROR_ERRORS, code) ? MIRROR_ERRORS[code as keyof typeof MIRROR_ERRORS] : undefined;
}

/** What is known of a request whose code no agent of ours writes, or that has neither code nor status: it has no answer. */
export const UNKNOWN_ERROR = {
  neverSent: false,
  meaning: 'no answer',
  next: 'Look at the log of the agent that wrote the record, and whether the mirror can be reached from there.',
} as const satisfies MirrorErrorMeaning;

/** @param code of a line of the record */
export function isNeverSent(code: string): boolean {
  return describeMirrorError(code)?.neverSent === true;
}

/** Whether the mirror never got the request as it is: then nothing is known of its answer. @param code likewise, or SENT_CUT */
export function isNoEvidence(code: string): boolean {
  return code === SENT_CUT || isNeverSent(code);
}

/** The mirror says itself that it failed; a status above 599 means nothing, and is no better. */
export function isFailure(status: number): boolean {
  return status >= 500;
}

/** Requests that were sent and ended badly: errors by code, answers by status; the most frequent first. */
export function failuresOf<Seen extends { readonly count: number }>(
  statuses: readonly (Seen & { readonly status: number })[],
  errors: readonly (Seen & { readonly error: string })[],
): readonly (Seen & { readonly code: string; readonly isAnswer: boolean })[] {
  return [
    ...errors
      .filter(({ error }) => !isNeverSent(error))
      .map((seen) => ({ ...seen, code: seen.error, isAnswer: false })),
    ...statuses
      .filter(({ status }) => isFailure(status))
      .map((seen) => ({ ...seen, code: String(seen.status), isAnswer: true })),
  ].sort((a, b) => b.count - a.count);
}

/** A client error, or a redirect: an answer to something else than what was asked. 304 answers what was asked. */
export function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 304;
}

/** Answers that are redirects or client errors. */
export function countRefused(statuses: readonly { readonly status: number; readonly count: number }[]): number {
  return statuses.reduce((sum, { status, count }) => (isRefusal(status) ? sum + count : sum), 0);
}
