/** What the mirror answered over time: its charts, on the axis of those of events, and its figures. */
import type { HistoryView, HistoryViewStep } from '../../stats/history-view.ts';
import { MIRROR_KINDS, type MirrorKind } from '../../stats/mirror-history.ts';
import { formatAmount, formatCount, formatMs, formatRate } from '../../text/numbers.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { formatTime } from '../../text/times.ts';
import { linearAxis, stackedBars, stepLine, type TimeAxis, type TimeChart } from '../html/time-chart.ts';
import { truncate } from '../width.ts';
import { laidOver } from './comparison.ts';
import { apart, columnsOf, type Figure, largest, latencyAxis, legendOf, timeOfMost } from './html-time-figures.ts';

/** From the bottom of a bar: what is wrong stands where it can be compared. What is left out as asked is not drawn. */
const DRAWN: readonly (readonly [kind: MirrorKind, look: string])[] = [
  ['no answer', 'k4'],
  ['5xx', 'failed'],
  ['not sent', 'k5'],
  ['4xx', 'k2'],
  ['3xx', 'k6'],
  ['1xx', 'k3'],
  ['2xx', 'fine'],
];
/** The widest name of a failure: it may be any text. */
const WIDEST_NAME = 40;

export function hasAnswersOverTime({ mirror }: HistoryView): boolean {
  return mirror !== undefined && mirror.requests > 0;
}

export function mirrorCharts(
  history: HistoryView,
  time: TimeAxis,
  figures: readonly Figure[],
  before: HistoryView | undefined,
  isPart: boolean,
): TimeChart[] {
  const then = before !== undefined && hasAnswersOverTime(before) ? before : undefined;
  return [
    answerChart(history, time, figures, isPart, then),
    failureChart(history, time, figures, isPart),
    latencyChart(history, time, figures, then),
  ];
}

/** States of older versions have no steps of the mirror: a step without a request is then not known to have had none. */
export function isPartlyKept({ mirror }: HistoryView, requests: number): boolean {
  return mirror !== undefined && mirror.requests + (mirror.outside?.count ?? 0) < requests;
}

export function mirrorFigures(history: HistoryView, isPart: boolean): Figure[] {
  if (!hasAnswersOverTime(history)) return [];
  return allFigures(history).map((figure) => ({
    ...figure,
    text: (step) => (isPart && sumOf(step.mirror?.kinds ?? []) === 0 ? '–' : figure.text(step)),
  }));
}

function allFigures(history: HistoryView): Figure[] {
  const { names, rest } = failuresOf(history);
  const figures: Figure[] = [
    { head: 'Mirrored', of: ['mirror'], text: (step) => formatCount(sumOf(step.mirror?.kinds ?? [])) },
  ];
  for (const [kind, name] of MIRROR_KINDS.entries()) {
    if (countOf(history, name) === 0) continue;
    figures.push({
      head: `Mirror ${name}`,
      of: ['mirror'],
      text: ({ mirror }) => formatCount(mirror?.kinds[kind] ?? 0),
    });
  }
  for (const [i, name] of names.entries()) {
    const isRest = rest > 0 && i === names.length - 1;
    figures.push({
      head: isRest ? `Mirror, ${name}` : `Mirror ${name}`,
      of: ['mirror-failures'],
      text: (step) => formatCount(failuresIn(step, names.length, rest)[i]),
    });
  }
  for (const name of ['p50', 'p95', 'p99'] as const)
    figures.push({
      head: `Mirror ${name} ms`,
      of: ['mirror-latency'],
      text: ({ mirror }) => formatMs(mirror?.[name] ?? null),
    });
  return figures;
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function kindIn({ mirror }: HistoryViewStep, kind: MirrorKind): number {
  return mirror?.kinds[MIRROR_KINDS.indexOf(kind)] ?? 0;
}

function countOf({ steps }: HistoryView, kind: MirrorKind): number {
  return sumOf(steps.map((step) => kindIn(step, kind)));
}

/** Requests that were to be sent. */
function askedIn(step: HistoryViewStep): number {
  return sumOf(DRAWN.map(([kind]) => kindIn(step, kind)));
}

/** Names of the failures that are told apart, and of all others; how many failures these are. */
function failuresOf({ mirror }: HistoryView): { readonly names: readonly string[]; readonly rest: number } {
  const all = (mirror?.failures ?? []).map((name) => name ?? 'other failures');
  const shown = apart(all).map((name) => truncate(escapeTerminal(name), WIDEST_NAME));
  const rest = all.length - shown.length;
  // How many kinds are in what is not told apart, nobody knows.
  const many = mirror?.failures.includes(undefined) === true ? '' : `${rest} `;
  return { names: rest > 0 ? [...shown, `${many}other failures`] : shown, rest };
}

/** Counts of each of these names in a step. */
function failuresIn({ mirror }: HistoryViewStep, names: number, rest: number): number[] {
  const counts = mirror?.byFailure ?? [];
  return rest > 0 ? [...counts.slice(0, names - 1), sumOf(counts.slice(names - 1))] : [...counts];
}

function answerChart(
  history: HistoryView,
  time: TimeAxis,
  figures: readonly Figure[],
  isPart: boolean,
  before?: HistoryView,
): TimeChart {
  const { steps, seconds } = history;
  const of = (step: HistoryViewStep) => askedIn(step) / seconds;
  const then = before === undefined ? [] : laidOver(history, before, (step) => askedIn(step) / before.seconds);
  const value = linearAxis(Math.max(largest(steps, of), ...then.map((rate) => rate ?? 0)), 'rate');
  const seen = DRAWN.filter(([kind]) => countOf(history, kind) > 0);
  const idle = steps.filter((step) => askedIn(step) === 0).length;
  const pauses = idle === 0 || isPart ? '' : `; ${idle} of ${formatAmount(steps.length, 'step')} without a request`;
  const leftOut = countOf(history, 'left out');
  const sampled = leftOut === 0 ? '' : ` ${formatAmount(leftOut, 'request')} that --max-rate left out are not drawn.`;
  return {
    id: 'chart-mirror',
    title: 'The mirror’s answers a second, by class',
    description: `At most ${formatRate(largest(steps, of))} a second, around ${timeOfMost(steps, of)}${pauses}.${sampled}`,
    ...{ time, value, columns: columnsOf(figures, 'mirror') },
    largest: steps.map((step, i) => Math.max(of(step), then[i] ?? 0)),
    marks: [
      ...stackedBars(
        seen.map(([, look]) => look),
        steps.map((step) => seen.map(([kind]) => kindIn(step, kind) / seconds)),
        value,
      ),
      stepLine('then', then, value),
    ],
    legend: [
      ...seen.map(([kind, look]) => ({ kind: look, label: kind })).reverse(),
      ...legendOf(then, 'all requests, before'),
    ],
  };
}

function failureChart(history: HistoryView, time: TimeAxis, figures: readonly Figure[], isPart: boolean): TimeChart {
  const { steps, seconds } = history;
  const { names, rest } = failuresOf(history);
  const of = ({ mirror }: HistoryViewStep) => sumOf(mirror?.byFailure ?? []) / seconds;
  const value = linearAxis(largest(steps, of), 'rate');
  const kinds = names.map((_, i) => `k${i + 1}`);
  const first = steps.find((step) => of(step) > 0);
  const since = isPart ? '' : `; the first step with failures is ${formatTime(first?.from)}`;
  return {
    id: 'chart-mirror-failures',
    title: 'The mirror’s failures a second, by reason',
    description:
      first === undefined
        ? `No failure in any step${isPart ? ' that was kept' : ''}.`
        : `At most ${formatRate(largest(steps, of))} a second, around ${timeOfMost(steps, of)}${since}. Statuses from 500 on, and requests that got no answer or were never sent.`,
    ...{ time, value, columns: columnsOf(figures, 'mirror-failures'), largest: steps.map(of) },
    marks: stackedBars(
      kinds,
      steps.map((step) => failuresIn(step, names.length, rest).map((count) => count / seconds)),
      value,
    ),
    legend: names.map((label, i) => ({ kind: kinds[i] ?? '', label })),
  };
}

function latencyChart(
  history: HistoryView,
  time: TimeAxis,
  figures: readonly Figure[],
  before?: HistoryView,
): TimeChart {
  const { steps } = history;
  const then = before === undefined ? [] : laidOver(history, before, ({ mirror }) => mirror?.p99 ?? null);
  const known = steps.flatMap(({ mirror }) => [mirror?.p50 ?? null, mirror?.p99 ?? null]);
  const value = latencyAxis([...known, ...then].filter((ms) => ms !== null));
  const of = ({ mirror }: HistoryViewStep) => mirror?.p99 ?? 0;
  const quantiles = ['p99', 'p95', 'p50'] as const;
  const words =
    largest(steps, of) > 0
      ? `p99 at most ${formatMs(largest(steps, of))} ms, around ${timeOfMost(steps, of)}.`
      : 'No answer in any step.';
  return {
    id: 'chart-mirror-latency',
    title: `The mirror’s latency${value.isLog ? ', logarithmic' : ''}`,
    description: `${words} From the request to the last byte of the answer; no client waits for it.`,
    ...{ time, value, columns: columnsOf(figures, 'mirror-latency') },
    largest: steps.map((step, i) => Math.max(of(step), then[i] ?? 0)),
    marks: [
      ...quantiles.map((name) =>
        stepLine(
          name,
          steps.map(({ mirror }) => mirror?.[name] ?? null),
          value,
        ),
      ),
      stepLine('then', then, value),
    ],
    legend: [...quantiles.map((name) => ({ kind: name, label: name })), ...legendOf(then, 'p99, before')],
  };
}
