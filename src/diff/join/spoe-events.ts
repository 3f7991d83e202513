/** Which event of an agent hands requests to the mirror: a stream has lines of others besides. */
import type { SpoeEvent } from '../../logs/record.ts';
import { compareTexts } from '../transitions.ts';

/** More than a configuration has; lines of what is beyond are of no event that mirrors. */
export const MAX_EVENTS = 32;

/** Other agents than the one that mirrors, named in a warning. */
const MAX_OTHER_AGENTS = 20;

/** Keeps those that come first by name, so that the order of lines does not matter. */
export function addOtherAgent(agents: Set<string>, agent: string): void {
  if (agents.has(agent)) return;
  agents.add(agent);
  if (agents.size > MAX_OTHER_AGENTS) agents.delete([...agents].sort().at(-1) as string);
}

/** As HAProxy writes it: `EVENT:on-frontend-http-request`, `GROUP:mirror`. */
export function eventName({ type, name }: SpoeEvent): string {
  return `${type}:${name}`;
}

/** Events of a connection: none of them hands over a request. */
const OF_SESSIONS = ['EVENT:on-client-session', 'EVENT:on-server-session'];

/** `on-frontend-http-request`, `GROUP:mirror` or `mirror`, as `--event` has it. */
export function isEvent(name: string, wanted: string): boolean {
  return name === wanted || name.slice(name.indexOf(':') + 1) === wanted;
}

/**
 * The one that was asked for; else the one that most of the paired requests have a line of, by name among equals.
 * Undefined when none of them can have mirrored a request.
 */
export function chooseEvent(
  names: readonly string[],
  pairsOf: (name: string) => number,
  wanted: string | null | undefined,
): string | undefined {
  if (wanted) return names.filter((name) => isEvent(name, wanted)).sort(compareTexts)[0];
  const counted = names
    .filter((name) => !OF_SESSIONS.includes(name))
    .map((name) => ({ name, pairs: pairsOf(name) }))
    .sort((a, b) => b.pairs - a.pairs || compareTexts(a.name, b.name));
  return counted[0]?.name;
}

/** What SPOE lines of the agent that mirrors say about all of its requests. */
export interface SpoeFacts {
  readonly agent: string;
  /** Lines of the agent, and those of them that say that it failed. */
  readonly lines: number;
  readonly failed: number;
  readonly otherAgents: ReadonlySet<string>;
  /** Lines say of which process they are, and none is missing of what is known to have been handed over. */
  readonly isUsable: boolean;
  /** Pairs that have no line although others have: how many of how many. */
  readonly incomplete: { readonly pairs: number; readonly without: number } | undefined;
  readonly events: readonly string[];
}

/** A pair was handed over, so HAProxy logged it: unless its line is not there. A few get lost on the way. */
export function isIncomplete(pairs: number, without: number): boolean {
  return without > Math.max(5, pairs / 100);
}
