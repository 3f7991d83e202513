/**
 * Memory between a thread that reads a pipe and the one that scans what it has read: bytes go round in it, one thread puts them there
 * and one takes them. Its size is the bound of what is read ahead.
 */

/** Room for what comes while as much is scanned; with half of it the two threads wait for each other more often. */
const RING_BYTES = 2 * 1024 * 1024;
/** Who scans waits a moment for so many bytes: a block of 64 KiB costs a quarter more than a part of a large one. */
export const GATHERED_BYTES = 512 * 1024;
/** That moment. Signals and timers wait for it, too. */
const MOMENT_MS = 2;

/** Words that both sides share, each in a line of the processor's cache of its own. */
const Word = {
  /** All bytes that were put here, modulo 2^32. */
  put: 0,
  /** All bytes that were taken, modulo 2^32. */
  taken: 16,
  /** Whether the reading has begun, or is to end. */
  order: 32,
  /** Changes with all that who reads may wait for. */
  bell: 48,
  /** 1 while who scans waits for a message. */
  sleeps: 64,
} as const;
const HEAD_BYTES = 80 * Int32Array.BYTES_PER_ELEMENT;

const Order = { wait: 0, begin: 1, end: 2 } as const;

export class PipeRing {
  /** What the other side makes its PipeRing of. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory = new SharedArrayBuffer(HEAD_BYTES + RING_BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, HEAD_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.#bytes = new Uint8Array(memory, HEAD_BYTES);
  }

  // ── who scans ──

  /** Has the other side begin. */
  begin(): void {
    this.#say(Order.begin);
  }

  /** Has the other side put nothing more, also where it waits for room. */
  end(): void {
    this.#say(Order.end);
  }

  /**
   * Moves bytes to the beginning of `space`, and waits a moment for as many as are worth a scan.
   * @returns how many; 0 when none came
   */
  take(space: Buffer): number {
    const words = this.#words;
    const taken = Atomics.load(words, Word.taken);
    const from = taken & (RING_BYTES - 1);
    const count = Math.min(this.#gather(taken), RING_BYTES - from, space.length);
    if (count === 0) return 0;
    // Setting and copying bytes of shared memory goes byte by byte in V8, eight times as long.
    space.fill(this.#bytes.subarray(from, from + count), 0, count);
    Atomics.store(words, Word.taken, (taken + count) | 0);
    this.#ring();
    return count;
  }

  /** Says that a message is waited for. @returns false when there are bytes already */
  sleep(): boolean {
    Atomics.store(this.#words, Word.sleeps, 1);
    return this.#waiting(Atomics.load(this.#words, Word.taken)) === 0;
  }

  #gather(taken: number): number {
    for (;;) {
      const put = Atomics.load(this.#words, Word.put);
      if ((put - taken) >>> 0 >= GATHERED_BYTES) break;
      if (Atomics.wait(this.#words, Word.put, put, MOMENT_MS) === 'timed-out') break;
    }
    return this.#waiting(taken);
  }

  #say(order: number): void {
    Atomics.store(this.#words, Word.order, order);
    this.#ring();
  }

  #ring(): void {
    Atomics.add(this.#words, Word.bell, 1);
    Atomics.notify(this.#words, Word.bell);
  }

  // ── who reads ──

  /** Waits, with the whole thread, for the order to begin; false when there is nothing to do. */
  awaitBegin(): boolean {
    return this.#await(() => Atomics.load(this.#words, Word.order) !== Order.wait);
  }

  /** Where the next bytes go: some room, once `put` was true. */
  room(): Uint8Array {
    const put = Atomics.load(this.#words, Word.put);
    const from = put & (RING_BYTES - 1);
    const free = RING_BYTES - this.#waiting(Atomics.load(this.#words, Word.taken));
    return this.#bytes.subarray(from, Math.min(from + free, RING_BYTES));
  }

  /**
   * Hands over the first `count` bytes of `room()`; where no more is left of that, waits with the whole thread.
   * @param wake sends the message that is waited for
   * @returns false when nothing more is to come
   */
  put(count: number, wake: () => void): boolean {
    const words = this.#words;
    Atomics.add(words, Word.put, count);
    if (this.#waiting(Atomics.load(words, Word.taken)) >= GATHERED_BYTES) Atomics.notify(words, Word.put);
    if (Atomics.exchange(words, Word.sleeps, 0) === 1) wake();
    return this.#await(() => this.#waiting(Atomics.load(words, Word.taken)) < RING_BYTES);
  }

  /** Waits for what the other side rings for; false when that is the end. */
  #await(isThere: () => boolean): boolean {
    for (;;) {
      const bell = Atomics.load(this.#words, Word.bell);
      if (Atomics.load(this.#words, Word.order) === Order.end) return false;
      if (isThere()) return true;
      Atomics.wait(this.#words, Word.bell, bell);
    }
  }

  // ── both ──

  #waiting(taken: number): number {
    return (Atomics.load(this.#words, Word.put) - taken) >>> 0;
  }
}
