/** Which verdict on errors comes first if things go on as they are, and with how many pairs. */
import { pairedP } from './comparison.ts';
import type { DiffSettings } from './model.ts';
import { fewest, neededPairs, provingPairs, scaled } from './plan.ts';
import { type Change, isLarge, judge, SUSPICIOUS_P } from './regression.ts';

export type Outlook =
  /** So many pairs in all; not more than there are where it is so already. */
  | { readonly leadsTo: 'pass' | 'fail'; readonly pairs: number }
  /** No number of pairs that is worth waiting for decides. */
  | { readonly leadsTo: 'nothing' }
  /** Noise, bursts and clusters do not go on by a rate. */
  | { readonly leadsTo: 'unknown' };

/** Nobody waits for more. */
const MOST_MISSING = 10_000_000;
/** What was seen of few pairs says little about so many times as many, */
const MOST_TIMES = 100;
/** but this is no long time for anybody. */
const FEW = 10_000;

/** What is thought of the errors so far; null where there are no pairs. */
interface Assessed {
  readonly difference: number;
  readonly significance: number;
  readonly isSuspicious: boolean;
  readonly bursts: readonly unknown[];
}

/** @param change of errors, which may be of no pairs at all */
export function outlookOf(change: Change, assessed: Assessed | null, settings: DiffSettings): Outlook {
  const { n, up, down, base } = change;
  const rates = n === 0 ? { up: 0, down: 0 } : { up: up / n, down: down / n };
  const isPlain = assessed === null || isPlainOf(change, assessed, settings);
  const decides = settings.gates?.includes('regression') ?? true;
  if (!decides || !(isPlain || assessed.isSuspicious)) {
    return within(change, 'pass', neededPairs(rates, settings), settings);
  }
  if (!isPlain) return { leadsTo: 'unknown' };
  const isOpen = assessed?.isSuspicious === true;
  const difference = rates.up - rates.down;
  const isRise = difference > 0 && isLarge(difference, base, settings);
  const at = (pairs: number) =>
    judge({ ...scaled(pairs, rates), base }, settings, { excess: undefined, spread: 1, questions: 1 });
  const isEnough = (pairs: number) => {
    const { upper } = at(pairs);
    const { margin, minRatio } = settings;
    return upper <= margin && (minRatio === undefined || upper < (minRatio - 1) * base);
  };
  // Within the margin, and then either too likely by chance to doubt it, or surely too small to count.
  const soon = neededPairs(rates, settings);
  const late = isRise || difference >= settings.margin ? null : fewest(isEnough);
  const isFine = (pairs: number) => {
    const { p, isSuspicious } = at(pairs);
    // Whole errors make a rise at the edge a small one here and a large one there: it is the one that it is.
    return difference <= 0 || (isRise ? p >= SUSPICIOUS_P : !isSuspicious);
  };
  const passing = [soon, late].find((pairs) => pairs !== null && isFine(pairs) && (!isOpen || pairs > n));
  const failing = isRise ? provingPairs(rates, settings) : null;
  if (typeof passing === 'number' && (failing === null || passing < failing)) {
    return within(change, 'pass', passing, settings);
  }
  return within(change, 'fail', failing, settings);
}

/** Whether what is thought of errors is what the numbers of pairs say by themselves. */
function isPlainOf({ n, up, down }: Change, assessed: Assessed, settings: DiffSettings): boolean {
  const { significance, difference, bursts } = assessed;
  return significance === pairedP(up, down, settings) && difference === (up - down) / n && bursts.length === 0;
}

function within(
  { n, up, down }: Change,
  leadsTo: 'pass' | 'fail',
  least: number | null,
  { minPairs }: DiffSettings,
): Outlook {
  if (least === null) return { leadsTo: 'nothing' };
  const pairs = leadsTo === 'pass' ? Math.max(least, minPairs) : least;
  const most = up + down === 0 ? MOST_MISSING : Math.min(MOST_MISSING, Math.max(FEW, MOST_TIMES * n));
  return pairs - n > most ? { leadsTo: 'nothing' } : { leadsTo, pairs };
}

/**
 * The end of a sentence, with what leads to it; empty where nothing can be said.
 * @param n pairs so far @param proven what is proven by a FAIL
 */
export function outlookWords(outlook: Outlook, n: number, proven: string): string {
  const { leadsTo } = outlook;
  if (leadsTo === 'unknown') return '';
  if (leadsTo === 'nothing') return 'more pairs of such rates will hardly decide';
  const missing = outlook.pairs - n;
  if (missing <= 0) return '';
  const more =
    leadsTo === 'pass' ? `a PASS needs ${missing} more pairs` : `some ${roundedUp(missing)} more pairs prove ${proven}`;
  return `if it goes on like this, ${more}`;
}

/** To two digits: nothing goes on exactly like this. */
function roundedUp(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / unit) * unit;
}
