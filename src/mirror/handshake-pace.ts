/**
 * When TLS connections may begin. A handshake takes one or two milliseconds of the event loop in which HAProxy waits for its
 * ACKs, and a mirror that closes after each answer wants one for each request: so one begins in each turn of a timer, which
 * comes late where the loop has other things to do.
 */
const TURN_MS = 5;

export class HandshakePace {
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** @returns whether one may begin now; where not, `resume` is called when it is worth asking again, once */
  mayBegin(resume: () => void): boolean {
    if (this.#timer !== undefined) {
      this.#waiting.add(resume);
      return false;
    }
    this.#timer = setTimeout(() => this.#next(), TURN_MS);
    return true;
  }

  /** Gives the turn to the first; the others wait on behind those that came before them. */
  #next(): void {
    this.#timer = undefined;
    for (const resume of [...this.#waiting]) {
      if (this.#timer !== undefined) return;
      this.#waiting.delete(resume);
      resume();
    }
  }
}

/** The pace for all destinations of the process, and for the side where HAProxy connects. */
export const HANDSHAKES = new HandshakePace();
