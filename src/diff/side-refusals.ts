/** Sides that cannot be what they were given as: exchanged, or the same on both. What was read tells, whatever they are called. */
import { inputName } from '../logs/read.ts';
import type { InputContent, SideFacts } from './sides.ts';

/** An input of production and one of the mirror that hold the same lines; undefined without such. */
export function sameContent(
  facts: readonly SideFacts[],
): { readonly production: string; readonly mirror: string } | undefined {
  const contentsOf = (wanted: string) =>
    facts
      .filter(({ inputs }) => inputs.some(({ role }) => role === wanted))
      .flatMap(({ contents }) => [...contents].flatMap(contentName));
  const known = new Map(contentsOf('production'));
  for (const [name, mirror] of contentsOf('mirror')) {
    const production = known.get(name);
    if (production !== undefined) return { production, mirror };
  }
  return undefined;
}

/** Its lines as a name; nothing for an input without requests. */
function contentName([path, { requests, low, high }]: readonly [string, InputContent]): [string, string][] {
  return requests === 0 ? [] : [[`${requests} ${low} ${high}`, path]];
}

/** In words. */
export function describeSame(production: string, mirror: string): string {
  const both = production === mirror ? inputName(production) : `${inputName(production)} and ${inputName(mirror)}`;
  return `${both} ${production === mirror ? 'is' : 'hold the same lines:'} on both sides: a log compared with itself says nothing`;
}

/** What to do about it. */
export const SAME_HINT = "--mirror takes the agent's record or the log of the mirrored server";

/** Undefined when the sides may be what they are said to be. */
export function exchangeOf(facts: readonly SideFacts[]): string | undefined {
  const inputs = facts.flatMap((side) => side.inputs);
  const record = inputs.find(({ role, format }) => role === 'production' && format === 'agent-jsonl');
  const isRecord = ({ role, format }: (typeof inputs)[number]) => role === 'mirror' && format === 'agent-jsonl';
  // Two records may well be compared: one of each version.
  if (record !== undefined && record.parsed > 0 && !inputs.some(isRecord)) {
    return `${inputName(record.path)} is the agent's record of what the mirror answered`;
  }
  const linesOf = (role: string) =>
    facts.reduce((sum, side) => sum + (side.inputs.some((input) => input.role === role) ? side.agentLines : 0), 0);
  if (linesOf('mirror') === 0 || linesOf('production') + linesOf('spoe') > 0) return undefined;
  const log = inputs.find(({ role }) => role === 'mirror');
  return log && `${inputName(log.path)} has the SPOE lines of the HAProxy that mirrors`;
}
