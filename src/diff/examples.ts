/** Requests to look at: few of many, the same ones whatever the order in which they come. */
import { compareTexts } from './transitions.ts';

const MAX_EXAMPLES = 3;

export interface Example {
  readonly id: string;
  /** The samplingRank of the pair: the smallest ones are shown. */
  readonly rank: number;
}

/** @param kept the smallest ones so far, in order; one that is smaller is put among them as `make` has it */
export function keepExample<E extends Example>(kept: E[], example: Example, make: () => E): void {
  const last = kept[MAX_EXAMPLES - 1];
  if (last !== undefined && compareExamples(example, last) >= 0) return;
  kept.push(make());
  kept.sort(compareExamples);
  kept.splice(MAX_EXAMPLES);
}

/** The one that is shown first comes first. */
export function compareExamples(a: Example, b: Example): number {
  return a.rank - b.rank || compareTexts(a.id, b.id);
}
