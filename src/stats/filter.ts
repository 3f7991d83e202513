import type { EventKey, Names, Origin } from '../logs/names.ts';

/** Which events a summary is about. Absent means all. */
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

  constructor(filter: EventFilter, names: Names) {
    this.#filter = filter;
    this.#names = names;
  }

  /** Everything but the status: also what the completeness of a log is judged on. */
  acceptsSource(key: number, origin: number, timeMs: number): boolean {
    const keyAccepted = (this.#keys[key] ??= acceptsKey(this.#filter, this.#names.keys[key]));
    const originAccepted = (this.#origins[origin] ??= acceptsOrigin(this.#filter, this.#names.origins[origin]));
    return keyAccepted && originAccepted && this.#acceptsTime(timeMs);
  }

  acceptsStatus(code: number): boolean {
    return this.#filter.status === undefined || this.#filter.status(code);
  }

  #acceptsTime(timeMs: number): boolean {
    const { since, until } = this.#filter;
    return (since === undefined || timeMs >= since) && (until === undefined || timeMs < until);
  }
}

function acceptsKey({ agents }: EventFilter, key: EventKey | undefined): boolean {
  return agents === undefined || (key !== undefined && agents.has(key.agent));
}

function acceptsOrigin({ hosts, pids }: EventFilter, origin: Origin | undefined): boolean {
  if (hosts !== undefined && (origin?.host === undefined || !hosts.has(origin.host))) return false;
  return pids === undefined || (origin?.pid !== undefined && pids.has(origin.pid));
}
