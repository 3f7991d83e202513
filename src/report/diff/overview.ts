/**
 * What everybody reads, and many read nothing else: the word and why, what was compared, what was not, what is not
 * known, what this comparison cannot see. Sentences for a reader who knows no statistics, the same in every format.
 * Text of the logs in it is not escaped yet.
 */
import { FINDING_GATES } from '../../diff/gates.ts';
import type { Bucket, Coverage, DestinationSummary, DiffReport } from '../../diff/model.ts';
import { BUCKETS } from '../../diff/model.ts';
import { SENT_CUT } from '../../status/mirror-errors.ts';
import { formatAmount, formatPlainShare, formatPoints, formatShare } from '../../text/numbers.ts';
import { fileName } from '../screen-verdict.ts';
import {
  bodyCoverage,
  detectableWords,
  hintWords,
  suppressedWords,
  uncomparedWords,
  WITHOUT_NOISE,
} from './answer-reading.ts';
import { contentSubjects } from './content-reading.ts';
import { isWeak, VERDICT_WORDS, windowText } from './reading.ts';
import { DROP_WORDS, KEY_WORDS, LEFT_OUT_WORDS, WEAK_EVIDENCE } from './words.ts';

export interface Fact {
  readonly label: FactLabel;
  /** Each a sentence or a part of one. */
  readonly lines: readonly string[];
  /** A reader must not miss it. */
  readonly isWarning?: boolean;
}

export type FactLabel =
  | 'weak evidence'
  | 'also'
  | 'destinations'
  | 'compared'
  | 'not compared'
  | 'differing'
  | 'hint'
  | 'not judged'
  | 'not known'
  | 'may miss'
  | 'to decide'
  | 'warning';

export interface Overview {
  /** `FAIL`; where the mirror has several destinations `FAIL for http://new.example/`. */
  readonly word: string;
  /** One sentence: the most important reason. */
  readonly why: string;
  /** The facts in the order of reading; none is empty. */
  readonly facts: readonly Fact[];
}

const MOST_REASONS = 15;
const MOST_KINDS = 3;
const MOST_WARNINGS = 1;
const MOST_DESTINATIONS = 4;
const MOST_HINTS = 2;

/** @param mostReasons besides the first */
export function makeOverview(report: DiffReport, mostReasons = MOST_REASONS): Overview {
  const { verdict, destinations = [], correlation } = report;
  const word = VERDICT_WORDS[verdict.status];
  const { destination } = correlation;
  const [why = fallbackReason(report), ...others] = verdict.reasons;
  const facts: Fact[] = [
    { label: 'weak evidence', lines: isWeak(report) ? [WEAK_EVIDENCE.why, WEAK_EVIDENCE.so] : [], isWarning: true },
    { label: 'also', lines: shorten(others, mostReasons, 'more reason') },
    {
      label: 'destinations',
      lines: shorten(destinations.map(destinationLine(destination)), MOST_DESTINATIONS, 'more'),
    },
    { label: 'compared', lines: comparedLines(report) },
    { label: 'not compared', lines: leftOutLines(report) },
    { label: 'differing', lines: differingLines(report) },
    { label: 'hint', lines: hintLines(report) },
    { label: 'not judged', lines: report.responses === undefined ? [] : suppressedWords(report.responses) },
    { label: 'not known', lines: unknownLines(report) },
    { label: 'may miss', lines: blindLines(report) },
    { label: 'to decide', lines: neededLines(report) },
    { label: 'warning', lines: warningLines(report), isWarning: true },
  ];
  return {
    word: destination !== undefined && destinations.length > 1 ? `${word} for ${destination}` : word,
    why,
    facts: facts.filter(({ lines }) => lines.length > 0),
  };
}

/** A verdict always has a reason; a report made by hand need not. */
function fallbackReason({ verdict, coverage }: DiffReport): string {
  if (verdict.status === 'pass') return 'no gate failed';
  if (verdict.status === 'fail') return 'a gate failed';
  return coverage.paired === 0 ? 'nothing was compared, so nothing is known about the mirror' : 'a gate is open';
}

function shorten(lines: readonly string[], most: number, noun: string): string[] {
  // One line is never spared to say that there is one more.
  if (lines.length <= most + 1) return [...lines];
  return [...lines.slice(0, most), `and ${formatAmount(lines.length - most, noun)}`];
}

function destinationLine(judged: string | undefined): (each: DestinationSummary) => string {
  return ({ destination, isBaseline, verdict }) => {
    const role =
      destination === judged ? ' (this report)' : isBaseline ? ' (baseline: its differences are the noise)' : '';
    return `${destination} ${VERDICT_WORDS[verdict.status]}${role}`;
  };
}

function comparedLines(report: DiffReport): string[] {
  const { coverage, correlation, errors, settings, responses } = report;
  const { paired, productionRequests } = coverage;
  const how = isWeak(report)
    ? `${errors.n} production requests against ${errors.mirrorN ?? 0} of the mirror, route by route`
    : `${paired} of ${formatAmount(productionRequests, 'production request')} (${formatShare(productionRequests === 0 ? null : paired / productionRequests)}), paired by ${KEY_WORDS[correlation.key]}`;
  return [
    how,
    windowText(report),
    // What nothing was compared by says nothing about the logs.
    ...(errors.n === 0 ? [] : [comparedParts(report)]),
    ...(settings.noiseBaseline === null
      ? []
      : [
          `${responses === undefined ? '' : 'of statuses and times '}only what exceeds the noise of ${settings.noiseBaseline} counts`,
        ]),
    ...(errors.ignored === 0 ? [] : [`${errors.ignored} of them with a change that --ignore allows: not judged`]),
  ];
}

/** What of each pair was compared, and what not. */
export function comparedParts({ latency, responses, contents, coverage }: DiffReport): string {
  const parts = [
    latency === null ? 'statuses (no times)' : 'statuses and times',
    ...(contents === undefined ? [] : [contentSubjects(contents)]),
    ...(responses === undefined
      ? []
      : [`headers of ${formatAmount(responses.pairs, 'pair')}`, bodyCoverage(responses, coverage.paired)]),
  ];
  if (responses !== undefined) return parts.join(', ');
  const what =
    contents === undefined
      ? `${latency === null ? 'statuses only, no times' : 'statuses and times only'}`
      : parts.join(', ');
  return `${what}; bodies and headers need --answers`;
}

/** What was seen too rarely to decide, and a reader can look up. */
function hintLines({ responses }: DiffReport): string[] {
  return responses === undefined ? [] : shorten(hintWords(responses), MOST_HINTS, 'more hint');
}

/** Requests by what became of them, the largest number first, then lines that are no requests. */
function leftOutLines(report: DiffReport): string[] {
  const { coverage, correlation, inputs, settings } = report;
  const { buckets } = coverage;
  const kinds = BUCKETS.filter((bucket) => bucket !== 'paired' && buckets[bucket] > 0).sort(
    (a, b) => buckets[b] - buckets[a] || BUCKETS.indexOf(a) - BUCKETS.indexOf(b),
  );
  // One line is never spared to say that there is one more.
  const shown = kinds.length > MOST_KINDS + 1 ? kinds.slice(0, MOST_KINDS) : kinds;
  const isUnmatched = correlation.mode === 'unmatched';
  const rest = kinds.slice(shown.length).reduce((sum, bucket) => sum + buckets[bucket], 0);
  const expected = settings.expectCoverage ?? coverage.expectedShare ?? null;
  const unread = inputs.reduce((sum, { unparsed }) => sum + unparsed, 0);
  const notices = inputs.reduce((sum, { notices: count = 0 }) => sum + count, 0);
  const worst = inputs.find(({ unparsed }) => unparsed > 0);
  const none = coverage.productionRequests > 0 && kinds.length === 0 ? ['no production request was left out'] : [];
  return [
    ...none,
    ...shown.map((bucket) =>
      bucket === 'no_id' && isUnmatched
        ? `${buckets[bucket]} could not be paired: no id is on both sides`
        : `${buckets[bucket]} ${leftOutWords(bucket, coverage)}`,
    ),
    ...(rest === 0 ? [] : [`${rest} for ${kinds.length - shown.length} other reasons`]),
    ...(expected === null
      ? []
      : [`${formatPlainShare(expected)} of the requests are mirrored, says --expect-coverage`]),
    ...(worst === undefined
      ? []
      : [`${formatAmount(unread, 'line')} that could not be read (${fileName(worst.path)})`]),
    ...(report.responses === undefined ? [] : uncomparedWords(report.responses)),
    ...switchedOff(report),
    ...(notices === 0 ? [] : [`${formatAmount(notices, 'line')} of HAProxy about itself, not about a request`]),
  ];
}

/** Default gates that --gates left out: they are no part of a PASS. Those that had nothing to look at are none of these. */
function switchedOff({ settings: { gates }, contents, responses }: DiffReport): string[] {
  const hasTypes = (contents?.types ?? null) !== null;
  const isIdle: { readonly [gate: string]: boolean } = {
    'content-type': !hasTypes,
    'body-regression': responses === undefined,
    'header-regression': responses === undefined,
  };
  const off = FINDING_GATES.filter((name) => gates?.includes(name) === false && isIdle[name] !== true);
  return off.length === 0 ? [] : [`${off.join(', ')}: not judged, switched off by --gates`];
}

function leftOutWords(bucket: Bucket, { dropped = {} }: Coverage): string {
  if (bucket !== 'dropped') return LEFT_OUT_WORDS[bucket];
  const reasons = Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([reason, count]) => `${Object.hasOwn(DROP_WORDS, reason) ? DROP_WORDS[reason] : reason} ${count}`);
  if (reasons.length === 0) return LEFT_OUT_WORDS.dropped;
  const isCut = (dropped[SENT_CUT] ?? 0) > 0;
  return `${LEFT_OUT_WORDS.dropped}${isCut ? ', or not whole' : ''}: ${reasons.join(', ')}`;
}

/** Another status is worth a look also where it is no worse one: a release that answers 202 has not done it yet. */
function differingLines({ errors, transitions, verdict }: DiffReport): string[] {
  const worse = errors.status?.worse ?? 0;
  const alike = errors.statusChanged - worse;
  if (verdict.status === 'fail' || alike <= 0) return [];
  const changes = transitions
    .filter(({ production, mirror }) => production !== mirror && Number(production) < 500 && Number(mirror) < 500)
    .slice(0, MOST_KINDS)
    .map(({ production, mirror, count }) => `${production} → ${mirror} (${count})`);
  return [`${formatAmount(alike, 'pair')} with another status that is no worse: ${changes.join(', ')}`];
}

/** Warnings that are about something which stays unknown; and what is said of weak evidence is said above. */
const ABOUT_UNKNOWN = ['unknown-latency-unit', 'no-stream', 'spoe-without-process'];
const SAID_ALREADY = ['weak-evidence'];

function unknownLines(report: DiffReport): string[] {
  const { coverage, latency, correlation, warnings, responses } = report;
  const { buckets, attempted } = coverage;
  const lines = warnings.filter(({ code }) => ABOUT_UNKNOWN.includes(code)).map(({ message }) => message);
  if (correlation.mode === 'paired' && attempted === null && buckets.missing > 0) {
    lines.push(`whether those ${buckets.missing} were sent at all: no SPOE lines tell`);
  }
  if (latency === null && coverage.paired > 0)
    lines.push('whether the mirror is slower: no pair has a time on both sides');
  if (responses?.noise.source === 'none') {
    lines.push(`how much two answers of one version differ: ${WITHOUT_NOISE}${noiseHint(report)}`);
  }
  return lines;
}

/** What was given for the noise, and has no answers in it. */
function noiseHint({ inputs, settings }: DiffReport): string {
  const record = inputs.find(({ role }) => role === 'baseline');
  if (record !== undefined)
    return `; ${fileName(record.path)} has no answers that could be compared (its agent needs --answers)`;
  if (settings.noiseBaseline === null) return '';
  return '; a report has no answers: give the record that it was made of, --mirror-noise FILE';
}

/** A comparison that found nothing says how much it would have found. */
function blindLines({ plan, verdict, errors, settings, responses }: DiffReport): string[] {
  // A comparison that has found something need not say what else might have been missed.
  if (plan === undefined || plan.pairs === 0 || verdict.status === 'fail') return [];
  if (settings.anytime === true)
    return ['rises of the error rate that a single look at the end would see: repeated looks need more pairs'];
  const { difference } = plan.visible;
  const base = errors.productionRate ?? 0;
  const example = `${formatShare(base)} → ${formatShare(Math.min(1, base + difference))}`;
  return [
    `a rise of the error rate by less than ${formatPoints(difference)} (${example})`,
    ...(responses === undefined ? [] : detectableWords(responses)),
  ];
}

function neededLines({ plan, verdict, errors, settings }: DiffReport): string[] {
  if (plan === undefined || verdict.status !== 'inconclusive') return [];
  const { needed, pairs } = plan;
  if (needed === null) {
    const isSaid = verdict.reasons.some((reason) => reason.includes('more pairs'));
    const isOver = (errors.difference ?? 0) >= settings.margin;
    return isOver && !isSaid ? ['if it goes on like this, no number of pairs makes it a PASS'] : [];
  }
  const said = `${needed - pairs} more pairs`;
  if (needed <= pairs || verdict.reasons.some((reason) => reason.includes(said))) return [];
  return [`${said} for a PASS if it goes on like this (${needed} in all)`];
}

function warningLines({ warnings }: DiffReport): string[] {
  const others = warnings.filter(({ code }) => !ABOUT_UNKNOWN.includes(code) && !SAID_ALREADY.includes(code));
  return shorten(
    others.map(({ message }) => message),
    MOST_WARNINGS,
    'more warning',
  );
}
