/** When a change between the sides is one for the worse, and when it may be. */
import { pairedP, passBound } from './comparison.ts';
import type { DiffSettings } from './model.ts';
import type { Excess } from './noise.ts';
import { normalCdf } from './statistics/normal.ts';

/**
 * Four gates can fail of themselves: errors and classes of status, of the whole and of routes. Each has this share of
 * alpha, two-sided; only rises count, so that of equal versions at most alpha fail by all of them together.
 */
const GATE_SHARE = 1 / 2;
/** A rise with a p below it is no proof of anything, but it forbids to say that nothing rose. */
export const SUSPICIOUS_P = 0.25;

/** Up to this p a test is significant. */
export function levelOf({ alpha }: Pick<DiffSettings, 'alpha'>): number {
  return GATE_SHARE * alpha;
}

/** How many pairs got worse, and how many better. */
export interface Change {
  readonly n: number;
  readonly up: number;
  readonly down: number;
  /** The share of production's requests that were bad already. */
  readonly base: number;
}

export type ChangeSettings = Pick<DiffSettings, 'alpha' | 'anytime' | 'margin' | 'minEffect' | 'minRatio'>;

export interface Judgement {
  /** The difference in excess of the noise, where there is a baseline. */
  readonly difference: number;
  /** Two-sided: of the test, of the noise, and of what comes in clusters, the largest. */
  readonly p: number;
  /** The upper end of the difference's 95 % interval. */
  readonly upper: number;
  readonly isLarge: boolean;
  /** Larger than by chance in most cases, and perhaps large enough to count. */
  readonly isSuspicious: boolean;
}

/** What else is known of a change. */
export interface Circumstances {
  /** Over the noise baseline. */
  readonly excess: Excess | undefined;
  /** Variance over what it would be if the pairs were independent, 1 or more. */
  readonly spread: number;
  /** How many questions are asked of the same pairs: p is corrected for them. */
  readonly questions: number;
}

export function judge(
  change: Change,
  settings: ChangeSettings,
  { excess, spread, questions }: Circumstances,
): Judgement {
  const { n, up, down, base } = change;
  const end = passBound(n, up, down, settings);
  const plain = (up - down) / n;
  const difference = excess?.difference ?? plain;
  // A sequence of looks has the wider end, noise its own.
  const upper =
    excess === undefined ? end : Math.max(excess.upperBound, settings.anytime ? end - plain + difference : -1);
  const least = Math.max(
    pairedP(up, down, settings),
    excess?.p ?? 0,
    spread > 1 ? clusteredP(change, difference, spread) : 0,
  );
  const p = Math.min(1, questions * least);
  const wide = Math.min(1, difference + (upper - difference) * Math.sqrt(spread));
  return {
    difference,
    p,
    upper: wide,
    isLarge: isLarge(difference, base, settings),
    isSuspicious: difference > 0 && p < SUSPICIOUS_P && mayBeLarge(difference, wide, base, settings),
  };
}

/** Whether a change is large in points, or by its factor over what production had. */
export function isLarge(difference: number, base: number, { minEffect, minRatio }: ChangeSettings): boolean {
  if (difference >= minEffect) return true;
  return minRatio !== undefined && difference > 0 && difference >= (minRatio - 1) * base;
}

/** The bound of a PASS looks after points; a factor has none of its own. */
function mayBeLarge(difference: number, upper: number, base: number, { minEffect, minRatio }: ChangeSettings): boolean {
  return difference >= minEffect || (minRatio !== undefined && upper >= (minRatio - 1) * base);
}

function clusteredP({ n, up, down }: Change, difference: number, spread: number): number {
  if (up + down === 0) return 1;
  const deviation = Math.sqrt(((up + down) / n) * (spread / n));
  return Math.min(1, 2 * normalCdf(-Math.abs(difference) / deviation));
}
