import type { Names, Origin } from '../logs/names.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';

/** The events of a summary. An absent member accepts all. */
export interface EventFilter {
  readonly agents?: ReadonlySet<string>;
  readonly hosts?: ReadonlySet<string>;
  readonly pids?: ReadonlySet<number>;
  readonly status?: (code: number) => boolean;
  /** Epoch ms, half-open [since, until). A line without a time passes neither. */
  readonly since?: number;
  readonly until?: number;
}

/** Answers for the numbers of one Names table, remembering each answer. */
export class NumberedFilter {
  readonly #filter: EventFilter;
  readonly #names: Names;
  readonly #keys: (boolean | undefined)[] = [];
  readonly #origins: (boolean | undefined)[] = [];
  /** Agents that were not wanted, the first few. */
  readonly otherAgents: string[] = [];

  constructor(filter: EventFilter, names: Names) {
    this.#filter = filter;
    this.#names = names;
  }

  /** Everything but the status: also what the completeness of a log is judged on. */
  acceptsSource(key: number, origin: number, timeMs: number): boolean {
    return this.#acceptsKey(key) && this.#acceptsOrigin(origin) && acceptsTime(this.#filter, timeMs);
  }

  /** Whether a time is after the end of the filter. */
  isPast(timeMs: number): boolean {
    const { until } = this.#filter;
    return until !== undefined && timeMs >= until;
  }

  #acceptsKey(key: number): boolean {
    const known = this.#keys[key];
    if (known !== undefined) return known;
    const agent = this.#names.keys[key]?.agent;
    const accepted = acceptsAgent(this.#filter, agent);
    this.#keys[key] = accepted;
    if (!accepted && agent !== undefined) addAgent(this.otherAgents, agent);
    return accepted;
  }

  #acceptsOrigin(origin: number): boolean {
    const known = this.#origins[origin];
    if (known !== undefined) return known;
    const accepted = acceptsOrigin(this.#filter, this.#names.origins[origin]);
    this.#origins[origin] = accepted;
    return accepted;
  }

  acceptsStatus(code: number): boolean {
    return this.#filter.status === undefined || this.#filter.status(code);
  }
}

const MOST_OTHER_AGENTS = 5;

/** Adds a name that is not there yet, while there are few: they are for a hint. */
export function addAgent(agents: string[], name: string): void {
  if (agents.length < MOST_OTHER_AGENTS && !agents.includes(name)) agents.push(name);
}

/** The same for one event. */
export function acceptsEvent(
  filter: EventFilter,
  event: SpoeEvent,
  header: LineHeader,
  timeMs: number | undefined,
): boolean {
  return (
    acceptsAgent(filter, event.agent) &&
    acceptsOrigin(filter, header) &&
    acceptsTime(filter, timeMs ?? Number.NaN) &&
    (filter.status === undefined || filter.status(event.st))
  );
}

/** Whether a filter is about a stream of events: of a host, an agent and any of these processes. */
export function acceptsStream(
  filter: EventFilter | undefined,
  {
    host,
    agent,
    pids,
  }: { readonly host: string | undefined; readonly agent: string; readonly pids: ReadonlySet<number> },
): boolean {
  if (filter === undefined) return true;
  const { pids: wanted } = filter;
  if (wanted !== undefined && ![...pids].some((pid) => wanted.has(pid))) return false;
  return acceptsAgent(filter, agent) && (filter.hosts === undefined || (host !== undefined && filter.hosts.has(host)));
}

/** @param timeMs NaN without a time */
export function acceptsTime({ since, until }: Pick<EventFilter, 'since' | 'until'>, timeMs: number): boolean {
  return (since === undefined || timeMs >= since) && (until === undefined || timeMs < until);
}

function acceptsAgent({ agents }: EventFilter, agent: string | undefined): boolean {
  return agents === undefined || (agent !== undefined && agents.has(agent));
}

function acceptsOrigin(
  { hosts, pids }: EventFilter,
  origin: Pick<LineHeader, 'host' | 'pid'> | Origin | undefined,
): boolean {
  if (hosts !== undefined && (origin?.host === undefined || !hosts.has(origin.host))) return false;
  return pids === undefined || (origin?.pid !== undefined && pids.has(origin.pid));
}
