/** What is known about differences before any is counted: which ones are no news, and what a description says of them. */
import type { Difference } from '../../answers/differences.ts';
import type { FieldDifference, Warning } from '../model.ts';

/** Where a difference was seen. */
export interface DifferenceContext {
  /** Empty when unknown. */
  readonly method: string;
  /** Of production's request. */
  readonly target: string;
  /** Production's; -1 without one. */
  readonly status: number;
}

/** One object for each rule, so that counts can be kept by it. */
export interface Suppression {
  readonly by: 'rule' | 'built-in';
  /** The rule as it was given, `additive-fine`, or a header with what its values are. */
  readonly name: string;
}

/**
 * By the description: what it allows for and was not there before; what it excludes, or requires and is not there; what it
 * does not mention.
 */
export type Declared = NonNullable<FieldDifference['declared']>;

export interface DifferenceRules {
  /** Undefined for what counts. */
  classify(difference: Difference, context: DifferenceContext): Suppression | undefined;
  /** Undefined where the description allows for it, where there is none, and where it has none of this operation. */
  declaredOf(difference: Difference, context: DifferenceContext): Declared | undefined;
  /** About rules that none of `seen` is: mistyped, or not needed any more. @param seen what suppressed something */
  unused(seen: Iterable<Suppression>): Warning | undefined;
}

/** Everything counts. */
export const NO_RULES: DifferenceRules = {
  classify: () => undefined,
  declaredOf: () => undefined,
  unused: () => undefined,
};
