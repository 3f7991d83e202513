/** What HAProxy's SPOE lines say about handing requests to the mirror's agent. */
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { type Identities, NO_KEY } from './identity.ts';
import { NumberMap } from './number-table.ts';

/** Other agents, named in a warning. */
const MAX_OTHER_AGENTS = 20;

export class SpoeOutcomes {
  readonly agent: string;
  /** Lines of the agent. */
  lines = 0;
  failed = 0;
  readonly otherAgents = new Set<string>();
  readonly #identities: Identities;
  /** By stream the highest status: a request with several messages is mirrored when all of them were. */
  readonly #status = new NumberMap();

  constructor(agent: string, identities: Identities) {
    this.agent = agent;
    this.#identities = identities;
  }

  add(event: SpoeEvent, header: LineHeader): void {
    if (event.agent !== this.agent) {
      this.#addOther(event.agent);
      return;
    }
    this.lines++;
    if (event.st !== 0) this.failed++;
    const stream = this.#identities.stream(header.host ?? '', header.pid ?? -1, event.sid);
    if (stream === NO_KEY) return;
    this.#status.raise(stream, event.st);
  }

  /** Those that come first by name, so that the order of lines does not matter. */
  #addOther(agent: string): void {
    if (this.otherAgents.has(agent)) return;
    this.otherAgents.add(agent);
    if (this.otherAgents.size > MAX_OTHER_AGENTS)
      this.otherAgents.delete([...this.otherAgents].sort().at(-1) as string);
  }

  /** Undefined when HAProxy wrote no line for it. */
  statusOf(stream: number): number | undefined {
    return this.#status.get(stream);
  }

  /** There are lines of the agent, and they say of which process. */
  get isUsable(): boolean {
    return this.#status.size > 0;
  }
}
