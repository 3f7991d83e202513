/** HAProxy's own messages about the servers of agents: they outrank what the events only suggest. */
import { backendOf, isAgentsName, type ServerState } from '../logs/own-lines.ts';
import type { LineTally } from '../logs/tally.ts';
import { describePattern, FailurePattern } from '../status/patterns.ts';
import { timeText } from '../text/times.ts';
import type { Aggregator } from './aggregator.ts';
import type { Cause, Group } from './model.ts';
import { hasStopped } from './silence.ts';
import type { Judgement } from './verdict.ts';

/** A server down for longer before the trouble than this has nothing to do with it. */
const NEAR_MS = 120_000;
/** Room for an event that was under way, and for clocks of whole seconds. */
const SLACK_MS = 2000;
/** The shortest name of an agent that is looked for: shorter ones are part of many words. */
const TELLING_NAME = 3;

export interface ServersEvidence {
  readonly aggregator: Aggregator;
  readonly total: Group;
  readonly lines: LineTally;
}

/** A cause, and whether the failures of the log may be of it: a server of a host on which nothing failed explains none. */
export interface ServerCause extends Cause {
  readonly explains: boolean;
}

/** Agents' servers first: of other backends only those that may be an agent's by another name. */
export function findServers({ status, since }: Judgement, evidence: ServersEvidence): ServerCause[] {
  const { total } = evidence;
  const servers = serversOf(evidence);
  const ofAgents = servers.filter((server) => isAgents(server, evidence));
  const others = servers.filter((server) => !ofAgents.includes(server));
  const isWell = status === 'healthy' || status === 'unknown';
  const causes = ofAgents.flatMap((server): ServerCause[] => {
    if (!server.isUp)
      return [
        {
          code: 'server-down',
          message: describeDown(server, evidence),
          next: describePattern(FailurePattern.noAgentServer).next,
          explains: hasFailures(server, evidence),
        },
      ];
    const { downSince, since: upSince, reason } = server;
    if (downSince === null || upSince === null || isWell) return [];
    const times = `from ${timeText(downSince)} to ${timeText(upSince)}${reasonOf(reason)}`;
    const message = `${says(server, evidence)}: server ${server.name} was DOWN ${times}`;
    return [{ code: 'server-was-down', message, earlier: true, explains: false }];
  });
  if (causes.some(({ earlier }) => earlier !== true) || !isWithoutServer(total)) return causes;
  // Another backend may also be the agents': one that has no server left when events fail for want of one.
  const near = others.find(
    ({ isUp, left, since: when }) =>
      !isUp && left === 0 && since !== null && when !== null && Math.abs(since - when) <= NEAR_MS,
  );
  if (near === undefined) return causes;
  const next = `See whether ${backendOf(near.name)} is the agents' backend: then start the agent. ${describePattern(FailurePattern.noServerOrClosed).next}`;
  return [{ code: 'server-down', message: describeDown(near, evidence), next, explains: true }, ...causes];
}

/** A backend of agents that has no server left now, as far as the log tells. */
interface EmptyBackend {
  readonly since: number | null;
  /** `HAProxy says: no server is left in agents`, with the host where there are several. */
  readonly message: string;
  readonly reason: string;
}

/**
 * The backend without a server; undefined where a server came up since, another process took over, or events went well on that
 * host all the same.
 */
function findEmptyBackend(evidence: ServersEvidence): EmptyBackend | undefined {
  const { lastStop } = evidence.lines.own.toState();
  const servers = serversOf(evidence);
  const empty = servers.find((server) => {
    const { isUp, left, since } = server;
    if (isUp || left !== 0 || !isAgents(server, evidence)) return false;
    if (since !== null && lastStop !== null && lastStop >= since) return false;
    const isUpAgain = servers.some(
      (other) =>
        other.isUp &&
        other.host === server.host &&
        backendOf(other.name) === backendOf(server.name) &&
        (since === null || other.since === null || other.since >= since),
    );
    return !isUpAgain && !wentWellAfter(server, evidence);
  });
  if (empty === undefined) return undefined;
  const backend = backendOf(empty.name);
  return {
    since: empty.since,
    message: `${says(empty, evidence)}: no server is left in ${backend}`,
    reason: describeDown(empty, evidence),
  };
}

/** HAProxy's own messages about now. */
interface OwnWords {
  /** The words for the first line. */
  readonly words: string;
  readonly judgement: Partial<Judgement>;
}

/** It outranks events of before: agents without a server get nothing, and of a process that stopped no more is known. */
export function findOwnWords(evidence: ServersEvidence, judged: Judgement): OwnWords | undefined {
  const empty = findEmptyBackend(evidence);
  if (empty !== undefined) {
    const isKnown = judged.status === 'failing' && judged.since !== null;
    const reasons = [empty.reason, ...judged.reasons];
    const since = isKnown ? judged.since : empty.since;
    return { words: empty.message, judgement: { status: 'failing', since, until: null, reasons } };
  }
  const at = evidence.lines.endsInStop?.timeMs ?? null;
  const { until = Number.POSITIVE_INFINITY } = evidence.aggregator.options.filter ?? {};
  if (!hasStopped(evidence.lines) || (at ?? 0) >= until) return undefined;
  const words = 'HAProxy says that it stopped';
  const reason = `${words}${at === null ? '' : ` at ${timeText(at)}`}: nothing is known of what came after`;
  const status = judged.status === 'failing' ? 'failing' : 'unknown';
  return { words, judgement: { status, reasons: [reason, ...judged.reasons] } };
}

/** Servers of the hosts and the time that the filters leave in. */
function serversOf({ aggregator, lines }: ServersEvidence): readonly ServerState[] {
  const { hosts, until = Number.POSITIVE_INFINITY } = aggregator.options.filter ?? {};
  return lines.own.toState().servers.filter(({ host, since }) => {
    const isOfHost = hosts === undefined || (host !== undefined && hosts.has(host));
    return isOfHost && (since === null || since < until);
  });
}

function isAgents({ name }: ServerState, { aggregator }: ServersEvidence): boolean {
  if (isAgentsName(name)) return true;
  const backend = backendOf(name).toLowerCase();
  return [...aggregator.sources.values()].some(
    ({ key }) => key.agent.length >= TELLING_NAME && backend.includes(key.agent.toLowerCase()),
  );
}

/** Sources of the host a line is of; all sources where events name no host, or another one. */
function sourcesOf({ host }: ServerState, { aggregator }: ServersEvidence) {
  const all = [...aggregator.sources.values()];
  const own = all.filter(({ key }) => key.host === host);
  return own.length > 0 || hostsOf(aggregator).size > 1 ? own : all;
}

/** Every agent of the host had an event that went well since: the backend is no agent's, or has other servers. */
function wentWellAfter(server: ServerState, evidence: ServersEvidence): boolean {
  const { since } = server;
  if (since === null) return false;
  const agents = new Map<string, boolean>();
  for (const { key, tally } of sourcesOf(server, evidence))
    agents.set(key.agent, agents.get(key.agent) === true || tally.wentWellAfter(since + SLACK_MS));
  return agents.size > 0 && [...agents.values()].every((isWell) => isWell);
}

function hasFailures(server: ServerState, evidence: ServersEvidence): boolean {
  return sourcesOf(server, evidence).some(({ tally }) => tally.errors > 0);
}

/** Failures of the kind that an empty backend makes. */
function isWithoutServer({ status, errors }: Group): boolean {
  const count = status.reduce((sum, { st, count: times }) => (WITHOUT_SERVER.includes(st) ? sum + times : sum), 0);
  return errors > 0 && count * 2 >= errors;
}

/** The codes for a missing server: of HAProxy <= 3.0, and of >= 3.1. */
const WITHOUT_SERVER: readonly number[] = [2, 257];

function hostsOf(aggregator: Aggregator): ReadonlySet<string | undefined> {
  return new Set([...aggregator.sources.values()].map(({ key }) => key.host));
}

/** The host is named where there are several. */
function says({ host }: ServerState, evidence: ServersEvidence): string {
  const hosts = new Set([...hostsOf(evidence.aggregator), ...serversOf(evidence).map((server) => server.host)]);
  return hosts.size > 1 && host !== undefined ? `HAProxy on ${host} says` : 'HAProxy says';
}

function describeDown(server: ServerState, evidence: ServersEvidence): string {
  const { name, since, reason, left } = server;
  const backend = backendOf(name);
  const when = since === null ? '' : ` since ${timeText(since)}`;
  if (backend === name) return `${says(server, evidence)}: backend ${name} has no server available${when}`;
  const others = left === null ? '' : left === 0 ? `; no server is left in ${backend}` : `; ${left} left in ${backend}`;
  return `${says(server, evidence)}: server ${name} is DOWN${when}${reasonOf(reason)}${others}`;
}

function reasonOf(reason: string | null): string {
  return reason === null ? '' : `, reason: ${reason}`;
}
