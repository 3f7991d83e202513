/**
 * The screen of a comparison: the verdict and why, how far to trust it, then what differs, where, and what to do next.
 * Errors and milliseconds: low is good. Pairs and shares of coverage: high is good.
 */
import type { DiffReport } from '../../diff/model.ts';
import { screenStyle } from '../screen.ts';
import type { TableOptions } from '../table.ts';
import { coverageSection, inputSection } from './screen-coverage.ts';
import { outcomeSection, transitionSection } from './screen-outcome.ts';
import { printSections } from './screen-print.ts';
import { incompatibleSection, latencySection, routeSection } from './screen-route.ts';
import { nextSection, sampleSection, warningSection } from './screen-sample.ts';
import { gateSection, verdictSection, weakSection } from './screen-verdict.ts';

export interface DiffTableOptions extends TableOptions {
  /** The command line of this report, for the next one to run: unquoted, without output options. */
  readonly command?: readonly string[];
}

const WIDEST = 100;
const NARROWEST = 40;

/** At most `width` columns, no raw control character of a log, a final newline. */
export function renderDiffTable(report: DiffReport, options: DiffTableOptions = {}): string {
  const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(options.width ?? WIDEST)));
  const style = screenStyle(width, options.unicode ?? true);
  const sections = [
    verdictSection(report, style),
    weakSection(report, style),
    gateSection(report, style),
    outcomeSection(report, style),
    transitionSection(report, style),
    routeSection(report, style),
    incompatibleSection(report, style),
    latencySection(report, style),
    sampleSection(report, style),
    coverageSection(report, style),
    inputSection(report, style),
    warningSection(report, style),
    nextSection(report, style, options.command),
  ];
  return printSections(sections, style, options.color ?? false);
}
