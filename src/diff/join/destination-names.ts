/** Numbers for the destinations of a mirror. */

/** More than anybody mirrors to; what a log holds may be anything. */
const MAX_DESTINATIONS = 64;
const MAX_NAME = 256;
const REST = '(other)';

export class DestinationNames {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Most lines are of the same destination as the line before, or of one of two. */
  #last = '';
  #lastNumber = -1;

  /** Some were one too many to be told apart. */
  get isFull(): boolean {
    return this.#numbers.has(REST);
  }

  /** By number, in the order in which they came; empty for lines that name none. */
  get names(): readonly string[] {
    return this.#names;
  }

  numberOf(destination = ''): number {
    if (destination === this.#last && this.#lastNumber >= 0) return this.#lastNumber;
    const name = destination.length > MAX_NAME ? `${destination.slice(0, MAX_NAME)}…` : destination;
    this.#lastNumber = this.#find(name);
    this.#last = destination;
    return this.#lastNumber;
  }

  #find(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= MAX_DESTINATIONS && name !== REST) return this.#find(REST);
    const number = this.#names.length;
    this.#names.push(name);
    this.#numbers.set(name, number);
    return number;
  }
}
