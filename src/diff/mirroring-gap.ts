/** A stretch of time in which production went on and nothing was mirrored, although it was before or after. */
import type { ProfileStep, TimeProfile } from './time-profile.ts';

export interface MirroringGap {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Production's requests in it. */
  readonly requests: number;
  /** 0–1: mirrored outside of it. */
  readonly shareElsewhere: number;
}

/** That many times likelier than chance, as natural logarithm: what sampling leaves out stands between what it takes. */
const MIN_EVIDENCE = 18;

/** The longest one; undefined where sampling or what is selected explains the pauses. */
export function findMirroringGap(profile: TimeProfile): MirroringGap | undefined {
  const steps = profile.steps();
  const sentOf = ({ pairs, unanswered }: ProfileStep) => pairs + unanswered;
  const sent = steps.reduce((sum, step) => sum + sentOf(step), 0);
  const all = steps.reduce((sum, step) => sum + step.notMirrored, sent);
  let longest: MirroringGap | undefined;
  let [fromMs, requests] = [Number.NaN, 0];
  for (const step of steps) {
    if (sentOf(step) > 0) {
      [fromMs, requests] = [Number.NaN, 0];
      continue;
    }
    if (Number.isNaN(fromMs)) fromMs = step.fromMs;
    requests += step.notMirrored;
    if (requests <= (longest?.requests ?? 0)) continue;
    longest = { fromMs, toMs: step.fromMs + profile.stepMs, requests, shareElsewhere: sent / (all - requests) };
  }
  if (longest === undefined || sent === 0) return undefined;
  const evidence = -longest.requests * Math.log(1 - Math.min(longest.shareElsewhere, 0.999));
  return evidence >= MIN_EVIDENCE ? longest : undefined;
}
