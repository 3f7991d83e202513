/** What HAProxy's SPOE lines say about handing requests to the mirror's agent. */
import type { LineHeader } from '../../../logs/record.ts';
import { NO_KEY } from '../ids.ts';
import { SpoeCounts } from '../spoe-counts.ts';
import { addOtherAgent, eventName, MAX_EVENTS, type SpoeLine } from '../spoe-events.ts';
import { NumberMap } from './number-table.ts';
import type { RequestIds } from './request-ids.ts';

export class SpoeOutcomes extends SpoeCounts {
  readonly #requestIds: RequestIds;
  /** By event, then by stream the highest status: a request with several messages is mirrored when all of them were. */
  readonly #events = new Map<string, NumberMap>();

  #lastEvent: (Pick<SpoeLine, 'type' | 'name'> & { readonly text: string }) | undefined;

  constructor(agent: string, requestIds: RequestIds) {
    super(agent);
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
    const name = this.#nameOf(event);
    const statuses = this.#statusesOf(name);
    if (statuses === undefined) return;
    if (statuses.raise(stream, event.st)) this.#countStream(name, stream);
  }

  /** What a line says of its stream, which is counted elsewhere. */
  addAgain(event: SpoeLine, header: LineHeader): void {
    if (event.agent !== this.agent) return;
    const stream = this.#requestIds.stream(header.host ?? '', header.pid ?? -1, event.sid);
    if (stream !== NO_KEY) this.#statusesOf(this.#nameOf(event))?.raise(stream, event.st);
  }

  /** A text that was just put together has to be hashed to be found: lines of an event have the same one. */
  #nameOf(event: SpoeLine): string {
    const known = this.#lastEvent;
    if (known?.type === event.type && known.name === event.name) return known.text;
    const { type, name } = event;
    this.#lastEvent = { type, name, text: eventName(event) };
    return this.#lastEvent.text;
  }

  #countStream(name: string, stream: number): void {
    const counts = this.streamsOf(name);
    counts.streams++;
    for (const [other, statuses] of this.#events) if (other !== name && statuses.get(stream) !== undefined) return;
    counts.first++;
  }

  /** Also those whose streams are counted elsewhere. */
  override get events(): readonly string[] {
    return [...this.#events.keys()];
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
