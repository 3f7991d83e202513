/** What is known about differences before any is counted: which ones are no news, and what a description says of them. */
import type { Difference } from '../../answers/differences.ts';
import type { FieldDifference, Warning } from '../model.ts';

/** Where a difference was seen. */
export interface DifferenceContext {
  /** Empty when unknown. */
  readonly method: string;
  /** The target of production's request; empty where the route alone is known. */
  readonly target: string;
  /** As the report calls it; empty where that is not known yet. */
  readonly route: string;
  /** Production's; -1 without one. */
  readonly status: number;
}

/** One object for each rule, so that counts can be kept by it. */
export interface Suppression {
  readonly by: 'rule' | 'built-in';
  /** For people. */
  readonly name: string;
}

export interface DifferenceRules {
  /** Undefined for what counts. */
  classify(difference: Difference, context: DifferenceContext): Suppression | undefined;
  declaredOf(difference: Difference, context: DifferenceContext): FieldDifference['declared'] | undefined;
  /** About rules that nothing was suppressed by. @param seen what suppressed something */
  unused(seen: Iterable<Suppression>): Warning | undefined;
}

/** Everything counts. */
export const NO_RULES: DifferenceRules = {
  classify: () => undefined,
  declaredOf: () => undefined,
  unused: () => undefined,
};
