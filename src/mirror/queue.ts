import type { Job } from './job.ts';

/**
 * Requests that wait: those of one peer first in, first out, the peers in turn. So a peer that floods keeps only its own
 * requests waiting, and when there is no room it is the one that has most of them whose requests go.
 */
export class JobQueue {
  readonly #lines = new Map<string, Line>();
  /** The lines in the order of their turns; `#next` is the index of the one whose turn it is. */
  readonly #turn: Line[] = [];
  #next = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(job: Job): void {
    const peer = senderOf(job);
    let line = this.#lines.get(peer);
    if (line === undefined) {
      line = new Line(peer);
      this.#lines.set(peer, line);
      this.#turn.push(line);
    }
    line.push(job);
    this.#length++;
  }

  peek(): Job | undefined {
    return this.#turn[this.#next]?.peek();
  }

  /** Removes and returns the job that `peek` returns. */
  shift(): Job | undefined {
    const line = this.#turn[this.#next];
    if (line === undefined) return undefined;
    const job = this.#without(line, line.shift());
    // A line that is empty has left, and the next one stands in its place.
    if (this.#turn[this.#next] === line) this.#next++;
    if (this.#next >= this.#turn.length) this.#next = 0;
    return job;
  }

  /** Removes and returns a job that was queued before `queuedMs`, if there is any. */
  shiftOlder(queuedMs: number): Job | undefined {
    const line = this.#turn.find((each) => (each.peek()?.queuedMs ?? queuedMs) < queuedMs);
    return line === undefined ? undefined : this.#without(line, line.shift());
  }

  /**
   * Makes room for a request: removes and returns the newest or oldest of the peer that has most of the queue, or nothing when the
   * newest is the request itself. A peer takes the larger one of its shares of `maxRequests` and of `maxBytes`.
   */
  giveUp(which: 'newest' | 'oldest', wanted: Job, maxRequests: number, maxBytes: number): Job | undefined {
    const shareOf = (requests: number, bytes: number) => Math.max(requests / maxRequests, bytes / maxBytes);
    const own = this.#lines.get(senderOf(wanted));
    let most = own;
    let share = shareOf((own?.length ?? 0) + 1, (own?.bytes ?? 0) + wanted.bytes);
    for (const line of this.#turn) {
      const its = shareOf(line.length, line.bytes);
      if (line === own || its <= share) continue;
      most = line;
      share = its;
    }
    if (most === undefined || (most === own && which === 'newest')) return undefined;
    return this.#without(most, which === 'newest' ? most.pop() : most.shift());
  }

  #without(line: Line, job: Job | undefined): Job | undefined {
    this.#length--;
    if (line.length > 0) return job;
    this.#lines.delete(line.peer);
    const at = this.#turn.indexOf(line);
    this.#turn.splice(at, 1);
    if (at < this.#next) this.#next--;
    if (this.#next >= this.#turn.length) this.#next = 0;
    return job;
  }
}

/** The peer of a job; all jobs without one count as the same peer's. */
function senderOf({ context: { peer = '' } }: Job): string {
  return peer;
}

/** The queue of one peer; both ends cost the same however long it is. */
class Line {
  readonly peer: string;
  bytes = 0;
  #jobs: (Job | undefined)[] = [];
  #head = 0;

  constructor(peer: string) {
    this.peer = peer;
  }

  get length(): number {
    return this.#jobs.length - this.#head;
  }

  push(job: Job): void {
    this.#jobs.push(job);
    this.bytes += job.bytes;
  }

  peek(): Job | undefined {
    return this.#jobs[this.#head];
  }

  pop(): Job | undefined {
    const job = this.#jobs.pop();
    this.bytes -= job?.bytes ?? 0;
    return job;
  }

  shift(): Job | undefined {
    const job = this.#jobs[this.#head];
    if (job === undefined) return undefined;
    this.bytes -= job.bytes;
    this.#jobs[this.#head++] = undefined;
    if (this.#head >= COMPACT_AT && this.#head * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }
}

const COMPACT_AT = 1024;
