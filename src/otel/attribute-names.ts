/**
 * The names that spans and metrics of SPOE carry, in one place. Standard ones come from the semantic conventions; what
 * those do not know is under `haproxy.spoe.`. docs/otel.md has the table.
 */
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_URL_FULL,
  ATTR_URL_SCHEME,
  HTTP_REQUEST_METHOD_VALUE_OTHER,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';
import {
  ATTR_HOST_NAME,
  ATTR_HTTP_REQUEST_BODY_SIZE,
  ATTR_HTTP_RESPONSE_BODY_SIZE,
  METRIC_HTTP_CLIENT_ACTIVE_REQUESTS,
} from '@opentelemetry/semantic-conventions/incubating';

export const Resource = {
  serviceName: ATTR_SERVICE_NAME,
  serviceInstanceId: ATTR_SERVICE_INSTANCE_ID,
  hostName: ATTR_HOST_NAME,
  serviceVersion: ATTR_SERVICE_VERSION,
} as const;

/** The agent: of a message, and of a mirrored request. */
export const Notify = {
  message: 'haproxy.spoe.message',
  streamId: 'haproxy.spoe.stream_id',
  frameId: 'haproxy.spoe.frame_id',
  engineId: 'haproxy.spoe.engine_id',
  uniqueId: 'haproxy.spoe.unique_id',
  sid: 'haproxy.spoe.sid',
  pid: 'haproxy.spoe.pid',
} as const;

export const Http = {
  method: ATTR_HTTP_REQUEST_METHOD,
  originalMethod: ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  otherMethod: HTTP_REQUEST_METHOD_VALUE_OTHER,
  url: ATTR_URL_FULL,
  scheme: ATTR_URL_SCHEME,
  address: ATTR_SERVER_ADDRESS,
  port: ATTR_SERVER_PORT,
  protocolVersion: ATTR_NETWORK_PROTOCOL_VERSION,
  status: ATTR_HTTP_RESPONSE_STATUS_CODE,
  errorType: ATTR_ERROR_TYPE,
  resendCount: ATTR_HTTP_REQUEST_RESEND_COUNT,
  requestBytes: ATTR_HTTP_REQUEST_BODY_SIZE,
  responseBytes: ATTR_HTTP_RESPONSE_BODY_SIZE,
  /** Seconds from the NOTIFY until the request left the queue. */
  queueDuration: 'haproxy.spoe.mirror.queue_duration',
  /** The client announced a longer body than came here. */
  isTruncated: 'haproxy.spoe.mirror.body_truncated',
} as const;

export const Spoe = {
  agent: 'haproxy.spoe.agent',
  event: 'haproxy.spoe.event',
  /** `EVENT` or `GROUP`. */
  type: 'haproxy.spoe.type',
  sid: 'haproxy.spoe.sid',
  /** The N of `message repeated N times`, which is one trace. */
  repeatCount: 'haproxy.spoe.repeat_count',
  statusCode: 'haproxy.spoe.status_code',
  statusName: 'haproxy.spoe.status_name',
  statusOrigin: 'haproxy.spoe.status_origin',
  idles: 'haproxy.spoe.idles',
  applets: 'haproxy.spoe.applets',
  sending: 'haproxy.spoe.sending',
  waiting: 'haproxy.spoe.waiting',
  processed: 'haproxy.spoe.processed',
  /** Durations in seconds: the whole (pT), then reqT, qT, wT and resT. */
  processingDuration: 'haproxy.spoe.processing_duration',
  requestDuration: 'haproxy.spoe.request_duration',
  queueDuration: 'haproxy.spoe.queue_duration',
  waitingDuration: 'haproxy.spoe.waiting_duration',
  responseDuration: 'haproxy.spoe.response_duration',
  /** The phase of a data point, one of four. */
  phase: 'haproxy.spoe.phase',
  errorType: ATTR_ERROR_TYPE,
} as const;

/** The children of an event's span, in the order in which their phases follow each other. */
export const PHASES = ['request', 'queue', 'waiting', 'response'] as const;

export const SpanName = {
  /** Followed by the name of the event or group. */
  event: 'SPOE ',
  request: 'spoe.request',
  queue: 'spoe.queue',
  waiting: 'spoe.waiting',
  response: 'spoe.response',
} as const;

export const Metric = {
  events: 'haproxy.spoe.events',
  processingDuration: 'haproxy.spoe.processing.duration',
  phaseDuration: 'haproxy.spoe.phase.duration',
  applets: 'haproxy.spoe.applets',
  idles: 'haproxy.spoe.applets.idle',
  sending: 'haproxy.spoe.queue.sending',
  waiting: 'haproxy.spoe.queue.waiting',
} as const;

/** The agent's metrics. */
export const MirrorMetric = {
  requestDuration: METRIC_HTTP_CLIENT_REQUEST_DURATION,
  activeRequests: METRIC_HTTP_CLIENT_ACTIVE_REQUESTS,
  queueRequests: 'haproxy.spoe.mirror.queue.requests',
  queueBytes: 'haproxy.spoe.mirror.queue.size',
  droppedRequests: 'haproxy.spoe.mirror.requests.dropped',
  exportedSpans: 'haproxy.spoe.mirror.spans.exported',
  droppedSpans: 'haproxy.spoe.mirror.spans.dropped',
  failedSpans: 'haproxy.spoe.mirror.spans.failed',
} as const;
