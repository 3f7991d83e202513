/** What came of the runs: shares with the interval that so many runs leave open, held against what is required. */

const Z = 1.959963984540054;

/** Wilson's interval of a share. */
function wilson(count, n) {
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

/**
 * Each measure once, over all scenarios that have it, in the order in which they come first.
 * @param requirements measures; those that nothing was counted for are left out
 * @param counts of each scenario, `{ [name]: { count, n } }`
 */
export function judgeAll(requirements, counts) {
  const measures = new Map(requirements.map((measure) => [measure.name, measure]));
  return [...measures.values()].flatMap((measure) => {
    const own = counts.flatMap((counts) => counts[measure.name] ?? []);
    const count = own.reduce((sum, { count }) => sum + count, 0);
    const n = own.reduce((sum, { n }) => sum + n, 0);
    if (n === 0) return [];
    const required = describeRequirement(measure);
    return [{ name: measure.name, required, count, n, interval: wilson(count, n), state: judge(measure, count, n) }];
  });
}
