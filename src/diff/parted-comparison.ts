/**
 * A comparison of more than fits into the memory: both sides come in parts, each with all lines of its ids, twice. The first time it is
 * decided what whole files decide at once (survey.ts); the second time each part is joined and counted as they are, into the same tallies.
 */
import { Analysis, findNoise, isOutside, refuseUnknownEvent } from './analysis.ts';
import type { Collection } from './collection.ts';
import type { Comparison } from './comparing.ts';
import { reportDestinations } from './destinations.ts';
import { DiffError } from './errors.ts';
import { DestinationNames } from './join/destination-names.ts';
import type { IdKind } from './join/ids.ts';
import type { AnswerFacts } from './join/joined-request.ts';
import { chooseCommon, chooseWithoutCommon, keyOfKind, kindsOf } from './join/key-choice.ts';
import { nameOfNoise } from './join/noise-name.ts';
import { type NumberStore, PartMeasures } from './join/parts/part-measures.ts';
import type { CensusRoutes } from './join/parts/route-census.ts';
import { keyOfPart, Survey } from './join/parts/survey.ts';
import { chooseEvent } from './join/spoe-events.ts';
import { isEnoughCommon, pair } from './join/whole/pairing.ts';
import { NumberedRouteTally } from './join/whole/whole-measures.ts';
import type { WholeNoise } from './join/whole/whole-noise.ts';
import { ALL_TRANSITIONS, countIds, countInto } from './join/whole/whole-report.ts';
import type { DiffReport } from './model.ts';
import type { IdCounts } from './pairing-warnings.ts';
import { readingWarnings } from './reading-warnings.ts';
import { makeReport, type ReportOptions } from './report.ts';
import type { SideFacts, UnreadFields } from './sides.ts';
import { Tally } from './tally.ts';
import { compareTexts } from './transitions.ts';

export type { NumberStore } from './join/parts/part-measures.ts';

/** What parts are cut by. */
export type PartKind = IdKind | undefined;

export interface PartedSides {
  /** Of the mirror, in the order in which they came; none where it has no line. */
  readonly destinations: readonly string[];
  /** Whether lines of a side have such an id, accepted or not. */
  readonly has: (kind: IdKind, side: 'production' | 'mirror') => boolean;
  /** Whether any line of the mirror has a host. */
  readonly isHostKnown: boolean;
  /** What of the inputs is not read. */
  readonly unread: readonly UnreadFields[];
  /** Whether both sides have answers to be compared. */
  readonly hasAnswers: boolean;
  /** All lines of both sides: those that share an id of the kind are in one part. @param counting the second time */
  parts(kind: PartKind, counting: boolean): AsyncIterable<Collection>;
  /** After they were counted: what the inputs are. Throws where they cannot be compared. */
  facts(): readonly SideFacts[];
  /** A store of numbers, empty. */
  store(): NumberStore;
}

export interface PartedOptions {
  readonly comparison: Comparison;
  readonly agent: string;
  readonly report: Omit<ReportOptions, 'inputs' | 'warnings'>;
}

/** Throws DiffError, and what the sides throw. */
export async function reportOnParts(sides: PartedSides, options: PartedOptions): Promise<DiffReport> {
  const { report: reportOptions } = options;
  const { settings } = reportOptions;
  const key = await chooseKey(sides, options);
  if (sides.hasAnswers && key.kind !== undefined && key.kind !== 'unique-id')
    throw new DiffError(
      'not-in-parts',
      `answers are compared by the unique id, requests are paired by ${keyOfKind(key.kind)}: that is not done in parts`,
      'compare a shorter time, in a run of its own',
    );
  const { survey } = key;
  refuseUnknownEvent(survey.spoe.events, settings.event);
  const event = chooseEvent(survey.spoe, (name) => survey.pairsWith(name), settings.event);
  if (survey.spoe.isUsable) {
    const pairs = survey.pairsWith(undefined);
    survey.spoe.checkCompleteness(pairs, event === undefined ? pairs : pairs - survey.pairsWith(event));
  }
  const counting = new Counting(sides, options, { ...key, event, routes: survey.routes.finish(settings.maxRoutes) });
  for await (const part of sides.parts(key.kind, true)) counting.add(part);
  const facts = sides.facts();
  const inputs = facts.flatMap((side) => side.inputs);
  const warnings = readingWarnings(facts, counting.isAnyPaired ? undefined : counting.seenIds);
  return reportDestinations(counting.names, settings, (name, noise) =>
    counting.report(name, { ...reportOptions, ...(noise && { noise }), inputs, warnings }),
  );
}

interface KeyOfParts {
  readonly kind: PartKind;
  readonly better: ReturnType<typeof keyOfKind> | undefined;
  /** Of parts cut by it. */
  readonly survey: Survey;
}

/** As `chooseKey` of whole files, which has all lines at once; here each kind that both sides have costs a look at all of them. */
async function chooseKey(sides: PartedSides, { comparison, agent }: PartedOptions): Promise<KeyOfParts> {
  const { key: wanted, rules, overrides } = comparison;
  const surveys = new Map<PartKind, Survey>();
  const surveyOf = async (kind: PartKind): Promise<Survey> => {
    const survey = surveys.get(kind) ?? new Survey({ kind, isHostKnown: sides.isHostKnown, rules, overrides, agent });
    if (!surveys.has(kind)) for await (const part of sides.parts(kind, false)) survey.add(part);
    surveys.set(kind, survey);
    return survey;
  };
  const kinds = kindsOf(wanted);
  const common = new Map<IdKind, number>();
  const commonOf = async (kind: IdKind) => {
    if (!common.has(kind))
      common.set(kind, sides.has(kind, 'production') && sides.has(kind, 'mirror') ? (await surveyOf(kind)).common : 0);
    return common.get(kind) as number;
  };
  for (const kind of kinds) {
    if ((await commonOf(kind)) === 0) continue;
    if (kind === 'span') await commonOf('trace');
    break;
  }
  const known = (kind: IdKind) => common.get(kind) ?? 0;
  const chosen =
    chooseCommon(kinds, known) ??
    chooseWithoutCommon(kinds, wanted, (kind, side) => surveys.get(kind)?.isKnown[side] ?? sides.has(kind, side));
  const survey = await surveyOf(chosen);
  if (chosen === undefined || isEnoughCommon(known(chosen), survey.requests))
    return { kind: chosen, better: undefined, survey };
  for (const kind of kinds)
    if ((await commonOf(kind)) > known(chosen)) return { kind: chosen, better: keyOfKind(kind), survey };
  return { kind: chosen, better: undefined, survey };
}

interface Decided extends KeyOfParts {
  readonly event: string | undefined;
  readonly routes: CensusRoutes;
}

/** Where the noise is from; of a part no more is kept. */
type NoiseSource = { readonly source: WholeNoise['source']; readonly name: string | undefined };

interface CountedDestination {
  readonly tally: Tally<NumberedRouteTally>;
  readonly routes: readonly NumberedRouteTally[];
  readonly strays: { lines: number; errors: number };
  noise: NoiseSource | undefined;
}

class Counting {
  readonly #sides: PartedSides;
  readonly #options: PartedOptions;
  readonly #decided: Decided;
  readonly #destinations: ReadonlyMap<string, CountedDestination>;
  readonly #inSeveralFiles = { production: 0, mirror: 0 };
  readonly #ids = { production: noIds(), mirror: noIds() };
  readonly #answers = { size: 0, unjoined: 0, beyond: 0 };
  #places: Set<string> | undefined = new Set();
  #areDestinationsFull = false;
  /** Ids that may be in another field of the other side, and those of them that were seen. */
  readonly #sought: ReadonlySet<string>;
  readonly #seen = new Set<string>();

  constructor(sides: PartedSides, options: PartedOptions, decided: Decided) {
    this.#sides = sides;
    this.#options = options;
    this.#decided = decided;
    const destinations = new DestinationNames();
    for (const name of sides.destinations.length === 0 ? [''] : sides.destinations) destinations.numberOf(name);
    this.#destinations = new Map(destinations.names.map((name, number) => [name, this.#newDestination(number)]));
    this.#sought = new Set(sides.unread.flatMap(({ ids }) => ids.flatMap(({ values }) => values)));
  }

  get names(): readonly string[] {
    return [...this.#destinations.keys()].sort(compareTexts);
  }

  get isAnyPaired(): boolean {
    return [...this.#destinations.values()].some(({ tally }) => tally.paired > 0);
  }

  get seenIds(): { has(id: string): boolean } {
    return this.#seen;
  }

  #newDestination(number: number): CountedDestination {
    const { comparison, report } = this.#options;
    const { survey, routes } = this.#decided;
    const { production, mirrors } = survey.knowsFirstByte;
    const knowsFirstByte = production && mirrors[number] === true;
    const measures = new PartMeasures(report.settings.compareLatency, knowsFirstByte, this.#sides.store());
    return {
      tally: new Tally({ rules: comparison.rules, measures, maxTransitions: ALL_TRANSITIONS }),
      routes: routes.kept.names.map(
        (_, route) => new NumberedRouteTally(route, { maxTransitions: ALL_TRANSITIONS, sampleOrder: 'first' }),
      ),
      strays: { lines: 0, errors: 0 },
      noise: undefined,
    };
  }

  add(collection: Collection): void {
    const analyses = this.#analyse(collection);
    for (const analysis of analyses) {
      const counted = this.#destinations.get(analysis.destination) as CountedDestination;
      countInto(counted.tally, counted.routes, analysis, this.#options.report);
      counted.strays.lines += analysis.pairing.strays.lines;
      counted.strays.errors += analysis.pairing.strays.errors;
      counted.noise ??= analysis.noise && { source: analysis.noise.source, name: analysis.noise.name };
    }
    const { production, mirrors, lines, answers, requestIds, destinations } = collection;
    for (const side of ['production', 'mirror'] as const) this.#inSeveralFiles[side] += lines[side].inSeveralFiles;
    addIds(this.#ids.production, countIds([production.keys]));
    addIds(this.#ids.mirror, countIds(mirrors.map(({ keys }) => keys)));
    const { size, unjoined, beyond, places } = answers.mirror.comparisons;
    this.#answers.size += size;
    this.#answers.unjoined += unjoined;
    this.#answers.beyond += beyond;
    if (places === undefined) this.#places = undefined;
    else for (const place of places) this.#places?.add(place);
    this.#areDestinationsFull ||= destinations.isFull;
    for (const id of this.#sought) if (requestIds.has(id)) this.#seen.add(id);
  }

  /** As `analyse` of whole files, with what was decided. */
  #analyse(collection: Collection): Analysis[] {
    const { comparison, report } = this.#options;
    const { rules } = comparison;
    const { kind, better, survey, event, routes } = this.#decided;
    const { production, mirrors, spoe, texts } = collection;
    collection.close();
    spoe.isUsable = survey.spoe.isUsable;
    const key = { ...keyOfPart({ kind, isHostKnown: this.#sides.isHostKnown }, collection), better };
    const pairings = mirrors.map((mirror, i) => pair(key, production, mirror, i, rules, survey.span));
    const noise = findNoise(collection, pairings, { rules, baselineDestination: report.settings.baselineDestination });
    const isComparable = (row: number) => !isOutside(production.flags.at(row));
    const productionNames = survey.routes.namesOf(production, texts, isComparable);
    const rankOf = (name: number) => routes.kept.numbers[name] as number;
    const common = {
      ...{ isPart: true, rules, event, noise, productionNames },
      ...{ routeNames: routes.names, generalized: routes.generalized, routes: routes.kept.names },
      routeNumbers: routes.kept.numbers,
      mirrorRoutes: mirrors.map((mirror) =>
        kind === undefined ? survey.routes.namesOf(mirror, texts, () => true).map(rankOf) : new Int32Array(0),
      ),
      noiseRoutes: new Int32Array(0),
    };
    return pairings.map((pairing, number) => new Analysis(collection, number, pairing, common));
  }

  /** @param name of the destination */
  report(name: string, options: ReportOptions): DiffReport {
    const { kind, better, survey, event, routes } = this.#decided;
    const { tally, routes: tallies, strays, noise } = this.#destinations.get(name) as CountedDestination;
    const facts = {
      key: kind === undefined ? ('none' as const) : keyOfKind(kind),
      betterKey: better,
      destination: name,
      spoe: survey.spoe,
      routes: { names: routes.kept.names, tallies, generalized: routes.generalized },
      strays,
      warnings: [],
      ids: () => this.#ids,
      event,
      inSeveralFiles: this.#inSeveralFiles,
      areDestinationsFull: this.#areDestinationsFull,
      answers: this.#answerFacts(tally.answers, noise, options.inputs),
    };
    return makeReport(tally, facts, options);
  }

  #answerFacts(
    { otherKey }: { readonly otherKey: number },
    noise: NoiseSource | undefined,
    inputs: ReportOptions['inputs'],
  ): AnswerFacts | undefined {
    const { size, unjoined, beyond } = this.#answers;
    if (size === 0 && unjoined === 0) return undefined;
    const source = noise?.source ?? 'none';
    const name = nameOfNoise(source, noise?.name ?? '', inputs);
    const places = this.#places && [...this.#places];
    return { otherKey, unjoined, beyond, places, noise: { source, ...(name !== undefined && { name }) } };
  }
}

function noIds(): { -readonly [count in keyof IdCounts]: IdCounts[count] } {
  return { lines: 0, 'unique-id': 0, traceparent: 0, 'pid+sid': 0 };
}

function addIds(sum: ReturnType<typeof noIds>, part: IdCounts): void {
  for (const name of Object.keys(sum) as (keyof IdCounts)[]) sum[name] += part[name];
}
