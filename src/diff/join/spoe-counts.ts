/** What SPOE lines of an agent add up to, whether they come one by one or in parts. */
import { type EventStreams, isIncomplete, type SpoeFacts } from './spoe-events.ts';

export abstract class SpoeCounts implements SpoeFacts {
  readonly agent: string;
  /** Lines of the agent. */
  lines = 0;
  failed = 0;
  /** They say of which process they are. */
  isUsable = false;
  /** Pairs that have no line although others have: how many of how many. Lines are missing, so that none says nothing. */
  incomplete: SpoeFacts['incomplete'];
  readonly otherAgents = new Set<string>();
  readonly #streams = new Map<string, EventStreams>();

  constructor(agent: string) {
    this.agent = agent;
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
