/** What the gates of answers found, in plain words, without a value of any header or body. */
import { formatAmount, formatShare, significant } from '../../text/numbers.ts';
import { isAt, isOfHead } from '../answer-places.ts';
import { DIFFERENCE_WORDS } from '../difference-words.ts';
import { routeList } from '../gate-words.ts';
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
  const { routes } = found.responses;
  const { fields } = found.responses.report;
  const heads = fields.filter((field) => isOfHead(field));
  const told = heads.filter(({ kind }) => !(isStatusTold && kind === 'status'));
  const findings = regressions(told, routes);
  if (findings.length > 0) return findings;
  const reason = lackOfAnswers(found) ?? lackOfTests(found, told.filter(isUndecided(found)));
  if (reason !== undefined) return [open('whether headers changed', reason)];
  return [fine(nothingIn(found, 'header', found.responses.judged.heads))];
}

export function findInBodies(found: RespondedPairs): readonly Finding[] {
  const { fields, bodiesCompared } = found.responses.report;
  const told = fields.filter((field) => !isOfHead(field));
  const findings = regressions(told, found.responses.routes);
  if (findings.length > 0) return findings;
  const reason = lackOfAnswers(found) ?? lackOfBodies(found) ?? lackOfTests(found, told.filter(isUndecided(found)));
  if (reason !== undefined) return [open('whether bodies changed', reason)];
  if (bodiesCompared === 0) return [fine(noBodyWords(found))];
  return [fine(nothingIn(found, 'field', found.responses.judged.bodies))];
}

/** Those that nobody asked for are named, too. */
function noBodyWords({ responses }: RespondedPairs): string {
  return responses.report.uncompared === undefined
    ? 'no answer has a body that was to be compared'
    : 'no body was compared: of production the head alone is known';
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

function lackOfTests({ responses }: RespondedPairs, [first, ...rest]: readonly FieldDifference[]): string | undefined {
  if (first === undefined) return undefined;
  const others = rest.length === 0 ? '' : `, nor could ${formatAmount(rest.length, 'other difference')}`;
  return `${describeField(first, responses.routes)}, which could not be tested${others}`;
}

/** One place, or one with all that is below it: `$.items[*].price`, `header x-cache`. */
export function findAtPlace(found: RespondedPairs, place: string): readonly Finding[] {
  const fields = found.responses.at((each) => isAt({ place: each }, place));
  const findings = regressions(fields, found.responses.routes);
  if (findings.length > 0) return findings;
  const isBody = !isOfHead({ place });
  const isThere = fields.length > 0 || isKnownPlace(found.responses, place);
  const reason =
    lackOfAnswers(found) ??
    (isBody ? (lackOfBodies(found) ?? nothingOf(found)) : undefined) ??
    (isThere ? undefined : 'no answer that was compared has such a place') ??
    lackOfTests(found, fields.filter(isUntested));
  if (reason !== undefined) return [open(`whether ${place} changed`, reason)];
  return [fine(`${place} did not change beyond the noise`)];
}

/** Headers and fields may be misspelt; what every answer has is always there. */
function isKnownPlace({ places }: ComparedResponses, place: string): boolean {
  const isNamed = (place.startsWith('$') && place !== '$') || place.startsWith('header ');
  if (!isNamed || places === undefined) return true;
  return places.some((each) => isAt({ place: each }, place));
}

/** @param routes how many there are with answers */
function regressions(fields: readonly FieldDifference[], routes: number): readonly Finding[] {
  const regressed = fields.filter((field) => field.regressed);
  const findings = regressed.slice(0, MAX_FINDINGS).map(
    (field): Finding => ({
      state: 'crossed',
      observed: { share: field.share, noiseShare: shareOfNoise(field), q: field.q },
      reason: `${countsOf(field)}, ${significant('q', field.q ?? 1)}`,
      title: describeField(field, routes),
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
function describeField(field: FieldDifference, allRoutes: number): string {
  const { route, share, n, noise } = field;
  const where = route ?? routesText(field, allRoutes);
  const noiseShare = shareOfNoise(field);
  const beside = noise === 0 ? 'never in A/A' : `${formatShare(noiseShare)} in A/A`;
  return `${where}: ${changeOf(field)} in ${formatShare(share)} of ${formatAmount(n, 'pair')} (${noiseShare === null ? 'noise unknown' : beside})`;
}

/** `all 5 routes`, `3 of 5 routes (GET /a, GET /b, …)`. */
function routesText({ routes = 0, routeNames = [] }: FieldDifference, allRoutes: number): string {
  if (routes >= allRoutes) return `all ${routes} routes`;
  return `${routes} of ${allRoutes} routes (${[...routeNames, ...(routes > routeNames.length ? ['…'] : [])].join(', ')})`;
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
  if (pairs < LEAST_SHARE * paired)
    return `of only ${pairs} of ${formatAmount(paired, 'pair')} both answers are known${keys}`;
  return tooFew(pairs, 'pair', settings);
}

/** Answers that have none, and bodies that nobody asked for, are not missed. */
function lackOfBodies({ responses, settings }: RespondedPairs): string | undefined {
  const { bodiesCompared } = responses.report;
  const wanted = bodiesCompared + responses.bodiesNotWhole;
  if (wanted === 0) return undefined;
  if (bodiesCompared < LEAST_SHARE * wanted)
    return `only ${bodiesCompared} of ${wanted} bodies were whole on both sides`;
  return tooFew(bodiesCompared, 'body', settings);
}

/** Enough of what there is may be too little all the same. */
function tooFew(count: number, noun: 'pair' | 'body', { minPairs }: RespondedPairs['settings']): string | undefined {
  const least = Math.ceil(LEAST_SHARE * minPairs);
  if (count >= least) return undefined;
  const what =
    noun === 'pair' ? `answers of ${formatAmount(count, 'pair')}` : count === 1 ? '1 body' : `${count} bodies`;
  return `only the ${what} were compared, and ${least} are the least that say anything`;
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

/** What a PASS says of answers: how far they were compared, and what of them nobody looked at. Names, which may be long, are last. */
export function coverageWords({ report }: ComparedResponses): string {
  const { bodyShare, noise, bodiesCompared, uncompared = [], suppressed, beyond } = report;
  const bodies = bodiesCompared === 0 ? 'no bodies compared' : `bodies compared in ${formatShare(bodyShare)} of pairs`;
  const differences = suppressed.reduce((sum, each) => sum + (each.by === 'untested' ? each.differences : 0), 0);
  const untested = `${formatAmount(differences, 'difference')} not tested`;
  const unjudged = differences === 0 ? 'values were not judged' : untested;
  return [
    noise.source === 'none'
      ? `${bodies} (noise unknown: ${unjudged}, only status, types, and what is missing or new)`
      : bodies,
    ...(noise.source === 'none' || differences === 0 ? [] : [untested]),
    ...(beyond === 0 ? [] : [`${formatAmount(beyond, 'difference')} at more places than are told apart`]),
    ...(bodiesCompared === 0 || uncompared.length === 0 ? [] : [`no body of ${routeList(uncompared)}`]),
  ].join('; ');
}
