/** What SPOE lines of the last while say about handing requests to the mirror's agent. */
import type { LineHeader, SpoeEvent } from '../../logs/record.ts';
import type { SpoeCounts } from '../report.ts';
import { streamKey } from './keys.ts';

/** Other agents, named in a warning. */
const MAX_OTHER_AGENTS = 20;

interface Outcome {
  readonly status: number;
  readonly sinceMs: number;
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
  /** By stream the highest status, the oldest first. */
  readonly #outcomes = new Map<string, Outcome>();

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
    const status = Math.max(event.st, this.statusOf(stream) ?? 0);
    this.#outcomes.delete(stream);
    this.#outcomes.set(stream, { status, sinceMs: nowMs });
    this.#evict();
  }

  /** Undefined when HAProxy wrote no line for it, or not within the window. */
  statusOf(stream: string): number | undefined {
    return this.#outcomes.get(stream)?.status;
  }

  /** Drops what came at that time or before. */
  forgetUntil(timeMs: number): void {
    for (const [stream, { sinceMs }] of this.#outcomes) {
      if (sinceMs > timeMs) return;
      this.#outcomes.delete(stream);
    }
  }

  #evict(): void {
    for (const stream of this.#outcomes.keys()) {
      if (this.#outcomes.size <= this.#limit) return;
      this.#outcomes.delete(stream);
      this.evicted++;
    }
  }
}
