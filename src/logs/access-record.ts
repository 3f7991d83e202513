/** One request as an access log, or the agent's record, tells of it; the same for every format. */

/** Names as in docs/schemas/diff-report.schema.json. */
export const ACCESS_FORMAT_NAMES = [
  'haproxy-httplog',
  'haproxy-httpslog',
  'haproxy-log-format',
  'haproxy-json',
  'nginx-log-format',
  'combined',
  'clf',
  'json',
  'agent-jsonl',
  'spoa-mirror-log',
] as const;
export type AccessFormatName = (typeof ACCESS_FORMAT_NAMES)[number];

/** Text is unescaped (`#22` of HAProxy, `\x22` of nginx and Apache, JSON): never print it as it is. */
export interface AccessRecord {
  /**
   * The time of the request: epoch ms, NaN without a time. It is the accept date where the format has one; else the time the
   * line was written, as the program or the header of the line gives it.
   */
  readonly timeMs: number;
  /** The method; empty when unknown. */
  readonly method: string;
  /** Request target as logged: origin form, or absolute as HTTP/2 clients of HAProxy give it; empty when unknown. */
  readonly target: string;
  /** HAProxy's `<BADREQ>`, an invalid request line (`-`, TLS bytes): there is no request to compare. */
  readonly malformed: boolean;
  /** The status that the client got; -1 when there was none (HAProxy logs -1, the agent an error). */
  readonly status: number;
  /** HAProxy's termination state, `CD--` or `SD`; empty where the format has none. */
  readonly termination: string;
  /** HAProxy answered itself: the server is `<NOSRV>`. */
  readonly noServer: boolean;
  /** Time to the first byte of the response (HAProxy's Tr): ms; -1 as HAProxy logs it; NaN where the format has none. */
  readonly firstByteMs: number;
  /** Total time (HAProxy's Ta, else Tt; nginx's $request_time): ms, -1, NaN likewise. */
  readonly totalMs: number;
  /** The id of the request; empty without one (`-` counts as none). */
  readonly uniqueId: string;
  /** The 32 hex digits of a traceparent; empty without one. */
  readonly traceId: string;
  /** The 16 hex digits of the traceparent's parent id: one request of the trace; empty without one. */
  readonly spanId?: string;
  /** Origin of the mirror that was asked, where the agent has several; empty or absent elsewhere. */
  readonly destination?: string;
  /** The SPOE message of an agent's record; empty or absent elsewhere. */
  readonly message?: string;
  /** Bytes of the bodies, where the log has them apart from the heads; -1 or absent elsewhere. */
  readonly requestBytes?: number;
  readonly responseBytes?: number;
  /** Bytes of the head and the body of the answer together (HAProxy's %B); -1 or absent without. */
  readonly sentBytes?: number;
  /** Media type of the answer, `text/html`; empty where it has none; absent where the log does not tell. */
  readonly contentType?: string;
  /** Stream number (%rt) and process: as logged, or decoded from the documented format of a unique id; -1 without. */
  readonly sid: number;
  readonly pid: number;
  /** Host of the header of the line; empty without one. */
  readonly host: string;
  /** The reason why there was no answer, as the agent (`connect-refused`) or a proxy's log says; empty without one. */
  readonly error: string;
  /** What an agent's record keeps of the mirror's answer: the JSON of docs/schemas/agent-record.schema.json; absent without one. */
  readonly answer?: string;
  /** True when the agent sent the request with its body cut by HAProxy's buffer: what came back answers another request. */
  readonly isSentCut?: boolean;
  /** True when the line ended before its format did: what stands behind its end is not known. */
  readonly isCut?: boolean;
}

/** What an agent's record keeps of an answer of production: a line of its own, of no request that was mirrored. */
export interface LoggedAnswer {
  readonly kind: 'answer';
  /** When the agent heard of it: epoch ms. */
  readonly timeMs: number;
  readonly uniqueId: string;
  /** As JSON. */
  readonly answer: string;
}

export function isAnswer(line: AccessRecord | LoggedAnswer): line is LoggedAnswer {
  return 'kind' in line;
}
