/** Sides that cannot be what they were given as: exchanged, or the same on both. What was read tells, whatever they are called. */
import { inputName } from '../logs/read.ts';
import type { InputContent, SideFacts } from './sides.ts';

/** Two inputs that hold the same lines though they must not; undefined without such. */
export interface SameContent {
  readonly first: string;
  readonly second: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Of production and the mirror, or of the mirror and the noise. */
export function sameContent(facts: readonly SideFacts[]): SameContent | undefined {
  const contentsOf = (wanted: string) =>
    facts
      .filter(({ inputs }) => inputs.some(({ role }) => role === wanted))
      .flatMap(({ contents }) => [...contents].flatMap(contentName));
  for (const [one, other, hint] of APART) {
    const known = new Map(contentsOf(one));
    for (const [name, second] of contentsOf(other)) {
      const first = known.get(name);
      if (first !== undefined) return { first, second, hint };
    }
  }
  return undefined;
}

/** What to do about it. */
export const SAME_HINT = "--mirror takes the agent's record or the log of the mirrored server";
export const SAME_NOISE_HINT = "--mirror-noise takes the record of an agent whose mirror runs production's version";
const APART = [
  ['production', 'mirror', SAME_HINT],
  ['mirror', 'baseline', SAME_NOISE_HINT],
] as const;

/** In words, why noise is given once; undefined when it is. */
export function noiseTwice(hasFiles: boolean, baselineDestination: string | undefined): string | undefined {
  if (!hasFiles || baselineDestination === undefined) return undefined;
  return '--mirror-noise and --baseline-destination both say what is noise: give one of them';
}

/** Its lines as a name; nothing for an input without requests. */
function contentName([path, { requests, low, high }]: readonly [string, InputContent]): [string, string][] {
  return requests === 0 ? [] : [[`${requests} ${low} ${high}`, path]];
}

/** In words. */
export function describeSame(first: string, second: string): string {
  const both = first === second ? inputName(first) : `${inputName(first)} and ${inputName(second)}`;
  return `${both} ${first === second ? 'is' : 'hold the same lines:'} on both sides: a log compared with itself says nothing`;
}

/** Undefined when the sides may be what they are said to be. */
export function exchangeOf(facts: readonly SideFacts[]): string | undefined {
  const inputs = facts.flatMap((side) => side.inputs);
  const record = inputs.find(({ role, format }) => role === 'production' && format === 'agent-jsonl');
  const isRecord = ({ role, format }: (typeof inputs)[number]) => role === 'mirror' && format === 'agent-jsonl';
  // Two records may well be compared: one of each version.
  if (record !== undefined && record.parsed + (record.answers ?? 0) > 0 && !inputs.some(isRecord)) {
    return `${inputName(record.path)} is the agent's record of what the mirror answered`;
  }
  const linesOf = (role: string) =>
    facts.reduce((sum, side) => sum + (side.inputs.some((input) => input.role === role) ? side.agentLines : 0), 0);
  if (linesOf('mirror') === 0 || linesOf('production') + linesOf('spoe') > 0) return undefined;
  const log = inputs.find(({ role }) => role === 'mirror');
  return log && `${inputName(log.path)} has the SPOE lines of the HAProxy that mirrors`;
}
