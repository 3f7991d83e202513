import type { Names } from '../logs/names.ts';
import type { CellMemory } from '../logs/row.ts';
import { GroupTally } from './group-tally.ts';
import type { GroupKey } from './model.ts';

export const DIMENSIONS = ['agent', 'event', 'host', 'pid', 'st'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Groups counted apart; what comes after is `(other)`. */
export const MAX_GROUPS = 256;

interface KeyedTally {
  readonly key: GroupKey;
  readonly tally: GroupTally;
}

/** Finds the group of an event. */
export class Grouping {
  readonly by: readonly Dimension[];
  readonly #groups = new Map<string, KeyedTally>();
  /** The event alone decides, so the scanner can be told which cell to count it in. */
  readonly #byEventOnly: boolean;
  #other: KeyedTally | undefined;

  constructor(by: readonly Dimension[]) {
    this.by = by;
    this.#byEventOnly = by.every((dimension) => dimension === 'agent' || dimension === 'event');
  }

  /** The group of the numbers of Names. `cells` lets the scanner count a part of it itself. */
  find(key: number, origin: number, status: number, names: Names, cells?: CellMemory): GroupTally {
    const usable = this.#byEventOnly ? cells : undefined;
    const group = this.findByKey(this.#describe(key, origin, status, names), usable);
    if (group.cell !== undefined) usable?.bind(key, group.cell);
    return group;
  }

  findByKey(key: GroupKey, cells?: CellMemory): GroupTally {
    if (key.other) return this.#overflow();
    const text = JSON.stringify(key);
    let group = this.#groups.get(text);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) return this.#overflow();
      group = { key, tally: new GroupTally(cells?.allocate()) };
      this.#groups.set(text, group);
    }
    return group.tally;
  }

  #overflow(): GroupTally {
    this.#other ??= { key: { other: true }, tally: new GroupTally() };
    return this.#other.tally;
  }

  /** The fields of --by, in the schema's order; a field that the line does not carry is absent. */
  #describe(key: number, origin: number, status: number, names: Names): GroupKey {
    const event = names.keys[key];
    const { host, pid } = names.origins[origin] ?? {};
    const has = (dimension: Dimension) => this.by.includes(dimension);
    if (event === undefined && (has('agent') || has('event'))) return { other: true };
    if (origin === 0 && (has('host') || has('pid'))) return { other: true };
    return {
      ...(has('agent') && event && { agent: event.agent }),
      ...(has('event') && event && { type: event.type, name: event.name }),
      ...(has('host') && host !== undefined && { host }),
      ...(has('pid') && pid !== undefined && { pid }),
      ...(has('st') && { st: status }),
    };
  }

  get overflowed(): boolean {
    return this.#other !== undefined;
  }

  /** Groups sorted by key, `(other)` last. */
  groups(): KeyedTally[] {
    const sorted = [...this.#groups.values()].sort((a, b) => compareKeys(a.key, b.key));
    return this.#other ? [...sorted, this.#other] : sorted;
  }
}

function compareKeys(a: GroupKey, b: GroupKey): number {
  return (
    compare(a.agent, b.agent) ||
    compare(a.type, b.type) ||
    compare(a.name, b.name) ||
    compare(a.host, b.host) ||
    compare(a.pid, b.pid) ||
    compare(a.st, b.st)
  );
}

/** An order in which absent comes first; text by code unit, so that the order depends on no locale. */
function compare<T extends string | number>(a: T | undefined, b: T | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return a < b ? -1 : 1;
}
