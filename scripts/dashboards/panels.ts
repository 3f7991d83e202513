/** The dashboard: what is asked, in what order. RED (rate, errors, duration) of the mirror first, then USE (what is full) of the agent. */
import { MIRROR_ERRORS } from '../../src/status/mirror-errors.ts';
import type { Dashboard, Panel, Row, Step } from './grafana.ts';

/** Errors of requests that never left the agent, as the alternatives of an expression: the mirror did not fail them. */
export const NEVER_SENT = Object.entries(MIRROR_ERRORS)
  .filter(([, { neverSent }]) => neverSent)
  .map(([code]) => code)
  .join('|');

/** Of these, what was lost though nobody asked to leave it out. */
export const LOST = 'dropped-queue-full|queue-timeout|local-address';

const AGENT = 'job=~"$job", instance=~"$instance"';
const MIRROR = `${AGENT}, destination=~"$destination"`;
const LOGS = 'instance=~"$logs"';
const EVENTS = `${LOGS}, agent=~"$agent"`;
const RATE = '[$__rate_interval]';

const SENT = `(rate(spoa_mirror_requests_mirrored_total{${MIRROR}}${RATE}) or rate(spoa_mirror_errors_total{${MIRROR}, error!~"${NEVER_SENT}"}${RATE}))`;
const FAILED = `(rate(spoa_mirror_responses_total{${MIRROR}, status=~"5.."}${RATE}) or rate(spoa_mirror_errors_total{${MIRROR}, error!~"${NEVER_SENT}"}${RATE}))`;

const SHARES: readonly Step[] = [
  { from: 0.01, color: 'yellow' },
  { from: 0.05, color: 'red' },
];

function stat(panel: Omit<Panel, 'kind' | 'width' | 'height'> & { readonly width?: number }): Panel {
  return { kind: 'stat', width: 3, height: 4, ...panel };
}

function series(panel: Omit<Panel, 'kind' | 'width' | 'height'> & { readonly width?: number }): Panel {
  return { kind: 'timeseries', width: 8, height: 8, ...panel };
}

const NOW: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Verdict of the log',
      description: 'The worst verdict of `spoe-logs summarize` over all logs. See docs/alerts.md#spoelogsfailing.',
      unit: 'short',
      targets: [
        {
          expr: `max(2 * spoe_logs_verdict{${LOGS}, status="failing"} or spoe_logs_verdict{${LOGS}, status="degraded"} or 3 * spoe_logs_verdict{${LOGS}, status="unknown"})`,
          legend: 'verdict',
        },
      ],
      words: [
        { value: 0, text: 'HEALTHY', color: 'green' },
        { value: 1, text: 'DEGRADED', color: 'orange' },
        { value: 2, text: 'FAILING', color: 'red' },
        { value: 3, text: 'UNKNOWN', color: 'blue' },
      ],
      steps: [
        { from: 1, color: 'orange' },
        { from: 2, color: 'red' },
        { from: 3, color: 'blue' },
      ],
      noData: 'no log is read',
    }),
    stat({
      title: 'Agents down',
      description: 'Agents that were there within the last day and do not answer. See docs/alerts.md#spoamirrordown.',
      unit: 'short',
      targets: [
        {
          expr: `count(up{${AGENT}} == 0 and on (job, instance) max_over_time(spoa_mirror_build_info[1d])) or vector(0)`,
          legend: 'down',
        },
      ],
      steps: [{ from: 1, color: 'red' }],
    }),
    stat({
      title: 'Requests to mirror',
      description: 'Messages of HAProxy that are requests to mirror.',
      unit: 'reqps',
      targets: [{ expr: `sum(rate(spoa_mirror_requests_taken_total{${AGENT}}${RATE}))`, legend: 'requests' }],
    }),
    stat({
      title: 'Mirror fails',
      description:
        'Of the requests that were sent: no answer, or 5xx. Empty without requests. See docs/alerts.md#spoamirrorfailing.',
      unit: 'percentunit',
      max: 1,
      targets: [{ expr: `(sum(${FAILED}) / sum(${SENT})) >= 0`, legend: 'failed' }],
      steps: SHARES,
      noData: 'no requests',
    }),
    stat({
      title: 'Not sent',
      description:
        'Of the requests to send: dropped because the queue was full, too old, or no local port. See docs/alerts.md#spoamirrordropping.',
      unit: 'percentunit',
      max: 1,
      targets: [
        {
          expr: `(sum(rate(spoa_mirror_errors_total{${MIRROR}, error=~"${LOST}"}${RATE})) / sum(${SENT} or rate(spoa_mirror_errors_total{${MIRROR}, error=~"${LOST}"}${RATE}))) >= 0`,
          legend: 'not sent',
        },
      ],
      steps: SHARES,
      noData: 'no requests',
    }),
    stat({
      title: 'Mirror answers within',
      description: '99 % of the answers of the mirror came within this time.',
      unit: 's',
      targets: [
        {
          expr: `histogram_quantile(0.99, sum by (le) (rate(spoa_mirror_latency_seconds_bucket{${MIRROR}}${RATE}))) >= 0`,
          legend: 'p99',
        },
      ],
      noData: 'no answers',
    }),
    stat({
      title: 'Clients wait longer by',
      description:
        "Added to a client's request until the agent's ACK (pT), p99 of the log. See docs/alerts.md#spoelogsptoverbudget.",
      unit: 's',
      targets: [{ expr: `max(spoe_logs_all_pt_seconds{${LOGS}, quantile="0.99"})`, legend: 'pT p99' }],
      steps: [
        { from: 0.02, color: 'yellow' },
        { from: 0.05, color: 'red' },
      ],
      noData: 'no log is read',
    }),
    stat({
      title: 'Alerts that fire',
      description: 'Of dashboards/spoe-logs.rules.yaml.',
      unit: 'short',
      targets: [
        {
          expr: 'count(ALERTS{alertname=~"Spoa.*|SpoeLogs.*", alertstate="firing"}) or vector(0)',
          legend: 'alerts',
        },
      ],
      steps: [{ from: 1, color: 'red' }],
    }),
  ],
};

const MIRROR_RED: Row = {
  title: 'Mirror: rate, errors, duration',
  panels: [
    series({
      title: 'Answers of the mirror',
      description: 'By class of status and destination. 4xx and 3xx are answers to something else than what was asked.',
      unit: 'reqps',
      isStacked: true,
      targets: [
        {
          expr: `sum by (destination, class) (label_replace(rate(spoa_mirror_responses_total{${MIRROR}}${RATE}), "class", "$\{1}xx", "status", "(.).*"))`,
          legend: '{{class}} {{destination}}',
        },
      ],
    }),
    series({
      title: 'Requests without an answer',
      description: 'By reason; `spoe-logs summarize --record` says each in words. Empty when there is none.',
      unit: 'reqps',
      isStacked: true,
      targets: [
        {
          expr: `sum by (destination, error) (rate(spoa_mirror_errors_total{${MIRROR}}${RATE})) > 0`,
          legend: '{{error}} {{destination}}',
        },
      ],
      noData: 'none',
    }),
    series({
      title: 'Share that failed',
      description: 'No answer, or 5xx, of the requests that were sent, by destination.',
      unit: 'percentunit',
      max: 1,
      targets: [
        {
          expr: `sum by (destination) (${FAILED}) / sum by (destination) (${SENT})`,
          legend: '{{destination}}',
        },
      ],
      steps: SHARES,
    }),
    series({
      title: 'Latency of the mirror',
      description: 'From sending a request to the end of its answer.',
      unit: 's',
      targets: ([0.5, 0.95, 0.99] as const).map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (destination, le) (rate(spoa_mirror_latency_seconds_bucket{${MIRROR}}${RATE})))`,
        legend: `p${quantile * 100} {{destination}}`,
      })),
    }),
    {
      kind: 'heatmap',
      title: 'Latency of the mirror, all of it',
      description: 'Answers by how long they took.',
      unit: 's',
      width: 8,
      height: 8,
      targets: [
        {
          expr: `sum by (le) (increase(spoa_mirror_latency_seconds_bucket{${MIRROR}}${RATE}))`,
          legend: '{{le}}',
        },
      ],
    },
    series({
      title: 'Since the last answer',
      description: 'By agent and destination: a mirror that answers nothing.',
      unit: 's',
      targets: [
        {
          expr: `time() - spoa_mirror_last_answer_timestamp_seconds{${MIRROR}}`,
          legend: '{{instance}} {{destination}}',
        },
      ],
    }),
  ],
};

const BAD_ENDS = [
  ['connections_refused', 'refused: too many'],
  ['connections_not_allowed', 'not allowed'],
  ['connections_gave_way', 'gave way'],
  ['stalled_connections', 'ACKs were not read'],
  ['hello_timeouts', 'no HELLO'],
  ['idle_timeouts', 'no frame'],
  ['acks_lost', 'ACK lost'],
  ['handler_errors', 'internal error'],
] as const;

const AGENT_RATE: Row = {
  title: 'Agent: what HAProxy hands over',
  panels: [
    series({
      title: 'Requests',
      description: 'Taken: all that are requests. Filtered and sampled out were left out as asked.',
      unit: 'reqps',
      targets: [
        { expr: `sum(rate(spoa_mirror_requests_taken_total{${AGENT}}${RATE}))`, legend: 'taken' },
        { expr: `sum(rate(spoa_mirror_requests_filtered_total{${AGENT}}${RATE}))`, legend: 'filtered' },
        { expr: `sum(rate(spoa_mirror_requests_sampled_out_total{${AGENT}}${RATE}))`, legend: 'sampled out' },
      ],
    }),
    series({
      title: 'Frames',
      description: 'NOTIFY frames of HAProxy and the ACKs it got. A gap between them is what clients wait for.',
      unit: 'cps',
      targets: [
        {
          expr: `sum by (instance) (rate(spoa_mirror_notifies_total{${AGENT}}${RATE}))`,
          legend: 'NOTIFY {{instance}}',
        },
        { expr: `sum by (instance) (rate(spoa_mirror_acks_total{${AGENT}}${RATE}))`, legend: 'ACK {{instance}}' },
      ],
    }),
    series({
      title: 'Since the last request',
      description: 'By agent. See docs/alerts.md#spoamirrorsilent.',
      unit: 's',
      targets: [{ expr: `time() - spoa_mirror_last_request_timestamp_seconds{${AGENT}}`, legend: '{{instance}}' }],
    }),
    series({
      title: 'Connections that ended badly, or did not begin',
      description: 'Refused, not allowed, stalled, timeouts, TLS. Empty when there is none.',
      unit: 'cps',
      targets: [
        ...BAD_ENDS.map(([metric, legend]) => ({
          expr: `sum by (instance) (rate(spoa_mirror_${metric}_total{${AGENT}}${RATE})) > 0`,
          legend: `${legend} {{instance}}`,
        })),
        {
          expr: `sum by (instance, status) (rate(spoa_mirror_disconnects_total{${AGENT}}${RATE})) > 0`,
          legend: 'AGENT-DISCONNECT {{status}} {{instance}}',
        },
        {
          expr: `sum by (instance, status) (rate(spoa_mirror_haproxy_disconnects_total{${AGENT}}${RATE})) > 0`,
          legend: 'HAPROXY-DISCONNECT {{status}} {{instance}}',
        },
        {
          expr: `sum by (instance, reason) (rate(spoa_mirror_tls_handshakes_failed_total{${AGENT}}${RATE})) > 0`,
          legend: 'TLS {{reason}} {{instance}}',
        },
      ],
      noData: 'none',
    }),
    series({
      title: 'Traffic',
      description: 'Bytes between HAProxy and the agents.',
      unit: 'Bps',
      targets: [
        { expr: `sum(rate(spoa_mirror_received_bytes_total{${AGENT}}${RATE}))`, legend: 'received' },
        { expr: `sum(rate(spoa_mirror_sent_bytes_total{${AGENT}}${RATE}))`, legend: 'sent' },
      ],
    }),
    series({
      title: 'Health checks',
      description: 'Of `option spop-check`, answered.',
      unit: 'cps',
      targets: [
        { expr: `sum by (instance) (rate(spoa_mirror_healthchecks_total{${AGENT}}${RATE}))`, legend: '{{instance}}' },
      ],
    }),
  ],
};

const SATURATION: Row = {
  title: 'Agent: what is full',
  panels: [
    series({
      title: 'Queue',
      description: 'Requests that wait for the mirror (bound: --queue), and those without their answer.',
      unit: 'short',
      targets: [
        {
          expr: `sum by (instance, destination) (spoa_mirror_queue_requests{${MIRROR}})`,
          legend: 'wait {{instance}} {{destination}}',
        },
        {
          expr: `sum by (instance, destination) (spoa_mirror_in_flight_requests{${MIRROR}})`,
          legend: 'on their way {{instance}} {{destination}}',
        },
      ],
    }),
    series({
      title: 'Queue, bytes',
      description: 'Bytes of requests that wait or are on their way (bound: --queue-bytes).',
      unit: 'bytes',
      targets: [
        {
          expr: `sum by (instance, destination) (spoa_mirror_queue_bytes{${MIRROR}})`,
          legend: '{{instance}} {{destination}}',
        },
      ],
    }),
    series({
      title: 'Lost',
      description:
        'Requests that were to be sent and were not, lines of record and log, spans. Empty when there is none.',
      unit: 'cps',
      targets: [
        {
          expr: `sum by (instance, error) (rate(spoa_mirror_errors_total{${MIRROR}, error=~"${LOST}"}${RATE})) > 0`,
          legend: '{{error}} {{instance}}',
        },
        {
          expr: `sum by (instance) (rate(spoa_mirror_requests_lost_total{${AGENT}}${RATE})) > 0`,
          legend: 'died with a worker {{instance}}',
        },
        {
          expr: `sum by (instance) (rate(spoa_mirror_records_dropped_total{${AGENT}}${RATE})) > 0`,
          legend: 'lines of the record {{instance}}',
        },
        {
          expr: `sum by (instance) (rate(spoa_mirror_log_lines_dropped_total{${AGENT}}${RATE})) > 0`,
          legend: 'lines of the log {{instance}}',
        },
        {
          expr: `sum by (instance) (rate(spoa_mirror_otel_spans_dropped_total{${AGENT}}${RATE}) + rate(spoa_mirror_otel_spans_failed_total{${AGENT}}${RATE})) > 0`,
          legend: 'spans {{instance}}',
        },
        {
          expr: `sum by (instance, side) (rate(spoa_mirror_answers_dropped_total{${AGENT}}${RATE})) > 0`,
          legend: 'answers of {{side}} {{instance}}',
        },
      ],
      noData: 'none',
    }),
    series({
      title: 'Connections of HAProxy',
      description: 'Of those there is room for.',
      unit: 'percentunit',
      max: 1,
      targets: [
        {
          expr: `sum by (instance) (spoa_mirror_connections{${AGENT}}) / sum by (instance) (spoa_mirror_connections_max{${AGENT}})`,
          legend: '{{instance}}',
        },
      ],
      steps: [{ from: 0.9, color: 'red' }],
      width: 6,
    }),
    series({
      title: 'CPU',
      description: 'Cores of all processes of an agent.',
      unit: 'short',
      targets: [
        { expr: `sum by (instance) (rate(spoa_mirror_cpu_seconds_total{${AGENT}}${RATE}))`, legend: '{{instance}}' },
      ],
      width: 6,
    }),
    series({
      title: 'Memory',
      description: 'Of all processes of an agent.',
      unit: 'bytes',
      targets: [{ expr: `sum by (instance) (spoa_mirror_resident_memory_bytes{${AGENT}})`, legend: '{{instance}}' }],
      width: 6,
    }),
    series({
      title: 'Workers',
      description: 'That run, and how many were replaced since the start.',
      unit: 'short',
      targets: [
        { expr: `sum by (instance) (spoa_mirror_workers{${AGENT}})`, legend: 'run {{instance}}' },
        {
          expr: `sum by (instance) (spoa_mirror_workers_restarted_total{${AGENT}})`,
          legend: 'replaced {{instance}}',
        },
      ],
      width: 6,
    }),
    {
      kind: 'table',
      title: 'Agents',
      description: 'Version and start of each.',
      unit: 'dateTimeFromNow',
      width: 24,
      height: 5,
      targets: [
        {
          expr: `1000 * spoa_mirror_start_time_seconds{${AGENT}} * on (job, instance) group_left (version) spoa_mirror_build_info{${AGENT}}`,
          legend: '',
        },
      ],
    },
  ],
};

const LOG: Row = {
  title: "HAProxy's log, as spoe-logs reads it",
  panels: [
    series({
      title: 'Events',
      description: 'SPOE events of the log.',
      unit: 'cps',
      targets: [
        {
          expr: `sum by (instance, agent) (rate(spoe_logs_events_total{${EVENTS}}${RATE}))`,
          legend: '{{agent}} {{instance}}',
        },
      ],
    }),
    series({
      title: 'Failed events',
      description: 'By status code; `spoe-logs explain CODE` says each. Empty when there is none.',
      unit: 'cps',
      isStacked: true,
      targets: [
        {
          expr: `sum by (instance, agent, st, status) (rate(spoe_logs_errors_total{${EVENTS}}${RATE})) > 0`,
          legend: 'st={{st}} {{status}} {{agent}} {{instance}}',
        },
      ],
      noData: 'none',
    }),
    series({
      title: 'Share of failed events',
      description: 'Over the whole log. Absent while it is not known.',
      unit: 'percentunit',
      max: 1,
      targets: [
        {
          expr: `max by (instance, agent) (spoe_logs_error_ratio{${EVENTS}})`,
          legend: '{{agent}} {{instance}}',
        },
      ],
      steps: SHARES,
    }),
    series({
      title: 'pT: what clients wait longer',
      description: "Until the agent's ACK, over the whole log. Not the time the mirror takes.",
      unit: 's',
      targets: (['0.5', '0.95', '0.99'] as const).map((quantile) => ({
        expr: `max by (instance) (spoe_logs_all_pt_seconds{${LOGS}, quantile="${quantile}"})`,
        legend: `p${Number(quantile) * 100} {{instance}}`,
      })),
    }),
    series({
      title: 'pT of late',
      description: 'The mean of what came since the scrape before.',
      unit: 's',
      targets: [
        {
          expr: `sum by (instance) (rate(spoe_logs_all_pt_seconds_sum{${LOGS}}${RATE})) / sum by (instance) (rate(spoe_logs_all_pt_seconds_count{${LOGS}}${RATE}))`,
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      title: 'Phases',
      description: 'p99 of encoding, queue, wait for the agent, decoding. HAProxy 3.0 and older.',
      unit: 's',
      targets: [
        {
          expr: `max by (instance, phase) (spoe_logs_phase_seconds{${EVENTS}, quantile="0.99"})`,
          legend: '{{phase}} {{instance}}',
        },
      ],
    }),
    {
      kind: 'state-timeline',
      title: 'Verdict',
      description: 'Of each log.',
      unit: 'short',
      width: 12,
      height: 6,
      targets: [
        {
          expr: `max by (instance) (2 * spoe_logs_verdict{${LOGS}, status="failing"} or spoe_logs_verdict{${LOGS}, status="degraded"} or 3 * spoe_logs_verdict{${LOGS}, status="unknown"})`,
          legend: '{{instance}}',
        },
      ],
      words: [
        { value: 0, text: 'HEALTHY', color: 'green' },
        { value: 1, text: 'DEGRADED', color: 'orange' },
        { value: 2, text: 'FAILING', color: 'red' },
        { value: 3, text: 'UNKNOWN', color: 'blue' },
      ],
      steps: [],
    },
    series({
      title: 'Silent',
      description: '1 where events have stopped to come. See docs/alerts.md#spoelogssilent.',
      unit: 'short',
      max: 1,
      targets: [{ expr: `max by (instance) (spoe_logs_silent{${LOGS}})`, legend: '{{instance}}' }],
      steps: [{ from: 1, color: 'red' }],
      width: 6,
    }),
    series({
      title: 'Lines that are not read',
      description: 'Malformed, spoofed, without a header that is known, too long. Empty when there is none.',
      unit: 'short',
      targets: [
        {
          expr: `sum by (instance, kind) (spoe_logs_lines_total{${LOGS}, kind=~"malformed|spoofed|header_not_read|overlong"}) > 0`,
          legend: '{{kind}} {{instance}}',
        },
      ],
      noData: 'none',
      width: 6,
    }),
  ],
};

const DIFF: Row = {
  title: 'Comparison (spoe-logs serve --production)',
  isCollapsed: true,
  panels: [
    {
      kind: 'state-timeline',
      title: 'Verdict on the mirrored release',
      description: 'As /verdict has it, of serve and of an agent. See docs/alerts.md#spoelogsdifffail.',
      unit: 'short',
      width: 8,
      height: 8,
      targets: [
        {
          expr: `max by (instance) (2 * spoe_logs_diff_verdict{${LOGS}, status="fail"} or spoe_logs_diff_verdict{${LOGS}, status="inconclusive"})`,
          legend: '{{instance}}',
        },
        {
          expr: `max by (instance) (2 * spoa_mirror_verdict{${AGENT}, status="fail"} or spoa_mirror_verdict{${AGENT}, status="inconclusive"})`,
          legend: '{{instance}}',
        },
      ],
      words: [
        { value: 0, text: 'PASS', color: 'green' },
        { value: 1, text: 'INCONCLUSIVE', color: 'blue' },
        { value: 2, text: 'FAIL', color: 'red' },
      ],
    },
    series({
      title: 'Pairs',
      description: 'Pairs of answers that the verdict is about, and how many a PASS needs if things go on like this.',
      unit: 'short',
      targets: [
        { expr: `max by (instance) (spoe_logs_diff_pairs{${LOGS}})`, legend: 'pairs {{instance}}' },
        { expr: `max by (instance) (spoe_logs_diff_pairs_needed{${LOGS}})`, legend: 'needed {{instance}}' },
      ],
    }),
    series({
      title: 'Errors, side by side',
      description: 'Share of pairs that failed.',
      unit: 'percentunit',
      max: 1,
      targets: [
        { expr: `max by (instance, side) (spoe_logs_diff_error_ratio{${LOGS}})`, legend: '{{side}} {{instance}}' },
      ],
    }),
    series({
      title: 'Outcomes',
      description: 'Pairs by whether production and mirror failed.',
      unit: 'cps',
      isStacked: true,
      targets: [
        {
          expr: `sum by (instance, outcome) (rate(spoe_logs_diff_outcomes_total{${LOGS}}${RATE}))`,
          legend: '{{outcome}} {{instance}}',
        },
      ],
    }),
    series({
      title: 'Latency, side by side',
      description: 'p99 over all pairs.',
      unit: 's',
      targets: [
        {
          expr: `max by (instance, side) (spoe_logs_diff_latency_percentile_seconds{${LOGS}, percentile="99"})`,
          legend: '{{side}} {{instance}}',
        },
      ],
    }),
    series({
      title: 'Since the last of each',
      description: 'Pair, and line of each side. See docs/alerts.md#spoelogsdiffstale.',
      unit: 's',
      targets: [
        { expr: `max by (instance, what) (spoe_logs_diff_age_seconds{${LOGS}})`, legend: '{{what}} {{instance}}' },
      ],
    }),
  ],
};

const GUARD: Row = {
  title: 'Guard (spoe-logs mirroring guard)',
  isCollapsed: true,
  panels: [
    {
      kind: 'state-timeline',
      title: 'State',
      description: 'closed: mirroring is on. open: off. half-open: a probe. standby: somebody else switched it off.',
      unit: 'short',
      width: 8,
      height: 8,
      targets: [
        {
          expr: 'max by (instance) (2 * spoe_logs_guard_state{state="open"} or spoe_logs_guard_state{state="half-open"} or 3 * spoe_logs_guard_state{state="standby"})',
          legend: '{{instance}}',
        },
      ],
      words: [
        { value: 0, text: 'closed', color: 'green' },
        { value: 1, text: 'half-open', color: 'yellow' },
        { value: 2, text: 'open', color: 'red' },
        { value: 3, text: 'standby', color: 'blue' },
      ],
    },
    series({
      title: 'pT against its budget',
      description: 'p99 of the window, and the limit (--max-p99).',
      unit: 's',
      targets: [
        { expr: 'max by (instance) (spoe_logs_guard_window_p99_seconds)', legend: 'p99 {{instance}}' },
        { expr: 'max by (instance) (spoe_logs_guard_budget_p99_seconds)', legend: 'budget {{instance}}' },
      ],
    }),
    series({
      title: 'Failed events against their budget',
      description: 'Of the window, and the limit (--max-error-rate).',
      unit: 'percentunit',
      max: 1,
      targets: [
        { expr: 'max by (instance) (spoe_logs_guard_window_error_ratio)', legend: 'failed {{instance}}' },
        { expr: 'max by (instance) (spoe_logs_guard_budget_error_ratio)', legend: 'budget {{instance}}' },
      ],
    }),
  ],
};

const HAPROXY: Row = {
  title: "HAProxy's own metrics (its exporter; the backend of agents is called mirroragents)",
  isCollapsed: true,
  panels: [
    series({
      title: 'Agents that HAProxy takes for up',
      description: 'Servers of the backend of agents. See docs/alerts.md#spoanoagentforhaproxy.',
      unit: 'short',
      targets: [
        {
          expr: 'sum by (instance, proxy) (haproxy_backend_active_servers{proxy=~"mirroragents.*"})',
          legend: '{{proxy}} {{instance}}',
        },
      ],
    }),
    series({
      title: 'Requests of clients',
      description: 'Of all frontends: what could be mirrored.',
      unit: 'reqps',
      targets: [
        {
          expr: `sum by (instance) (rate(haproxy_frontend_http_requests_total${RATE}))`,
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      title: 'Connections to agents',
      description: 'Sessions of the backend of agents.',
      unit: 'short',
      targets: [
        {
          expr: 'sum by (instance, proxy) (haproxy_backend_current_sessions{proxy=~"mirroragents.*"})',
          legend: '{{proxy}} {{instance}}',
        },
      ],
    }),
  ],
};

export const DASHBOARD: Dashboard = {
  uid: 'spoe-logs',
  title: 'Traffic mirroring (SPOE)',
  description: 'spoa-mirror, what HAProxy logs of it, and the mirror. Made by npm run dashboards.',
  tags: ['haproxy', 'spoe', 'mirroring'],
  variables: [
    { name: 'job', label: 'Job', query: 'label_values(spoa_mirror_build_info, job)' },
    { name: 'instance', label: 'Agent', query: 'label_values(spoa_mirror_build_info{job=~"$job"}, instance)' },
    {
      name: 'destination',
      label: 'Mirror',
      query: `label_values(spoa_mirror_requests_mirrored_total{${AGENT}}, destination)`,
    },
    { name: 'logs', label: 'Log', query: 'label_values(spoe_logs_verdict, instance)' },
    { name: 'agent', label: 'Agent in the log', query: `label_values(spoe_logs_events_total{${LOGS}}, agent)` },
  ],
  rows: [NOW, MIRROR_RED, AGENT_RATE, SATURATION, LOG, DIFF, GUARD, HAPROXY],
};
