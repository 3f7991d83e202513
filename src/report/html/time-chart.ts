/**
 * Charts over time as inline SVG. The plot is as wide as the page: one unit is one step, so that zooming moves its box and
 * nothing else; words stand beside it at places in percent, so that they keep their size on any screen.
 */

import { type AxisUnit, axisLabel, roundUp } from './axis-labels.ts';
import type { Markup } from './markup.ts';
import { joinMarkup, markup, NO_MARKUP } from './markup.ts';
import { timeTicks } from './time-ticks.ts';

/** The steps that all charts of a page share. */
export interface TimeAxis {
  /** Epoch ms of the start of the first step. */
  readonly fromMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** The vertical scale: shares from 0 at the bottom to 1 at the top, and the words at the side. */
export interface ValueAxis {
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** Of a linear scale: the value at its top. */
  readonly linear?: { readonly top: number; readonly unit: AxisUnit };
}

export interface TimeChart {
  readonly id: string;
  readonly title: string;
  /** What there is to see, in a sentence: all that a reader without eyes or colours gets before the table. */
  readonly description: string;
  readonly time: TimeAxis;
  readonly value: ValueAxis;
  readonly marks: readonly Markup[];
  readonly legend?: readonly LegendEntry[];
  /** The columns of the table of figures that belong to the chart. */
  readonly columns: readonly number[];
  /** The largest value of each step: a zoom becomes as tall as it needs. */
  readonly largest?: readonly number[];
}

export interface LegendEntry {
  readonly kind: string;
  readonly label: string;
}

/** The height of a plot in its own units. */
const HEIGHT = 100;

export function timeChart(chart: TimeChart): Markup {
  const { id, title, description, time, value, marks, legend = [], columns } = chart;
  const lines = value.ticks.map(({ at }) => markup`<path class="grid" d="M0 ${y(at)}H${time.steps}"/>`);
  const labels = value.ticks.map(
    ({ at, label }) =>
      markup`<text x="100%" dx="-8" y="${y(at)}%" dy="${at > 0.97 ? 9 : at < 0.03 ? 0 : 4}">${label}</text>`,
  );
  const ticks = timeTicks(time).map(
    ({ at, label, isMinor }) =>
      markup`<text x="${round(at * 100)}%" y="14"${isMinor ? markup` class="minor"` : NO_MARKUP}>${label}</text>`,
  );
  const entries = legend.map(({ kind, label }) => markup`<li><span class="key ${kind}"></span>${label}</li>`);
  return markup`<figure class="chart" id="${id}" data-columns="${columns.join(' ')}"${peakData(chart)}>
<figcaption><h3>${title}</h3><p id="${id}-words">${description}</p></figcaption>
<div class="frame"><svg class="side" aria-hidden="true">${labels}</svg><div class="pane" id="${id}-pane"><svg class="plot" viewBox="0 0 ${time.steps} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}" aria-describedby="${id}-words"><title>${title}</title>${lines}${joinMarkup(marks, '')}</svg></div><svg class="below" aria-hidden="true">${ticks}</svg></div>
${entries.length === 0 ? NO_MARKUP : markup`<ul class="legend">${entries}</ul>`}
</figure>`;
}

/** What a zoom needs to know of a linear scale. */
function peakData({ value, largest = [] }: TimeChart): Markup {
  if (value.linear === undefined) return NO_MARKUP;
  const peaks = largest.map((each) => Math.ceil(value.at(each) * 1000) / 10).join(' ');
  return markup` data-top="${value.linear.top}" data-unit="${value.linear.unit}" data-peaks="${peaks}"`;
}

/** Bars that stand on the bars before them. Their stroke keeps a pixel of whatever is more than nothing. */
export function stackedBars(
  kinds: readonly string[],
  steps: readonly (readonly number[])[],
  { at }: Pick<ValueAxis, 'at'>,
): Markup[] {
  const floors = steps.map(() => 0);
  return kinds.map((kind, k) => {
    const bars = steps.map((values, i) => {
      const value = values[k] ?? 0;
      if (!(value > 0)) return '';
      const floor = floors[i] as number;
      floors[i] = floor + value;
      const [low, high] = [at(floor), at(floor + value)];
      return `M${i} ${y(low)}V${y(high)}h1V${y(low)}z`;
    });
    const path = bars.join('');
    return path === '' ? NO_MARKUP : markup`<path class="${kind}" d="${path}"/>`;
  });
}

/** A line that holds its value for the whole of a step, and breaks where none is known. */
export function stepLine(kind: string, values: readonly (number | null)[], { at }: Pick<ValueAxis, 'at'>): Markup {
  let path = '';
  let before: string | undefined;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      if (before !== undefined) path += `H${i}`;
      before = undefined;
      continue;
    }
    const height = y(at(value));
    if (before === undefined) path += `M${i} ${height}`;
    else if (before !== height) path += `H${i}V${height}`;
    before = height;
  }
  if (before !== undefined) path += `H${values.length}`;
  return path === '' ? NO_MARKUP : markup`<path class="line ${kind}" d="${path}"/>`;
}

/** Cells of equal height, one class for each level of the colour. */
export function heatCells(rows: number, steps: readonly (readonly number[])[], levels: number): Markup[] {
  const most = steps.reduce((max, heat) => heat.reduce((a, b) => Math.max(a, b), max), 0);
  const paths = Array.from({ length: levels }, () => '');
  // Counts go over orders of magnitude: one slow event among a million is what a map is looked at for.
  const levelOf = (count: number) =>
    Math.min(levels - 1, Math.floor((Math.log(count) / Math.log(Math.max(2, most + 1))) * levels));
  const height = HEIGHT / rows;
  for (const [i, heat] of steps.entries()) {
    for (const [row, count] of heat.entries()) {
      if (count <= 0) continue;
      const level = levelOf(count);
      const top = y((row + 1) / rows);
      paths[level] += `M${i} ${top}h1v${round(height)}h-1z`;
    }
  }
  return paths.map((path, level) => (path === '' ? NO_MARKUP : markup`<path class="heat h${level + 1}" d="${path}"/>`));
}

/** From 0 to a round number that the largest value does not pass. */
export function linearAxis(largest: number, unit: AxisUnit): ValueAxis {
  // Things that are whole are not halved.
  const top = unit === 'count' ? Math.max(2, 2 * Math.ceil(roundUp(largest) / 2)) : roundUp(largest);
  return {
    at: (value) => Math.min(1, Math.max(0, value / top)),
    ticks: [0, 0.5, 1].map((at) => ({ at, label: axisLabel(at * top, unit) })),
    linear: { top, unit },
  };
}

/** Logarithmic, for values over orders of magnitude: 0 stands where 1 does. */
export function logAxis(largest: number, format: (value: number) => string): ValueAxis {
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(1, largest)) - 1e-9));
  return {
    at: (value) => Math.min(1, Math.log10(Math.max(1, value)) / decades),
    ticks: Array.from({ length: decades + 1 }, (_, i) => ({ at: i / decades, label: format(10 ** i) })),
  };
}

/** A height of the plot: 0 is its bottom. A zoom makes a hundredth of a unit a pixel. */
function y(share: number): string {
  return String(round((1 - share) * HEIGHT, 100));
}

function round(value: number, parts = 10): number {
  return Number.isFinite(value) ? Math.round(value * parts) / parts : 0;
}
