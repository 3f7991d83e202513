/** What SPOE lines of the last while say about handing requests to the mirror's agent. */
import type { LineHeader, SpoeEvent } from '../../logs/record.ts';
import type { SpoeCounts } from '../report.ts';
import { streamKey } from './keys.ts';
import { Queue, type Queued } from './queue.ts';

/** Other agents, named in a warning. */
const MAX_OTHER_AGENTS = 20;

interface Outcome extends Queued<Outcome> {
  readonly stream: string;
  status: number;
  sinceMs: number;
}

export class SpoeWindow implements SpoeCounts {
  readonly agent: string;
  /** Lines of the agent. */
  lines = 0;
  failed = 0;
  readonly otherAgents = new Set<string>();
  isUsable = false;
  /** Given up for want of room. */
  evicted = 0;
  readonly #limit: number;
  /** By stream the highest status. */
  readonly #outcomes = new Map<string, Outcome>();
  readonly #byAge = new Queue<Outcome>();

  constructor(agent: string, limit: number) {
    this.agent = agent;
    this.#limit = limit;
  }

  get size(): number {
    return this.#outcomes.size;
  }

  add(event: SpoeEvent, header: LineHeader, nowMs: number): void {
    if (event.agent !== this.agent) {
      if (this.otherAgents.size < MAX_OTHER_AGENTS) this.otherAgents.add(event.agent);
      return;
    }
    this.lines++;
    if (event.st !== 0) this.failed++;
    const stream = streamKey(header.host ?? '', header.pid ?? -1, event.sid);
    if (stream === '') return;
    this.isUsable = true;
    this.#note(stream, event.st, nowMs);
    if (this.#byAge.size > this.#limit) {
      this.#forget(this.#byAge.first as Outcome);
      this.evicted++;
    }
  }

  /** Undefined when HAProxy wrote no line for it, or not within the window. */
  statusOf(stream: string): number | undefined {
    return this.#outcomes.get(stream)?.status;
  }

  /** Drops what came at that time or before. */
  forgetUntil(timeMs: number): void {
    for (let oldest = this.#byAge.first; oldest !== undefined && oldest.sinceMs <= timeMs; oldest = this.#byAge.first) {
      this.#forget(oldest);
    }
  }

  /** The line is the newest now, also of a stream that is known. */
  #note(stream: string, status: number, nowMs: number): void {
    let outcome = this.#outcomes.get(stream);
    if (outcome === undefined) {
      outcome = { stream, status, sinceMs: nowMs, before: undefined, after: undefined };
      this.#outcomes.set(stream, outcome);
    } else this.#byAge.remove(outcome);
    outcome.status = Math.max(status, outcome.status);
    outcome.sinceMs = nowMs;
    this.#byAge.add(outcome);
  }

  #forget(outcome: Outcome): void {
    this.#outcomes.delete(outcome.stream);
    this.#byAge.remove(outcome);
  }
}
