/** What happened over time, in charts that share their steps, and the same figures as a table. */
import type { HistoryView, HistoryViewStep } from '../../stats/history-view.ts';
import type { Summary } from '../../stats/model.ts';
import { describeStatus } from '../../status/describe.ts';
import {
  formatAmount,
  formatCount,
  formatDuration,
  formatMs,
  formatPercentNumber,
  formatRate,
} from '../../text/numbers.ts';
import { formatTime, timeText } from '../../text/times.ts';
import { msLabel } from '../html/axis-labels.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { htmlTable } from '../html/table.ts';
import type { TimeAxis, TimeChart, ValueAxis } from '../html/time-chart.ts';
import { heatCells, linearAxis, logAxis, stackedBars, stepLine, timeChart } from '../html/time-chart.ts';
import { PHASES } from '../screen-groups.ts';

import { type Baseline, laidOver, shiftOf } from './comparison.ts';

/** As many colours as can be told apart; the other codes are one. */
const MOST_KINDS = 6;
const HEAT_LEVELS = 8;
/** From this ratio of the largest to the usual, a linear scale shows the largest only. */
const WIDE_RANGE = 20;

export function timeSection(summary: Summary, kept: HistoryView | undefined, baseline?: Baseline): Markup {
  const history = withinMaximum(kept, summary);
  const before = baseline && withinMaximum(baseline.history, baseline.summary);
  if (summary.total.count === 0) return NO_MARKUP;
  if (history === undefined)
    return markup`<section><h2>Over time</h2><p>Not known: ${summary.window.from === null ? 'no line has a time that can be read' : 'it was not kept when this was counted'}.</p></section>`;
  const time = axisOf(history);
  const charts = [
    rateChart(history, time, before),
    codeChart(history, time),
    quantileChart(history, time, before),
    heatChart(history, time),
    phaseChart(history, time),
    saturationChart(history, time),
  ].filter((chart) => chart !== undefined);
  const overlay = before === undefined ? '' : overlayWords(history, before);
  const scale = `${formatAmount(history.steps.length, 'step')} of ${formatDuration(history.seconds * 1000)}, from ${formatTime(history.from)} to ${timeText(time.fromMs + time.steps * time.stepMs)}`;
  return markup`<section class="long"><h2>Over time</h2><p class="muted small">${scale}, UTC. Quantiles of a step are within 3.2 %.${overlay}${ending(summary)}</p><div><div class="charts" data-from="${time.fromMs}" data-step="${time.stepMs}" data-steps="${time.steps}">
${charts.map(timeChart)}
</div></div>${dataTable(history)}</section>`;
}

/** A quantile of a step is the end of a class of values: none of them is above the largest value itself. */
function withinMaximum(history: HistoryView | undefined, { total }: Summary): HistoryView | undefined {
  const max = total.timers.pT?.max;
  if (history === undefined || typeof max !== 'number') return history;
  const cap = (ms: number | null) => (ms === null ? null : Math.min(ms, max));
  const steps = history.steps.map((step) => ({
    ...step,
    p50: cap(step.p50),
    p95: cap(step.p95),
    p99: cap(step.p99),
  }));
  return { ...history, steps };
}

/** What the dashed lines are, or why there are none. */
function overlayWords(history: HistoryView, before: HistoryView): string {
  const { words } = shiftOf(history, before);
  if (laidOver(history, before, ({ count }) => count).some((count) => count !== null))
    return ` Dashed: the baseline, ${words}.`;
  const length = (view: HistoryView) => formatDuration(view.steps.length * view.seconds * 1000);
  return ` The baseline is not drawn: ${words}, its ${length(before)} meet the middle of no step of these ${length(history)}.`;
}

/** The legend of a dashed line, where there is one. */
function legendOf(then: readonly (number | null)[], label: string): { kind: string; label: string }[] {
  return then.every((value) => value === null) ? [] : [{ kind: 'then', label }];
}

/** Charts end with the last event, as if nothing was missing after it. */
function ending({ verdict }: Summary): string {
  const since = verdict.silence?.since;
  if (since === undefined || since === null || verdict.silence?.agent !== undefined) return '';
  return ` Nothing came after ${formatTime(since)}: the charts end there, and the silence is not in them.`;
}

/** The columns of the table of all figures, by what they belong to. */
function columnsOf({ codes, steps }: HistoryView) {
  const phased = steps.some(({ phases }) => phases !== undefined) ? PHASES.length : 0;
  const range = (first: number, length: number) => Array.from({ length }, (_, i) => first + i);
  const firstCode = 8;
  return {
    rate: [1, 2, 3, 4],
    errors: [3, 4, ...range(firstCode, codes.length)],
    latency: [5, 6, 7],
    phases: range(firstCode + codes.length, phased),
    saturation: range(firstCode + codes.length + phased, 4),
  } as const;
}

function axisOf({ from, seconds, steps }: HistoryView): TimeAxis {
  return { fromMs: Date.parse(from), stepMs: seconds * 1000, steps: steps.length };
}

function largest(steps: readonly HistoryViewStep[], of: (step: HistoryViewStep) => number): number {
  return steps.reduce((most, step) => Math.max(most, of(step)), 0);
}

/** The time of the step of the largest value. */
function timeOfMost(steps: readonly HistoryViewStep[], of: (step: HistoryViewStep) => number): string {
  const most = largest(steps, of);
  return formatTime(steps.find((step) => of(step) === most)?.from);
}

function rateChart(history: HistoryView, time: TimeAxis, before?: HistoryView): TimeChart {
  const { steps, seconds } = history;
  const of = ({ count }: HistoryViewStep) => count / seconds;
  const then = before === undefined ? [] : laidOver(history, before, ({ count }) => count / before.seconds);
  const value = linearAxis(Math.max(largest(steps, of), ...then.map((rate) => rate ?? 0)), 'rate');
  const idle = steps.filter(({ count }) => count === 0).length;
  const pauses = idle === 0 ? '' : `; ${idle} of ${formatAmount(steps.length, 'step')} without an event`;
  return {
    id: 'chart-rate',
    title: 'Events a second',
    description: `At most ${formatRate(largest(steps, of))} a second, around ${timeOfMost(steps, of)}${pauses}.`,
    ...{
      time,
      value,
      columns: columnsOf(history).rate,
      largest: steps.map((step, i) => Math.max(of(step), then[i] ?? 0)),
    },
    marks: [
      ...stackedBars(
        ['failed', 'fine'],
        steps.map(({ count, errors }) => [errors / seconds, (count - errors) / seconds]),
        value,
      ),
      stepLine('then', then, value),
    ],
    legend: [
      { kind: 'fine', label: 'succeeded' },
      { kind: 'failed', label: 'failed' },
      ...legendOf(then, 'all events, before'),
    ],
  };
}

function codeChart(history: HistoryView, time: TimeAxis): TimeChart {
  const { steps, codes, seconds } = history;
  const shown = codes.length > MOST_KINDS ? codes.slice(0, MOST_KINDS - 1) : codes;
  const rates = steps.map(({ byCode, errors }) => {
    const each = shown.map((_, i) => (byCode[i] ?? 0) / seconds);
    const rest = errors / seconds - each.reduce((sum, rate) => sum + rate, 0);
    return shown.length < codes.length ? [...each, Math.max(0, rest)] : each;
  });
  const of = ({ errors }: HistoryViewStep) => errors / seconds;
  const most = largest(steps, of);
  const value = linearAxis(most, 'rate');
  const names = shown.map((code) => (code < 0 ? 'other codes' : `${code} ${describeStatus(code).name}`));
  if (shown.length < codes.length) names.push(`${codes.length - shown.length} other codes`);
  const kinds = names.map((_, i) => `k${i + 1}`);
  const first = steps.find(({ errors }) => errors > 0);
  return {
    id: 'chart-errors',
    title: 'Errors a second, by code',
    description:
      first === undefined
        ? 'No error in any step.'
        : `At most ${formatRate(most)} a second, around ${timeOfMost(steps, of)}; the first step with errors is ${formatTime(first.from)}.`,
    ...{ time, value, columns: columnsOf(history).errors, largest: steps.map(of) },
    marks: stackedBars(kinds, rates, value),
    legend: names.map((label, i) => ({ kind: kinds[i] ?? '', label })),
  };
}

/** Linear, unless single steps are so much slower than the others that nothing else could be seen. */
function latencyAxis(values: readonly number[]): ValueAxis & { readonly isLog: boolean } {
  const sorted = [...values].sort((a, b) => a - b);
  const [middle, most] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
  const isLog = most > 10 && most > WIDE_RANGE * Math.max(1, middle);
  return { ...(isLog ? logAxis(most, msLabel) : linearAxis(most, 'ms')), isLog };
}

function quantileChart(history: HistoryView, time: TimeAxis, before?: HistoryView): TimeChart {
  const { steps } = history;
  const then = before === undefined ? [] : laidOver(history, before, ({ p99 }) => p99);
  const value = latencyAxis([...steps.flatMap(({ p50, p99 }) => [p50, p99]), ...then].filter((ms) => ms !== null));
  const of = ({ p99 }: HistoryViewStep) => p99 ?? 0;
  const quantiles = ['p99', 'p95', 'p50'] as const;
  return {
    id: 'chart-latency',
    title: `Added latency pT${value.isLog ? ', logarithmic' : ''}`,
    description: `p99 at most ${formatMs(largest(steps, of))} ms, around ${timeOfMost(steps, of)}. pT is what an event adds to the client’s request, not the mirror’s response time.`,
    ...{
      time,
      value,
      columns: columnsOf(history).latency,
      largest: steps.map((step, i) => Math.max(of(step), then[i] ?? 0)),
    },
    marks: [
      ...quantiles.map((name) =>
        stepLine(
          name,
          steps.map((step) => step[name]),
          value,
        ),
      ),
      stepLine('then', then, value),
    ],
    legend: [...quantiles.map((name) => ({ kind: name, label: name })), ...legendOf(then, 'p99, before')],
  };
}

function heatChart(history: HistoryView, time: TimeAxis): TimeChart | undefined {
  const { steps, heatRows } = history;
  if (heatRows.length === 0) return undefined;
  const rows = heatRows.length;
  const every = Math.max(1, Math.ceil(rows / 5));
  const ticks = heatRows.flatMap((ms, row) => (row % every === 0 ? [{ at: row / rows, label: msLabel(ms) }] : []));
  const [low = 0, high = 0] = [heatRows[0], heatRows.at(-1)];
  return {
    id: 'chart-heat',
    title: 'How events spread over pT',
    description: `The stronger the colour, the more events of a step took so long, on a logarithmic scale; from ${msLabel(low)} to above ${msLabel(high)}.`,
    time,
    columns: columnsOf(history).latency,
    value: { at: () => 0, ticks },
    marks: heatCells(
      rows,
      steps.map(({ heat }) => heat),
      HEAT_LEVELS,
    ),
    legend: [
      { kind: 'heat h2', label: 'few' },
      { kind: `heat h${HEAT_LEVELS}`, label: 'many' },
    ],
  };
}

function phaseChart(history: HistoryView, time: TimeAxis): TimeChart | undefined {
  const { steps } = history;
  if (steps.every(({ phases }) => phases === undefined)) return undefined;
  const of = ({ phases }: HistoryViewStep) => (phases ?? []).reduce((sum, ms) => sum + ms, 0);
  const value = linearAxis(largest(steps, of), 'ms');
  return {
    id: 'chart-phases',
    title: 'Where the time goes: mean of each phase',
    description: `At most ${msLabel(largest(steps, of))} on average, around ${timeOfMost(steps, of)}.`,
    ...{ time, value, columns: columnsOf(history).phases, largest: steps.map(of) },
    marks: stackedBars(
      PHASES.map(([timer]) => timer),
      steps.map(({ phases }) => phases ?? []),
      value,
    ),
    legend: PHASES.map(([timer, word]) => ({ kind: timer, label: `${word} (${timer})` })),
  };
}

type Gauge = keyof NonNullable<HistoryViewStep['saturation']>;

function saturationChart(history: HistoryView, time: TimeAxis): TimeChart | undefined {
  const { steps } = history;
  if (steps.every(({ saturation }) => saturation === undefined)) return undefined;
  const gauges = [
    ['applets', 'maxApplets', 'most applets', ''],
    ['idles', 'minIdles', 'fewest idle', ''],
    ['sending', 'maxSending', 'most sending', ', dashed'],
    ['waiting', 'maxWaiting', 'most waiting for an ACK', ', dotted'],
  ] as const;
  const of = ({ saturation }: HistoryViewStep) =>
    saturation === undefined
      ? 0
      : Math.max(saturation.maxApplets, saturation.minIdles, saturation.maxSending, saturation.maxWaiting);
  const most = largest(steps, of);
  const value = linearAxis(most, 'count');
  const none = steps.filter(({ saturation }) => saturation !== undefined && saturation.minIdles === 0).length;
  return {
    id: 'chart-saturation',
    title: 'How full the connections to the agent were',
    description: `At most ${formatCount(most)}; ${none === 0 ? 'there was an idle applet in every step' : `no applet was idle at some moment of ${formatAmount(none, 'step')}`}.`,
    ...{ time, value, columns: columnsOf(history).saturation, largest: steps.map(of) },
    marks: gauges.map(([kind, gauge]) =>
      stepLine(
        kind,
        steps.map(({ saturation }) => saturation?.[gauge] ?? null),
        value,
      ),
    ),
    legend: gauges.map(([kind, gauge, name, look], i) => {
      // The line that is drawn later lies on the other.
      const over = gauges.slice(i + 1).find(([, other]) => steps.every((step) => isEqual(step, gauge, other)));
      const hidden = over === undefined ? '' : ` (in every step equal to ${over[2]}, which lies on it)`;
      return { kind, label: `${name}${look}${hidden}` };
    }),
  };
}

function isEqual({ saturation }: HistoryViewStep, one: Gauge, other: Gauge): boolean {
  return saturation?.[one] === saturation?.[other];
}

/** Every figure of the charts, also for readers and browsers that have no eye for them. */
function dataTable({ steps, codes, seconds }: HistoryView): Markup {
  const phased = steps.some(({ phases }) => phases !== undefined);
  const gauged = steps.some(({ saturation }) => saturation !== undefined);
  const heads = [
    ...['Events', '/s', 'Errors', 'Error %', 'p50 ms', 'p95 ms', 'p99 ms'],
    ...codes.map((code) => (code < 0 ? 'other codes' : `st=${code}`)),
    ...(phased ? PHASES.map(([timer]) => `${timer} ms`) : []),
    ...(gauged ? ['Applets', 'Idle', 'Sending', 'Waiting'] : []),
  ];
  const rows = steps.map((step) => ({
    cells: [
      formatTime(step.from),
      formatCount(step.count),
      formatRate(step.count / seconds),
      formatCount(step.errors),
      formatPercentNumber(step.count === 0 ? null : step.errors / step.count),
      ...[step.p50, step.p95, step.p99].map(formatMs),
      ...step.byCode.map(formatCount),
      ...(phased ? PHASES.map((_, i) => oneDigit(step.phases?.[i])) : []),
      ...(gauged ? gaugeCells(step) : []),
    ],
  }));
  const columns = [{ head: 'Step from' }, ...heads.map((head) => ({ head, number: true }))];
  const caption = 'Phases are means, gauges the most (idle: the fewest) of a step';
  return markup`<details id="figures-over-time"><summary>All figures, step by step</summary>${htmlTable(caption, columns, rows, 'moved')}</details>`;
}

function oneDigit(ms: number | undefined): string {
  return ms === undefined ? '-' : String(Math.round(ms * 10) / 10);
}

function gaugeCells({ saturation }: HistoryViewStep): string[] {
  if (saturation === undefined) return ['-', '-', '-', '-'];
  const { maxApplets, minIdles, maxSending, maxWaiting } = saturation;
  return [maxApplets, minIdles, maxSending, maxWaiting].map(formatCount);
}
