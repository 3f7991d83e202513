/**
 * What the answers differ in, in words that every format shows. Names of fields and headers come from whoever answers:
 * they are not escaped yet.
 */
import { DIFFERENCE_WORDS } from '../../diff/difference-words.ts';
import { routeList } from '../../diff/gate-words.ts';
import type { FieldDifference, ResponseComparison, ResponseNoise, SuppressedDifferences } from '../../diff/model.ts';
import {
  formatAmount,
  formatExact,
  formatInterval,
  formatP,
  formatShare,
  formatShareNumber,
} from '../../text/numbers.ts';
import { INTERVAL_HEAD, type PlainColumn, type PlainTable } from './plain-table.ts';

export type FieldWord = 'worse' | 'hint' | '';

/** Nothing says whether it is by chance: there is neither noise nor an opposite to hold it against. */
export function isUntested({ p, mirror, noise }: FieldDifference): boolean {
  return p === null && mirror > 0 && !((noise ?? 0) > 0);
}

/** A hint is shown beside the verdict and decides nothing. */
export function fieldWord({ regressed, hint }: FieldDifference): FieldWord {
  if (regressed) return 'worse';
  return hint ? 'hint' : '';
}

/** `number → string in 100 %`, `missing in 5.10 %`. Never a value. */
export function fieldPhrase({ kind, shape, share, mirror }: FieldDifference): string {
  const { phrase } = DIFFERENCE_WORDS[kind];
  // Nothing is on the mirror alone that the A/A run alone has.
  if (mirror === 0) return `${shape ?? (kind === 'extra' ? 'extra' : phrase)} in A/A alone`;
  return `${shape ?? phrase} in ${formatShare(share)}`;
}

export function fieldRoute({ route, routes }: FieldDifference): string {
  if (route !== null) return route;
  return routes === undefined ? 'all routes' : formatAmount(routes, 'route');
}

/** The places in which answers differ, worst first. */
export function fieldTable({ fields, noise }: ResponseComparison): PlainTable<FieldDifference> {
  const number = (
    head: string,
    cell: (field: FieldDifference) => string,
    drop?: number,
  ): PlainColumn<FieldDifference> => ({ head, kind: 'number', cell, ...(drop !== undefined && { drop }) });
  const declared: PlainColumn<FieldDifference> = {
    head: 'OpenAPI',
    kind: 'words',
    cell: (field) => field.declared ?? '',
    drop: 2,
  };
  return {
    columns: [
      { head: '', kind: 'words', cell: fieldWord },
      { head: 'field', kind: 'log', cell: ({ place }) => place, keepsEnd: true, narrowest: 22 },
      { head: 'route', kind: 'log', cell: fieldRoute, narrowest: 14 },
      { head: 'how it differs', kind: 'sentence', cell: fieldPhrase, narrowest: 24 },
      ...(fields.some((field) => field.declared !== undefined) ? [declared] : []),
      number('pairs', ({ n }) => formatExact(n), 1),
      number('differ', ({ mirror }) => formatExact(mirror)),
      ...(noise.source === 'none' ? [] : [number('A/A', ({ noise: count }) => formatExact(count))]),
      number(INTERVAL_HEAD, ({ shareCi }) => formatInterval(shareCi, formatShareNumber), 3),
      number('q', ({ q }) => formatP(q), 4),
    ],
    rows: fields,
  };
}

/** A note on a column that a screen has no room for. */
export const FIELD_Q = 'q = how likely so many are by chance, corrected for all that was tested';

/** Notes on the other columns of the fields. */
export function fieldNotes(responses: ResponseComparison): string[] {
  const { fields, noise, beyond } = responses;
  if (fields.length === 0) return [];
  const others = reckonedWords(responses);
  return [
    "differ = pairs in which the mirror's answer is another one there than production's",
    ...(noise.source === 'none'
      ? []
      : [`A/A = pairs in which two answers of production's version differ there${others}`]),
    ...(fields.some(({ hint }) => hint) ? ['hint = too few to decide: look at one of them'] : []),
    ...(beyond === 0 ? [] : [`${formatAmount(beyond, 'more difference')} at places beyond the bounds, not told apart`]),
  ];
}

/** From this share of the pairs on the A/A run is as good as of all. */
const ALL_BUT_FEW = 0.95;

/** Where A/A is no count: reckoned by the share of its own pairs. */
function reckonedWords({ noise, pairs }: ResponseComparison): string {
  if (noise.sameRequests === false) return ', of as many pairs (the run is of other requests, or of few of these)';
  return noise.pairs < ALL_BUT_FEW * pairs ? `, reckoned for as many pairs (it has ${noise.pairs})` : '';
}

/** What was not judged and why, most differences first. */
export function suppressedTable({ suppressed }: ResponseComparison): PlainTable<SuppressedDifferences> {
  return {
    columns: [
      { head: 'why', kind: 'words', cell: ({ by }) => BY_WORDS[by] },
      { head: 'which', kind: 'log', cell: ({ name }) => name },
      { head: 'fields', kind: 'number', cell: ({ fields }) => formatExact(fields) },
      { head: 'differences', kind: 'number', cell: ({ differences }) => formatExact(differences) },
    ],
    rows: suppressed,
  };
}

const BY_WORDS: { readonly [by in SuppressedDifferences['by']]: string } = {
  rule: 'a rule',
  'built-in': 'known to change',
  noise: 'noise',
  untested: 'not tested',
};

/** `3 fields by rules (120 differences)`: what was not judged, one text for each reason; none without any. */
export function suppressedWords({ suppressed }: ResponseComparison): string[] {
  return (['untested', 'rule', 'built-in', 'noise'] as const).flatMap((by) => {
    const all = suppressed.filter((each) => each.by === by);
    if (all.length === 0) return [];
    const fields = all.reduce((sum, each) => sum + each.fields, 0);
    const differences = all.reduce((sum, each) => sum + each.differences, 0);
    return [`${formatAmount(fields, 'field')} ${TAKEN_OUT[by]} (${formatAmount(differences, 'difference')})`];
  });
}

const TAKEN_OUT: { readonly [by in SuppressedDifferences['by']]: string } = {
  rule: 'by rules',
  'built-in': 'known to change',
  noise: 'in the noise as often',
  untested: 'that could not be tested',
};

export const WITHOUT_NOISE = 'without an A/A run only status, missing and extra fields and their types are tested';

/** What is known of the noise: where it comes from, or that nobody knows it and what follows from that. */
export function noiseWords({ source, name, pairs, sameRequests, foreign }: ResponseNoise): string {
  if (source === 'none') return `noise unknown: ${WITHOUT_NOISE}`;
  const which = name === undefined ? '' : ` ${name}`;
  const whose = sameRequests === false ? 'of other requests, or of few of these' : 'of the same requests';
  const doubt = foreign === undefined ? '' : `; ${foreign}`;
  return `noise of ${source}${which}: ${formatAmount(pairs, 'pair')} ${whose}${doubt}`;
}

/** The state of bodies, before their number. */
const STATE_WORDS: { readonly [state: string]: string } = {
  whole: 'whole',
  cut: 'cut off',
  later: 'not there in time',
  none: 'without a body',
  unannounced: 'of unknown length',
  too_long: 'too long',
  unreadable: 'in a coding that cannot be read',
  unasked: 'not asked for',
};

/** `whole 812, not there in time 70`, the most frequent first. */
function stateWords(states: { readonly [state: string]: number }): string {
  const words = Object.entries(states)
    .filter(([, count]) => count > 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([state, count]) => `${stateWord(state)} ${formatExact(count)}`);
  return words.length === 0 ? 'none' : words.join(', ');
}

/** `the bodies of 812 of 1000 pairs (81.2 %)`. */
export function bodyCoverage({ bodiesCompared, bodyShare }: ResponseComparison, paired: number): string {
  return `the bodies of ${bodiesCompared} of ${formatAmount(paired, 'pair')} (${formatShare(bodyShare)})`;
}

/** How much of the answers was compared, and why not the rest: sentences, each on its own. */
export function answerCoverage(responses: ResponseComparison, paired: number): string[] {
  const { pairs, bodyStates, otherKey, unjoined } = responses;
  return [
    `both answers are known of ${formatAmount(pairs, 'pair')}; compared were ${bodyCoverage(responses, paired)}`,
    ...uncomparedWords(responses),
    `bodies of production: ${stateWords(bodyStates.production)}`,
    `bodies of the mirror: ${stateWords(bodyStates.mirror)}`,
    ...(otherKey === 0 ? [] : [`${formatAmount(otherKey, 'pair')} hashed with different keys: not comparable`]),
    ...(unjoined === 0 ? [] : [`${formatAmount(unjoined, 'answer')} met no other one of the same request`]),
  ];
}

/** `bodies of GET /large, GET /chunked (150 pairs): not asked for`: none of them was compared, or hardly any. */
export function uncomparedWords({ uncompared = [] }: ResponseComparison): string[] {
  const states = [...new Set(uncompared.map(({ state }) => state))];
  return states.map((state) => {
    const routes = uncompared.filter((each) => each.state === state);
    const pairs = routes.reduce((sum, each) => sum + each.pairs, 0);
    const help = Object.hasOwn(STATE_HELP, state) ? ` (${STATE_HELP[state]})` : '';
    return `bodies of ${routeList(routes)} (${formatAmount(pairs, 'pair')}): ${stateWord(state)}${help}`;
  });
}

/** What gets more of them, where something does. */
const STATE_HELP: { readonly [state: string]: string } = {
  unasked: 'for longer JSON with a Content-Length: config print --bufsize',
  later: 'config print --bodies wait has HAProxy wait for them',
};

function stateWord(state: string): string {
  return (Object.hasOwn(STATE_WORDS, state) ? STATE_WORDS[state] : undefined) ?? state;
}

/** What changes could have gone unseen; none where nothing is known about that. */
export function detectableWords(responses: ResponseComparison): string[] {
  const { detectable, noise, uncompared = [] } = responses;
  const { heads, bodies } = detectable;
  const isAnything = noise.source !== 'none';
  const header = isAnything ? 'changes' : 'is missing or new';
  const field = isAnything ? 'changes' : 'is missing, new or of another type';
  return [
    ...(heads === null ? [] : [`a header that ${header} in less than ${formatShare(heads)} of the answers`]),
    ...(bodies === null
      ? []
      : [`a field that ${field} in less than ${formatShare(bodies)} of the bodies that were compared`]),
    ...(isAnything ? [] : ['another value, order or length, in however many: only an A/A run tells these from noise']),
    ...(uncompared.length === 0 ? [] : [`whatever is in the bodies of ${routeList(uncompared)}`]),
  ];
}

/** `$.stock of GET /items/{…}: missing in 0.73 % (3 of 412, never in A/A), too few to decide`. */
export function hintWords({ fields, noise }: ResponseComparison): string[] {
  const never = noise.source === 'none' ? '' : ', never in A/A';
  return fields
    .filter((field) => fieldWord(field) === 'hint')
    .map(
      (field) =>
        `${field.place} of ${fieldRoute(field)}: ${fieldPhrase(field)} (${field.mirror} of ${field.n}${never}), ${field.p === null ? 'which could not be tested' : 'too few to decide'}`,
    );
}
