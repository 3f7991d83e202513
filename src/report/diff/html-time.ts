/** Errors over time as bars: those that stand close together have another cause than a release that is worse. */
import type { DiffReport, OverTime } from '../../diff/model.ts';
import { formatAmount, formatDuration } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { Markup } from '../html/markup.ts';
import { joinMarkup, markup, NO_MARKUP } from '../html/markup.ts';
import { capital } from './reading.ts';
import { burstWords, readTimeLines } from './time-reading.ts';

const CHART = { width: 1080, height: 60 } as const;

export function timeSection(report: DiffReport): Markup {
  const { overTime } = report;
  const { lines } = readTimeLines(report, CHART.width);
  if (overTime === undefined || lines.length === 0) return NO_MARKUP;
  const bursts = burstWords(report).map((words) => markup`<p><b>${capital(words)}.</b></p>`);
  const most = lines.map(({ name, note }) => `${name}: ${note}`).join('; ');
  const scale = `${formatTime(overTime.steps[0]?.from)} to ${formatTime(overTime.steps.at(-1)?.from)}, ${formatAmount(overTime.steps.length, 'step')} of ${formatDuration(overTime.stepMs)}`;
  return markup`<section class="long"><h2>Over time</h2>${bars(overTime, most)}<p class="muted small">${scale}. ${capital(most)}.</p>${bursts}</section>`;
}

function bars({ steps }: OverTime, name: string): Markup {
  const most = Math.max(1, ...steps.map(({ newErrors }) => newErrors));
  const width = CHART.width / steps.length;
  const rects = steps.map(({ from, newErrors, pairs }, i) => {
    if (!(newErrors > 0)) return NO_MARKUP;
    const height = at(Math.max(2, (newErrors / most) * CHART.height));
    return markup`<rect class="bar-lost" x="${at(i * width)}" y="${at(CHART.height - height)}" width="${at(Math.max(1, width - 1))}" height="${height}"><title>${formatTime(from)}: ${formatAmount(newErrors, 'new error')} in ${formatAmount(pairs, 'pair')}</title></rect>`;
  });
  const label = `New errors over time; ${name}`;
  return markup`<svg viewBox="0 0 ${CHART.width} ${CHART.height + 1}" width="${CHART.width}" height="${CHART.height + 1}" role="img" aria-label="${label}"><title>${label}</title>${joinMarkup(rects, '')}<line class="axis" x1="0" x2="${CHART.width}" y1="${CHART.height}" y2="${CHART.height}"/></svg>`;
}

/** Half a pixel is all an eye can see. */
function at(value: number): number {
  return Math.round(value * 10) / 10;
}
