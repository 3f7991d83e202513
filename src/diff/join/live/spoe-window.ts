/** What SPOE lines of the last while say about handing requests to the mirror's agent. */

import type { LineHeader, SpoeEvent } from '../../../logs/record.ts';
import { Queue, type Queued } from '../queue.ts';
import {
  addOtherAgent,
  chooseEvent,
  type EventStreams,
  eventName,
  isIncomplete,
  MAX_EVENTS,
  type SpoeFacts,
} from '../spoe-events.ts';
import { streamKey } from './keys.ts';

/** What SPOE lines say of one stream: by event the highest status. A request that is known keeps it alive. */
export interface StreamOutcome extends Queued<StreamOutcome> {
  readonly stream: string;
  readonly statuses: Map<string, number>;
  /** How far production's log was when the last line came: epoch ms. */
  progressMs: number;
}

const NO_STREAMS: EventStreams = { streams: 0, first: 0 };

export class SpoeWindow implements SpoeFacts {
  readonly agent: string;
  /** Lines of the agent. */
  lines = 0;
  failed = 0;
  readonly otherAgents = new Set<string>();
  #hasStreams = false;
  /** Pairs whose stream is known, and those without a line of the event. */
  #pairs = 0;
  #pairsWithout = 0;
  /** Given up for want of room. */
  evicted = 0;
  readonly #limit: number;
  readonly #graceMs: number;
  readonly #wanted: string | null | undefined;
  readonly #outcomes = new Map<string, StreamOutcome>();
  readonly #byAge = new Queue<StreamOutcome>();
  /** By event: pairs that have a line of it; and its streams. */
  readonly #events = new Map<string, number>();
  readonly #streams = new Map<string, EventStreams>();

  /** @param wanted the event that mirrors; found out without it */
  constructor(agent: string, wanted: string | null | undefined, limit: number, graceMs: number) {
    this.agent = agent;
    this.#wanted = wanted;
    this.#limit = limit;
    this.#graceMs = graceMs;
  }

  /** They say of which process they are, and none is missing of what is known to have been handed over. */
  get isUsable(): boolean {
    return this.#hasStreams && this.incomplete === undefined;
  }

  get incomplete(): SpoeFacts['incomplete'] {
    const [pairs, without] = [this.#pairs, this.#pairsWithout];
    return this.#hasStreams && isIncomplete(pairs, without) ? { pairs, without } : undefined;
  }

  get size(): number {
    return this.#outcomes.size;
  }

  get events(): readonly string[] {
    return [...this.#events.keys()];
  }

  /** The one that mirrors, as far as it is known. */
  get event(): string | undefined {
    return chooseEvent(this, (name) => this.#events.get(name) as number, this.#wanted);
  }

  streamsOf(name: string): EventStreams {
    return this.#streams.get(name) ?? NO_STREAMS;
  }

  /** @param progressMs how far production's log is */
  add(event: SpoeEvent, header: LineHeader, progressMs: number): void {
    if (event.agent !== this.agent) {
      addOtherAgent(this.otherAgents, event.agent);
      return;
    }
    this.lines++;
    if (event.st !== 0) this.failed++;
    const stream = streamKey(header.host ?? '', header.pid ?? -1, event.sid);
    if (stream === '') return;
    this.#hasStreams = true;
    this.#note(stream, event, progressMs);
    if (this.#byAge.size > this.#limit) this.#evict(progressMs);
  }

  /** Undefined when HAProxy wrote no line for it, or not within the window. */
  outcomeOf(stream: string): StreamOutcome | undefined {
    return this.#outcomes.get(stream);
  }

  /** The status of the event that mirrors. */
  statusOf(outcome: StreamOutcome | undefined): number | undefined {
    const { event } = this;
    return event === undefined ? undefined : outcome?.statuses.get(event);
  }

  /** A pair whose stream is known is counted: by now its line has come, if there is one. */
  settlePair(outcome: StreamOutcome | undefined): void {
    this.#pairs++;
    if (this.statusOf(outcome) === undefined) this.#pairsWithout++;
  }

  /** A request with this outcome is paired. */
  addPair(outcome: StreamOutcome | undefined): void {
    if (outcome === undefined) return;
    for (const name of outcome.statuses.keys()) this.#events.set(name, (this.#events.get(name) ?? 0) + 1);
  }

  /** The line is the newest now, also of a stream that is known. */
  #note(stream: string, event: SpoeEvent, progressMs: number): void {
    const name = eventName(event);
    if (!this.#events.has(name)) {
      if (this.#events.size >= MAX_EVENTS) return;
      this.#events.set(name, 0);
      this.#streams.set(name, { streams: 0, first: 0 });
    }
    const counts = this.#streams.get(name) as EventStreams;
    let outcome = this.#outcomes.get(stream);
    if (outcome === undefined) {
      outcome = { stream, statuses: new Map(), progressMs, before: undefined, after: undefined };
      this.#outcomes.set(stream, outcome);
    } else this.#byAge.remove(outcome);
    if (outcome.statuses.size === 0) counts.first++;
    if (!outcome.statuses.has(name)) counts.streams++;
    outcome.statuses.set(name, Math.max(event.st, outcome.statuses.get(name) ?? 0));
    outcome.progressMs = progressMs;
    this.#byAge.add(outcome);
  }

  /** The oldest. Its request was logged long before, when production's log has gone on for long since. */
  #evict(progressMs: number): void {
    const oldest = this.#byAge.first as StreamOutcome;
    this.#outcomes.delete(oldest.stream);
    this.#byAge.remove(oldest);
    if (!(progressMs - oldest.progressMs >= this.#graceMs)) this.evicted++;
  }
}
