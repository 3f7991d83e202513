/**
 * Times of JSON logs, and their units. A unit comes from the text (`20.4ms`), the name (`duration_ms`), or from the
 * program that has such members: Traefik's `Duration` is in nanoseconds and Caddy's `duration` in seconds. It is never
 * guessed from how a number looks: what is not known stays unknown.
 */

import type { LatencyUnit } from '../access-options.ts';
import { PER_MS, parseDuration, roundMicros, sumOfSeconds } from './durations.ts';
import { Slot } from './slots.ts';

/** `producer`: the other members tell. `text`: only texts with a unit. `list`: nginx's seconds of each upstream. */
type Unit = LatencyUnit | 'producer' | 'text' | 'list';

interface TimeKey {
  readonly slot: Slot;
  readonly rank: number;
  readonly unit: Unit;
  /** The unit of `producer`, when no producer is known. */
  readonly otherwise?: LatencyUnit;
}

const TOTAL = [
  'duration',
  'latency',
  'elapsed',
  'took',
  'request_time',
  'response_time',
  'total_time',
  'time_total',
  'processing_time',
  'process_time',
  'time_taken',
  'request_duration',
  'total_request_time',
  'elapsed_time',
  'time_elapsed',
  'execution_time',
  'runtime',
  'total_duration',
  'http.duration',
  'time_duration',
  'session_duration',
  'request_latency',
  'rt',
];
const FIRST_BYTE = [
  'ttfb',
  'time_to_first_byte',
  'first_byte_time',
  'time_first_byte',
  'response_duration',
  'server_response_time',
  'time_server_response',
  'time_backend_response',
  'time_response',
];
const SUFFIXES: readonly (readonly [unit: LatencyUnit, ...names: readonly string[]])[] = [
  ['ms', 'ms', 'msec', 'msecs', 'millis', 'millisec', 'milliseconds', 'inms', 'inmillis', 'inmilliseconds'],
  ['us', 'us', 'usec', 'usecs', 'micros', 'microsec', 'microseconds', 'inus', 'inmicros', 'inmicroseconds'],
  ['ns', 'ns', 'nsec', 'nanos', 'nanosec', 'nanoseconds', 'inns', 'innanos', 'innanoseconds'],
  ['s', 's', 'sec', 'secs', 'seconds', 'insec', 'inseconds'],
];

/** Names that say more than the patterns above. */
const NAMED: readonly (readonly [slot: Slot, rank: number, unit: Unit, ...names: readonly string[]])[] = [
  // HAProxy's own.
  [Slot.duration, 0, 'ms', 'ta', 'time_active', 'time_active_ms', 'timer_ta', 'request_active_time'],
  [Slot.duration, 0, 'ms', 'time_request_active'],
  [Slot.duration, 1, 'ms', 'tt', 'timer_tt', 'time_session'],
  [Slot.firstByte, 0, 'ms', 'tr', 'timer_tr', 'first_byte_ms', 'response_time_ms'],
  // ECS; OpenTelemetry's semantic conventions, now and before.
  [Slot.duration, 0, 'ns', 'event.duration'],
  [Slot.duration, 0, 's', 'http.server.request.duration'],
  [Slot.duration, 0, 'ms', 'http.server.duration'],
  // Kong; API Gateway; chi's httplog; Google; Akamai; Linkerd; Tomcat's %{s}T; generic.
  [Slot.duration, 0, 'ms', 'latencies.request', 'response_latency', 'http_response.elapsed', 'turn_around_time_msec'],
  [Slot.duration, 0, 'ms', 'total_ms', 'time_ms', 'response_ms'],
  [Slot.duration, 0, 'text', 'latency_human', 'duration_human', 'elapsed_human', 'http_request.latency'],
  [Slot.duration, 0, 'ns', 'total_ns'],
  [Slot.duration, 0, 's', 'elapsed_time_s'],
  [Slot.duration, 0, 'us', 'time_us'],
  [Slot.firstByte, 1, 'ns', 'processing_ns'],
  // Envoy; nginx; Cloudflare; ALB; curl.
  [Slot.firstByte, 1, 'ms', 'x_envoy_upstream_service_time', 'upstream_service_time'],
  [Slot.firstByte, 0, 'ms', 'edge_time_to_first_byte_ms'],
  [Slot.firstByte, 0, 'list', 'upstream_header_time'],
  [Slot.duration, 8, 'list', 'upstream_response_time'],
  [Slot.firstByte, 1, 's', 'target_processing_time', 'time_starttransfer'],
];

const compact = (name: string) => name.replaceAll('_', '');

function makeTable(): ReadonlyMap<string, TimeKey> {
  const table = new Map<string, TimeKey>();
  for (const [slot, names] of [
    [Slot.duration, TOTAL],
    [Slot.firstByte, FIRST_BYTE],
  ] as const) {
    for (const name of names.map(compact)) {
      table.set(name, { slot, rank: 2, unit: 'producer', ...(name === 'requesttime' && { otherwise: 's' }) });
      for (const [unit, ...suffixes] of SUFFIXES)
        for (const suffix of suffixes) table.set(`${name}${suffix}`, { slot, rank: 0, unit });
    }
  }
  for (const [slot, rank, unit, ...names] of NAMED)
    for (const name of names.map(compact)) table.set(name, { slot, rank, unit });
  return table;
}

const TABLE = makeTable();

/** `name` without case and separators. */
export function findTimeKey(name: string): TimeKey | undefined {
  return TABLE.get(name);
}

/** Members that tell who writes a log, as they are written. Each has a bit. */
const MARKS: readonly RegExp[] = [
  /(?:^|\.)(?:OriginDuration|DownstreamStatus|RouterName|entryPointName)$/,
  /(?:^|\.)(?:bytes_in|latency_human)$/,
  /(?:^|\.)(?:bytes_out|latency_human)$/,
  /(?:^|\.)controller$/,
  /(?:^|\.)action$/,
  /(?:^|\.)(?:resp_headers|request\.(?:remote_ip|remote_addr|client_ip|remote_port|tls))(?:\.|$)/,
  /(?:^|\.)(?:response_flags|upstream_cluster|x_envoy_\w+|upstream_service_time|response_code_details)$/,
  /(?:^|\.)(?:body_bytes_sent|request_length|time_local|time_iso8601|upstream_(?:addr|status|cache_status|response_length|(?:response|header|connect)_time)|connection_requests)$/,
  /(?:^|\.)(?:@mt|@t|MessageTemplate|RenderedMessage|(?:Properties\.|fields\.)?Request(?:Path|Method))$/,
  /(?:^|\.)(?:responseTime|response-time|total-time|res\.statusCode|res\.status_code)$/,
  /(?:^|\.)caller$/,
  /(?:^|\.)level$/,
  /(?:^|\.)(?:msg|message)$/,
  /(?:^|\.)response\.(?:time|length)$/,
  /(?:^|\.)apisix_latency$/,
  /(?:^|\.)(?:sc-win32-status|s-sitename|s-computername|sc-substatus|scWin32Status|sSiteName|sComputerName)$/,
  /(?:^|\.)x[-_]edge[-_]/,
  /(?:^|\.)trackingReference$/,
  /(?:^|\.)network\.client\.ip$/,
  /(?:^|\.)(?:requested_uri|requested_url)$/,
];
const bit = (index: number) => 1 << index;

/** The mark of a line whose `ts` is a number, as zap writes it where its durations are seconds. The reader of the line sets it. */
export const NUMERIC_TS = bit(29);
/** HAProxy's own members: json-keys.ts. */
export const HAPROXY_MARK = bit(30);

/** The bits of a member called `path`. */
export function findMarks(path: string): number {
  return MARKS.reduce((bits, mark, index) => (mark.test(path) ? bits | bit(index) : bits), 0);
}

interface Producer {
  /** All bits of one of these. */
  readonly marks: readonly number[];
  readonly names: RegExp;
  readonly unit: LatencyUnit;
}

const ANY = /^/;
const PRODUCERS: readonly Producer[] = [
  { marks: [HAPROXY_MARK], names: ANY, unit: 'ms' },
  // Traefik's accessLog: time.Duration.
  { marks: [bit(0)], names: /^duration$/, unit: 'ns' },
  // Echo's middleware.Logger.
  { marks: [bit(1) | bit(2)], names: /^latency$/, unit: 'ns' },
  // Members of lograge.
  { marks: [bit(3) | bit(4)], names: /^duration$/, unit: 'ms' },
  // Caddy: zap's seconds.
  { marks: [bit(5)], names: /^duration$/, unit: 's' },
  // Envoy, Istio, Contour: %DURATION%.
  { marks: [bit(6)], names: /^(?:duration|responseduration|requestduration)$/, unit: 'ms' },
  // Members of nginx: $request_time under any name.
  { marks: [bit(7)], names: ANY, unit: 's' },
  // Serilog.AspNetCore.
  { marks: [bit(8)], names: /^elapsed$/, unit: 'ms' },
  // Members of morgan, pino-http, express-winston, bunyan's and restify's loggers.
  { marks: [bit(9)], names: /^(?:responsetime|latency|totaltime)$/, unit: 'ms' },
  // Members of zap's production encoder: times and durations are seconds.
  { marks: [NUMERIC_TS | bit(10), NUMERIC_TS | bit(11) | bit(12)], names: ANY, unit: 's' },
  // Members of slog-http and its kin: slog writes durations as nanoseconds.
  { marks: [bit(13)], names: /latency$/, unit: 'ns' },
  { marks: [bit(14)], names: /^(?:latency|upstreamlatency)$/, unit: 'ms' },
  // IIS; CloudFront and Azure Front Door call it the same.
  { marks: [bit(15)], names: /^timetaken$/, unit: 'ms' },
  { marks: [bit(16), bit(17)], names: /^(?:timetaken|timetofirstbyte)$/, unit: 's' },
  // Datadog's standard attributes.
  { marks: [bit(18)], names: /^duration$/, unit: 'ns' },
  // Members of logstash-logback-encoder's LogstashAccessEncoder.
  { marks: [bit(19)], names: /^elapsedtime$/, unit: 'ms' },
];

/** The unit that those who may have written a line agree on. */
function unitOf(name: string, { otherwise }: TimeKey, marks: number): LatencyUnit | undefined {
  let unit: LatencyUnit | undefined;
  for (const producer of PRODUCERS) {
    if (!producer.names.test(name) || !producer.marks.some((all) => (marks & all) === all)) continue;
    if (unit !== undefined && unit !== producer.unit) return undefined;
    unit = producer.unit;
  }
  return unit ?? otherwise;
}

/** `given`: of a person. @returns ms; NaN when the text is no time; undefined when the unit is not known. */
export function readTime(
  path: string,
  text: string,
  marks: number,
  given: LatencyUnit | undefined,
): number | undefined {
  const name = lastKnown(path);
  const key = findTimeKey(name);
  if (key === undefined || text === '' || text === '-') return Number.NaN;
  if (!NUMBER.test(text)) return key.unit === 'list' ? sumOfSeconds(text) : parseDuration(text);
  if (key.unit === 'text') return Number.NaN;
  const unit = key.unit === 'list' ? 's' : key.unit === 'producer' ? (unitOf(name, key, marks) ?? given) : key.unit;
  return unit === undefined ? undefined : toMs(Number(text), unit);
}

/** The end of a path that is the name of a time. */
function lastKnown(path: string): string {
  const names = path.toLowerCase().replace(/[-_ ]/g, '').split('.');
  for (let level = 0; level < names.length - 1; level += 1) {
    const rest = names.slice(level).join('.');
    if (TABLE.has(rest)) return rest;
  }
  return names.at(-1) as string;
}

const NUMBER = /^[+-]?\d{1,20}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/;
/** HAProxy's -1 is that of all units: interrupted before. */
function toMs(value: number, unit: string): number {
  return value === -1 ? -1 : value < 0 ? Number.NaN : roundMicros(value / (PER_MS[unit] as number));
}
