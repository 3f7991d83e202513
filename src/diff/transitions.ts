/** How often which status became which. */
import type { Transition } from './model.ts';

/** Statuses and error codes are few; a log that says otherwise fills no report. */
const MAX_TRANSITIONS = 2_000;
const REST = '(other)';

export class Transitions {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #limit: number;
  #size = 0;

  /** @param limit how many are told apart while they come; which ones then depends on their order */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  add(production: string, mirror: string, times = 1): void {
    let row = this.#counts.get(production);
    if (row === undefined) {
      row = new Map();
      this.#counts.set(production, row);
    }
    const count = row.get(mirror);
    if (count !== undefined) row.set(mirror, count + times);
    else if (this.#size < this.#limit) {
      row.set(mirror, times);
      this.#size++;
    } else row.set(REST, (row.get(REST) ?? 0) + times);
  }

  merge(other: Transitions): void {
    for (const { production, mirror, count } of other.#all()) this.add(production, mirror, count);
  }

  /** Most frequent first, then by text; what is beyond the bound is one, the last. */
  list(isWanted: (production: string, mirror: string) => boolean = () => true): Transition[] {
    const sorted = this.#all()
      .filter(({ production, mirror }) => isWanted(production, mirror))
      .sort(
        (a, b) => b.count - a.count || compareTexts(a.production, b.production) || compareTexts(a.mirror, b.mirror),
      );
    const rest = sorted.splice(MAX_TRANSITIONS).reduce((sum, { count }) => sum + count, 0);
    return rest === 0 ? sorted : [...sorted, { production: REST, mirror: REST, count: rest }];
  }

  #all(): Transition[] {
    return [...this.#counts].flatMap(([production, row]) =>
      [...row].map(([mirror, count]) => ({ production, mirror, count })),
    );
  }
}

/** By UTF-16 unit, so that the order depends on no locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
