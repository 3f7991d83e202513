/**
 * The division of the file descriptors that a process may have: HAProxy's connections, those to the mirror and those of
 * --admin each have their own, so that none of them takes another's, and some are left for files, names and the system.
 */
import { readFileSync } from 'node:fs';
import { DEFAULT_CONNECTIONS } from '../../mirror/options.ts';
import { AgentError } from '../../spoa/errors.ts';
import { type AgentLimits, DEFAULT_LIMITS } from '../../spoa/limits.ts';
import type { MirrorAgentOptions } from './options.ts';

/** The users of file descriptors, and the numbers they want. */
export interface DescriptorNeeds {
  readonly workers: number;
  readonly destinations: number;
  /** Connections to each destination. */
  readonly connections: number;
  readonly admin: boolean;
  readonly otel: boolean;
}

export interface DescriptorPlan {
  /** File descriptors that a process may have; undefined where the system does not say. */
  readonly limit: number | undefined;
  /** The number of file descriptors with which each user has all that it wants. */
  readonly wanted: number;
  /** HAProxy's connections in each worker. */
  readonly haproxy: Pick<AgentLimits, 'maxConnections' | 'maxLeaving'>;
  /** Connections that are accepted and not yet handed to a worker. */
  readonly maxWaiting: number;
  /** Connections to each destination, in each worker. */
  readonly mirrorConnections: number;
  readonly adminConnections: number;
}

/** File descriptors for standard streams, event loop, log, record, name look-ups and the channel to the other processes. */
const OWN = 40;
/** File descriptors for connections to a collector. */
const OTEL = 8;
const MAX_ADMIN = 64;
const MAX_WAITING = 256;
/** The least with which the agent is of use. */
const MIN_ADMIN = 4;
const MIN_HAPROXY = 4;

export function descriptorNeeds({ urls, mirror, admin, otel }: MirrorAgentOptions, workers: number): DescriptorNeeds {
  const { connections = DEFAULT_CONNECTIONS } = mirror;
  return { workers, destinations: urls.length, connections, admin: admin !== undefined, otel };
}

/** The limit that the system sets this process now: Node has raised the soft limit to the hard one as it started. */
export function readFileLimit(): number | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** @throws AgentError `start` when there are too few for the least */
export function planDescriptors(limit: number | undefined, needs: DescriptorNeeds): DescriptorPlan {
  const { workers, destinations, connections, admin, otel } = needs;
  const own = OWN + workers + (otel ? OTEL : 0);
  const toMirror = destinations * connections;
  const haproxy = DEFAULT_LIMITS.maxConnections + DEFAULT_LIMITS.maxLeaving;
  const wanted = own + (admin ? MAX_ADMIN : 0) + toMirror + haproxy;
  const least = own + (admin ? MIN_ADMIN : 0) + destinations + MIN_HAPROXY;
  if (limit !== undefined && limit < least) {
    throw new AgentError('start', `${limit} file descriptors are too few: at least ${least} are needed, ${RAISE}`);
  }
  const all = (limit ?? wanted) - own;
  const adminConnections = admin ? between(MIN_ADMIN, Math.floor(all / 8), MAX_ADMIN) : 0;
  const room = all - adminConnections;
  const mirrorConnections =
    destinations === 0 ? connections : between(1, Math.floor(room / 2 / destinations), connections);
  const left = room - destinations * mirrorConnections;
  const spare = Math.max(Math.floor(left / 8), left - DEFAULT_LIMITS.maxConnections);
  const maxLeaving = between(1, spare, DEFAULT_LIMITS.maxLeaving);
  return {
    limit,
    wanted,
    haproxy: { maxConnections: Math.min(left - maxLeaving, DEFAULT_LIMITS.maxConnections), maxLeaving },
    maxWaiting: Math.min(room, MAX_WAITING),
    mirrorConnections,
    adminConnections,
  };
}

const RAISE = 'raise LimitNOFILE= of the unit, or ulimit -n';

/** The log line of the start when there are fewer than wanted; undefined when there are enough. */
export function describeShortage(
  { limit, wanted, haproxy: { maxConnections }, mirrorConnections }: DescriptorPlan,
  { connections, destinations }: DescriptorNeeds,
): string | undefined {
  if (limit === undefined || limit >= wanted) return undefined;
  const parts = [
    ...(maxConnections < DEFAULT_LIMITS.maxConnections
      ? [`${maxConnections} instead of ${DEFAULT_LIMITS.maxConnections} connections of HAProxy in each worker`]
      : []),
    ...(destinations > 0 && mirrorConnections < connections
      ? [`${mirrorConnections} instead of ${connections} to each mirror`]
      : []),
  ];
  if (parts.length === 0) return undefined;
  return `${limit} file descriptors are few, ${wanted} are wanted: ${parts.join(', ')}; ${RAISE}`;
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
