/** Numbers for what differs between answers: a run has few places of few kinds, and its pairs have many differences. */
import type { Difference } from '../../answers/differences.ts';

/** So many are told apart: what a mirror answers may have any number of fields. */
const MOST = 32_000;

export class DifferenceTable {
  readonly #known: Difference[] = [];
  /** By place, then by kind and shape. */
  readonly #numbers = new Map<string, Map<string, number>>();

  /** By number. */
  get known(): readonly Difference[] {
    return this.#known;
  }

  /** Undefined for one too many to be told apart. */
  numberOf(difference: Difference): number | undefined {
    const { place, kind, shape } = difference;
    const kinds = this.#numbers.get(place);
    const name = shape === undefined ? kind : `${kind} ${shape}`;
    const known = kinds?.get(name);
    if (known !== undefined || this.#known.length === MOST) return known;
    const number = this.#known.length;
    this.#known.push(difference);
    if (kinds === undefined) this.#numbers.set(place, new Map([[name, number]]));
    else kinds.set(name, number);
    return number;
  }

  at(number: number): Difference {
    return this.#known[number] as Difference;
  }
}
