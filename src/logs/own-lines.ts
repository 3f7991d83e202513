/**
 * What HAProxy logs about itself between the lines of requests: servers that go down and come up, proxies that stop.
 * Taken from its source (src/server.c, src/proxy.c of 2.6 to 3.3). Anchored as everything: right after the line's header.
 */
import { openFirst } from './line.ts';
import type { HeaderTime } from './record.ts';

/** Servers that are followed. */
const MAX_SERVERS = 64;
const LONGEST_REASON = 200;

export interface ServerState {
  /** BACKEND/SERVER */
  readonly name: string;
  readonly isUp: boolean;
  /** Epoch ms since when; null without a time. */
  readonly since: number | null;
  /** HAProxy's words behind `reason:`, with its info. */
  readonly reason: string | null;
  /** Active and backup servers left in the backend; null where the line does not say. */
  readonly left: number | null;
  /** Since when it was down before it came up; null when it was not, or that is not known. */
  readonly downSince: number | null;
}

export interface OwnLinesState {
  readonly servers: readonly ServerState[];
  /** Proxies that stopped, and when the last one did. */
  readonly stops: number;
  readonly lastStop: number | null;
}

/** What one such line says. */
export type OwnLine = (
  | {
      readonly kind: 'server';
      readonly name: string;
      readonly isUp: boolean;
      readonly reason: string | null;
      readonly left: number | null;
    }
  | { readonly kind: 'stop' }
) & { readonly time: HeaderTime | undefined };

/** Words that such a line begins with; both scanners look for them. */
const MAY_BE = /(?:^|[ >":])(?:Server [^ /]+\/|Stopping )/;
// On standard error, `[WARNING]  (31) : ` stands before it.
const START = /^(?:\[(?:WARNING|ALERT|NOTICE)\] +(?:\d\S* +)?\(\d+\) : )?(?:Backup )?/;
const SERVER =
  /^Server ([^\s/]{1,200}\/[^\s/]{1,200}) (?:\('[^']*'\) )?(is DOWN|is going DOWN|was DOWN|is UP|is stopping|enters drain)\b(.*)$/s;
const REASON = /reason: ([^,]+(?:, code: \d+)?(?:, info: "(?:[^"\\]|\\.)*")?)/;
const LEFT = /(\d+) active and (\d+) backup servers? left/;
const STOP = /^Stopping (?:proxy|frontend|backend|listener|\S+) \S+|^Proxy \S+ stopped \(cumulated conns: /;

/** Undefined for every line that is none. */
export function readOwnLine(line: string): OwnLine | undefined {
  if (!MAY_BE.test(line)) return undefined;
  const { header, message } = openFirst(line);
  const text = withoutStart(message);
  if (STOP.test(text)) return { kind: 'stop', time: header.time };
  const match = SERVER.exec(text);
  if (match === null) return undefined;
  const [, name = '', what, rest = ''] = match;
  const reason =
    REASON.exec(rest)?.[1]?.slice(0, LONGEST_REASON) ??
    (what === 'is UP' ? null : `it ${what}${rest}`.slice(0, LONGEST_REASON));
  const counts = LEFT.exec(rest);
  const left = counts === null ? null : Number(counts[1]) + Number(counts[2]);
  return { kind: 'server', name, isUp: what === 'is UP', reason, left, time: header.time };
}

/**
 * Whether the message of a line says that a proxy stopped. Only asked of the last line of an input: looking for the P of
 * `Proxy` in each line would cost as much as all the rest.
 */
export function isStop(message: string): boolean {
  return STOP.test(withoutStart(message));
}

function withoutStart(message: string): string {
  return message.slice(START.exec(message)?.[0].length ?? 0);
}

/** What those lines add up to. */
export class OwnLines {
  readonly #servers = new Map<string, ServerState>();
  #stops = 0;
  #lastStop: number | null = null;

  add(line: OwnLine, timeMs: number | undefined): void {
    const time = timeMs ?? null;
    if (line.kind === 'stop') this.#addStops(1, time);
    else this.#addServer({ ...line, since: time });
  }

  #addStops(count: number, time: number | null): void {
    this.#stops += count;
    this.#lastStop = time === null ? this.#lastStop : Math.max(time, this.#lastStop ?? time);
  }

  #addServer({ name, isUp, since, reason, left }: Omit<ServerState, 'downSince'>): void {
    const before = this.#servers.get(name);
    if (before === undefined && this.#servers.size >= MAX_SERVERS) return;
    if (before?.isUp === isUp && !isUp) return;
    const downSince = isUp && before?.isUp === false ? before.since : (before?.downSince ?? null);
    this.#servers.set(name, { name, isUp, since, reason: isUp ? (before?.reason ?? null) : reason, left, downSince });
  }

  /** By name. */
  toState(): OwnLinesState {
    const servers = [...this.#servers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { servers, stops: this.#stops, lastStop: this.#lastStop };
  }

  /** Appends what came after. */
  merge({ servers, stops, lastStop }: OwnLinesState): void {
    if (stops > 0) this.#addStops(stops, lastStop);
    for (const server of servers) {
      this.#addServer(server);
      const merged = this.#servers.get(server.name);
      if (merged !== undefined && server.downSince !== null)
        this.#servers.set(server.name, { ...merged, downSince: server.downSince, reason: server.reason });
    }
  }
}
