/** What is decided before anything is counted: by which key, which event mirrors, how routes are called. All parts say it together. */
import { countPairs, exclusionAt, isOutside } from '../../analysis.ts';
import type { Collection } from '../../collection.ts';
import type { RouteOverrides } from '../../route-overrides.ts';
import type { Rules } from '../../rules.ts';
import { TimeSpan } from '../../time-span.ts';
import type { IdKind } from '../ids.ts';
import { countCommon } from '../key-choice.ts';
import { type ChosenKey, idsOf, isKey, pair } from '../whole/pairing.ts';
import type { ProductionRequests } from '../whole/request-columns.ts';
import { knows } from '../whole/whole-measures.ts';
import { PartedSpoe } from './parted-spoe.ts';
import { RouteCensus } from './route-census.ts';

export interface SurveyOptions {
  /** What parts are cut by; undefined where nothing is to be paired by. */
  readonly kind: IdKind | undefined;
  readonly isHostKnown: boolean;
  readonly rules: Rules;
  readonly overrides: RouteOverrides | undefined;
  readonly agent: string;
}

/** The key of a part, which all parts have. */
export function keyOfPart(
  { kind, isHostKnown }: Pick<SurveyOptions, 'kind' | 'isHostKnown'>,
  { production, mirrors }: Collection,
): ChosenKey {
  return {
    kind,
    ids: kind && idsOf(kind, production, mirrors, isHostKnown),
    better: undefined,
  };
}

export class Survey {
  readonly spoe: PartedSpoe;
  readonly routes: RouteCensus;
  readonly span = new TimeSpan();
  /** Requests of production. */
  requests = 0;
  /** Requests with an id of their own that is on both sides. */
  common = 0;
  readonly isKnown = { production: false, mirror: false };
  readonly knowsFirstByte = { production: false, mirrors: [] as boolean[] };
  /** Without an event: paired requests whose stream is known. */
  readonly #pairs = new Map<string | undefined, number>();
  readonly #options: SurveyOptions;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.spoe = new PartedSpoe(options.agent);
    this.routes = new RouteCensus(options.overrides);
  }

  add(collection: Collection): void {
    const { production, mirrors, spoe, texts } = collection;
    const { kind, rules } = this.#options;
    collection.close();
    const key = keyOfPart(this.#options, collection);
    if (key.ids !== undefined) {
      this.common += countCommon(key.ids);
      this.isKnown.production ||= key.ids.production.some(isKey);
      this.isKnown.mirror ||= key.ids.mirrors.some((ids) => ids.some(isKey));
    }
    this.requests += production.size;
    addTimes(this.span, production);
    this.knowsFirstByte.production ||= knows(production.firstByteMs);
    mirrors.forEach((mirror, i) => {
      this.knowsFirstByte.mirrors[i] = (this.knowsFirstByte.mirrors[i] ?? false) || knows(mirror.firstByteMs);
    });
    const pairings = mirrors.map((mirror, i) => pair(key, production, mirror, i, rules));
    const pairsWith = countPairs(collection, pairings);
    this.spoe.add(spoe);
    for (const event of [undefined, ...spoe.events]) this.#pairs.set(event, this.pairsWith(event) + pairsWith(event));
    const answerOf = pairings[0]?.answerOf ?? new Int32Array(0);
    this.routes.add(production, texts, (row) => {
      const flags = production.flags.at(row);
      if (isOutside(flags)) return 'outside';
      return kind === undefined || exclusionAt(flags, answerOf[row] as number) === undefined ? 'counted' : 'compared';
    });
    if (kind === undefined) for (const mirror of mirrors) this.routes.add(mirror, texts, () => 'compared');
  }

  pairsWith(event: string | undefined): number {
    return this.#pairs.get(event) ?? 0;
  }
}

function addTimes(span: TimeSpan, { time }: ProductionRequests): void {
  for (let row = 0; row < time.length; row++) span.add(time.at(row));
}
