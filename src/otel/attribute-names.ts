/**
 * The names that spans and metrics of SPOE carry, in one place. Standard ones come from the semantic conventions; what
 * those do not know is under `haproxy.spoe.`. docs/otel.md has the table.
 */
import { ATTR_ERROR_TYPE, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { ATTR_HOST_NAME } from '@opentelemetry/semantic-conventions/incubating';

export const Resource = {
  serviceName: ATTR_SERVICE_NAME,
  serviceInstanceId: ATTR_SERVICE_INSTANCE_ID,
  hostName: ATTR_HOST_NAME,
} as const;

export const Spoe = {
  agent: 'haproxy.spoe.agent',
  event: 'haproxy.spoe.event',
  /** `EVENT` or `GROUP`. */
  type: 'haproxy.spoe.type',
  sid: 'haproxy.spoe.sid',
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
  /** On data points: which of the four phases. */
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
