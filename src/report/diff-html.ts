/**
 * The comparison as one HTML file to attach to a ticket: no script, no network, nothing but itself. Paths come from
 * strangers, so every value goes through the tag `markup`, and the policy forbids what would be left to exploit.
 */
import type { DiffReport } from '../diff/model.ts';
import { formatTime } from '../text/times.ts';
import type { GateReading, GateState } from './diff/gate-reading.ts';
import { gateCounts, gateNotes, readGates } from './diff/gate-reading.ts';
import { answerSection, contentSection, fieldSection } from './diff/html-answers.ts';
import { coverageSection, destinationSection, inputSection } from './diff/html-coverage.ts';
import { nextSection, sampleSection, settingSection, warningSection } from './diff/html-evidence.ts';
import { outcomeSection, summaryCards } from './diff/html-outcome.ts';
import { generalizedSection, incompatibleSection, latencySection, routeSection } from './diff/html-route.ts';
import { timeSection } from './diff/html-time.ts';
import { makeOverview } from './diff/overview.ts';
import { capital, correlationParts, VERDICT_WORDS, windowText } from './diff/reading.ts';
import type { Markup } from './html/markup.ts';
import { markup, NO_MARKUP } from './html/markup.ts';
import { htmlPage, type LivePage, pageSection } from './html/page.ts';
import { PAGE_SCRIPT } from './html/page-script.ts';
import { STYLE } from './html/style.ts';
import { badge, code, cut, htmlTable } from './html/table.ts';

export interface DiffHtmlOptions {
  /** The command line of this report, unquoted, as for the table. */
  readonly command?: readonly string[];
  /** The exit code of the program, where it is not what the verdict says, as for the table. */
  readonly exitCode?: number;
  /** Where a server serves the page and keeps it up to date. */
  readonly live?: LivePage | undefined;
}

/** How many gates are in sight; the others are folded. */
const OPEN_GATES = 15;

export function renderDiffHtml(report: DiffReport, options: DiffHtmlOptions = {}): string {
  const sections: readonly (readonly [id: string, content: Markup])[] = [
    ['verdict', verdictHeader(report, options.exitCode ?? report.verdict.exitCode)],
    ['overview', overviewSection(report)],
    ['figures', summaryCards(report)],
    ['gates', gateSection(report)],
    ['destinations', destinationSection(report)],
    ['answers', fieldSection(report)],
    ['outcomes', outcomeSection(report)],
    ['routes', routeSection(report)],
    ['incompatible', incompatibleSection(report)],
    ['contents', contentSection(report)],
    ['latency', latencySection(report)],
    ['time', timeSection(report)],
    ['samples', sampleSection(report)],
    ['compared', answerSection(report)],
    ['coverage', coverageSection(report)],
    ['inputs', inputSection(report)],
    ['generalized', generalizedSection(report)],
    ['warnings', warningSection(report)],
    ['next', nextSection(report, options.command)],
    ['settings', settingSection(report)],
    ['made', footer(report)],
  ];
  return htmlPage({
    title: `${VERDICT_WORDS[report.verdict.status]}: mirrored release against production`,
    style: STYLE,
    // A file needs none: nothing in it is drawn with the pointer.
    ...(options.live && { script: PAGE_SCRIPT, live: options.live }),
    sections: sections.map(([id, content]) => pageSection(id, content)),
  });
}

function verdictHeader(report: DiffReport, exitCode: number): Markup {
  const { status } = report.verdict;
  const { word, why } = makeOverview(report);
  const facts = [windowText(report), ...correlationParts(report.correlation), `exit code ${exitCode}`];
  return markup`<header class="${status}">
<h1><span class="badge big ${status}">${cut(word)}</span> ${cut(why)}</h1>
<div class="facts">${facts.map((fact) => markup`<span>${cut(fact)}</span>`)}</div>
</header>`;
}

/** The overview, which a reader needs before any number below. */
function overviewSection(report: DiffReport): Markup {
  const rows = makeOverview(report).facts.map(({ label, lines, isWarning = false }) => {
    const texts = lines.map((text) => markup`<p>${cut(text)}</p>`);
    return markup`<dt>${capital(label)}</dt><dd${isWarning ? markup` class="warn"` : NO_MARKUP}>${texts}</dd>`;
  });
  return rows.length === 0 ? NO_MARKUP : markup`<section><dl class="overview">${rows}</dl></section>`;
}

const GATE_BADGES: { readonly [state in GateState]: Parameters<typeof badge>[0] } = {
  FAIL: 'fail',
  INCONCLUSIVE: 'inconclusive',
  WARN: 'warn',
  pass: 'pass',
};

function gateSection(report: DiffReport): Markup {
  const gates = readGates(report);
  if (gates.length === 0) return markup`<section><h2>Gates</h2><p>No gate was set.</p></section>`;
  const rest = gates.slice(OPEN_GATES);
  const folded =
    rest.length === 0
      ? NO_MARKUP
      : markup`<details><summary>${rest.length} more gates</summary>${gateTable('The other gates', rest)}</details>`;
  const table = gateTable(
    `What decides the verdict, first what did not pass: ${gateCounts(gates)}`,
    gates.slice(0, OPEN_GATES),
  );
  return markup`<section class="long"><h2>Gates</h2>${table}${folded}</section>`;
}

function gateTable(caption: string, gates: readonly GateReading[]): Markup {
  const words = gates.map((gate) => [...(gate.isTitled ? [gate.title] : []), ...gateNotes(gate)].join('; '));
  // A column that would say nothing in any row is left out.
  const hasWords = words.some((text) => text !== '');
  const rows = gates.map((gate, i) => ({
    cells: [
      badge(GATE_BADGES[gate.state], gate.state),
      cut(gate.question),
      code(gate.expression),
      cut(gate.comparison),
      ...(hasWords ? [cut(words[i] ?? '')] : []),
    ],
  }));
  const columns = ['State', 'What it asks', 'Gate', 'Observed and limit', ...(hasWords ? ['What it found'] : [])];
  return htmlTable(
    caption,
    columns.map((head, i) => ({ head, wide: i > 0 })),
    rows,
  );
}

function footer({ tool, generatedAt }: DiffReport): Markup {
  const made = generatedAt === undefined ? '' : `, ${formatTime(generatedAt)}`;
  return markup`<footer>${cut(tool.name)} ${cut(tool.version)}${cut(made)}</footer>`;
}
