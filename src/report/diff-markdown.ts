/** The comparison as a comment on a pull request. Text of the logs never becomes markup, a mention or a link. */
import type { DiffReport, ErrorComparison } from '../diff/model.ts';
import {
  formatExact,
  formatInterval,
  formatP,
  formatPoints,
  formatPointsNumber,
  formatShare,
} from '../text/numbers.ts';
import { gateCounts, gateNotes, readGates } from './diff/gate-reading.ts';
import { answerParts, contentParts, fieldParts } from './diff/markdown-answers.ts';
import type { BudgetPart } from './diff/markdown-budget.ts';
import { fixedPart, joinParts } from './diff/markdown-budget.ts';
import {
  coverageParts,
  destinationPart,
  nextPart,
  samplePart,
  timePart,
  warningPart,
} from './diff/markdown-evidence.ts';
import { generalizedPart, incompatiblePart, latencyPart, routeParts } from './diff/markdown-route.ts';
import { codeSpan, emphasized, plain, prose, tableHead, tableRow } from './diff/markdown-text.ts';
import { makeOverview } from './diff/overview.ts';
import { changeParts, isWeak, testWords, transitionWord, UNREAD, UNUSABLE } from './diff/reading.ts';

/** The first line: a bot finds its comment by it and replaces it. */
export const COMMENT_MARKER = '<!-- spoe-logs diff -->';

/** GitHub takes 65,536 characters. */
const MOST_BYTES = 60_000;

export interface DiffMarkdownOptions {
  /** The command line of this report, unquoted, as for the table. */
  readonly command?: readonly string[];
  /** The exit code of the program, where it is not what the verdict says, as for the table. */
  readonly exitCode?: number;
}

const ICONS = { pass: '✅', fail: '❌', inconclusive: '⚠️' } as const;

/** The report in at most 60,000 bytes of UTF-8; rows that find no room are counted. */
export function renderDiffMarkdown(report: DiffReport, options: DiffMarkdownOptions = {}): string {
  const parts: BudgetPart[] = [
    verdictPart(report, options.exitCode === UNUSABLE),
    overviewPart(report),
    gatePart(report, options.exitCode ?? report.verdict.exitCode),
    destinationPart(report),
    ...fieldParts(report),
    outcomePart(report),
    transitionPart(report),
    ...routeParts(report),
    incompatiblePart(report),
    ...contentParts(report),
    latencyPart(report),
    timePart(report),
    samplePart(report),
    ...answerParts(report),
    ...coverageParts(report),
    generalizedPart(report),
    warningPart(report),
    nextPart(report, options.command),
  ];
  return joinParts(parts, MOST_BYTES);
}

function verdictPart(report: DiffReport, isUnusable: boolean): BudgetPart {
  const { status } = report.verdict;
  const { word, why } = makeOverview(report);
  const icon = isUnusable ? ICONS.fail : ICONS[status];
  const unread = isUnusable ? [`**${UNREAD}**`] : [];
  return fixedPart([COMMENT_MARKER, `## ${icon} ${prose(word)}: ${prose(why)}`, ...unread].join('\n\n'));
}

/** Whole facts in a row each, so that none is cut in the middle. */
function overviewPart(report: DiffReport): BudgetPart {
  const rows = makeOverview(report).facts.map(
    ({ label, lines, isWarning = false }) => `- ${isWarning ? '⚠️ ' : ''}**${label}**: ${lines.map(prose).join('; ')}`,
  );
  return { head: '', rows, noun: 'fact', rank: 1, most: rows.length };
}

function gatePart(report: DiffReport, exitCode: number): BudgetPart {
  const gates = readGates(report);
  const rows = gates.map((gate) => {
    const { state, title, expression, comparison } = gate;
    return tableRow([
      emphasized(state),
      prose(title),
      codeSpan(expression),
      prose([comparison, ...gateNotes(gate)].join('; ')),
    ]);
  });
  const head = `### Gates: ${gateCounts(gates)}, exit code ${exitCode}\n\n${tableHead(['state', 'what it asks', 'gate', 'observed'], 4)}`;
  return { head, rows, noun: 'gate', rank: 2, most: 40 };
}

function outcomePart(report: DiffReport): BudgetPart {
  const { errors } = report;
  const change = `difference **${plain(formatPoints(errors.difference))}** ${interval(errors)}`;
  const rates = `error rate ${plain(formatShare(errors.productionRate))} → ${plain(formatShare(errors.mirrorRate))}`;
  const test = `p ${plain(formatP(errors.test.p))} (${testWords(errors)})`;
  const lines = [`${rates} · ${change} · ${test}`, changeParts(errors).join(' · ')];
  const table = isWeak(report) ? sideTable(errors) : cellTable(errors);
  return fixedPart(['### Outcomes', table, lines.join('  \n')].join('\n\n'));
}

function interval({ differenceCi }: ErrorComparison): string {
  return plain(formatInterval(differenceCi, formatPointsNumber)).replace('[', '\\[').replace(']', '\\]');
}

function cellTable({ n, bothOk, newError, fixedError, bothError }: ErrorComparison): string {
  return [
    tableHead([`${n} pairs`, 'mirror fine', 'mirror error'], 1),
    tableRow(['production fine', `${formatExact(bothOk)} both fine`, `**${formatExact(newError)} NEW**`]),
    tableRow(['production error', `${formatExact(fixedError)} FIXED`, `${formatExact(bothError)} both`]),
  ].join('\n');
}

function sideTable(errors: ErrorComparison): string {
  const { n, productionErrors, productionRate, mirrorN, mirrorErrors, mirrorRate } = errors;
  const row = (name: string, count: number | undefined, failed: number | undefined, rate: number | null): string =>
    tableRow([name, formatExact(count), formatExact(failed), plain(formatShare(rate))]);
  return [
    tableHead(['each side alone', 'requests', 'errors', 'error rate'], 1),
    row('production', n, productionErrors, productionRate),
    row('mirror', mirrorN, mirrorErrors, mirrorRate),
  ].join('\n');
}

function transitionPart({ transitions }: DiffReport): BudgetPart {
  const rows = transitions.map((transition) => {
    const { production, mirror, count } = transition;
    return tableRow([
      emphasized(transitionWord(transition)),
      codeSpan(production),
      codeSpan(mirror),
      formatExact(count),
    ]);
  });
  const head = `<details><summary>Status changes</summary>\n\n${tableHead(['', 'production', 'mirror', 'pairs'], 3)}`;
  return { head, rows, noun: 'status change', foot: '</details>', rank: 6, most: 30 };
}
