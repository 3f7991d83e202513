/** Single requests to look up in other systems, what the program itself warns of, and the next command. */
import type { DiffReport, Sample, SampleSide } from '../../diff/model.ts';
import { formatMilliseconds } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { Line, ScreenStyle, Section } from '../screen.ts';
import { line, together } from '../screen.ts';
import { truncate, wrap } from '../width.ts';
import type { NextStep } from './next-step.ts';
import { statusText } from './reading.ts';
import { more, stepLines } from './screen-verdict.ts';
import { KIND_WORDS } from './words.ts';

const MOST_SAMPLES = 5;
const MOST_WARNINGS = 8;

export function sampleSection({ samples }: DiffReport, style: ScreenStyle): Section {
  if (samples.length === 0) return {};
  const shown = samples.slice(0, MOST_SAMPLES);
  return {
    before: [
      line('SAMPLES', 'heading'),
      ...shown.flatMap((sample) => sampleLines(sample, style)),
      ...more(samples.length - shown.length, 'sample', style),
    ],
  };
}

function sampleLines(sample: Sample, style: ScreenStyle): Line[] {
  const { production, mirror } = sample;
  const time = sample.time === null ? 'no time' : style.safe(formatTime(sample.time));
  const cut = (text: string): Line => line(truncate(text, style.width, style.ellipsis));
  const id = sample.id === '' ? 'no id' : `id ${sample.id}`;
  const ids = sample.traceId === null ? id : `${id}  trace ${sample.traceId}`;
  return together([
    cut(`  ${KIND_WORDS[sample.kind]}  ${time}  ${style.safe(sample.route)}`),
    cut(`    production ${sideText(production, style)}  ${style.safe(production.target)}`),
    cut(`    mirror     ${mirror === undefined ? 'no line' : mirrorText(mirror, production, style)}`),
    // Ids are there to be copied: they wrap, and are never cut on the screen.
    ...wrap(style.safe(ids), style.width, '    ').map((text) => line(text, 'faint')),
  ]);
}

/** `200 ---- 12 ms`; `connect-refused` where no answer came. */
function sideText({ status, termination = '', error = '', ms }: SampleSide, style: ScreenStyle): string {
  const time = formatMilliseconds(ms);
  const words = [statusText(status, error), termination, error, time === '-' ? '' : `${time} ms`];
  return words
    .filter((word) => word !== '')
    .map(style.safe)
    .join(' ');
}

/** The target only when it is another one: the agent may rewrite it. */
function mirrorText(mirror: SampleSide, production: SampleSide, style: ScreenStyle): string {
  const side = sideText(mirror, style);
  return mirror.target === '' || mirror.target === production.target ? side : `${side}  ${style.safe(mirror.target)}`;
}

export function warningSection({ warnings }: DiffReport, style: ScreenStyle): Section {
  const shown = warnings.slice(0, MOST_WARNINGS);
  return {
    before: [
      ...shown.flatMap(({ message }) =>
        together(wrap(style.safe(message), style.width, '! ', '  ').map((text) => line(text, 'warn'))),
      ),
      ...more(warnings.length - shown.length, 'warning', style),
    ],
  };
}

export function nextSection(steps: readonly NextStep[], style: ScreenStyle): Section {
  return { before: [line('NEXT', 'heading'), ...steps.flatMap((step) => stepLines(step, style))] };
}
