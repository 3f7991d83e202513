/** The known word that an unknown one was meant to be. */

/** The name that `given` nearly is, capitals aside: of three letters one may be wrong. Undefined when it is none of them. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  const found = [...names]
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)[0];
  return found?.name;
}

/** How many letters have to be inserted, removed, changed or swapped with the next. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      const at = (x: number, y: number) => rows[x]?.[y] ?? Number.POSITIVE_INFINITY;
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const row = rows[i] as number[];
      row[j] =
        i + j === 0
          ? 0
          : Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, isSwapped ? at(i - 2, j - 2) + 1 : changed);
    }
  }
  return rows[a.length]?.[b.length] ?? 0;
}
