/**
 * JUnit XML: the verdict, every gate and every route as a test case. It is green when the exit code is 0 and only then:
 * consumers know no third state, so an inconclusive gate is a failure of the type `inconclusive`.
 */
import { isAt, isOfHead } from '../diff/answer-places.ts';
import type {
  DiffReport,
  FieldDifference,
  GateResult,
  GateStatus,
  ResponseComparison,
  RouteComparison,
} from '../diff/model.ts';
import {
  formatInterval,
  formatP,
  formatPoints,
  formatPointsNumber,
  formatShare,
  formatShareNumber,
  formatTimes,
} from '../text/numbers.ts';
import { fieldPhrase, fieldRoute, fieldWord } from './diff/answer-reading.ts';
import type { GateReading } from './diff/gate-reading.ts';
import { gateNotes, readGates } from './diff/gate-reading.ts';
import { makeOverview } from './diff/overview.ts';
import { correlationParts, shareParts, sumWords, UNREAD, UNUSABLE } from './diff/reading.ts';
import { burstWords } from './diff/time-reading.ts';
import type { Markup } from './html/markup.ts';
import { joinMarkup, markup, NO_MARKUP } from './html/markup.ts';

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly failure?: { readonly type: Exclude<GateStatus, 'pass'> | 'unusable'; readonly message: string };
  /** The reason why there was nothing to test. */
  readonly skipped?: string;
  readonly output?: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

export interface DiffJunitOptions {
  /** The exit code of the program, where it is not what the verdict says, as for the table. */
  readonly exitCode?: number;
}

/** Four suites: `spoe-logs diff`, `… gates`, `… routes`, `… fields`; an empty one is left out. */
export function renderDiffJunit(report: DiffReport, { exitCode }: DiffJunitOptions = {}): string {
  const suites: Suite[] = [
    { name: 'spoe-logs diff', cases: [verdictCase(report, exitCode === UNUSABLE)] },
    { name: 'spoe-logs diff gates', cases: readGates(report).map(gateCase) },
    { name: 'spoe-logs diff routes', cases: report.routes.map((route) => routeCase(route, report)) },
    { name: 'spoe-logs diff fields', cases: fieldCases(report) },
  ].filter(({ cases }) => cases.length > 0);
  const all = suites.flatMap(({ cases }) => cases);
  const body = markup`<testsuites name="spoe-logs diff" ${totals(all)} time="0">
${joinMarkup(suites.map((suite) => suiteMarkup(suite, report)))}
</testsuites>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body.markup}\n`;
}

function totals(cases: readonly Case[]): Markup {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined && each.failure === undefined).length;
  return markup`tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function suiteMarkup({ name, cases }: Suite, { generatedAt }: DiffReport): Markup {
  const stamp = generatedAt === undefined ? NO_MARKUP : markup` timestamp="${generatedAt}"`;
  return markup`  <testsuite name="${name}" ${totals(cases)} time="0"${stamp}>
${joinMarkup(cases.map(caseMarkup))}
  </testsuite>`;
}

function caseMarkup({ name, classname, failure, skipped, output }: Case): Markup {
  const lines: Markup[] = [];
  if (failure !== undefined) {
    lines.push(markup`      <failure type="${failure.type}" message="${failure.message}">${failure.message}</failure>`);
  } else if (skipped !== undefined) {
    lines.push(markup`      <skipped message="${skipped}"/>`);
  }
  if (output !== undefined) lines.push(markup`      <system-out>${output}</system-out>`);
  const open = markup`    <testcase name="${name}" classname="${classname}" time="0"`;
  if (lines.length === 0) return markup`${open}/>`;
  return markup`${open}>
${joinMarkup(lines)}
    </testcase>`;
}

/** Some verdicts have no gate that says them: zero pairs, or an upper bound beyond the margin. */
function verdictCase(report: DiffReport, isUnusable: boolean): Case {
  const { status, reasons } = report.verdict;
  const { word, why, facts } = makeOverview(report);
  const verdict = [`${word}: ${why}`, ...reasons.slice(1, MOST_REASONS)].join('; ');
  const message = isUnusable ? `${UNREAD}; ${verdict}` : verdict;
  const type = isUnusable ? 'unusable' : status;
  return {
    name: 'verdict',
    classname: 'spoe-logs.diff',
    ...(type !== 'pass' && { failure: { type, message } }),
    output: [
      ...(type === 'pass' ? [message] : []),
      ...facts.map(({ label, lines }) => `${label}: ${lines.join('; ')}`),
      ...correlationParts(report.correlation),
      ...shareParts(report.coverage),
      sumWords(report.coverage),
      ...burstWords(report),
    ].join('; '),
  };
}

const MOST_REASONS = 10;

const FAILURE_TYPE = { FAIL: 'fail', INCONCLUSIVE: 'inconclusive', WARN: undefined, pass: undefined } as const;

function gateCase(gate: GateReading): Case {
  const type = FAILURE_TYPE[gate.state];
  const words = [gate.title, gate.comparison, ...gateNotes(gate)].join('; ');
  return {
    name: gate.route === null ? gate.expression : `${gate.expression} ${gate.route}`,
    classname: 'spoe-logs.diff.gates',
    ...(type === undefined ? { output: `${gate.state}: ${words}` } : { failure: { type, message: words } }),
  };
}

/** A route fails for the gate that names it, or for route-regression as a whole when it regressed. */
function routeCase(route: RouteComparison, report: DiffReport): Case {
  const failing = report.verdict.gates.filter(({ status, warnOnly }) => status !== 'pass' && warnOnly !== true);
  const named = failing.filter((gate) => gate.route === route.route);
  const own = named.find(({ status }) => status === 'fail') ?? named[0];
  const whole = failing.find(({ gate, status }) => gate === 'route-regression' && status === 'fail');
  const gate = own ?? (route.regressed ? whole : undefined);
  const words = routeWords(route);
  const failure = gate === undefined || gate.status === 'pass' ? undefined : gate.status;
  return {
    name: route.route,
    classname: 'spoe-logs.diff.routes',
    ...(failure === undefined
      ? { output: route.regressed ? `worse, but no gate asks for it: ${words}` : words }
      : { failure: { type: failure, message: words } }),
    ...(route.errors.n === 0 && { skipped: 'nothing was compared on this route' }),
  };
}

/** Only what stands out: a field that differs as often as in the noise is no test of anything. */
function fieldCases({ responses, verdict }: DiffReport): Case[] {
  if (responses === undefined) return [];
  const failing = verdict.gates.filter(({ status, warnOnly }) => status === 'fail' && warnOnly !== true);
  return responses.fields
    .filter((field) => fieldWord(field) !== '')
    .map((field) => {
      const words = fieldWords(field, responses);
      const isAsked = failing.some((gate) => asksFor(gate, field));
      return {
        name: `${field.place} ${field.kind} of ${fieldRoute(field)}`,
        classname: 'spoe-logs.diff.fields',
        ...(field.regressed && isAsked
          ? { failure: { type: 'fail', message: words } }
          : { output: field.regressed ? `worse, but no gate asks for it: ${words}` : words }),
      };
    });
}

/** Whether a gate has failed for a field: one of all, or one of this place. */
function asksFor({ gate, place }: GateResult, field: FieldDifference): boolean {
  if (place !== undefined) return isAt(field, place);
  return gate === (isOfHead(field) ? 'header-regression' : 'body-regression');
}

function fieldWords(field: FieldDifference, { noise }: ResponseComparison): string {
  const { n, mirror, noise: inNoise, shareCi, q, examples } = field;
  return [
    fieldPhrase(field),
    `n ${n}`,
    `differ ${mirror}`,
    noise.source === 'none' ? 'noise unknown' : `A/A ${inNoise ?? '-'}`,
    `95 % interval ${formatInterval(shareCi, formatShareNumber)}`,
    `q ${formatP(q)}`,
    ...(examples.length === 0 ? [] : [`for example ${examples.join(' ')}`]),
  ].join(', ');
}

function routeWords({ errors, delivery, latency }: RouteComparison): string {
  const parts = [
    `n ${errors.n}`,
    `new errors ${errors.newError}`,
    `fixed ${errors.fixedError}`,
    `production ${formatShare(errors.productionRate)}`,
    `mirror ${formatShare(errors.mirrorRate)}`,
    `difference ${formatPoints(errors.difference)} ${formatInterval(errors.differenceCi, formatPointsNumber)}`,
    `q ${formatP(errors.test.q)}`,
    ...(delivery === undefined ? [] : [`missing ${delivery.unanswered} of ${delivery.comparable}`]),
    ...(errors.status === undefined ? [] : [`status worse ${errors.status.worse}, better ${errors.status.better}`]),
    ...(latency?.ratio === undefined ? [] : [`latency ratio ${formatTimes(latency.ratio)}`]),
  ];
  return parts.join(', ');
}
