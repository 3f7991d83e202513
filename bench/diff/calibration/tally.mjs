/** What came of the runs: shares with the interval that so many runs leave open, held against what is required. */

const Z = 1.959963984540054;

/** Wilson's interval of a share. */
function wilson(count, n) {
  if (n === 0) return [0, 1];
  const share = count / n;
  const middle = share + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  // At the ends the interval begins there, whatever rounding makes of it.
  return [count === 0 ? 0 : (middle - half) / scale, count === n ? 1 : (middle + half) / scale];
}

/**
 * `missed` only where chance does not explain it; `open` where the runs are beyond the limit, and so few that they might
 * still be within it.
 */
export function judge({ atMost, atLeast, between }, count, n) {
  if (n === 0) return 'no run';
  const share = count / n;
  const [low, high] = wilson(count, n);
  const [least, most] = between ?? [atLeast ?? 0, atMost ?? 1];
  if (low > most || high < least) return 'MISSED';
  if (between !== undefined || (share <= most && share >= least)) return 'holds';
  return 'open';
}

function describeRequirement({ atMost, atLeast, between, wanted }) {
  const word = wanted === undefined ? '' : `${wanted} `;
  if (between !== undefined) return `${word}${percent(between[0])} to ${percent(between[1])} %`;
  if (atLeast !== undefined) return atLeast === 1 ? `${word}always` : `${word}≥ ${percent(atLeast)} %`;
  return atMost === 0 ? `${word}never` : `${word}≤ ${percent(atMost)} %`;
}

export function percent(share) {
  return String(Number((100 * share).toFixed(1)));
}

/** Counts the runs of each measure, over all scenarios that have it. */
export class Tally {
  #measures = new Map();

  add(measure, result) {
    if (result === undefined) return;
    const known = this.#measures.get(measure.name) ?? { measure, count: 0, n: 0 };
    this.#measures.set(measure.name, known);
    known.n++;
    if (result) known.count++;
  }

  /** In the order in which they came first. */
  results() {
    return [...this.#measures.values()].map(({ measure, count, n }) => ({
      name: measure.name,
      required: describeRequirement(measure),
      count,
      n,
      interval: wilson(count, n),
      state: judge(measure, count, n),
    }));
  }
}
