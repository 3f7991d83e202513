/** Headers and fields that answers have, whether anything differs there or not: who asks for one that none has made a mistake. */
import type { AnswerPrint } from '../../answers/answer.ts';

/** Names are what servers write: more are not told apart. */
const MOST = 20_000;

export class KnownPlaces {
  readonly #places = new Set<string>();
  readonly #headers = new Set<string>();
  #isFull = false;

  /** `header x-cache`, `$.items[*].price`; undefined where there were too many. */
  get all(): readonly string[] | undefined {
    if (this.#isFull) return undefined;
    return [...this.#places, ...Array.from(this.#headers, (name) => `header ${name}`)];
  }

  add({ headers, headers_dropped = 0, body }: AnswerPrint): void {
    // What is beyond the bounds of a print may be anything.
    if (headers_dropped + (body.fields_dropped ?? 0) > 0) this.#isFull = true;
    if (this.#isFull) return;
    for (const name of Object.keys(headers)) this.#headers.add(name);
    for (const path of Object.keys(body.fields ?? {})) this.#places.add(path);
    if (this.#places.size + this.#headers.size > MOST) this.#isFull = true;
  }
}
