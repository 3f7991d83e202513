/** What HAProxy's SPOE lines say about handing requests to the mirror's agent. */
import type { LineHeader } from '../../../logs/record.ts';
import { NO_KEY } from '../ids.ts';
import {
  addOtherAgent,
  type EventStreams,
  eventName,
  isIncomplete,
  MAX_EVENTS,
  type SpoeFacts,
  type SpoeLine,
} from '../spoe-events.ts';
import { NumberMap } from './number-table.ts';
import type { RequestIds } from './request-ids.ts';

export class SpoeOutcomes implements SpoeFacts {
  readonly agent: string;
  /** Lines of the agent. */
  lines = 0;
  failed = 0;
  /** They say of which process they are. */
  isUsable = false;
  /** Pairs that have no line although others have: how many of how many. Lines are missing, so that none says nothing. */
  incomplete: { readonly pairs: number; readonly without: number } | undefined;
  readonly otherAgents = new Set<string>();
  readonly #requestIds: RequestIds;
  /** By event, then by stream the highest status: a request with several messages is mirrored when all of them were. */
  readonly #events = new Map<string, NumberMap>();
  readonly #streams = new Map<string, EventStreams>();

  constructor(agent: string, requestIds: RequestIds) {
    this.agent = agent;
    this.#requestIds = requestIds;
  }

  add(event: SpoeLine, header: LineHeader): void {
    if (event.agent !== this.agent) {
      addOtherAgent(this.otherAgents, event.agent);
      return;
    }
    this.lines++;
    if (event.st !== 0) this.failed++;
    const stream = this.#requestIds.stream(header.host ?? '', header.pid ?? -1, event.sid);
    if (stream === NO_KEY) return;
    this.isUsable = true;
    const name = eventName(event);
    const statuses = this.#statusesOf(name);
    if (statuses === undefined) return;
    if (statuses.get(stream) === undefined) this.#countStream(name, stream);
    statuses.raise(stream, event.st);
  }

  /** What a line says of its stream, which is counted elsewhere. */
  addAgain(event: SpoeLine, header: LineHeader): void {
    if (event.agent !== this.agent) return;
    const stream = this.#requestIds.stream(header.host ?? '', header.pid ?? -1, event.sid);
    if (stream !== NO_KEY) this.#statusesOf(eventName(event))?.raise(stream, event.st);
  }

  #countStream(name: string, stream: number): void {
    const counts = this.streamsOf(name);
    counts.streams++;
    for (const others of this.#events.values()) if (others.get(stream) !== undefined) return;
    counts.first++;
  }

  /** @param pairs how many were paired, and how many of them have no line of the event */
  checkCompleteness(pairs: number, without: number): void {
    if (!isIncomplete(pairs, without)) return;
    this.incomplete = { pairs, without };
    this.isUsable = false;
  }

  get events(): readonly string[] {
    return [...this.#events.keys()];
  }

  streamsOf(name: string): EventStreams {
    let counts = this.#streams.get(name);
    if (counts === undefined) {
      counts = { streams: 0, first: 0 };
      this.#streams.set(name, counts);
    }
    return counts;
  }

  /** Undefined when HAProxy wrote no line of the event for it. */
  statusOf(stream: number, event: string): number | undefined {
    return this.#events.get(event)?.get(stream);
  }

  #statusesOf(event: string): NumberMap | undefined {
    let statuses = this.#events.get(event);
    if (statuses === undefined && this.#events.size < MAX_EVENTS) {
      statuses = new NumberMap();
      this.#events.set(event, statuses);
    }
    return statuses;
  }
}
