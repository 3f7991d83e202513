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

/** What of an SPOE line says what became of a request. */
export type SpoeLine = Pick<SpoeEvent, 'agent' | 'type' | 'name' | 'sid' | 'st'>;

/** As HAProxy writes it: `EVENT:on-frontend-http-request`, `GROUP:mirror`. */
export function eventName({ type, name }: Pick<SpoeEvent, 'type' | 'name'>): string {
  return `${type}:${name}`;
}

/** Events of a connection: none of them hands over a request. */
const OF_SESSIONS = ['EVENT:on-client-session', 'EVENT:on-server-session'];
/** Events of an answer: the agent hears of it, and what becomes of that says nothing of the request. */
const OF_ANSWERS = ['EVENT:on-http-response', 'EVENT:on-tcp-response'];

/** Streams that have a line of an event, and those of them of which it is the first line of all. */
export interface EventStreams {
  streams: number;
  first: number;
}

/** Whether an event is of answers: HAProxy says so of events, and a group of answers has its lines behind those of the request. */
export function isOfAnswers(name: string, { streams, first }: EventStreams): boolean {
  return OF_ANSWERS.includes(name) || (name.startsWith('GROUP:') && 2 * first < streams);
}

/** `on-frontend-http-request`, `GROUP:mirror` or `mirror`, as `--event` has it. */
export function isEvent(name: string, wanted: string): boolean {
  return name === wanted || name.slice(name.indexOf(':') + 1) === wanted;
}

/** Not every request is answered, and lines get lost. */
const NEARLY_ALL = 0.99;

/**
 * The one that was asked for; else the one that most of the paired requests have a line of, by name among equals. A group
 * whose lines are behind those of another event counts where hardly any pair has a line of that.
 * Undefined when none of them can have mirrored a request.
 */
export function chooseEvent(
  spoe: Pick<SpoeFacts, 'events' | 'streamsOf'>,
  pairsOf: (name: string) => number,
  wanted: string | null | undefined,
): string | undefined {
  if (wanted) return spoe.events.filter((name) => isEvent(name, wanted)).sort(compareTexts)[0];
  const counted = spoe.events
    .filter((name) => !OF_SESSIONS.includes(name) && !OF_ANSWERS.includes(name))
    .map((name) => ({ name, pairs: pairsOf(name) }))
    .sort((a, b) => b.pairs - a.pairs || compareTexts(a.name, b.name));
  const most = counted[0]?.pairs ?? 0;
  const alike = counted.filter(({ pairs }) => pairs >= NEARLY_ALL * most);
  return (alike.find(({ name }) => !isOfAnswers(name, spoe.streamsOf(name))) ?? alike[0])?.name;
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
  /** @param name one of `events` */
  streamsOf(name: string): EventStreams;
}

/** A pair was handed over, so HAProxy logged it: unless its line is not there. A few get lost on the way. */
export function isIncomplete(pairs: number, without: number): boolean {
  return without > Math.max(5, pairs / 100);
}
