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
import { escapeTerminal } from '../../text/terminal.ts';
import { formatTime, timeText } from '../../text/times.ts';
import { msLabel } from '../html/axis-labels.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { htmlTable } from '../html/table.ts';
import type { TimeAxis, TimeChart } from '../html/time-chart.ts';
import { heatCells, linearAxis, stackedBars, stepLine, timeChart } from '../html/time-chart.ts';
import { PHASES } from '../screen-groups.ts';
import { truncate } from '../width.ts';
import { type Baseline, laidOver, shiftOf } from './comparison.ts';
import { apart, columnsOf, type Figure, largest, latencyAxis, legendOf, timeOfMost } from './html-time-figures.ts';
import { hasAnswersOverTime, isPartlyKept, mirrorCharts, mirrorFigures } from './html-time-mirror.ts';

const HEAT_LEVELS = 8;

export function timeSection(summary: Summary, kept: HistoryView | undefined, baseline?: Baseline): Markup {
  const history = withinMaximum(kept, summary);
  const before = baseline && withinMaximum(baseline.history, baseline.summary);
  const requests = summary.mirror?.total.requests ?? 0;
  if (summary.total.count + requests === 0) return NO_MARKUP;
  const [hasEvents, hasAnswers] = [(history?.events ?? 0) > 0, history !== undefined && hasAnswersOverTime(history)];
  if (history === undefined || !(hasEvents || hasAnswers))
    return markup`<section><h2>Over time</h2><p>Not known: ${whyNot(summary)}.</p></section>`;
  const time = axisOf(history);
  const isPart = isPartlyKept(history, requests);
  const figures = figuresOf(history, isPart);
  const charts = [
    ...(hasEvents ? eventCharts(history, time, figures, before) : []),
    ...(hasAnswers ? mirrorCharts(history, time, figures, before, isPart) : []),
  ];
  const overlay = before === undefined ? '' : overlayWords(history, before);
  const scale = `${formatAmount(history.steps.length, 'step')} of ${formatDuration(history.seconds * 1000)}, from ${formatTime(history.from)} to ${timeText(endOf(time))}`;
  // What is not drawn at all is said where one looks for it; the section on what is not known says the rest.
  const missing = [
    ...(summary.total.count > 0 && !hasEvents ? ['Not drawn: events, see what is not known.'] : []),
    ...(requests > 0 && !hasAnswers ? [`Not drawn: the mirror's answers, see what is not known.`] : []),
    ...(hasAnswers && isPart
      ? [
          `The mirror's charts have ${history.mirror?.requests} of ${formatAmount(requests, 'request')}: of the others no steps were kept, so that a gap may be none.`,
        ]
      : []),
  ].map((text) => markup`<p>${text}</p>`);
  return markup`<section class="long"><h2>Over time</h2><p class="muted small">${scale}, UTC. Quantiles of a step are within 3.2 %.${overlay}${ending(summary, time)}</p>${missing}<div><div class="charts" data-from="${time.fromMs}" data-step="${time.stepMs}" data-steps="${time.steps}">
${charts.map(timeChart)}
</div></div>${dataTable(history, figures)}</section>`;
}

function whyNot({ window, mirror, total }: Summary): string {
  const from = total.count > 0 ? window.from : mirror?.window.from;
  return from === null ? 'no line has a time that can be read' : 'it was not kept when this was counted';
}

function eventCharts(
  history: HistoryView,
  time: TimeAxis,
  figures: readonly Figure[],
  before: HistoryView | undefined,
): TimeChart[] {
  const then = before !== undefined && before.events > 0 ? before : undefined;
  return [
    rateChart(history, time, figures, then),
    codeChart(history, time, figures),
    quantileChart(history, time, figures, then),
    heatChart(history, time, figures),
    phaseChart(history, time, figures),
    saturationChart(history, time, figures),
  ].filter((chart) => chart !== undefined);
}

/** A quantile of a step is the end of a class of values: none of them is above the largest value itself. */
function withinMaximum(history: HistoryView | undefined, { total, mirror }: Summary): HistoryView | undefined {
  if (history === undefined) return undefined;
  const within = <Step extends Quantiles>(step: Step, max: number | null | undefined): Step => {
    const cap = (ms: number | null) => (ms === null || typeof max !== 'number' ? ms : Math.min(ms, max));
    return { ...step, p50: cap(step.p50), p95: cap(step.p95), p99: cap(step.p99) };
  };
  const steps = history.steps.map((step) => ({
    ...within(step, total.timers.pT?.max),
    ...(step.mirror && { mirror: within(step.mirror, mirror?.total.latency.max) }),
  }));
  return { ...history, steps };
}

type Quantiles = Pick<HistoryViewStep, 'p50' | 'p95' | 'p99'>;

/** What the dashed lines are, or why there are none. */
function overlayWords(history: HistoryView, before: HistoryView): string {
  const { words } = shiftOf(history, before);
  if (laidOver(history, before, ({ count }) => count).some((count) => count !== null))
    return ` Dashed: the baseline, ${words}.`;
  const length = (view: HistoryView) => formatDuration(view.steps.length * view.seconds * 1000);
  return ` The baseline is not drawn: ${words}, its ${length(before)} meet the middle of no step of these ${length(history)}.`;
}

/** Charts end with the last event, as if nothing was missing after it. */
function ending({ verdict }: Summary, time: TimeAxis): string {
  const since = verdict.silence?.since;
  if (since === undefined || since === null || verdict.silence?.agent !== undefined) return '';
  const { destination } = verdict.silence ?? {};
  const what = destination === undefined ? 'Nothing' : `Nothing of ${truncate(escapeTerminal(destination), 80)}`;
  // The record of the agent may go on, or its other destinations.
  if (endOf(time) - Date.parse(since) > 2 * time.stepMs) return ` ${what} came after ${formatTime(since)}.`;
  if (destination !== undefined) return '';
  return ` Nothing came after ${formatTime(since)}: the charts end there, and the silence is not in them.`;
}

/** All figures of a step, in the order of the table. */
function figuresOf(history: HistoryView, isPart: boolean): Figure[] {
  return [...(history.events > 0 ? eventFigures(history) : []), ...mirrorFigures(history, isPart)];
}

function eventFigures({ codes, steps, seconds }: HistoryView): Figure[] {
  const phased = steps.some(({ phases }) => phases !== undefined);
  const gauged = steps.some(({ saturation }) => saturation !== undefined);
  const [rate, both, errors, latency] = [['rate'], ['rate', 'errors'], ['errors'], ['latency', 'heat']] as const;
  return [
    { head: 'Events', of: rate, text: ({ count }) => formatCount(count) },
    { head: '/s', of: rate, text: ({ count }) => formatRate(count / seconds) },
    { head: 'Errors', of: both, text: (step) => formatCount(step.errors) },
    {
      head: 'Error %',
      of: both,
      text: (step) => formatPercentNumber(step.count === 0 ? null : step.errors / step.count),
    },
    ...(['p50', 'p95', 'p99'] as const).map(
      (name): Figure => ({ head: `${name} ms`, of: latency, text: (step) => formatMs(step[name]) }),
    ),
    ...codes.map(
      (code, i): Figure => ({
        head: code < 0 ? 'other codes' : `st=${code}`,
        of: errors,
        text: ({ byCode }) => formatCount(byCode[i]),
      }),
    ),
    ...(phased ? PHASES : []).map(
      ([timer], i): Figure => ({ head: `${timer} ms`, of: ['phases'], text: ({ phases }) => oneDigit(phases?.[i]) }),
    ),
    ...(gauged ? GAUGES : []).map(
      ([head, gauge]): Figure => ({
        head,
        of: ['saturation'],
        text: ({ saturation }) => (saturation === undefined ? '-' : formatCount(saturation[gauge])),
      }),
    ),
  ];
}

const GAUGES = [
  ['Applets', 'maxApplets'],
  ['Idle', 'minIdles'],
  ['Sending', 'maxSending'],
  ['Waiting', 'maxWaiting'],
] as const;

function axisOf({ from, seconds, steps }: HistoryView): TimeAxis {
  return { fromMs: Date.parse(from), stepMs: seconds * 1000, steps: steps.length };
}

function endOf({ fromMs, steps, stepMs }: TimeAxis): number {
  return fromMs + steps * stepMs;
}

function rateChart(history: HistoryView, time: TimeAxis, figures: readonly Figure[], before?: HistoryView): TimeChart {
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
      columns: columnsOf(figures, 'rate'),
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

function codeChart(history: HistoryView, time: TimeAxis, figures: readonly Figure[]): TimeChart {
  const { steps, codes, seconds } = history;
  const shown = apart(codes);
  const rates = steps.map(({ byCode, errors }) => {
    const each = shown.map((_, i) => (byCode[i] ?? 0) / seconds);
    const rest = errors / seconds - each.reduce((sum, rate) => sum + rate, 0);
    return shown.length < codes.length ? [...each, Math.max(0, rest)] : each;
  });
  const of = ({ errors }: HistoryViewStep) => errors / seconds;
  const most = largest(steps, of);
  const value = linearAxis(most, 'rate');
  const names = shown.map((code) => (code < 0 ? 'other codes' : `${code} ${describeStatus(code).name}`));
  const many = codes.some((code) => code < 0) ? '' : `${codes.length - shown.length} `;
  if (shown.length < codes.length) names.push(`${many}other codes`);
  const kinds = names.map((_, i) => `k${i + 1}`);
  const first = steps.find(({ errors }) => errors > 0);
  return {
    id: 'chart-errors',
    title: 'Errors a second, by code',
    description:
      first === undefined
        ? 'No error in any step.'
        : `At most ${formatRate(most)} a second, around ${timeOfMost(steps, of)}; the first step with errors is ${formatTime(first.from)}.`,
    ...{ time, value, columns: columnsOf(figures, 'errors'), largest: steps.map(of) },
    marks: stackedBars(kinds, rates, value),
    legend: names.map((label, i) => ({ kind: kinds[i] ?? '', label })),
  };
}

function quantileChart(
  history: HistoryView,
  time: TimeAxis,
  figures: readonly Figure[],
  before?: HistoryView,
): TimeChart {
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
      columns: columnsOf(figures, 'latency'),
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

function heatChart(history: HistoryView, time: TimeAxis, figures: readonly Figure[]): TimeChart | undefined {
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
    columns: columnsOf(figures, 'heat'),
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

function phaseChart(history: HistoryView, time: TimeAxis, figures: readonly Figure[]): TimeChart | undefined {
  const { steps } = history;
  if (steps.every(({ phases }) => phases === undefined)) return undefined;
  const of = ({ phases }: HistoryViewStep) => (phases ?? []).reduce((sum, ms) => sum + ms, 0);
  const value = linearAxis(largest(steps, of), 'ms');
  return {
    id: 'chart-phases',
    title: 'Where the time goes: mean of each phase',
    description: `At most ${msLabel(largest(steps, of))} on average, around ${timeOfMost(steps, of)}.`,
    ...{ time, value, columns: columnsOf(figures, 'phases'), largest: steps.map(of) },
    marks: stackedBars(
      PHASES.map(([timer]) => timer),
      steps.map(({ phases }) => phases ?? []),
      value,
    ),
    legend: PHASES.map(([timer, word]) => ({ kind: timer, label: `${word} (${timer})` })),
  };
}

type Gauge = keyof NonNullable<HistoryViewStep['saturation']>;

function saturationChart(history: HistoryView, time: TimeAxis, figures: readonly Figure[]): TimeChart | undefined {
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
    ...{ time, value, columns: columnsOf(figures, 'saturation'), largest: steps.map(of) },
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
function dataTable({ steps }: HistoryView, figures: readonly Figure[]): Markup {
  const rows = steps.map((step) => ({ cells: [formatTime(step.from), ...figures.map(({ text }) => text(step))] }));
  const columns = [{ head: 'Step from' }, ...figures.map(({ head }) => ({ head, number: true }))];
  const caption = 'Phases are means, gauges the most (idle: the fewest) of a step';
  return markup`<details id="figures-over-time"><summary>All figures, step by step</summary>${htmlTable(caption, columns, rows, 'moved')}</details>`;
}

function oneDigit(ms: number | undefined): string {
  return ms === undefined ? '-' : String(Math.round(ms * 10) / 10);
}
