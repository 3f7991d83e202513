import type { EventType, LineHeader } from './record.ts';

/** The writer of a line. */
export interface Origin {
  readonly host: string | undefined;
  readonly process: string | undefined;
  readonly pid: number | undefined;
  /** LineHeader.scope: two of these are two sources, whatever else they say. */
  readonly scope?: string;
}

/** The agent and the event of a line. */
export interface EventKey {
  readonly agent: string;
  readonly type: EventType;
  readonly name: string;
}

export const MAX_ORIGINS = 4096;
export const MAX_KEYS = 1024;

export interface NameBounds {
  readonly origins: number;
  readonly keys: number;
}

/** The number of everything past the bound. */
export const OTHER = 0;

/**
 * Gives each origin and each event key a small number. Both tables are bounded: what comes after the bound is
 * number 0, `(other)`.
 */
export class Names {
  readonly origins: (Origin | undefined)[] = [undefined];
  readonly keys: (EventKey | undefined)[] = [undefined];
  readonly #originIds = new Map<string, number>();
  readonly #keyIds = new Map<string, number>();
  readonly #bounds: NameBounds;

  constructor(bounds: NameBounds = { origins: MAX_ORIGINS, keys: MAX_KEYS }) {
    this.#bounds = bounds;
  }

  origin({ host, process, pid, scope }: LineHeader): number {
    const text = `${host ?? '\n'}\0${process ?? '\n'}\0${pid ?? ''}\0${scope ?? ''}`;
    return intern(this.#originIds, this.origins, this.#bounds.origins, text, () => ({
      ...{ host, process, pid },
      ...(scope !== undefined && { scope }),
    }));
  }

  key(agent: string, type: EventType, name: string): number {
    return intern(this.#keyIds, this.keys, this.#bounds.keys, `${agent}\0${type}\0${name}`, () => ({
      agent,
      type,
      name,
    }));
  }
}

function intern<T>(
  ids: Map<string, number>,
  table: (T | undefined)[],
  bound: number,
  text: string,
  make: () => T,
): number {
  let id = ids.get(text);
  if (id === undefined) {
    if (table.length > bound) return OTHER;
    id = table.length;
    ids.set(text, id);
    table.push(make());
  }
  return id;
}
