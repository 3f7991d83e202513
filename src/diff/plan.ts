/** How many pairs a verdict needs, and what so many can show. */
import { pairedP, passBound } from './comparison.ts';
import type { DiffSettings, Plan } from './model.ts';
import { levelOf } from './regression.ts';
import { normalQuantile, twoSidedZ } from './statistics/normal.ts';

/** Nobody waits for more. */
const MOST_PAIRS = 1e9;
/** The rounding error of a product of a count and a rate that was a quotient of counts. */
const ROUNDING = 1e-6;
/** The probability with which what counts is seen. */
const POWER = 0.8;

export interface Rates {
  /** Shares of the pairs with a new and with a fixed error. */
  readonly up: number;
  readonly down: number;
}

/** A part of a pair is a whole one: it is better to wait for a few pairs too many. */
function counted(n: number, rate: number): number {
  return Math.min(n, Math.ceil(n * rate - ROUNDING));
}

/** So many pairs at these rates. */
export function scaled(n: number, { up, down }: Rates): { n: number; up: number; down: number } {
  const worse = counted(n, up);
  return { n, up: worse, down: Math.min(counted(n, down), n - worse) };
}

/** The fewest pairs that are enough, of which more are enough as well; null where so many as nobody waits for are not. */
export function fewest(isEnough: (n: number) => boolean): number | null {
  let enough = 1;
  while (!isEnough(enough)) {
    enough *= 2;
    if (enough > MOST_PAIRS) return null;
  }
  let few = Math.floor(enough / 2);
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

/** Pairs from which on the upper bound keeps the margin if things go on like this; null where they never suffice. */
export function neededPairs(rates: Rates, settings: DiffSettings): number | null {
  const { up, down } = rates;
  const { margin } = settings;
  if (up - down >= margin) return null;
  return fewest((n) => {
    const { up: worse, down: better } = scaled(n, rates);
    return passBound(n, worse, better, settings) <= margin;
  });
}

/** Pairs from which on a rise is no chance if things go on like this; null where it never becomes that. */
export function provingPairs({ up, down }: Rates, settings: DiffSettings): number | null {
  if (up <= down) return null;
  return fewest((n) => pairedP(Math.floor(n * up + ROUNDING), counted(n, down), settings) <= levelOf(settings));
}

/**
 * The rise that so many pairs show as a regression with a probability of 80 %.
 * @param base production's error rate @param discordant share of pairs that differ without any rise
 */
export function visibleRise(n: number, base: number, discordant: number, settings: DiffSettings): Plan['visible'] {
  if (n === 0) return { difference: 1, ratio: null };
  const z = twoSidedZ(levelOf(settings)) + normalQuantile(POWER);
  const square = (z * z) / n;
  const bySize = (square + Math.sqrt(square * square + 4 * square * discordant)) / 2;
  const { minEffect, minRatio } = settings;
  const counted = minRatio === undefined ? minEffect : Math.min(minEffect, (minRatio - 1) * base);
  const difference = Math.min(1, Math.max(bySize, counted));
  return { difference, ratio: base === 0 ? null : (base + difference) / base };
}

/** The pairs for a PASS, and what they show, where both sides have error rates independently of each other. */
export function planTable(bases: readonly number[], settings: DiffSettings) {
  return bases.map((base) => {
    const rate = base * (1 - base);
    const least = neededPairs({ up: rate, down: rate }, settings);
    const needed = least === null ? null : Math.max(least, settings.minPairs);
    return { base, needed, visible: visibleRise(needed ?? 0, base, 2 * rate, settings) };
  });
}
