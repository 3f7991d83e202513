/** What the gates of answers found, in plain words, without a value of any header or body. */
import { formatAmount, formatShare, significant } from '../../text/numbers.ts';
import { isAt, isOfHead } from '../answer-places.ts';
import { DIFFERENCE_WORDS } from '../difference-words.ts';
import type { Finding } from '../gates.ts';
import type { DiffSettings, FieldDifference } from '../model.ts';
import type { ComparedResponses } from './compare-responses.ts';
import { isMuchMore, LEAST_SHARE } from './field-tests.ts';

/** More would fill the screen. */
const MAX_FINDINGS = 10;

export interface RespondedPairs {
  readonly responses: ComparedResponses;
  /** Pairs, those without answers included. */
  readonly paired: number;
  readonly settings: Pick<DiffSettings, 'minPairs'>;
}

/** Status, media type and headers. @param isStatusTold another gate has said already that the status changed */
export function findInHeads(found: RespondedPairs, isStatusTold: boolean): readonly Finding[] {
  const { fields } = found.responses.report;
  const heads = fields.filter((field) => isOfHead(field));
  const told = heads.filter(({ kind }) => !(isStatusTold && kind === 'status'));
  const findings = regressions(told);
  if (findings.length > 0) return findings;
  const reason = lackOfAnswers(found) ?? lackOfTests(told.filter(isUndecided(found)));
  if (reason !== undefined) return [open('whether headers changed', reason)];
  return [fine(nothingIn(found, 'header', found.responses.judged.heads))];
}

export function findInBodies(found: RespondedPairs): readonly Finding[] {
  const { fields, bodiesCompared } = found.responses.report;
  const told = fields.filter((field) => !isOfHead(field));
  const findings = regressions(told);
  if (findings.length > 0) return findings;
  const reason = lackOfAnswers(found) ?? lackOfBodies(found) ?? lackOfTests(told.filter(isUndecided(found)));
  if (reason !== undefined) return [open('whether bodies changed', reason)];
  if (bodiesCompared === 0) return [fine('no answer has a body that was to be compared')];
  return [fine(nothingIn(found, 'field', found.responses.judged.bodies))];
}

/** Without noise values are not judged, and a PASS does not say that they are the same. */
function nothingIn({ responses }: RespondedPairs, noun: string, pairs: number): string {
  const amount = formatAmount(pairs, 'pair');
  return responses.report.noise.source === 'none'
    ? `no ${noun} is missing, new or of another type beyond chance in ${amount}; values were not judged`
    : `no ${noun} changed beyond the noise in ${amount}`;
}

/** Where nothing is known of the noise, nobody expects that values are judged. */
function isUndecided({ responses }: RespondedPairs): (field: FieldDifference) => boolean {
  const isUnknown = responses.report.noise.source === 'none';
  return ({ open, p }) => open === true && !(isUnknown && p === null);
}

/** Who asks for one place wants to know of each difference there. */
function isUntested(field: FieldDifference): boolean {
  const { open, p, mirror, noise } = field;
  return open === true || (p === null && isMuchMore(mirror, noise ?? 0));
}

function lackOfTests([first, ...rest]: readonly FieldDifference[]): string | undefined {
  if (first === undefined) return undefined;
  const others = rest.length === 0 ? '' : `, nor could ${formatAmount(rest.length, 'other difference')}`;
  return `${describeField(first)}, which could not be tested${others}`;
}

/** One place, or one with all that is below it: `$.items[*].price`, `header x-cache`. */
export function findAtPlace(found: RespondedPairs, place: string): readonly Finding[] {
  const fields = found.responses.at((each) => isAt({ place: each }, place));
  const findings = regressions(fields);
  if (findings.length > 0) return findings;
  const isBody = !isOfHead({ place });
  const reason =
    lackOfAnswers(found) ??
    (isBody ? (lackOfBodies(found) ?? nothingOf(found)) : undefined) ??
    lackOfTests(fields.filter(isUntested));
  if (reason !== undefined) return [open(`whether ${place} changed`, reason)];
  return [fine(`${place} did not change beyond the noise`)];
}

function regressions(fields: readonly FieldDifference[]): readonly Finding[] {
  const regressed = fields.filter((field) => field.regressed);
  const findings = regressed.slice(0, MAX_FINDINGS).map(
    (field): Finding => ({
      state: 'crossed',
      observed: { share: field.share, noiseShare: shareOfNoise(field), q: field.q },
      reason: `${countsOf(field)}, ${significant('q', field.q ?? 1)}`,
      title: describeField(field),
      route: field.route,
    }),
  );
  const rest = regressed.length - findings.length;
  if (rest === 0) return findings;
  const reason = `${formatAmount(rest, 'more difference')} beyond the noise`;
  return [...findings, { state: 'crossed', observed: rest, reason, title: reason, route: null }];
}

function shareOfNoise({ noise, n }: FieldDifference): number | null {
  return noise === null || n === 0 ? null : noise / n;
}

function countsOf({ mirrorOnly, noiseOnly, noise, mirror, n }: FieldDifference): string {
  if (mirrorOnly + noiseOnly === 0 || noise === null) return `in ${mirror} of ${formatAmount(n, 'pair')}`;
  return `${mirrorOnly} times of the mirror only, ${noiseOnly} times of the noise only in ${formatAmount(n, 'pair')}`;
}

/** `GET /orders/{…}: $.stock.count changed from number to string in 100 % of 1000 pairs (never in A/A)`; unescaped. */
function describeField(field: FieldDifference): string {
  const { route, routes = 0, share, n, noise } = field;
  const where = route ?? `all routes (it is in ${routes})`;
  const noiseShare = shareOfNoise(field);
  const beside = noise === 0 ? 'never in A/A' : `${formatShare(noiseShare)} in A/A`;
  return `${where}: ${changeOf(field)} in ${formatShare(share)} of ${formatAmount(n, 'pair')} (${noiseShare === null ? 'noise unknown' : beside})`;
}

function changeOf({ place, kind, shape = '' }: FieldDifference): string {
  if (place === 'length') return 'the body has another length';
  const subject = place === 'body' ? 'the body' : place;
  if (kind === 'length') return `${subject} has another number of elements`;
  const { sentence } = DIFFERENCE_WORDS[kind];
  const [before, after] = shape.split(' → ');
  return `${subject} ${sentence}${before && after ? ` from ${before} to ${after}` : ''}`;
}

function lackOfAnswers({ responses, paired, settings }: RespondedPairs): string | undefined {
  const { pairs, otherKey } = responses.report;
  const keys = otherKey > 0 ? `; ${otherKey} were hashed with another key` : '';
  if (pairs === 0) return `no pair has both answers${keys}`;
  const isEnough = pairs >= LEAST_SHARE * paired && pairs >= LEAST_SHARE * settings.minPairs;
  return isEnough ? undefined : `of only ${pairs} of ${formatAmount(paired, 'pair')} both answers are known${keys}`;
}

/** Answers that have none, and bodies that nobody asked for, are not missed. */
function lackOfBodies({ responses, settings }: RespondedPairs): string | undefined {
  const { bodiesCompared } = responses.report;
  const wanted = bodiesCompared + responses.bodiesNotWhole;
  if (wanted === 0) return undefined;
  const isEnough = bodiesCompared >= LEAST_SHARE * wanted && bodiesCompared >= LEAST_SHARE * settings.minPairs;
  return isEnough ? undefined : `only ${bodiesCompared} of ${wanted} bodies were whole on both sides`;
}

function nothingOf({ responses }: RespondedPairs): string | undefined {
  return responses.report.bodiesCompared === 0 ? 'no body was compared' : undefined;
}

function open(what: string, reason: string): Finding {
  const title = `${what} is not known: ${reason}`;
  return { state: 'open', observed: null, reason, title, route: null };
}

function fine(reason: string): Finding {
  return { state: 'fine', observed: 0, reason, route: null };
}

/** What a PASS says of answers. */
export function coverageWords({ report }: ComparedResponses): string {
  const { bodyShare, noise, bodiesCompared } = report;
  const bodies = bodiesCompared === 0 ? 'no bodies compared' : `bodies compared in ${formatShare(bodyShare)} of pairs`;
  return noise.source === 'none'
    ? `${bodies} (noise unknown: values were not judged, only status, types, and what is missing or new)`
    : bodies;
}
