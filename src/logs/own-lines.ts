/**
 * What HAProxy logs about itself between the lines of requests: servers that go down and come up, proxies that stop.
 * Taken from its source (src/server.c, src/proxy.c of 2.6 to 3.3). Anchored as everything: right after the line's header.
 */
import { openFirst } from './line.ts';
import type { HeaderTime, LineHeader } from './record.ts';

/** Servers that are followed, those of each host apart. */
const MAX_SERVERS = 64;
/** Backends whose name says that they are an agent's: they are followed before others. */
const AGENTS = /spo[aep]|agent|mirror|coraza|waf/i;
const LONGEST_REASON = 200;

export interface ServerState {
  /** BACKEND/SERVER, or BACKEND alone where all that is known is that it has none. */
  readonly name: string;
  /** The host of the line's header; absent where it has none. */
  readonly host?: string;
  readonly isUp: boolean;
  /** Epoch ms since when; null without a time. */
  readonly since: number | null;
  /** HAProxy's words behind `reason:`, with its info. */
  readonly reason: string | null;
  /** Active and backup servers left in the backend; null where the line does not say. */
  readonly left: number | null;
  /** Since when a server was down before it came up; null when it was not, or that is not known. */
  readonly downSince: number | null;
}

export interface OwnLinesState {
  readonly servers: readonly ServerState[];
  /** Proxies that stopped, and when the last one did. */
  readonly stops: number;
  readonly lastStop: number | null;
}

/** The content of one of HAProxy's own lines. */
export type OwnLine = (
  | {
      readonly kind: 'server';
      readonly name: string;
      readonly isUp: boolean;
      readonly reason: string | null;
      readonly left: number | null;
    }
  | { readonly kind: 'stop' }
) & { readonly time: HeaderTime | undefined; readonly host?: string | undefined };

/** Whether a server or backend is an agent's, as far as its name tells. */
export function isAgentsName(name: string): boolean {
  return AGENTS.test(name);
}

/** Words that such a line begins with; both scanners look for them. */
const MAY_BE = /(?:^|[ >":])(?:Server [^ /]+\/|Stopping )/;
// The start of a message; on standard error, `[WARNING]  (31) : ` stands before it.
const START = /^(?:\[(?:WARNING|ALERT|NOTICE)\] +(?:\d\S* +)?\(\d+\) : )?(?:Backup )?/;
const SERVER =
  /^Server ([^\s/]{1,200}\/[^\s/]{1,200}) (?:\('[^']*'\) )?(is DOWN|is going DOWN|was DOWN|is UP|is stopping|enters drain)\b(.*)$/s;
const REASON = /reason: ([^,]+(?:, code: \d+)?(?:, info: "(?:[^"\\]|\\.)*")?)/;
const LEFT = /(\d+) active and (\d+) backup servers? left/;
const NO_SERVER = /^(?:backend|proxy) ([^\s/]{1,200}) has no server available!/;
const STOP = /^Stopping (?:proxy|frontend|backend|listener|\S+) \S+|^Proxy \S+ stopped \(cumulated conns: /;

/** Reads one of HAProxy's own lines; undefined for every other line. */
export function readOwnLine(line: string): OwnLine | undefined {
  if (!MAY_BE.test(line)) return undefined;
  const { header, message } = openFirst(line);
  const text = withoutStart(message);
  const { time, host } = header;
  if (STOP.test(text)) return { kind: 'stop', time, host };
  const match = SERVER.exec(text);
  if (match === null) return undefined;
  const [, name = '', what, rest = ''] = match;
  const reason =
    REASON.exec(rest)?.[1]?.slice(0, LONGEST_REASON) ??
    (what === 'is UP' ? null : `it ${what}${rest}`.slice(0, LONGEST_REASON));
  const counts = LEFT.exec(rest);
  const left = counts === null ? null : Number(counts[1]) + Number(counts[2]);
  return { kind: 'server', name, isUp: what === 'is UP', reason, left, time, host };
}

/**
 * The message of the last line of an input, which is asked for what begins with other letters too: a proxy that stopped, a
 * backend without a server. Looking for those letters in each line would cost as much as all the rest.
 */
export function readLastOwnLine({ time, host }: LineHeader, message: string): OwnLine | undefined {
  const text = withoutStart(message);
  if (STOP.test(text)) return { kind: 'stop', time, host };
  const name = NO_SERVER.exec(text)?.[1];
  return name === undefined ? undefined : { kind: 'server', name, isUp: false, reason: null, left: 0, time, host };
}

function withoutStart(message: string): string {
  return message.slice(START.exec(message)?.[0].length ?? 0);
}

/** Counts HAProxy's own lines. */
export class OwnLines {
  readonly #servers = new Map<string, ServerState>();
  #stops = 0;
  #lastStop: number | null = null;

  add(line: OwnLine, timeMs: number | undefined): void {
    const time = timeMs ?? null;
    if (line.kind === 'stop') this.#addStops(1, time);
    else {
      const { name, host, isUp, reason, left } = line;
      this.#addServer({ name, ...(host !== undefined && { host }), isUp, since: time, reason, left });
    }
  }

  #addStops(count: number, time: number | null): void {
    this.#stops += count;
    this.#lastStop = time === null ? this.#lastStop : Math.max(time, this.#lastStop ?? time);
  }

  #addServer(server: Omit<ServerState, 'downSince'>): void {
    const { isUp, since, reason } = server;
    const key = keyOf(server);
    const before = this.#servers.get(key);
    if (before === undefined && !this.#makeRoom(server)) return;
    if (before?.isUp === isUp && !isUp) return;
    const downSince = isUp && before?.isUp === false ? before.since : (before?.downSince ?? null);
    this.#servers.set(key, { ...server, since, reason: isUp ? (before?.reason ?? null) : reason, downSince });
    // A backend with a server that is up is not without one.
    if (isUp) this.#servers.delete(keyOf({ ...server, name: backendOf(server.name) }));
  }

  /** An agent's server takes the place of another one. */
  #makeRoom({ name }: Pick<ServerState, 'name'>): boolean {
    if (this.#servers.size < MAX_SERVERS) return true;
    if (!isAgentsName(name)) return false;
    const other = [...this.#servers].find(([, server]) => !isAgentsName(server.name))?.[0];
    return other !== undefined && this.#servers.delete(other);
  }

  /** The state, with servers by name. */
  toState(): OwnLinesState {
    const servers = [...this.#servers.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return { servers, stops: this.#stops, lastStop: this.#lastStop };
  }

  /** Appends what came after. */
  merge({ servers, stops, lastStop }: OwnLinesState): void {
    if (stops > 0) this.#addStops(stops, lastStop);
    for (const server of servers) {
      const { downSince, ...now } = server;
      this.#addServer(now);
      const key = keyOf(server);
      const merged = this.#servers.get(key);
      if (merged !== undefined && downSince !== null)
        this.#servers.set(key, { ...merged, downSince, reason: server.reason });
    }
  }
}

/** The host behind the name: states are in order of names. */
function keyOf({ name, host = '' }: Pick<ServerState, 'name' | 'host'>): string {
  return `${name} ${host}`;
}

/** `agents` of `agents/a1`. */
export function backendOf(name: string): string {
  return name.split('/', 1)[0] ?? name;
}
