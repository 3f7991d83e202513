/**
 * The summary as Prometheus metrics, for a textfile collector or a Pushgateway.
 * Labels are the keys of --by (agent, type, name, host, pid, st); the group past the bound has `other="true"` alone.
 */

import type { GroupKey, KeyedGroup, Mirror, MirrorGroup, Silence, Summary, TimerStats } from '../stats/model.ts';
import { countRefused } from '../status/mirror-errors.ts';
import type { Labels, MetricFamily, Sample } from '../text/exposition.ts';
import { renderExposition } from '../text/exposition.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { PHASES } from './screen-groups.ts';

const QUANTILES = [
  ['0.5', 'p50'],
  ['0.9', 'p90'],
  ['0.95', 'p95'],
  ['0.99', 'p99'],
  ['0.999', 'p999'],
] as const;

const VERDICTS = ['healthy', 'degraded', 'failing', 'unknown'] as const;

type MetricType = MetricFamily['type'];

/** Renders the summary in the text exposition format. */
export function renderPrometheus(summary: Summary): string {
  return renderExposition(summaryFamilies(summary));
}

/** The summary as metrics; durations are seconds, as Prometheus wants them. */
export function summaryFamilies(summary: Summary): MetricFamily[] {
  return [
    ...verdictFamilies(summary),
    ...eventFamilies(summary.groups),
    ...timerFamilies(summary),
    ...lastWindowFamilies(summary),
    ...saturationFamilies(summary.groups),
    ...inputFamilies(summary),
    ...mirrorFamilies(summary.mirror),
  ];
}

function verdictFamilies(summary: Summary): MetricFamily[] {
  const { verdict, thresholds, window } = summary;
  const states = VERDICTS.map((status) => ({ labels: { status }, value: verdict.status === status ? 1 : 0 }));
  const crossed = (thresholds ?? []).map((threshold) => ({
    labels: { expression: safe(threshold.expression) },
    value: threshold.crossed ? 1 : 0,
  }));
  return [
    family('verdict', 'gauge', 'The verdict as a state set: 1 for the state it is in.', states),
    family('verdict_since_timestamp_seconds', 'gauge', 'When that state began.', time(verdict.since)),
    family(
      'verdict_until_timestamp_seconds',
      'gauge',
      'The last error before it recovered; absent while it goes on.',
      time(verdict.until ?? null),
    ),
    family(
      'silent',
      'gauge',
      '1 when no event comes any more, or nothing of what the labels name while others go on.',
      [{ labels: silentLabels(verdict.silence), value: verdict.silence === undefined ? 0 : 1 }],
    ),
    family(
      'silent_since_timestamp_seconds',
      'gauge',
      'The last event before that; absent when nothing is silent or lines have no time.',
      time(verdict.silence?.since ?? null),
    ),
    family('threshold_crossed', 'gauge', '1 when the threshold was crossed.', crossed),
    family('window_from_timestamp_seconds', 'gauge', 'First event.', time(window.from)),
    family('window_to_timestamp_seconds', 'gauge', 'Last event.', time(window.to)),
  ];
}

function silentLabels(silence: Silence | undefined): Labels {
  const { agent, host, destination } = silence ?? {};
  const entries = Object.entries({ agent, host, destination }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, safe(String(value))]));
}

function eventFamilies(groups: readonly KeyedGroup[]): MetricFamily[] {
  const errors = groups.flatMap((group) =>
    group.status
      .filter(({ st }) => st !== 0)
      .map(({ st, name, count }) => ({ labels: { ...labels(group.key), st: String(st), status: name }, value: count })),
  );
  return [
    family(
      'events_total',
      'counter',
      'Event and group lines.',
      each(groups, (group) => group.count),
    ),
    family('errors_total', 'counter', 'Event and group lines with st other than 0, by st.', errors),
    family(
      'error_ratio',
      'gauge',
      'Errors by events; absent when unknown.',
      each(groups, (group) => group.errorRate),
    ),
    family(
      'unlogged_events',
      'gauge',
      'Events without a line: skipped by an ACL, interrupted, not logged when normal, or lost; absent when unknown.',
      each(groups, (group) => group.completeness?.unlogged),
    ),
    family(
      'restarts_total',
      'counter',
      'Restarts of HAProxy seen.',
      each(groups, (group) => group.completeness?.restarts),
    ),
  ];
}

function timerFamilies(summary: Summary): MetricFamily[] {
  const { groups, total } = summary;
  const phases = groups.flatMap((group) =>
    PHASES.flatMap(([timer, phase]) => quantiles(group.timers[timer], { ...labels(group.key), phase })),
  );
  const interrupted = groups.flatMap((group) =>
    PHASES.flatMap(([timer, phase]) => {
      const stats = group.timers[timer];
      return stats === undefined ? [] : [{ labels: { ...labels(group.key), phase }, value: stats.interrupted }];
    }),
  );
  const pT = groups.flatMap((group) => quantiles(group.timers.pT, labels(group.key)));
  const added = "Latency added to the client's request until the agent's ACK (pT), not the mirror's response time";
  return [
    family('pt_seconds', 'summary', `${added}.`, pT),
    family('all_pt_seconds', 'summary', `${added}, over all groups.`, quantiles(total.timers.pT, {})),
    family('phase_seconds', 'summary', 'Time in a phase; HAProxy 3.0 and older.', phases),
    family('phase_interrupted_total', 'counter', 'Events whose phase never ended (-1).', interrupted),
  ];
}

/** With --window: the last one that is over, as far as the log goes, so that something can be said of now. */
function lastWindowFamilies({ series = [], window }: Summary): MetricFamily[] {
  const endMs = window.to === null ? 0 : Date.parse(window.to);
  const last = series.findLast(
    ({ other, from, seconds }) => other !== true && Date.parse(from) + seconds * 1000 <= endMs,
  );
  if (last === undefined) return [];
  const { from, seconds, count, errors, p50, p99 } = last;
  const quantile = (value: number | null, name: string): Sample[] =>
    value === null ? [] : [{ labels: { quantile: name }, value: value / 1000 }];
  return [
    family('last_window_start_timestamp_seconds', 'gauge', 'When the last window that is over began.', time(from)),
    family('last_window_seconds', 'gauge', 'Its length.', [{ value: seconds }]),
    family('last_window_events', 'gauge', 'Events in it.', [{ value: count }]),
    family('last_window_errors', 'gauge', 'Of these, with st other than 0.', [{ value: errors }]),
    family('last_window_pt_seconds', 'gauge', 'pT of these, by quantile.', [
      ...quantile(p50, '0.5'),
      ...quantile(p99, '0.99'),
    ]),
  ];
}

function saturationFamilies(groups: readonly KeyedGroup[]): MetricFamily[] {
  return [
    family(
      'idle_applets_min',
      'gauge',
      'Fewest idle applets.',
      each(groups, (group) => group.saturation?.minIdles),
    ),
    family(
      'applets_max',
      'gauge',
      'Most applets.',
      each(groups, (group) => group.saturation?.maxApplets),
    ),
    family(
      'sending_max',
      'gauge',
      'Most events queued to be sent.',
      each(groups, (group) => group.saturation?.maxSending),
    ),
    family(
      'waiting_max',
      'gauge',
      'Most events waiting for an ACK.',
      each(groups, (group) => group.saturation?.maxWaiting),
    ),
  ];
}

function inputFamilies({ input }: Summary): MetricFamily[] {
  const kinds = [
    ['spoe', input.spoe],
    ['other', input.spoeOther],
    ['malformed', input.malformed],
    ['spoofed', input.spoofed],
    ...(input.headerNotRead === undefined ? [] : ([['header_not_read', input.headerNotRead]] as const)),
    ['overlong', input.overlong],
    ['filtered', input.filtered],
  ] as const;
  const byKind = kinds.map(([kind, value]) => ({ labels: { kind }, value }));
  return [
    family('input_bytes_total', 'counter', 'Bytes read.', [{ value: input.bytes }]),
    family('input_lines_total', 'counter', 'Lines read, of every kind.', [{ value: input.lines }]),
    family('lines_total', 'counter', 'Lines by what they are.', byKind),
  ];
}

/** Metrics of the agent's record; labelled by destination where the agent has several. */
function mirrorFamilies(mirror: Mirror | undefined): MetricFamily[] {
  if (mirror === undefined) return [];
  const groups: readonly (readonly [Labels, MirrorGroup])[] =
    mirror.destinations.length === 0
      ? [[{}, mirror.total]]
      : mirror.destinations.map((group) => [{ destination: safe(group.destination) }, group]);
  const of = (value: (group: MirrorGroup) => number | null): Sample[] =>
    groups.flatMap(([keys, group]) => {
      const number = value(group);
      return number === null ? [] : [{ labels: keys, value: number }];
    });
  return [
    family(
      'mirror_requests_total',
      'counter',
      "Requests in the agent's record.",
      of(({ requests }) => requests),
    ),
    family(
      'mirror_responses_total',
      'counter',
      'Answers of the mirror, by status code.',
      groups.flatMap(([keys, { status }]) =>
        status.map((entry) => ({ labels: { ...keys, code: String(entry.status) }, value: entry.count })),
      ),
    ),
    family(
      'mirror_errors_total',
      'counter',
      'Requests without an answer, by the error of the record; those that were never sent are among them.',
      groups.flatMap(([keys, { errors }]) =>
        errors.map(({ error, count }) => ({ labels: { ...keys, error: safe(error) }, value: count })),
      ),
    ),
    family(
      'mirror_dropped_total',
      'counter',
      'Requests that were to be sent and never were.',
      of(({ dropped }) => dropped),
    ),
    family(
      'mirror_error_ratio',
      'gauge',
      'No answer or 5xx, by requests sent; absent when none was.',
      of(({ errorRate }) => errorRate),
    ),
    family(
      'mirror_refused_ratio',
      'gauge',
      'Redirects and client errors, by requests sent; absent when none was.',
      of(({ status, answered, failed }) =>
        answered + failed === 0 ? null : countRefused(status) / (answered + failed),
      ),
    ),
    family(
      'mirror_unanswered_requests',
      'gauge',
      'Requests handed over of late that the record says nothing of.',
      mirror.unanswered?.map(({ destination, requests }) => ({
        labels: destination === undefined ? {} : { destination: safe(destination) },
        value: requests,
      })) ?? [],
    ),
    family(
      'mirror_latency_seconds',
      'summary',
      'Until the last byte of the answer.',
      groups.flatMap(([keys, { latency }]) => quantiles(latency, keys)),
    ),
    family(
      'mirror_request_bytes_total',
      'counter',
      'Bodies that were sent.',
      of(({ requestBytes }) => requestBytes),
    ),
    family(
      'mirror_response_bytes_total',
      'counter',
      'Bodies that were read.',
      of(({ responseBytes }) => responseBytes),
    ),
  ];
}

function family(name: string, type: MetricType, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `spoe_logs_${name}`, type, help, samples };
}

/** One sample a group; a group whose value is unknown has none. */
function each(groups: readonly KeyedGroup[], value: (group: KeyedGroup) => number | null | undefined): Sample[] {
  return groups.flatMap((group) => {
    const number = value(group);
    return number === null || number === undefined ? [] : [{ labels: labels(group.key), value: number }];
  });
}

function quantiles(timer: TimerStats | undefined, keys: Labels): Sample[] {
  if (timer === undefined) return [];
  const samples: Sample[] = [];
  for (const [quantile, field] of QUANTILES) {
    const ms = timer[field];
    if (ms !== null) samples.push({ labels: { ...keys, quantile }, value: ms / 1000 });
  }
  // The mean may be rounded: so is the sum.
  samples.push({ suffix: '_sum', labels: keys, value: ((timer.mean ?? 0) * timer.count) / 1000 });
  samples.push({ suffix: '_count', labels: keys, value: timer.count });
  return samples;
}

function labels(key: GroupKey): Labels {
  if (key.other === true) return { other: 'true' };
  const entries = Object.entries(key).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, safe(String(value))]));
}

/** A backslash of the log is doubled, so that two different names never become the same series. */
function safe(text: string): string {
  return escapeTerminal(text.replaceAll('\\', '\\\\'));
}

function time(iso: string | null): Sample[] {
  return iso === null ? [] : [{ value: Date.parse(iso) / 1000 }];
}
