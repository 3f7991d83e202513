/** The order of keys in JSON as data: the compiler finds a key that is forgotten, which would vanish from the text. */

/** An object's keys in the order in which they are written, each with the order of what it holds. */
export type KeyOrder<T> = T extends readonly (infer Element)[]
  ? KeyOrder<Element>
  : T extends object
    ? string extends keyof T
      ? 'by name' | 'as built'
      : { readonly [Key in keyof T]-?: KeyOrder<NonNullable<T[Key]>> }
    : 'as built';

type AnyOrder = 'by name' | 'as built' | { readonly [key: string]: AnyOrder };

/** A copy of `value` whose keys are in `order`, whatever order it was built in; keys that are undefined are left out. */
export function inOrder<T>(value: T, order: KeyOrder<T>): unknown {
  return ordered(value, order as AnyOrder);
}

function ordered(value: unknown, order: AnyOrder): unknown {
  if (order === 'as built' || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => ordered(element, order));
  const entries = new Map(Object.entries(value));
  if (order === 'by name') return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  const present = Object.keys(order).filter((key) => entries.get(key) !== undefined);
  return Object.fromEntries(present.map((key) => [key, ordered(entries.get(key), order[key] ?? 'as built')]));
}
