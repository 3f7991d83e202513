/** The figures of an agent as Prometheus metrics and as a line. */
import type { LatencyHistogram, MirrorStats } from '../../mirror/statistics.ts';
import { MIRROR_ERRORS } from '../../status/mirror-errors.ts';
import type { MetricFamily, Sample } from '../../text/exposition.ts';
import { VERSION } from '../../text/version.ts';
import type { AdminStats } from './admin.ts';
import type { AnswerCounts, AnswersStats } from './answers.ts';
import type { LineStats } from './line-file.ts';
import type { ProcessStats } from './process-stats.ts';
import type { ServiceStats } from './service.ts';
import type { TelemetryStats } from './telemetry.ts';
import type { VerdictStats } from './verdict.ts';

/** The figures of all workers together. */
export interface TotalStats extends ServiceStats {
  readonly process: ProcessStats;
  /** The figures of the admin pages; absent where they are not part of the answer. */
  readonly admin?: AdminStats;
  /** When the program was started, epoch ms; absent where it is not part of the answer. */
  readonly startedMs?: number;
  /** The figures of the log of all workers; null without a log, absent where they are not part of the answer. */
  readonly log?: LineStats | null;
  /** Of --verdict-production; absent without it, or where it is not part of the answer. */
  readonly verdict?: VerdictStats;
  readonly workers: { readonly running: number; readonly restarted: number; readonly lost: number };
}

/** What `/verdict` can say of the mirrored release. */
export const VERDICTS = ['pass', 'fail', 'inconclusive'] as const;

type Type = 'counter' | 'gauge';
type Counts = { readonly [name: string]: number | undefined };

const PREFIX = 'spoa_mirror_';

/** A counter that is not there until it counts hides its first increase from Prometheus. */
const NO_ERRORS: Counts = Object.fromEntries(Object.keys(MIRROR_ERRORS).map((code) => [code, 0]));

/** @param bounds upper bounds of the latency buckets, in milliseconds */
export function metricFamilies(total: TotalStats, bounds: readonly number[]): MetricFamily[] {
  const { mirror } = total;
  return [
    ...identityFamilies(total),
    ...agentFamilies(total),
    ...(mirror === null ? [] : mirrorFamilies(mirror, bounds)),
    ...(total.answers === null ? [] : answerFamilies(total.answers)),
    ...logFamilies(total),
    ...processFamilies(total),
    ...(total.admin === undefined ? [] : adminFamilies(total.admin)),
    ...(total.verdict === undefined ? [] : verdictFamilies(total.verdict)),
  ];
}

function identityFamilies({ startedMs }: TotalStats): MetricFamily[] {
  const version: MetricFamily = {
    name: `${PREFIX}build_info`,
    type: 'gauge',
    help: 'The version, as a label.',
    samples: [{ labels: { version: VERSION }, value: 1 }],
  };
  if (startedMs === undefined) return [version];
  return [version, single('start_time_seconds', 'gauge', 'When the agent was started.', startedMs / 1000)];
}

function logFamilies({ log }: TotalStats): MetricFamily[] {
  if (log === undefined || log === null) return [];
  return [
    single('log_lines_written_total', 'counter', 'Lines written to the log.', log.written),
    single('log_lines_dropped_total', 'counter', 'Lines the log lost.', log.dropped),
  ];
}

function agentFamilies({ agent, record, trace, otel }: TotalStats): MetricFamily[] {
  return [
    single('connections', 'gauge', 'Open connections of HAProxy.', agent.connections),
    single('connections_total', 'counter', 'Connections accepted, health checks included.', agent.connectionsTotal),
    single('connections_max', 'gauge', 'Connections of HAProxy there is room for.', agent.connectionsMax),
    single('connections_refused_total', 'counter', 'Connections turned away: too many.', agent.connectionsRefused),
    single(
      'connections_gave_way_total',
      'counter',
      'Connections ended for one of another peer.',
      agent.connectionsGaveWay,
    ),
    single(
      'connections_not_allowed_total',
      'counter',
      'Connections turned away: not in --allow.',
      agent.connectionsNotAllowed,
    ),
    single('healthchecks_total', 'counter', 'Health checks answered (option spop-check).', agent.healthchecks),
    single('notifies_total', 'counter', 'NOTIFY frames received.', agent.notifies),
    single('messages_total', 'counter', 'SPOE messages received.', agent.messages),
    single('acks_total', 'counter', 'ACK frames sent.', agent.acks),
    single('acks_lost_total', 'counter', 'ACKs whose connection was gone.', agent.acksLost),
    single('received_bytes_total', 'counter', 'Bytes received from HAProxy.', agent.bytesRead),
    single('reads_deferred_total', 'counter', 'Reads put off: others would have waited.', agent.readsDeferred),
    single('sent_bytes_total', 'counter', 'Bytes sent to HAProxy.', agent.bytesWritten),
    single('stalled_connections_total', 'counter', 'Connections closed: ACKs were not read.', agent.stalled),
    single('hello_timeouts_total', 'counter', 'Connections closed: no HELLO came.', agent.helloTimeouts),
    single('idle_timeouts_total', 'counter', 'Connections closed: no complete frame came.', agent.idleTimeouts),
    single('payloads_aborted_total', 'counter', 'Fragmented payloads given up, by either side.', agent.payloadsAborted),
    single('handler_errors_total', 'counter', 'NOTIFY frames whose handling failed.', agent.handlerErrors),
    byName('disconnects_total', 'AGENT-DISCONNECT frames sent, by SPOP status.', 'status', agent.disconnects),
    byName('haproxy_disconnects_total', 'HAPROXY-DISCONNECT frames, by status.', 'status', agent.haproxyDisconnects),
    byName(
      'tls_handshakes_failed_total',
      'TLS handshakes of HAProxy that failed.',
      'reason',
      agent.tlsHandshakesFailed,
    ),
    ...(record === null
      ? []
      : [
          single('records_written_total', 'counter', 'Lines written to the record.', record.written),
          single('records_dropped_total', 'counter', 'Lines the record lost.', record.dropped),
        ]),
    ...(trace === null
      ? []
      : [
          single('trace_lines_written_total', 'counter', 'Lines written by --trace-frames.', trace.written),
          single('trace_lines_dropped_total', 'counter', 'Lines --trace-frames lost.', trace.dropped),
        ]),
    ...(otel === null ? [] : otelFamilies(otel)),
  ];
}

function otelFamilies({ spans, points }: TelemetryStats): MetricFamily[] {
  return [
    single('otel_spans_exported_total', 'counter', 'Spans the collector took.', spans.exported),
    single('otel_spans_dropped_total', 'counter', 'Spans never sent: no room for them.', spans.dropped),
    single('otel_spans_failed_total', 'counter', 'Spans sent in vain.', spans.failed),
    single('otel_spans_queued', 'gauge', 'Spans that wait or are on their way.', spans.queued),
    single('otel_points_exported_total', 'counter', 'Data points the collector took.', points.exported),
    single('otel_points_failed_total', 'counter', 'Data points sent in vain.', points.failed),
  ];
}

function mirrorFamilies(mirror: MirrorStats, bounds: readonly number[]): MetricFamily[] {
  return [
    single('requests_taken_total', 'counter', 'Messages that are requests to mirror.', mirror.taken),
    single('requests_filtered_total', 'counter', 'Requests left out by --methods or --path.', mirror.filtered),
    single('requests_sampled_out_total', 'counter', 'Requests left out by --sample.', mirror.sampledOut),
    ...(mirror.lastTakenMs === undefined
      ? []
      : [
          single(
            'last_request_timestamp_seconds',
            'gauge',
            'When the last request to mirror came; absent before the first.',
            mirror.lastTakenMs / 1000,
          ),
        ]),
    {
      name: `${PREFIX}last_answer_timestamp_seconds`,
      type: 'gauge',
      help: 'When the mirror had answered the last time, with any status; absent before the first.',
      samples: mirror.destinations.flatMap(({ destination, lastAnswerMs }) =>
        lastAnswerMs === undefined ? [] : [{ labels: { destination }, value: lastAnswerMs / 1000 }],
      ),
    },
    byDestination('requests_mirrored_total', 'counter', 'Requests the mirror answered.', mirror, (d) => d.mirrored),
    perDestination('responses_total', 'Responses of the mirror, by status.', mirror, 'status', (d) => d.statuses),
    perDestination('errors_total', 'Requests without a response, by reason.', mirror, 'error', (d) => ({
      ...NO_ERRORS,
      ...d.errors,
    })),
    byDestination('requests_dropped_total', 'counter', 'Requests dropped by queue or rate.', mirror, (d) => d.dropped),
    byDestination('requests_resent_total', 'counter', 'Requests sent a second time.', mirror, (d) => d.resent),
    byDestination('queue_requests', 'gauge', 'Requests that wait.', mirror, (d) => d.queued),
    byDestination('queue_bytes', 'gauge', 'Bytes that wait or are on their way.', mirror, (d) => d.queuedBytes),
    byDestination('in_flight_requests', 'gauge', 'Requests without their response.', mirror, (d) => d.inFlight),
    byDestination('mirror_connections', 'gauge', 'Connections to the mirror.', mirror, (d) => d.connections),
    {
      name: `${PREFIX}latency_seconds`,
      type: 'histogram',
      help: 'From sending a request to the end of its response.',
      samples: mirror.destinations.flatMap((each) => buckets(each.latency, bounds, { destination: each.destination })),
    },
  ];
}

function answerFamilies(answers: AnswersStats): MetricFamily[] {
  const { production, mirror, queued, queuedBytes } = answers;
  const bySide = (name: string, help: string, pick: (counts: AnswerCounts) => number) =>
    byName(name, help, 'side', { production: pick(production), mirror: pick(mirror) });
  return [
    bySide('answers_heard_total', 'Answers that came.', (counts) => counts.heard),
    bySide('answers_fingerprinted_total', 'Answers recorded as hashes.', (counts) => counts.fingerprinted),
    bySide('answers_dropped_total', 'Answers recorded without: no room or time.', (counts) => counts.dropped),
    bySide(
      'answers_unreadable_total',
      'Answers whose id, status or headers could not be read; not those whose body cannot be decoded.',
      (counts) => counts.unreadable,
    ),
    single('answers_queued', 'gauge', 'Answers that wait for their hashes.', queued),
    single('answers_queue_bytes', 'gauge', 'Bytes of these.', queuedBytes),
  ];
}

function processFamilies({ process: usage, workers }: TotalStats): MetricFamily[] {
  return [
    single('workers', 'gauge', 'Worker processes that run.', workers.running),
    single('workers_restarted_total', 'counter', 'Workers that died and were replaced.', workers.restarted),
    single('requests_lost_total', 'counter', 'Requests that died with a worker, as far as is known.', workers.lost),
    single('cpu_seconds_total', 'counter', 'CPU time of all processes.', usage.cpuSeconds),
    single('resident_memory_bytes', 'gauge', 'Memory of all processes.', usage.rssBytes),
  ];
}

function adminFamilies({ connectionsCut, hostsRefused }: AdminStats): MetricFamily[] {
  return [
    single('admin_connections_cut_total', 'counter', 'Connections to --admin ended: too many.', connectionsCut),
    single('admin_hosts_refused_total', 'counter', 'Requests to --admin for an unknown host.', hostsRefused),
  ];
}

function verdictFamilies({ verdict, running, restarted, unanswered, refused }: VerdictStats): MetricFamily[] {
  return [
    {
      name: `${PREFIX}verdict`,
      type: 'gauge',
      help: 'Whether that is the verdict on the mirrored release.',
      samples: VERDICTS.map((status) => ({ labels: { status }, value: Number(status === verdict) })),
    },
    single('verdict_process_up', 'gauge', 'Whether the process that compares answers questions.', running),
    single('verdict_process_restarts_total', 'counter', 'Processes that compared, ended and were replaced.', restarted),
    single('verdict_unanswered_total', 'counter', 'Questions for the verdict that were not answered.', unanswered),
    single('verdict_refused_total', 'counter', 'Questions for the verdict turned away: too many.', refused),
  ];
}

function single(name: string, type: Type, help: string, value: number): MetricFamily {
  return { name: PREFIX + name, type, help, samples: [{ value }] };
}

function byName(name: string, help: string, label: string, counts: Counts): MetricFamily {
  const samples = Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value: value ?? 0 }));
  return { name: PREFIX + name, type: 'counter', help, samples };
}

type Destination = MirrorStats['destinations'][number];

function byDestination(
  name: string,
  type: Type,
  help: string,
  { destinations }: MirrorStats,
  pick: (destination: Destination) => number,
): MetricFamily {
  const samples = destinations.map((each) => ({ labels: { destination: each.destination }, value: pick(each) }));
  return { name: PREFIX + name, type, help, samples };
}

function perDestination(
  name: string,
  help: string,
  { destinations }: MirrorStats,
  label: string,
  pick: (destination: Destination) => Counts,
): MetricFamily {
  const samples = destinations.flatMap((each) =>
    Object.entries(pick(each)).map(([key, value]) => ({
      labels: { destination: each.destination, [label]: key },
      value: value ?? 0,
    })),
  );
  return { name: PREFIX + name, type: 'counter', help, samples };
}

function buckets(
  { counts, sumMs }: LatencyHistogram,
  bounds: readonly number[],
  labels: { destination: string },
): Sample[] {
  let count = 0;
  const samples: Sample[] = counts.map((each, i) => {
    count += each;
    const le = bounds[i] === undefined ? '+Inf' : String(bounds[i] / 1000);
    return { suffix: '_bucket', labels: { ...labels, le }, value: count };
  });
  samples.push({ suffix: '_sum', labels, value: sumMs / 1000 }, { suffix: '_count', labels, value: count });
  return samples;
}

/** The figures as one line, for -i and for the end. */
export function formatFigures({ agent, mirror, record, answers, trace, otel, workers }: TotalStats): string {
  const parts = [`${agent.connections} connections`, `${agent.notifies} notifies`, `${agent.acks} acks`];
  if (mirror !== null) {
    const { taken, filtered, sampledOut, mirrored, dropped, queued, inFlight, errors } = mirror;
    const failed = Object.values(errors).reduce((sum, count) => sum + count, 0) - dropped;
    parts.push(`${taken} taken`);
    if (filtered + sampledOut > 0) parts.push(`${filtered} filtered out`, `${sampledOut} sampled out`);
    parts.push(`${mirrored} mirrored`, `${failed} failed`, `${dropped} dropped`);
    parts.push(`${queued} queued`, `${inFlight} in flight`);
  }
  if (answers !== null) {
    const dropped = answers.production.dropped + answers.mirror.dropped;
    parts.push(`${answers.production.heard} answers heard`);
    if (dropped > 0) parts.push(`${dropped} answers dropped`);
  }
  if (workers.lost > 0) parts.push(`${workers.lost} lost with workers that died`);
  if (record !== null && record.dropped > 0) parts.push(`${record.dropped} record lines lost`);
  if (trace !== null && trace.dropped > 0) parts.push(`${trace.dropped} trace lines lost`);
  const spansLost = otel === null ? 0 : otel.spans.dropped + otel.spans.failed;
  if (spansLost > 0) parts.push(`${spansLost} spans lost`);
  return parts.join(', ');
}
