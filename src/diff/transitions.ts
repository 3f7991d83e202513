/** How often which status became which. */
import type { Transition } from './model.ts';

/** Statuses and error codes are few; a log that says otherwise fills no memory. */
const MAX_TRANSITIONS = 2_000;
const REST = '(other)';

export class Transitions {
  readonly #counts = new Map<string, Map<string, number>>();
  #size = 0;

  add(production: string, mirror: string): void {
    let row = this.#counts.get(production);
    if (row === undefined) {
      row = new Map();
      this.#counts.set(production, row);
    }
    const count = row.get(mirror);
    if (count !== undefined) row.set(mirror, count + 1);
    else if (this.#size < MAX_TRANSITIONS) {
      row.set(mirror, 1);
      this.#size++;
    } else row.set(REST, (row.get(REST) ?? 0) + 1);
  }

  /** Most frequent first, then by text. */
  list(isWanted: (production: string, mirror: string) => boolean = () => true): Transition[] {
    const all: Transition[] = [];
    for (const [production, row] of this.#counts) {
      for (const [mirror, count] of row) if (isWanted(production, mirror)) all.push({ production, mirror, count });
    }
    return all.sort(
      (a, b) => b.count - a.count || compareTexts(a.production, b.production) || compareTexts(a.mirror, b.mirror),
    );
  }
}

/** By UTF-16 unit, so that the order depends on no locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
