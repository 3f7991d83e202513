/** The distributions of the rank statistics by listing every case. */

/** For each V of n ranks, in how many of the 2^n choices of signs the positive ranks sum up to it. */
export function listSignedRanks(n: number): number[] {
  const counts = new Array<number>((n * (n + 1)) / 2 + 1).fill(0);
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank++) if (signs & (1 << (rank - 1))) sum += rank;
    counts[sum] = (counts[sum] as number) + 1;
  }
  return counts;
}

/** For each U, in how many orders of m and n values the first sample's exceed that many of the second's. */
export function listOrders(m: number, n: number): number[] {
  const counts = new Array<number>(m * n + 1).fill(0);
  for (let order = 0; order < 2 ** (m + n); order++) {
    let firsts = 0;
    let larger = 0;
    for (let place = 0; place < m + n; place++) {
      if (order & (1 << place)) {
        firsts += 1;
        larger += place + 1 - firsts;
      }
    }
    if (firsts === m) counts[larger] = (counts[larger] as number) + 1;
  }
  return counts;
}

/** Share of all cases whose statistic is at most `most`. */
export function shareUpTo(counts: readonly number[], most: number): number {
  const sum = (some: readonly number[]) => some.reduce((total, count) => total + count, 0);
  return sum(counts.slice(0, Math.max(0, most + 1))) / sum(counts);
}

/** Twice the smaller of both tails, at most 1. */
export function twoSided(counts: readonly number[], statistic: number): number {
  const upper = shareUpTo(counts, counts.length - 1 - statistic);
  return Math.min(1, 2 * Math.min(shareUpTo(counts, statistic), upper));
}
