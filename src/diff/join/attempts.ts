/** Which of several answers to the same request counts. */
import type { DuplicatePolicy } from '../model.ts';

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
 */
export class Attempts<A extends Attempt> {
  readonly #policy: DuplicatePolicy;
  /** The attempt that counts of each file. */
  readonly #ofFiles = new Map<number, A>();

  constructor(policy: DuplicatePolicy) {
    this.#policy = policy;
  }

  add(attempt: A): void {
    const other = this.#ofFiles.get(attempt.input);
    if (other === undefined || isPreferred(attempt, other, this.#policy)) this.#ofFiles.set(attempt.input, attempt);
  }

  /** The one that counts; undefined without any. */
  get chosen(): A | undefined {
    let chosen: A | undefined;
    for (const attempt of this.#ofFiles.values()) {
      if (chosen === undefined || isPreferred(attempt, chosen, this.#policy)) chosen = attempt;
    }
    return chosen;
  }
}

/** What tells which of two lines of the mirror about one request counts. */
interface Line {
  /** It says why the request never reached the mirror, or that it did not as a whole. */
  readonly isDropped: boolean;
  readonly lineHash: number;
}

/**
 * Whether a line counts beside the one that counted so far, as an attempt of its own, instead of it, or not at all. That
 * a request was dropped counts as long as nothing says that it got there; of several such lines always the same one does.
 */
export function standing(line: Line, other: Line): 'beside' | 'instead' | 'not' {
  if (line.isDropped !== other.isDropped) return line.isDropped ? 'not' : 'instead';
  if (!line.isDropped) return 'beside';
  return line.lineHash > other.lineHash ? 'instead' : 'not';
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
