/**
 * What the members of a JSON log are called, and what they are for. Names are compared without case, `-` and `_`; one
 * level of nesting is `response.status`. The first member of a line that has a value counts; a name that ends in
 * `.` + one of these, in an object that is not listed, counts too (`http.status`).
 */
import { Slot } from './slots.ts';

const JSON_KEYS: readonly (readonly [slot: Slot, names: readonly string[]])[] = [
  [
    Slot.anyTime,
    [
      'time',
      '@timestamp',
      'timestamp',
      'datetime',
      'date',
      'time_local',
      'time_iso8601',
      'accept_date',
      'request_date',
      'date_time',
      'start_time',
      'msec',
      'start',
    ],
  ],
  [Slot.ts, ['ts']],
  [Slot.method, ['method', 'http_method', 'request_method', 'verb', 'request.method', 'http.request.method']],
  [Slot.request, ['request', 'request_line', 'http_request', 'req']],
  [
    Slot.target,
    [
      'uri',
      'request_uri',
      'url',
      'http_uri',
      'http_url',
      'target',
      'request.uri',
      'request.url',
      'request_url',
      'hu',
      'url.original',
    ],
  ],
  [Slot.path, ['path', 'http_path', 'request.path', 'request_path', 'url.path', 'hp', 'hpo', 'uri_path']],
  [Slot.query, ['query', 'query_string', 'args', 'http_query', 'request.query', 'url.query', 'hq', 'request_query']],
  [
    Slot.status,
    [
      'status',
      'status_code',
      'statuscode',
      'http_status',
      'http_status_code',
      'response.status',
      'response.status_code',
      'response_status',
      'response_code',
      'code',
      'st',
      'http.response.status_code',
      'downstreamstatus',
    ],
  ],
  [
    Slot.termination,
    ['termination_state', 'term_state', 'termination', 'session_state', 'tsc', 'state', 'termination_code'],
  ],
  [Slot.server, ['server', 'server_name', 'srv', 'backend_server', 'srv_name']],
  [
    Slot.firstByteMs,
    [
      'ttfb_ms',
      'ttfb',
      'time_to_first_byte',
      'time_to_first_byte_ms',
      'time_response',
      'response_time_ms',
      'timer_tr',
      'first_byte_ms',
      'time_server_response',
      'server_response_time',
      'time_backend_response',
    ],
  ],
  [Slot.tr, ['tr']],
  [Slot.firstByteSeconds, ['upstream_header_time', 'ttfb_s', 'ttfb_seconds', 'time_starttransfer']],
  [
    Slot.activeMs,
    [
      'ta',
      'time_active',
      'time_active_ms',
      'timer_ta',
      'request_active_time',
      'time_request_active',
      'duration_ms',
      'latency_ms',
      'elapsed_ms',
      'total_ms',
      'time_ms',
      'took_ms',
      'request_time_ms',
      'response_ms',
    ],
  ],
  [Slot.totalMs, ['tt', 'time_total', 'time_duration', 'total_time', 'session_duration', 'timer_tt', 'time_session']],
  [Slot.totalSeconds, ['request_time', 'duration_s', 'duration_seconds', 'latency_s', 'request_time_s', 'elapsed_s']],
  [Slot.totalMicros, ['duration_us', 'latency_us', 'request_time_us', 'time_us', 'elapsed_us']],
  [Slot.duration, ['duration', 'latency', 'elapsed', 'response_time', 'took']],
  [Slot.upstreamSeconds, ['upstream_response_time']],
  [
    Slot.id,
    [
      'unique_id',
      'uniqueid',
      'uid',
      'x_unique_id',
      'http_x_unique_id',
      'request_id',
      'requestid',
      'req_id',
      'x_request_id',
      'http_x_request_id',
      'correlation_id',
      'id',
      'request.id',
      'http.request.id',
    ],
  ],
  [Slot.trace, ['traceparent', 'http_traceparent', 'trace_id', 'traceid', 'trace.id', 'dd.trace_id', 'otel.trace_id']],
  [Slot.sid, ['sid', 'stream_id', 'request_counter', 'stream']],
  [Slot.rt, ['rt']],
  [Slot.pid, ['pid', 'process_id', 'process.pid', 'procid']],
  [Slot.host, ['hostname', 'host.name', 'host.hostname', 'node']],
  [Slot.error, ['error', 'err', 'error_code', 'error.code', 'error.type']],
];

/** Members that only HAProxy's logs have: text in them is written with `#22`. */
export const HAPROXY_KEYS =
  /^(?:.*\.)?(?:terminationstate|termstate|termination|tsc|ta|tw|tc|tq|frontend|frontendname|backendname|feconn|beconn|actconn|timewait|timeactive|srvqueue|backendqueue|serverqueue)$/;

const TABLE = new Map(JSON_KEYS.flatMap(([slot, names]) => names.map((name) => [normalKey(name), slot] as const)));

export function normalKey(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** Too general to count in any object: `user.id` is no request's. */
const ONLY_AT_TOP = /\.(?:id|time|date|start|code|state|error|err|duration|server|node|req|st)$/;

/** What a member called `path` is for; undefined when that is not known. */
export function findJsonKey(path: string): Slot | undefined {
  const name = normalKey(path);
  const slot = TABLE.get(name);
  return slot !== undefined || ONLY_AT_TOP.test(name) ? slot : TABLE.get(name.replace(/^[^.]*\./, ''));
}
