/** The report on whole files: their joined requests, counted. */
import type { Analysis } from '../../analysis.ts';
import { PAIRED } from '../../buckets.ts';
import type { DiffReport } from '../../model.ts';
import type { IdCounts } from '../../pairing-warnings.ts';
import { makeReport, type ReportOptions } from '../../report.ts';
import type { SampleOrder } from '../../samples.ts';
import { Tally } from '../../tally.ts';
import { NO_KEY } from '../ids.ts';
import type { AnswerFacts } from '../joined-request.ts';
import { nameOfNoise } from '../noise-name.ts';
import { MirrorRow } from './joined-rows.ts';
import type { KeyColumns } from './request-ids.ts';
import { NumberedRouteTally, WholeMeasures } from './whole-measures.ts';

/** Statuses and error codes are told apart until they are listed: which ones are must not depend on the order of lines. */
export const ALL_TRANSITIONS = Number.POSITIVE_INFINITY;

/** @param sampleOrder the last ones come from logs that are followed */
export function reportWhole(
  analysis: Analysis,
  options: ReportOptions,
  sampleOrder: SampleOrder = 'first',
): DiffReport {
  const { collection, pairing, mirrors, event, inSeveralFiles, areDestinationsFull, destination } = analysis;
  const tallies = analysis.routes.map(
    (_, number) => new NumberedRouteTally(number, { maxTransitions: ALL_TRANSITIONS, sampleOrder }),
  );
  const tally = count(analysis, tallies, options);
  const facts = {
    key: pairing.key,
    betterKey: pairing.better,
    destination,
    spoe: collection.spoe,
    routes: { names: analysis.routes, tallies, generalized: analysis.generalized },
    strays: pairing.strays,
    warnings: [],
    ids: () => ({
      production: countIds([collection.production.keys]),
      mirror: countIds(mirrors.map(({ keys }) => keys)),
    }),
    event,
    inSeveralFiles,
    areDestinationsFull,
    answers: answersOf(analysis, tally.answers, options.inputs),
  };
  return makeReport(tally, facts, options);
}

function count(analysis: Analysis, routes: readonly NumberedRouteTally[], options: ReportOptions) {
  const { production, mirror } = analysis.collection;
  const measures = new WholeMeasures(production, mirror, options.settings.compareLatency);
  const tally = new Tally({ rules: analysis.rules, measures, maxTransitions: ALL_TRANSITIONS });
  countInto(tally, routes, analysis, options);
  return tally;
}

/** Counts the requests of an analysis. @param routes tallies by number of the route */
export function countInto(
  tally: Tally<NumberedRouteTally>,
  routes: readonly NumberedRouteTally[],
  analysis: Analysis,
  options: Pick<ReportOptions, 'settings' | 'since' | 'until'>,
): void {
  const { collection, pairing, isUnmatched, rules } = analysis;
  const { mirror } = collection;
  for (const joined of analysis.joined(options.settings.seed)) {
    const { row } = joined;
    const route = analysis.isComparable(row) ? routes[analysis.routeOf(row)] : undefined;
    tally.add(joined, route);
    if (isUnmatched) tally.addUnpairedRequest(joined.request, route);
    else if (joined.bucket === PAIRED && analysis.comparedAt(row)?.body === 'other-key') tally.answers.otherKey++;
  }
  for (const [noise, number] of analysis.otherNoise()) tally.addNoise(noise, routes[number] as NumberedRouteTally);
  if (isUnmatched) {
    const answer = new MirrorRow(mirror, rules);
    for (answer.row = 0; answer.row < mirror.size; answer.row++) {
      tally.addUnpairedAnswer(answer, routes[analysis.mirrorRouteOf(answer.row)] as NumberedRouteTally);
    }
  }
  tally.mirrorOnly.withoutId += pairing.withoutId;
  tally.mirrorOnly.retriedIds += pairing.retriedIds;
  tally.mirrorOnly.unknownId += countUnknown(analysis, options);
}

/** Undefined where no line has an answer. */
function answersOf(
  { comparisons, noise }: Analysis,
  { otherKey }: { readonly otherKey: number },
  inputs: ReportOptions['inputs'],
): AnswerFacts | undefined {
  const { size, unjoined, beyond, places } = comparisons;
  if (size === 0 && unjoined === 0) return undefined;
  const source = noise?.source ?? 'none';
  const name = nameOfNoise(source, noise?.name ?? '', inputs);
  return { otherKey, unjoined, beyond, places, noise: { source, ...(name !== undefined && { name }) } };
}

function countUnknown(
  { collection, pairing }: Analysis,
  { since, until }: Pick<ReportOptions, 'since' | 'until'>,
): number {
  const { time } = collection.mirror;
  return pairing.unknownIds.reduce((count, row) => {
    const moment = time.at(row);
    const isOutside = (since !== undefined && moment < since) || (until !== undefined && moment >= until);
    return isOutside ? count : count + 1;
  }, 0);
}

export function countIds(sides: readonly KeyColumns[]): IdCounts {
  const count = (column: 'uniqueId' | 'traceId' | 'stream') => {
    let used = 0;
    for (const { [column]: ids } of sides)
      for (let row = 0; row < ids.length; row++) if (ids.at(row) !== NO_KEY) used++;
    return used;
  };
  return {
    lines: sides.reduce((sum, { uniqueId }) => sum + uniqueId.length, 0),
    'unique-id': count('uniqueId'),
    traceparent: count('traceId'),
    'pid+sid': count('stream'),
  };
}
