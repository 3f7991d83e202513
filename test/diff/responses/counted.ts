/** Tallies without answers: what a test is about is said. */
import type { BodyComparison, Difference } from '../../../src/answers/differences.ts';
import { ComparedResponses, type ResponseFacts } from '../../../src/diff/responses/compare-responses.ts';
import { type DifferenceRules, NO_RULES } from '../../../src/diff/responses/difference-rules.ts';
import { FieldBudget, ResponseTally } from '../../../src/diff/responses/response-tally.ts';

export interface CountedAnswers {
  /** `type $.a`, with a shape behind a colon: `type $.a: number → string`. */
  readonly mirror?: readonly string[];
  /** Undefined: no noise of this request is known. */
  readonly noise?: readonly string[] | undefined;
  /** What became of the bodies; compared without it. */
  readonly body?: BodyComparison;
  readonly noiseBody?: BodyComparison;
  readonly times?: number;
  readonly rank?: number;
  readonly id?: string;
}

export function difference(text: string): Difference {
  const [, kind, place, shape] = /^(\S+) (.*?)(?:: (.*))?$/.exec(text) ?? [];
  return { kind: kind as Difference['kind'], place: place as string, ...(shape !== undefined && { shape }) };
}

export function tallyOf(pairs: readonly CountedAnswers[], rules: DifferenceRules = NO_RULES): ResponseTally {
  const tally = new ResponseTally();
  const budget = new FieldBudget();
  let number = 0;
  for (const { mirror = [], noise, body = 'compared', noiseBody = 'compared', times = 1, rank, id } of pairs) {
    for (let i = 0; i < times; i++) {
      const name = id ?? String(number);
      const own = rank ?? number;
      number++;
      tally.add(
        {
          differences: mirror.map(difference),
          body,
          noise: noise && { differences: noise.map(difference), body: noiseBody },
          states: { production: 'whole', mirror: 'whole' },
        },
        { context: CONTEXT, example: () => ({ id: name, rank: own }) },
        rules,
        budget,
      );
    }
  }
  return tally;
}

export const CONTEXT = { method: 'GET', target: '/', status: 200 };

/** By name of the route. */
export function compared(
  routes: { readonly [route: string]: ResponseTally },
  facts: Partial<ResponseFacts> = {},
  anytime = false,
): ComparedResponses {
  const all = Object.entries(routes).map(([route, tally]) => ({ route, tally }));
  const paired = all.reduce((sum, { tally }) => sum + tally.all.pairs, 0);
  const noise = { source: all.some(({ tally }) => tally.withNoise.pairs > 0) ? 'file' : 'none' } as const;
  return new ComparedResponses(
    all,
    { otherKey: 0, unjoined: 0, beyond: 0, noise, paired, ...facts },
    { alpha: 0.05, anytime },
  );
}
