/** Where the rate of errors changed: parts of a timeline within which it may well have been the same. */
import type { TimelineState } from './timeline.ts';

/** Successive steps of one rate. */
export interface Part {
  readonly count: number;
  readonly errors: number;
  /** Epoch ms of its first and last error; null without one. */
  readonly since: number | null;
  readonly last: number | null;
}

/**
 * How much more likely (natural logarithm) two rates must make what was counted than one rate does. Of 3,200 logs that grew at
 * a constant rate and were looked at a hundred times each, the best of all places to cut passed 14 in three, 16 in none.
 */
const EVIDENCE = 16;

/**
 * Cuts a timeline where its rate of errors changed, and nowhere else: at a constant rate it is one part, however the errors fell.
 * Steps that are picked for being bad would by that alone look worse than what comes after. The cut is that of circular binary
 * segmentation (Olshen and others, 2004): of all stretches the one that differs most from what is around it, again and again.
 * A step in which the rate changed has something of both, and counts to the worse where it is itself at `limit`.
 */
export function partsOfOneRate({ counts, errors, firstErrors, lastErrors }: TimelineState, limit: number): Part[] {
  // Steps without events belong to whatever is around them.
  const steps = counts.flatMap((count, i) =>
    count === 0 ? [] : [{ count, errors: errors[i] ?? 0, since: firstErrors[i] ?? null, last: lastErrors[i] ?? null }],
  );
  const parts: Part[][] = [];
  divide(steps, parts);
  unite(parts);
  const rates = parts.map(rateOf);
  for (const [i, rate] of rates.entries()) {
    const [before, part, after] = [parts[i - 1], parts[i], parts[i + 1]];
    const [end, start] = [before?.at(-1), after?.[0]];
    if (end !== undefined && rate > (rates[i - 1] ?? rate) && isMixed(end, limit))
      part?.unshift(...(before?.splice(-1) ?? []));
    if (start !== undefined && rate > (rates[i + 1] ?? rate) && isMixed(start, limit))
      part?.push(...(after?.splice(0, 1) ?? []));
  }
  return parts.filter(({ length }) => length > 0).map(joined);
}

/** A single error is none of a change. */
function isMixed({ count, errors }: Part, limit: number): boolean {
  return errors > 1 && errors / count >= limit;
}

function rateOf(steps: readonly Part[]): number {
  const { count, errors } = joined(steps);
  return errors / count;
}

function divide(steps: Part[], parts: Part[][]): void {
  const cut = bestCut(steps);
  if (cut === undefined) {
    if (steps.length > 0) parts.push(steps);
    return;
  }
  const [from, to] = cut;
  for (const part of [steps.slice(0, from), steps.slice(from, to), steps.slice(to)]) divide(part, parts);
}

/** The stretch of steps, from and to, that differs most from the others, where that is no chance. */
function bestCut(steps: readonly Part[]): readonly [from: number, to: number] | undefined {
  const { count, errors } = joined(steps);
  if (errors === 0 || errors === count) return undefined;
  const alone = likelihood(count, errors);
  let best = EVIDENCE;
  let cut: readonly [number, number] | undefined;
  for (let from = 0; from < steps.length; from++) {
    let [within, failed] = [0, 0];
    for (let to = from + 1; to <= steps.length; to++) {
      within += steps[to - 1]?.count ?? 0;
      failed += steps[to - 1]?.errors ?? 0;
      if (within === count) break;
      const gain = likelihood(within, failed) + likelihood(count - within, errors - failed) - alone;
      if (gain <= best) continue;
      best = gain;
      cut = [from, to];
    }
  }
  return cut;
}

/**
 * Joins neighbours that do not differ by themselves, the most alike first: what is before a stretch and what is after it were
 * taken for one, and one of them may be cut off for what only the other shows.
 */
function unite(parts: Part[][]): void {
  while (parts.length > 1) {
    const gains = parts.slice(1).map((part, i) => gainOf(joined(parts[i] ?? []), joined(part)));
    const least = Math.min(...gains);
    if (least > EVIDENCE) return;
    const at = gains.indexOf(least);
    parts.splice(at, 2, [...(parts[at] ?? []), ...(parts[at + 1] ?? [])]);
  }
}

function gainOf(a: Part, b: Part): number {
  return (
    likelihood(a.count, a.errors) + likelihood(b.count, b.errors) - likelihood(a.count + b.count, a.errors + b.errors)
  );
}

/** The logarithm of the likelihood of so many errors, at the rate that makes it highest. */
function likelihood(count: number, errors: number): number {
  return errors === 0 || errors === count
    ? 0
    : errors * Math.log(errors / count) + (count - errors) * Math.log(1 - errors / count);
}

function joined(steps: readonly Part[]): Part {
  let [count, errors] = [0, 0];
  for (const step of steps) {
    count += step.count;
    errors += step.errors;
  }
  return {
    count,
    errors,
    since: steps.find(({ since }) => since !== null)?.since ?? null,
    last: steps.findLast(({ last }) => last !== null)?.last ?? null,
  };
}
