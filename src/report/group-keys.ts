/** The name of a group: one column for each key that --by gave. */
import type { GroupKey, Summary } from '../stats/model.ts';

export type KeyColumn = 'agent' | 'event' | 'host' | 'pid' | 'st';

/** Heading of a key column on a screen. */
export const KEY_HEADS: { readonly [column in KeyColumn]: string } = {
  agent: 'AGENT',
  event: 'EVENT',
  host: 'HOST',
  pid: 'PID',
  st: 'ST',
};

/** The name of the group of everything past the bound on groups. */
const OTHER_LABEL = '(other)';

/** The key columns that occur, in the order of the default key; agent and event when there is no group at all. */
export function keyColumns(summary: Summary): KeyColumn[] {
  const keys = summary.groups.map((group) => group.key);
  const columns = (Object.keys(KEY_HEADS) as KeyColumn[]).filter((column) =>
    keys.some((key) => keyText(key, column) !== undefined),
  );
  return columns.length === 0 ? ['agent', 'event'] : columns;
}

/** The text of one key, unescaped; undefined when the group has no such key. Event = name, and GROUP if it is one. */
function keyText(key: GroupKey, column: KeyColumn): string | undefined {
  if (column === 'event') {
    if (key.name === undefined) return undefined;
    return key.type === 'GROUP' ? `${key.name} (GROUP)` : key.name;
  }
  const value = key[column];
  return value === undefined ? undefined : String(value);
}

/** The texts of all key columns, unescaped: `(other)` stands first for the group past the bound, `-` for a gap. */
export function keyTexts(key: GroupKey, columns: readonly KeyColumn[]): string[] {
  if (key.other === true) return columns.map((_, i) => (i === 0 ? OTHER_LABEL : ''));
  return columns.map((column) => keyText(key, column) ?? '-');
}
