/**
 * What the members of a JSON log are called, and what they are for. Names are compared without case, `-` and `_`, and
 * levels of nesting are written with dots, which is how others write them into one name: `http.response.status_code`.
 * Any object may stand around them (`jsonPayload.request.method`), but for those that are about something else, and
 * those whose members a client names: of headers only ids are read.
 *
 * Of several members for one slot the one with the lowest rank counts, and of equal ones the first.
 */
import { findTimeKey } from './json-times.ts';
import { Slot } from './slots.ts';

export interface Meaning {
  readonly slot: Slot;
  readonly rank: number;
}

/** The names of a slot, best first: each group ranks behind the one before. */
const JSON_KEYS: readonly (readonly [slot: Slot, ...groups: readonly (readonly string[])[]])[] = [
  [
    Slot.anyTime,
    // The time of the request, or the more exact of two.
    ['start_utc', 'request_date', 'accept_date', 'start_time', 'request_time_epoch', 'req_time_sec', 'msec'],
    ['edge_start_timestamp', 'started_at', 'request_date_time', 'time_iso8601', 'time_local', 'start_local'],
    ['time', '@timestamp', 'timestamp', 'datetime', 'date', 'date_time', '@t', 'start', 'asctime', 'eventtime'],
  ],
  [Slot.ts, ['ts']],
  [
    Slot.method,
    ['method', 'http_method', 'request_method', 'verb', 'request.method', 'http.request.method', 'req_method'],
    ['client_request_method', 'request_verb', 'cs_method', 'http_request.request_method', 'hm', 'reqmethod'],
  ],
  [Slot.request, ['request', 'request_line', 'http_request', 'req', 'first_request_line', 'requestline']],
  [
    Slot.target,
    ['request_uri', 'url.original', 'original_url', 'request.request_uri', 'http.target', 'unparsed_uri'],
    ['request.uri', 'request.url', 'req.url', 'uri', 'url', 'http_uri', 'http_url', 'http.url', 'target', 'hu'],
    ['request_url', 'req_url', 'url.full', 'request_path', 'client_request_uri', 'http_request.request_url'],
    ['requested_uri', 'requested_url', 'raw_path', 'original_path', 'request.path', 'req.path'],
  ],
  [
    Slot.path,
    ['path', 'http_path', 'url.path', 'hp', 'hpo', 'uri_path', 'url_path', 'req_path', 'http.path'],
    ['cs_uri_stem', 'client_request_path', 'document_uri', 'resource_path', 'pathname'],
  ],
  [
    Slot.query,
    ['query_string', 'args', 'query', 'http_query', 'request.query', 'url.query', 'hq', 'request_query', 'uri_query'],
    ['cs_uri_query', 'querystring', 'request.query_string', 'req.query', 'raw_query', 'url_query'],
  ],
  [
    Slot.status,
    // The status that the client got, before the one that a server behind answered.
    ['status_code', 'http_status', 'http_status_code', 'http.status_code', 'response.status', 'response.status_code'],
    ['http.response.status_code', 'http.response.status', 'downstream_status', 'edge_response_status', 'res.status'],
    ['res.status_code', 'response_status', 'response_code', 'response_status_code', 'elb_status_code', 'st'],
    ['status', 'sc_status', 'http_request.status', 'resp.status', 'http_response.status', 'response.code'],
    ['code', 'origin_status', 'origin_response_status', 'backend_status_code', 'target_status_code'],
  ],
  [
    Slot.termination,
    ['termination_state', 'term_state', 'termination', 'session_state', 'tsc', 'state', 'termination_code'],
  ],
  [Slot.server, ['server', 'server_name', 'srv', 'backend_server', 'srv_name', 'servername']],
  [Slot.tr, ['tr']],
  [Slot.rt, ['rt']],
  [Slot.id, ['unique_id', 'uniqueid', 'uid', 'uniq_id'], ['req.id', 'request.id', 'http.request.id', 'id']],
  [Slot.trace, ['traceparent'], ['trace_id', 'traceid', 'trace.id', 'trace', 'dd.trace_id', 'otel.trace_id']],
  [Slot.span, ['parent_id', 'parent_span_id', 'parent.id', 'trace.parent_id'], ['span_id', 'span.id', 'trace.span_id']],
  [Slot.sid, ['sid', 'stream_id', 'request_counter', 'stream']],
  [Slot.pid, ['pid', 'process_id', 'process.pid', 'procid']],
  [Slot.host, ['hostname', 'host.name', 'host.hostname', 'node']],
  // Names that say by themselves that it is the body alone: `bytes_sent` is one thing in nginx and another in Envoy.
  [
    Slot.responseBytes,
    ['body_bytes_sent', 'http.response.body.bytes', 'downstream_content_size', 'response_body_size'],
    ['response_body_bytes', 'response.body_size', 'response_content_length', 'sent_http_content_length'],
  ],
  // `content_type` alone may be the request's.
  [
    Slot.contentType,
    ['sent_http_content_type', 'response_content_type', 'response.content_type', 'http.response.mime_type'],
    ['downstream_content_type', 'res.content_type', 'resp_content_type', 'upstream_http_content_type'],
  ],
  [Slot.error, ['error', 'err', 'error_code', 'error.code', 'error.type']],
];

/** Members that only HAProxy's logs have: text in them is written with `#22`. */
export const HAPROXY_KEYS =
  /^(?:.*\.)?(?:terminationstate|termstate|termination|tsc|ta|tw|tc|tq|frontend|frontendname|backendname|feconn|beconn|actconn|timewait|timeactive|srvqueue|backendqueue|serverqueue)$/;

const TABLE = new Map(
  JSON_KEYS.flatMap(([slot, ...groups]) =>
    groups.flatMap((names, rank) => names.map((name) => [normalKey(name), { slot, rank }] as const)),
  ),
);

export function normalKey(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** Names that are too general to count in any object: `user.id` is no request's. */
const ONLY_AT_TOP =
  /^(?:id|time|date|start|code|state|error|err|duration|server|node|req|st|stream|sid|target|trace|ts|tr|rt|uid)$/;
/** Objects whose members count as the line's own: shippers, platforms and loggers put them around a log's members. */
const TRANSPARENT =
  /^(?:json|jsonpayload|structuredpayload|payload|data|attributes|attrs|fields|context|ctx|extra|extras|meta|metadata|properties|props|log|logs|access|accesslog|accesslogs|message|msg|event|record|body|details|http|httprequest|httpresponse|httpinfo|request|req|response|res|resp|internal|labels|mdc|contextmap|logger|info|nginx|haproxy|apache|httpd|caddy|traefik|envoy|timers|timer|times|time|timing|timings|latencies|durations|trace|span|network|url|entry|result)$/;
/** Objects that tell of something else than the request, or that a client fills. */
const OPAQUE =
  /^(?:upstream|upstreams|origin|backend|user|client|geo|geoip|kubernetes|k8s|docker|container|tls|ssl|exception|stack|agent|ecs|db|cache|cookies|cookie|requestcookies|query|querystring|queryparams|params|pathparams|args|form|session|parent|previous|tags|resource|source|useragent|certificate)$/;
/** `request.body.status` */
const OPAQUE_PART = /^(?:body|payload|data|json|details)$/;
/** Objects of headers: the sender of one names a member. */
const HEADERS = /^(?:(?:request|req|response|resp|res|captured)*headers?|hdrs?)$/;
const OF_ANSWER = /(?:^|\.)(?:response|resp|res|origin|downstream|upstream|sent|answer)/;

/** `X-Unique-ID` wherever a header's name may stand in a name: `request_X-Unique-Id`, `http_x_request_id`, `req_header_…`. */
const HEADER_PREFIX =
  '(?:(?:http|request|req|headers?|hdr|downstream|origin|response|resp|res|sent|client|captured?|log|ctx|var|txn|cs|sc)*)';
const ID_NAMES: readonly (readonly [pattern: RegExp, slot: Slot, rank: number])[] = [
  [new RegExp(`^${HEADER_PREFIX}traceparent$`), Slot.trace, 0],
  [new RegExp(`^${HEADER_PREFIX}x?unique(?:request)?id$`), Slot.id, 1],
  [new RegExp(`^${HEADER_PREFIX}xrequestid$`), Slot.id, 3],
  [new RegExp(`^${HEADER_PREFIX}(?:requestid|reqid|requestuuid|requestguid)$`), Slot.id, 4],
  [new RegExp(`^${HEADER_PREFIX}x?(?:correlationid|transactionid|transid)$`), Slot.id, 5],
];
const CONTENT_TYPE = 'contenttype';
/** Behind the names that say it in one. */
const HEADER_RANK = 3;
/** The rank behind all names that say more. */
const PLAIN_ID_RANK = 7;
const ANSWER_RANK = 16;
const DEPTH_RANK = 32;
const MAX_LEVELS = 12;

/** True for members of objects that a client fills, or that tell of something else: they say nothing about the log. */
export function isForeign(path: string): boolean {
  return normalKey(path)
    .split('.')
    .slice(0, -1)
    .some((name, level) => HEADERS.test(name) || OPAQUE.test(name) || (level > 0 && OPAQUE_PART.test(name)));
}

/** The meaning of a member called `path`; undefined when it is not known. */
export function findJsonKey(path: string): Meaning | undefined {
  const names = normalKey(path).split('.');
  if (names.length > MAX_LEVELS) return undefined;
  const last = names.length - 1;
  const isHeader = names.some((name, level) => level < last && HEADERS.test(name));
  for (let level = 0; level <= last; level += 1) {
    const rest = names.slice(level).join('.');
    const isWrapped = names.slice(0, level).every((name) => TRANSPARENT.test(name));
    const found = isHeader ? undefined : (TABLE.get(rest) ?? findTimeKey(rest));
    if (found !== undefined && (level === 0 || isWrapped || !ONLY_AT_TOP.test(rest))) {
      if (found.slot !== Slot.id) return { slot: found.slot, rank: found.rank + level * DEPTH_RANK };
      return { slot: Slot.id, rank: found.rank > 0 ? PLAIN_ID_RANK : Math.min(level, 1) };
    }
    const name = names[level] as string;
    if (level < last && !isHeader && (OPAQUE.test(name) || (level > 0 && OPAQUE_PART.test(name)))) return undefined;
  }
  return findIdName(names);
}

/** Headers, and what is called like one. Those of the answer say the same, if the server sends the id back. */
function findIdName(names: readonly string[]): Meaning | undefined {
  const name = names.at(-1) as string;
  if (name === CONTENT_TYPE && HEADERS.test(names.at(-2) ?? '') && OF_ANSWER.test(names.join('.')))
    return { slot: Slot.contentType, rank: HEADER_RANK };
  const found = ID_NAMES.find(([pattern]) => pattern.test(name));
  if (found === undefined) return undefined;
  const isAnswer = OF_ANSWER.test(names.join('.'));
  return { slot: found[1], rank: found[2] + (isAnswer ? ANSWER_RANK : 0) + (names.length > 1 ? 1 : 0) };
}
