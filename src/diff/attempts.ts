/** Which of several answers to the same request counts. */
import type { DuplicatePolicy } from './model.ts';

/** One of several answers to the same request. */
export interface Attempt {
  /** Epoch ms; NaN without. */
  readonly time: number;
  readonly status: number;
  readonly isError: boolean;
  readonly lineHash: number;
  /** Number of its file, and its place in the order in which lines of that file were read. */
  readonly input: number;
  readonly line: number;
}

/**
 * Of two in the same moment (whole seconds, in many logs) the later line of one file is the later answer. Files say nothing
 * about each other: of what they say of the same moment the worse counts, so that their order decides nothing.
 *
 * @param attempts at least one @returns the one that counts, and of each file the one that counts
 */
export function preferred<A extends Attempt>(
  attempts: readonly A[],
  policy: DuplicatePolicy,
): { readonly chosen: A; readonly ofEachFile: readonly A[] } {
  const ofFiles = new Map<number, A>();
  for (const attempt of attempts) {
    const other = ofFiles.get(attempt.input);
    if (other === undefined || isPreferred(attempt, other, policy)) ofFiles.set(attempt.input, attempt);
  }
  const ofEachFile = [...ofFiles.values()];
  const chosen = ofEachFile.reduce((best, attempt) => (isPreferred(attempt, best, policy) ? attempt : best));
  return { chosen, ofEachFile };
}

function isPreferred(answer: Attempt, other: Attempt, wanted: DuplicatePolicy): boolean {
  // One whose time is known goes before one of which it is not, or three of them could beat each other in a circle.
  const byKnowledge = Number(Number.isNaN(other.time)) - Number(Number.isNaN(answer.time));
  const byTime = answer.time - other.time || 0;
  const byLine = answer.input === other.input ? answer.line - other.line : 0;
  const byBadness = badness(answer) - badness(other);
  const byContent = answer.lineHash - other.lineHash;
  const policy: { readonly [name in DuplicatePolicy]: number } = {
    last: byKnowledge || byTime || byLine || byBadness || byContent,
    first: byKnowledge || -byTime || -byLine || byBadness || byContent,
    worst: byBadness || byKnowledge || byTime || byLine || byContent,
  };
  return policy[wanted] > 0;
}

/** An error without an answer is worse than any status. */
function badness({ status, isError }: Attempt): number {
  return (isError ? 10_000 : 0) + (status < 0 ? 1_000 : status);
}
