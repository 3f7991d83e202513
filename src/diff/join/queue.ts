/**
 * Elements in the order in which they were added; each can be taken out wherever it stands. The order of a Map would do
 * as well, but finding its first element passes all that were deleted before it.
 */
export interface Queued<E> {
  before: E | undefined;
  after: E | undefined;
}

/** An element is in one queue at most. */
export class Queue<E extends Queued<E>> {
  first: E | undefined;
  size = 0;
  #last: E | undefined;

  add(element: E): void {
    element.before = this.#last;
    element.after = undefined;
    if (this.#last === undefined) this.first = element;
    else this.#last.after = element;
    this.#last = element;
    this.size++;
  }

  /** It must be in this queue. */
  remove(element: E): void {
    const { before, after } = element;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    element.before = undefined;
    element.after = undefined;
    this.size--;
  }

  *[Symbol.iterator](): Generator<E> {
    for (let element = this.first; element !== undefined; element = element.after) yield element;
  }
}
