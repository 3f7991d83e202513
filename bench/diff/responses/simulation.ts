/** Runs of a simulated site: what is counted of so many pairs, and which places each rule says differ. */
import type { Comparison } from '../../../src/answers/differences.ts';
import type { FieldDifference } from '../../../src/diff/model.ts';
import { ComparedResponses } from '../../../src/diff/responses/compare-responses.ts';
import { NO_RULES } from '../../../src/diff/responses/difference-rules.ts';
import { FieldBudget, ResponseTally } from '../../../src/diff/responses/response-tally.ts';
import { Random } from '../../random.ts';
import type { Plants, Server, Site } from './simulated-answer.ts';
import { compareValues, readAnswer } from './value-differences.ts';

/** What the noise is known by. */
export type NoiseOf = 'same requests' | 'other requests' | 'nothing';

export interface SimulatedRun {
  readonly site: Site;
  readonly plants: Plants;
  readonly pairs: number;
  readonly seed: number;
  readonly noise: NoiseOf;
  /** The comparison is looked at so many times, as `--anytime` allows: the alarms of all looks. */
  readonly looks?: number;
}

/** Places that are said to differ, by rule. */
export interface Alarms {
  readonly ours: readonly FieldDifference[];
  readonly thresholds: readonly string[];
  /** All fields that were counted, at the end. */
  readonly all: readonly FieldDifference[];
}

export function simulate({ site, plants, pairs, seed, noise, looks }: SimulatedRun): Alarms {
  const tallies = new Map<string, ResponseTally>();
  const budget = new FieldBudget();
  const chance = new Random(seed);
  const thresholds = new Thresholds();
  const tallyOf = (route: string) => {
    const tally = tallies.get(route) ?? new ResponseTally();
    tallies.set(route, tally);
    return tally;
  };
  const read = (server: Server, number: number) => {
    const answer = site.answer(server, new Random(dataSeed(seed, number)), chance, plants);
    return { route: answer.route, read: readAnswer(answer) };
  };
  const look = (settings: { readonly anytime: boolean }) => {
    const counted = [...tallies].map(([route, tally]) => ({ route, tally }));
    const facts = {
      ...{ otherKey: 0, unjoined: 0, beyond: 0, paired: pairs },
      noise: { source: noise === 'nothing' ? 'none' : 'file' } as const,
    };
    return new ComparedResponses(counted, facts, { alpha: 0.05, ...settings }).report.fields;
  };
  const alarms: FieldDifference[] = [];
  for (let number = 0; number < pairs; number++) {
    const { route, read: production } = read('production', number);
    const context = { method: '', target: '', status: production.answer.status };
    const differences = compareValues(production, read('candidate', number).read);
    const same = noise === 'same requests' ? compareValues(production, read('secondary', number).read) : undefined;
    tallyOf(route).add(
      { ...differences, noise: same, states: { production: 'whole', mirror: 'whole' } },
      { context, example: () => ({ id: String(number), rank: number }) },
      NO_RULES,
      budget,
    );
    if (same !== undefined) thresholds.add(differences, same);
    if (noise === 'other requests') {
      const other = read('production', pairs + number);
      const compared = compareValues(other.read, read('secondary', pairs + number).read);
      tallyOf(other.route).addNoise(compared, context, NO_RULES, budget);
    }
    if (looks !== undefined && (number + 1) % (pairs / looks) === 0)
      alarms.push(...look({ anytime: true }).filter(({ regressed }) => regressed));
  }
  const all = look({ anytime: looks !== undefined });
  if (looks === undefined) alarms.push(...all.filter(({ regressed }) => regressed));
  return { ours: alarms, thresholds: thresholds.alarms(pairs), all };
}

export function dataSeed(seed: number, number: number): number {
  return Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(number + 1, 0x85eb_ca6b);
}

/**
 * Diffy's rule, written anew: more differences than the noise has, by 20 % of the sum of both and by 0.03 % of the requests.
 * Routes are taken together, and an answer of another status has no other difference here, which is kinder to it than it is.
 */
class Thresholds {
  readonly #counts = new Map<string, { raw: number; noise: number }>();

  add(raw: Comparison, noise: Comparison): void {
    for (const { place, kind } of raw.differences) this.#of(`${place} ${kind}`).raw++;
    for (const { place, kind } of noise.differences) this.#of(`${place} ${kind}`).noise++;
  }

  alarms(pairs: number): string[] {
    return [...this.#counts]
      .filter(([, { raw, noise }]) => raw > noise && raw - noise > 0.2 * (raw + noise) && raw - noise > 0.0003 * pairs)
      .map(([field]) => field.slice(0, field.lastIndexOf(' ')));
  }

  #of(field: string) {
    const counts = this.#counts.get(field) ?? { raw: 0, noise: 0 };
    this.#counts.set(field, counts);
    return counts;
  }
}

/** Which plants were found, and what was said to differ besides. */
export function judge(places: readonly string[], { site, plants }: Pick<SimulatedRun, 'site' | 'plants'>) {
  const planted = Object.keys(plants);
  const isOf = (place: string, plant: string) =>
    (site.places[plant] ?? []).some(
      (own) => place === own || place.startsWith(`${own}.`) || place.startsWith(`${own}[`),
    );
  return {
    found: planted.filter((plant) => places.some((place) => isOf(place, plant))),
    falseAlarms: places.filter((place) => !planted.some((plant) => isOf(place, plant)) && !FOLLOWS.has(place)),
  };
}

/** What changes with any body: Diffy's rule, which does not know that, is not blamed for it. */
const FOLLOWS: ReadonlySet<string> = new Set(['header etag']);
