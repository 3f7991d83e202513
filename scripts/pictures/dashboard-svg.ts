/**
 * Rows of the dashboard as SVG. It is not Grafana that draws: places, titles, units, colours of states and queries are those of
 * scripts/dashboards/panels.ts, and the figures are what a real Prometheus answers to these queries.
 */
import { roundUp } from '../../src/report/html/axis-labels.ts';
import { joinMarkup, type Markup, markup } from '../../src/report/html/markup.ts';
import { heatCells, stackedBars, stepLine } from '../../src/report/html/time-chart.ts';
import { timeTicks } from '../../src/report/html/time-ticks.ts';
import type { Panel, Row, Step, Unit } from '../dashboards/grafana.ts';
import { PALETTES, type Palette, type Scheme } from './palette.ts';
import type { AskedSeries } from './scraped-scene.ts';

/** A panel's answers: the series of each of its targets. */
export type Answers = ReadonlyMap<Panel, readonly (readonly AskedSeries[])[]>;

export interface Shown {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly answers: Answers;
  /** Whole seconds. */
  readonly from: number;
  readonly until: number;
}

const COLUMN = 40;
const LINE = 27;
const GAP = 4;
const COLUMNS = 24;
const HEAD = 34;
/** Inside a panel: room for its title, for the words beside the plot, and for the times and the legend below it. */
const INSET = { top: 30, left: 64, right: 12, time: 18, legend: 15 };
/** The most entries a legend has room for. */
const ENTRIES = 3;
const HEAT_LEVELS = 8;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A series with a value for each second, null where there is none. */
interface Curve {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export function drawDashboard({ title, rows, answers, from, until }: Shown, scheme: Scheme): string {
  const palette = PALETTES[scheme];
  const drawn: Markup[] = [];
  let y = HEAD;
  for (const row of rows) {
    drawn.push(markup`<text class="row" x="8" y="${y + 17}">${row.title}</text>`);
    y += LINE;
    let [x, tallest] = [0, 0];
    for (const panel of row.panels) {
      if (x + panel.width > COLUMNS) {
        y += tallest * LINE;
        [x, tallest] = [0, 0];
      }
      const box = {
        x: x * COLUMN + GAP,
        y: y + GAP,
        width: panel.width * COLUMN - 2 * GAP,
        height: panel.height * LINE - 2 * GAP,
      };
      drawn.push(drawPanel(panel, answers.get(panel) ?? [], { from, until }, box, palette));
      x += panel.width;
      tallest = Math.max(tallest, panel.height);
    }
    y += tallest * LINE;
  }
  const [width, height] = [COLUMNS * COLUMN, y + GAP];
  return `${
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${title}</title>
<style>${{ markup: styleOf(palette) }}</style>
<rect class="back" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="head" x="12" y="23">${title}</text>
${joinMarkup(drawn)}
</svg>`.markup
  }\n`;
}

function styleOf({ back, bar, line, ink, faint, series, heat }: Palette): string {
  return [
    `text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:${faint}}`,
    `.back{fill:${bar};stroke:${line}}.panel{fill:${back};stroke:${line}}`,
    `.head{font-size:15px;font-weight:650;fill:${ink}}.row{font-size:13px;font-weight:600;fill:${ink}}.name{font-weight:600;fill:${ink}}`,
    `.big{font-size:26px;font-weight:650;text-anchor:middle}.mid{text-anchor:middle}.end{text-anchor:end}`,
    `path{vector-effect:non-scaling-stroke}.grid{stroke:${line};fill:none}.line{fill:none;stroke-width:1.5}`,
    ...series.map((color, i) => `.c${i}{fill:${color};stroke:${color}}.line.c${i}{fill:none}`),
    `.heat{fill:${heat}}${Array.from({ length: HEAT_LEVELS }, (_, i) => `.h${i + 1}{fill-opacity:${(i + 1) / HEAT_LEVELS}}`).join('')}`,
  ].join('');
}

type Time = Pick<Shown, 'from' | 'until'>;

function drawPanel(
  panel: Panel,
  answers: readonly (readonly AskedSeries[])[],
  time: Time,
  box: Box,
  palette: Palette,
): Markup {
  const curves = panel.targets.flatMap(({ legend }, i) =>
    (answers[i] ?? []).map((series) => ({ label: labelOf(legend, series), values: valuesOf(series, time) })),
  );
  const inner =
    panel.kind === 'stat'
      ? drawStat(panel, curves, box, palette)
      : panel.kind === 'heatmap'
        ? drawHeat(panel, curves, time, box)
        : drawCurves(panel, curves, time, box);
  return markup`<rect class="panel" x="${box.x + 0.5}" y="${box.y + 0.5}" width="${box.width - 1}" height="${box.height - 1}" rx="4"/>
${joinMarkup(
  titleLines(panel.title, box.width - 20).map(
    (line, i) => markup`<text class="name" x="${box.x + 10}" y="${box.y + 18 + i * 14}">${line}</text>`,
  ),
  '',
)}${inner}`;
}

/** A title in as many lines as it takes, in letters of 11 px. */
function titleLines(title: string, width: number): string[] {
  const most = Math.floor(width / 6.2);
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function labelOf(legend: string, { metric }: AskedSeries): string {
  return legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '').trim();
}

function valuesOf({ values }: AskedSeries, { from, until }: Time): (number | null)[] {
  const byTime = new Map(values.map(([time, value]) => [Math.round(time), Number(value)]));
  return Array.from({ length: until - from }, (_, i) => {
    const value = byTime.get(from + i);
    return value === undefined || !Number.isFinite(value) ? null : value;
  });
}

function drawStat(
  { unit, words, steps = [], noData = 'no data' }: Panel,
  curves: readonly Curve[],
  box: Box,
  palette: Palette,
): Markup {
  const value = curves[0]?.values.findLast((each) => each !== null);
  const word = words?.find((each) => each.value === value);
  const text = value === undefined || value === null ? noData : (word?.text ?? format(value, unit));
  const color = word?.color ?? (value === undefined || value === null ? undefined : stepOf(steps, value));
  const style = `font-size:${Math.min(22, Math.floor((box.width - 16) / (0.72 * text.length)))}px;fill:${colorOf(color, palette)}`;
  return markup`<text class="big" x="${box.x + box.width / 2}" y="${box.y + box.height / 2 + 24}" style="${style}">${text}</text>`;
}

function stepOf(steps: readonly Step[], value: number): Step['color'] {
  return steps.findLast(({ from }) => value >= from)?.color ?? 'green';
}

function colorOf(color: Step['color'] | undefined, { faint, good, warn, bad, series }: Palette): string {
  switch (color) {
    case undefined:
      return faint;
    case 'green':
      return good;
    case 'red':
      return bad;
    case 'blue':
      return series[0] ?? faint;
    default:
      return warn;
  }
}

/** Where values are drawn. */
function plotOf({ x, y, width, height }: Box, entries: number): Box {
  return {
    x: x + INSET.left,
    y: y + INSET.top,
    width: width - INSET.left - INSET.right,
    height: height - INSET.top - INSET.time - entries * INSET.legend - 8,
  };
}

function drawCurves(panel: Panel, curves: readonly Curve[], time: Time, box: Box): Markup {
  const { unit, isStacked = false, noData = 'no data' } = panel;
  const seen = curves.filter(({ values }) => values.some((value) => value !== null));
  const shown = seen.length > ENTRIES ? [...seen].sort((a, b) => largest(b) - largest(a)) : seen;
  const entries = Math.min(ENTRIES, shown.length);
  const plot = plotOf(box, entries);
  if (shown.length === 0)
    return markup`<text class="mid" x="${box.x + box.width / 2}" y="${box.y + box.height / 2}">${noData}</text>`;
  const sums = Array.from({ length: time.until - time.from }, (_, i) =>
    shown.reduce((sum, { values }) => (isStacked ? sum + (values[i] ?? 0) : Math.max(sum, values[i] ?? 0)), 0),
  );
  const top = roundUp(Math.max(...sums) || 1);
  const axis = { at: (value: number) => Math.min(1, Math.max(0, value / top)) };
  const marks = isStacked
    ? stackedBars(
        shown.map((_, i) => `c${i % 7}`),
        sums.map((_, i) => shown.map(({ values }) => values[i] ?? 0)),
        axis,
      )
    : shown.map(({ values }, i) => stepLine(`c${i % 7}`, values, axis));
  const legend = shown.slice(0, entries).map(({ label }, i) => {
    const y = plot.y + plot.height + INSET.time + 8 + i * INSET.legend;
    const more = i === entries - 1 && shown.length > entries ? `, and ${shown.length - entries} more` : '';
    return markup`<rect class="c${i % 7}" x="${box.x + 12}" y="${y - 3}" width="8" height="8" rx="2"/><text x="${box.x + 26}" y="${y + 5}">${label}${more}</text>`;
  });
  const words = [0, 0.5, 1].map((at) => ({ at, text: format(at * top, unit) }));
  return markup`${frame(plot, time, words, marks)}${joinMarkup(legend, '')}`;
}

function largest({ values }: Curve): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** Buckets are of all that is not above them: what is in one is the difference to the one below. */
function drawHeat({ unit, noData = 'no data' }: Panel, curves: readonly Curve[], time: Time, box: Box): Markup {
  const sorted = [...curves].sort((a, b) => boundOf(a) - boundOf(b));
  const plot = plotOf(box, 0);
  const cells = sorted.map(({ values }, row) =>
    values.map((value, i) => Math.max(0, (value ?? 0) - (sorted[row - 1]?.values[i] ?? 0))),
  );
  const used = cells.map((row) => row.some((count) => count > 0.5));
  const [low, high] = [used.indexOf(true), used.lastIndexOf(true)];
  if (low < 0)
    return markup`<text class="mid" x="${box.x + box.width / 2}" y="${box.y + box.height / 2}">${noData}</text>`;
  const kept = cells.slice(low, high + 1);
  const steps = Array.from({ length: time.until - time.from }, (_, i) => kept.map((row) => Math.floor(row[i] ?? 0)));
  const words = sorted.slice(low, high + 1).flatMap((curve, i) => {
    const every = Math.ceil(kept.length / 6);
    return i % every === 0 ? [{ at: (i + 1) / kept.length, text: format(boundOf(curve), unit) }] : [];
  });
  return frame(plot, time, words, heatCells(kept.length, steps, HEAT_LEVELS));
}

function boundOf({ label }: Curve): number {
  return label === '+Inf' ? Number.POSITIVE_INFINITY : Number(label);
}

/** The plot with its grid, words at its left and times below it. */
function frame(
  { x, y, width, height }: Box,
  { from, until }: Time,
  words: readonly { readonly at: number; readonly text: string }[],
  marks: readonly Markup[],
): Markup {
  const steps = until - from;
  const grid = words.map(({ at }) => markup`<path class="grid" d="M0 ${Math.round((1 - at) * 1000) / 10}H${steps}"/>`);
  const side = words.map(
    ({ at, text }) =>
      markup`<text class="end" x="${x - 6}" y="${Math.round(y + (1 - at) * height + 4)}">${text}</text>`,
  );
  const times = timeTicks({ fromMs: from * 1000, stepMs: 1000, steps })
    .filter(({ isMinor }) => !isMinor)
    .filter((_, i) => i % Math.max(1, Math.ceil(400 / width)) === 0)
    .map(
      ({ at, label }) =>
        markup`<text class="mid" x="${Math.round(x + at * width)}" y="${y + height + 15}">${label}</text>`,
    );
  const scale = `translate(${x} ${y}) scale(${Math.round((width / steps) * 1000) / 1000} ${height / 100})`;
  return markup`<g transform="${scale}">${grid}${marks}</g>${side}${times}`;
}

function format(value: number, unit: Unit): string {
  const short = (number: number) => String(number >= 1000 ? Math.round(number) : Number(number.toPrecision(3)));
  switch (unit) {
    case 'percentunit':
      return `${short(value * 100)} %`;
    case 's':
      if (value === Number.POSITIVE_INFINITY) return '+Inf';
      return value >= 1 || value === 0 ? `${short(value)} s` : `${short(value * 1000)} ms`;
    case 'reqps':
      return `${short(value)} req/s`;
    case 'cps':
      return `${short(value)}/s`;
    default:
      return short(value);
  }
}
