/** Errors over time: those that stand close together have another cause than a release that is worse. */
import type { DiffReport } from '../../diff/model.ts';
import type { Line, ScreenStyle, Section } from '../screen.ts';
import { line, together } from '../screen.ts';
import { wrap } from '../width.ts';
import { burstWords, readTimeLines } from './time-reading.ts';

export function timeSection(report: DiffReport, style: ScreenStyle): Section {
  const { heading, lines } = readTimeLines(report, style.width, style.unicode);
  if (lines.length === 0) return {};
  const width = Math.max(...lines.map(({ name }) => name.length));
  return {
    before: [
      line(style.safe(`OVER TIME  ${heading}`), 'heading'),
      ...lines.map(({ name, picture, note }) => line(`  ${name.padEnd(width)}  ${picture}  ${style.safe(note)}`)),
      ...burstLines(report, style),
    ],
  };
}

function burstLines(report: DiffReport, style: ScreenStyle): Line[] {
  return burstWords(report).flatMap((words) =>
    together(wrap(style.safe(words), style.width, '  ! ', '    ').map((text) => line(text, 'warn'))),
  );
}
