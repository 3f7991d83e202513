/** What came of the runs: shares with the interval that so many runs leave open, held against what is required. */

/** What a share is held against. */
export interface Requirement {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly between?: readonly [least: number, most: number];
  /** The word that is counted. */
  readonly wanted?: string;
}

export interface NamedRequirement extends Requirement {
  readonly name: string;
}

/** How many of `n` runs. */
export interface Count {
  readonly count: number;
  readonly n: number;
}

export interface Judgement extends Count {
  readonly name: string;
  readonly required: string;
  readonly interval: readonly [low: number, high: number];
  readonly state: 'MISSED' | 'holds' | 'open';
}

const Z = 1.959963984540054;

/** Wilson's interval of a share. */
function wilson(count: number, n: number): readonly [low: number, high: number] {
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
export function judge({ atMost, atLeast, between }: Requirement, count: number, n: number): Judgement['state'] {
  const share = count / n;
  const [low, high] = wilson(count, n);
  const [least, most] = between ?? [atLeast ?? 0, atMost ?? 1];
  if (low > most || high < least) return 'MISSED';
  if (between !== undefined || (share <= most && share >= least)) return 'holds';
  return 'open';
}

function describeRequirement({ atMost, atLeast, between, wanted }: Requirement): string {
  const word = wanted === undefined ? '' : `${wanted} `;
  if (between !== undefined) return `${word}${percent(between[0])} to ${percent(between[1])} %`;
  if (atLeast !== undefined) return atLeast === 1 ? `${word}always` : `${word}≥ ${percent(atLeast)} %`;
  return atMost === 0 ? `${word}never` : `${word}≤ ${percent(atMost ?? 1)} %`;
}

export function percent(share: number): string {
  return String(Number((100 * share).toFixed(1)));
}

/**
 * Each measure once, over all scenarios that have it, in the order in which they come first.
 * @param requirements measures; those that nothing was counted for are left out
 * @param counts of each scenario, by name of the measure
 */
export function judgeAll(
  requirements: readonly NamedRequirement[],
  counts: readonly Readonly<Record<string, Count>>[],
): readonly Judgement[] {
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
