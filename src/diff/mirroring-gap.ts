/** A stretch of time in which production went on and no request has an answer of the mirror, although others have. */
import type { TimeProfile } from './time-profile.ts';

export interface MirroringGap {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Production's requests in it. */
  readonly requests: number;
  /** 0–1: answered outside of it. */
  readonly shareElsewhere: number;
}

/** That many times likelier than chance, as natural logarithm: what sampling leaves out stands between what it takes. */
const MIN_EVIDENCE = 18;

/** The longest one; undefined where sampling or what is selected explains the pauses. */
export function findMirroringGap(profile: TimeProfile): MirroringGap | undefined {
  const steps = profile.steps();
  const answered = steps.reduce((sum, step) => sum + step.pairs, 0);
  const all = steps.reduce((sum, step) => sum + step.unanswered + step.notMirrored, answered);
  let longest: MirroringGap | undefined;
  let [fromMs, requests] = [Number.NaN, 0];
  for (const step of steps) {
    if (step.pairs > 0) {
      [fromMs, requests] = [Number.NaN, 0];
      continue;
    }
    if (Number.isNaN(fromMs)) fromMs = step.fromMs;
    requests += step.unanswered + step.notMirrored;
    if (requests <= (longest?.requests ?? 0)) continue;
    longest = { fromMs, toMs: step.fromMs + profile.stepMs, requests, shareElsewhere: answered / (all - requests) };
  }
  if (longest === undefined || answered === 0) return undefined;
  const evidence = -longest.requests * Math.log(1 - Math.min(longest.shareElsewhere, 0.999));
  return evidence >= MIN_EVIDENCE ? longest : undefined;
}
