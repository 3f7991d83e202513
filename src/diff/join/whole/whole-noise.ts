/** What production's version differs from itself by: another destination of the mirror, or a record of its own. */
import type { Comparison } from '../../../answers/differences.ts';
import type { AnswerComparisons } from '../../answer-reader.ts';
import type { Rules } from '../../rules.ts';
import { chooseKey, type Pairing, pair } from './pairing.ts';
import type { MirrorAnswers, ProductionRequests } from './request-columns.ts';

export interface WholeNoise {
  readonly source: 'destination' | 'file';
  /** Of a destination. */
  readonly name?: string;
  readonly answers: MirrorAnswers;
  readonly comparisons: AnswerComparisons;
  /** By row of production: the row of `answers` that counts. */
  readonly pairing: Pairing;
  /** Rows of `answers` that are of other requests than production's. */
  readonly others: Int32Array;
}

/** A record of its own, joined by the unique id and nothing else. */
export function noiseOfRecord(
  production: ProductionRequests,
  answers: MirrorAnswers,
  comparisons: AnswerComparisons,
  rules: Rules,
): WholeNoise | undefined {
  if (answers.size === 0) return undefined;
  const pairing = pair(chooseKey(production, [answers], 'unique-id'), production, answers, 0, rules);
  const others = pairing.unknownIds.filter((row) => !answers.isDropped(row));
  return { source: 'file', answers, comparisons, pairing, others };
}

/** How production's version answered a request of production once more; undefined where that is not known. */
export function noiseAt({ answers, comparisons, pairing }: WholeNoise, row: number): Comparison | undefined {
  const answer = pairing.answerOf[row] as number;
  return answer < 0 ? undefined : noiseOf(answers, comparisons, answer);
}

/** The same for a row of `answers`. */
export function noiseOf(answers: MirrorAnswers, comparisons: AnswerComparisons, row: number): Comparison | undefined {
  const compared = comparisons.at(answers.answer.at(row));
  return compared === undefined || compared.body === 'other-key'
    ? undefined
    : { differences: compared.differences, body: compared.body };
}
