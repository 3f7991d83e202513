/**
 * The screen of a comparison: the verdict and why, how far to trust it, then what differs, where, and what to do next.
 * Errors and milliseconds: low is good. Pairs and shares of coverage: high is good.
 */
import type { DiffReport } from '../diff/model.ts';
import { nextSteps } from './diff/next-step.ts';
import { answerSection, contentSection, fieldSection } from './diff/screen-answers.ts';
import { coverageSection, destinationSection, inputSection } from './diff/screen-coverage.ts';
import { outcomeSection, transitionSection } from './diff/screen-outcome.ts';
import { generalizedSection, incompatibleSection, latencySection, routeSection } from './diff/screen-route.ts';
import { nextSection, sampleSection, warningSection } from './diff/screen-sample.ts';
import { timeSection } from './diff/screen-time.ts';
import { COMMAND_INDENT, firstStepLines, gateSection, lastSection, verdictSection } from './diff/screen-verdict.ts';
import { blockLines, type PrintOptions, printScreen, styleOf } from './print.ts';
import type { Line, Section } from './screen.ts';

export interface DiffTableOptions extends PrintOptions {
  /** The command line of this report, for the next one to run: unquoted, without output options. */
  readonly command?: readonly string[];
  /** The exit code of the program, where it is not what the verdict says: an input without a request ends it with 2. */
  readonly exitCode?: number;
}

/** The report as lines that are not painted yet. */
export function diffLines(report: DiffReport, options: DiffTableOptions = {}): Line[] {
  return blockLines(diffSections(report, options), styleOf(options));
}

/** The report in at most `width` columns, without raw control characters of a log, with a final newline. */
export function renderDiffTable(report: DiffReport, options: DiffTableOptions = {}): string {
  return printScreen(diffSections(report, options), styleOf(options), options);
}

function diffSections(report: DiffReport, options: DiffTableOptions): Section[][] {
  const style = styleOf(options);
  const steps = nextSteps(report, {
    ...(options.command !== undefined && { command: options.command }),
    ascii: !style.unicode,
    // The indent of a continued line, and the backslash behind it.
    longest: style.width - COMMAND_INDENT.length - 4,
  });
  const top = verdictSection(report, style);
  const sections = [
    { before: [...(top.before ?? []), ...firstStepLines(steps[0], style)] },
    gateSection(report, style, options.exitCode ?? report.verdict.exitCode),
    destinationSection(report, style),
    fieldSection(report, style),
    outcomeSection(report, style),
    transitionSection(report, style),
    routeSection(report, style),
    incompatibleSection(report, style),
    contentSection(report, style),
    latencySection(report, style),
    timeSection(report, style),
    sampleSection(report, style),
    answerSection(report, style),
    coverageSection(report, style),
    inputSection(report, style),
    generalizedSection(report, style),
    warningSection(report, style),
    nextSection(steps, style),
    lastSection(report, style),
  ];
  return sections.map((section) => [section]);
}
