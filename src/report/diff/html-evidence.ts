/** Single requests to look up elsewhere, warnings, the next command, and the settings the verdict depends on. */
import type { DiffReport, DiffSettings, Sample, SampleSide } from '../../diff/model.ts';
import { formatMilliseconds, formatPlainPoints, formatPlainShare, plainNumber } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import type { HtmlRow } from '../html/table.ts';
import { code, cut, htmlTable } from '../html/table.ts';
import { commandLines, nextSteps } from './next-step.ts';
import { capital, statusText } from './reading.ts';
import { KIND_WORDS, POLICY_WORDS } from './words.ts';

const OPEN_SAMPLES = 10;
const COMMAND_WIDTH = 100;

export function sampleSection({ samples }: DiffReport): Markup {
  if (samples.length === 0) return NO_MARKUP;
  const columns = ['Kind', 'Time', 'Route', 'Production', 'Mirror', 'Id, trace id'].map((head, i) => ({
    head,
    wide: i > 1,
  }));
  const table = htmlTable('Single requests to look up in other systems', columns, samples.map(sampleRow));
  const open = samples.length <= OPEN_SAMPLES ? markup` open` : NO_MARKUP;
  return markup`<section class="long"><details${open}><summary><h2>Samples (${samples.length})</h2></summary>${table}</details></section>`;
}

function sampleRow({ kind, time, route, production, mirror, id, traceId }: Sample): HtmlRow {
  const trace = traceId === null ? NO_MARKUP : markup`<br>${code(traceId)}`;
  return {
    cells: [
      KIND_WORDS[kind],
      cut(formatTime(time)),
      code(route),
      sideCell(production),
      mirror === undefined ? 'no line' : sideCell(mirror),
      markup`${code(id)}${trace}`,
    ],
  };
}

function sideCell({ status, termination = '', error = '', ms, target }: SampleSide): Markup {
  const time = formatMilliseconds(ms);
  const words = [statusText(status, error), termination, error, time === '-' ? '' : `${time} ms`];
  return markup`${cut(words.filter((word) => word !== '').join(' '))}<br>${code(target)}`;
}

export function warningSection({ warnings }: DiffReport): Markup {
  if (warnings.length === 0) return NO_MARKUP;
  const items = warnings.map(({ message }) => markup`<li>${cut(message)}</li>`);
  return markup`<section class="long"><h2>Warnings</h2><ul>${items}</ul></section>`;
}

export function nextSection(report: DiffReport, command?: readonly string[]): Markup {
  const steps = nextSteps(report, command === undefined ? {} : { command }).map(
    ({ why, command: words }) =>
      markup`<p>${capital(why)}:</p><pre><code>${{ markup: preformatted(commandLines(words, COMMAND_WIDTH, '')) }}</code></pre>`,
  );
  return markup`<section><h2>Next</h2>${steps}</section>`;
}

/** Line by line: a newline that is ours stays one, anything else has been made visible. */
function preformatted(lines: readonly string[]): string {
  return lines.map((line) => markup`${line}`.markup).join('\n');
}

export function settingSection({ settings, correlation }: DiffReport): Markup {
  const rows = settingRows(settings, correlation.mirrorDuplicatePolicy);
  const table = htmlTable('As used for this report', [{ head: 'Setting' }, { head: 'Value' }], rows);
  return markup`<section class="long"><details><summary><h2>Settings</h2></summary>${table}</details></section>`;
}

function settingRows(settings: DiffSettings, policy: keyof typeof POLICY_WORDS): HtmlRow[] {
  const list = (texts: readonly string[]): string => (texts.length === 0 ? '-' : texts.join(', '));
  const rows: readonly (readonly [string, string])[] = [
    ['what is an error, besides termination S or s and recorded errors', list(settings.errors)],
    ['ignored changes', list(settings.ignore)],
    ['default gates that decide', settings.gates === undefined ? 'all' : list(settings.gates)],
    ['least change that counts', leastChange(settings)],
    ['margin that the upper bound must keep to pass', formatPlainPoints(settings.margin)],
    ['significance level', plainNumber(settings.alpha)],
    ['valid at every look', settings.anytime === true ? 'yes' : 'no: one look'],
    ['how many times slower the mirror may be', slowerThan(settings)],
    ['times that are compared', settings.compareLatency ?? 'first-byte where both sides know it'],
    ['share that is mirrored', formatPlainShare(settings.expectCoverage)],
    ['fewest pairs', plainNumber(settings.minPairs)],
    ['of several mirror lines with one id', POLICY_WORDS[policy]],
    ['agent', settings.agent],
    ['event', settings.event ?? '-'],
    ['key', settings.key],
    ['destination', settings.destination ?? '-'],
    ['baseline destination', settings.baselineDestination ?? '-'],
    ['noise baseline', settings.noiseBaseline ?? '-'],
    ['most routes', plainNumber(settings.maxRoutes)],
    ['seed of samples', plainNumber(settings.seed)],
  ];
  return rows.map(([name, value]) => ({ cells: [name, cut(value)] }));
}

function leastChange({ minEffect, minRatio }: DiffSettings): string {
  const points = formatPlainPoints(minEffect);
  return minRatio === undefined ? points : `${points}, or ${plainNumber(minRatio)} times as many`;
}

function slowerThan({ allowSlower, allowSlowerMs }: DiffSettings): string {
  const least = allowSlowerMs === undefined ? '' : `, and ${plainNumber(allowSlowerMs)} ms more`;
  return `${plainNumber(allowSlower)}${least}`;
}
