/** The comparison and its verdict as Prometheus metrics, for `serve`. */
import type { DiffReport } from '../diff/model.ts';
import type { StandingVerdict } from '../diff/standing-verdict.ts';
import type { Labels, MetricFamily, MetricType, Sample } from '../text/exposition.ts';
import { escapeTerminal } from '../text/terminal.ts';

const STATUSES = ['pass', 'fail', 'inconclusive'] as const;

/** @param report undefined as long as there is none */
export function diffFamilies(standing: StandingVerdict, report: DiffReport | undefined): MetricFamily[] {
  return [...verdictFamilies(standing), ...(report === undefined ? [] : reportFamilies(report))];
}

function verdictFamilies({ status, pairs, ages, failedMs }: StandingVerdict): MetricFamily[] {
  const known = (value: number | null): Sample[] => (value === null ? [] : [{ value }]);
  const age = (side: string, ms: number | null): Sample[] =>
    ms === null ? [] : [{ labels: { what: side }, value: Math.round(ms) / 1000 }];
  return [
    family(
      'verdict',
      'gauge',
      'The verdict on the mirrored release as a state set, as /verdict has it: 1 for the state it is in.',
      STATUSES.map((each) => ({ labels: { status: each }, value: each === status ? 1 : 0 })),
    ),
    family('pairs', 'gauge', 'Pairs of answers that the verdict is about.', [{ value: pairs.counted }]),
    family(
      'pairs_needed',
      'gauge',
      'Pairs for a PASS if things go on like this; absent when unknown.',
      known(pairs.needed),
    ),
    family('age_seconds', 'gauge', 'Time since the last pair, and the last line of each side.', [
      ...age('pair', ages.pair),
      ...age('production', ages.production),
      ...age('mirror', ages.mirror),
    ]),
    family(
      'failed_timestamp_seconds',
      'gauge',
      'When a FAIL that stays was first seen; absent without one.',
      known(failedMs === null ? null : failedMs / 1000),
    ),
  ];
}

function reportFamilies({ verdict, coverage, errors, latency }: DiffReport): MetricFamily[] {
  const gates = verdict.gates.map(({ gate, expression, route, place, status }) => ({
    labels: {
      gate,
      expression: safe(expression),
      ...(route !== undefined && route !== null && { route: safe(route) }),
      ...(place !== undefined && { place: safe(place) }),
      status,
    },
  }));
  const outcomes: [string, number][] = [
    ['both_ok', errors.bothOk],
    ['new_error', errors.newError],
    ['fixed_error', errors.fixedError],
    ['both_error', errors.bothError],
    ['ignored', errors.ignored],
  ];
  const rates: [string, number | null][] = [
    ['production', errors.productionRate],
    ['mirror', errors.mirrorRate],
  ];
  const quantiles = (['production', 'mirror'] as const).flatMap((side) =>
    (['p50', 'p95', 'p99'] as const).flatMap((name) => {
      const ms = latency?.[side][name];
      return ms === undefined ? [] : [{ labels: { side, percentile: name.slice(1) }, value: ms / 1000 }];
    }),
  );
  return [
    family('gates', 'gauge', 'Results of gates, by what they are about.', countEqual(gates)),
    family(
      'requests_total',
      'counter',
      "Production's requests by what became of them.",
      Object.entries(coverage.buckets).map(([bucket, value]) => ({ labels: { bucket }, value })),
    ),
    family(
      'outcomes_total',
      'counter',
      'Pairs by whether production and mirror failed.',
      outcomes.map(([outcome, value]) => ({ labels: { outcome }, value })),
    ),
    family('error_ratio', 'gauge', 'Share of pairs that failed, by side.', unlessUnknown(rates, 'side')),
    family('paired_ratio', 'gauge', 'Share of the comparable requests that are paired.', [
      ...(coverage.pairedShare === null ? [] : [{ value: coverage.pairedShare }]),
    ]),
    family('latency_percentile_seconds', 'gauge', 'Time of the answer over all pairs, by side.', quantiles),
  ];
}

/** Two gates may be told apart by words that are no labels: one series has their number. */
function countEqual(all: readonly { readonly labels: Labels }[]): Sample[] {
  const counts = new Map<string, { readonly labels: Labels; value: number }>();
  for (const { labels } of all) {
    const key = JSON.stringify(labels);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { labels, value: 1 });
    else known.value++;
  }
  return [...counts.values()];
}

function unlessUnknown(values: readonly [string, number | null][], label: string): Sample[] {
  return values.flatMap(([name, value]) => (value === null ? [] : [{ labels: { [label]: name }, value }]));
}

function family(name: string, type: MetricType, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `spoe_logs_diff_${name}`, type, help, samples };
}

/** A backslash of the log is doubled, so that two different names never become the same series. */
function safe(text: string): string {
  return escapeTerminal(text.replaceAll('\\', '\\\\'));
}
