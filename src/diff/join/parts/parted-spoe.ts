/** What SPOE lines of all parts say. */
import { addOtherAgent, type EventStreams, isIncomplete, type SpoeFacts } from '../spoe-events.ts';

export class PartedSpoe implements SpoeFacts {
  readonly agent: string;
  lines = 0;
  failed = 0;
  isUsable = false;
  incomplete: SpoeFacts['incomplete'];
  readonly otherAgents = new Set<string>();
  readonly #streams = new Map<string, EventStreams>();

  constructor(agent: string) {
    this.agent = agent;
  }

  add(part: SpoeFacts): void {
    this.lines += part.lines;
    this.failed += part.failed;
    this.isUsable ||= part.isUsable;
    for (const agent of part.otherAgents) addOtherAgent(this.otherAgents, agent);
    for (const name of part.events) {
      const counts = this.streamsOf(name);
      const { streams, first } = part.streamsOf(name);
      counts.streams += streams;
      counts.first += first;
    }
  }

  /** @param pairs how many were paired, and how many of them have no line of the event */
  checkCompleteness(pairs: number, without: number): void {
    if (!isIncomplete(pairs, without)) return;
    this.incomplete = { pairs, without };
    this.isUsable = false;
  }

  get events(): readonly string[] {
    return [...this.#streams.keys()];
  }

  streamsOf(name: string): EventStreams {
    let counts = this.#streams.get(name);
    if (counts === undefined) {
      counts = { streams: 0, first: 0 };
      this.#streams.set(name, counts);
    }
    return counts;
  }
}
