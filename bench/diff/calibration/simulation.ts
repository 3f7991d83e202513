/**
 * Seeded traffic of a site whose two servers are known: equal, or different in a known way. What comes out are the logs
 * that HAProxy and the agent write of it. The same settings give the same bytes.
 */

import { Random } from '../../random.ts';
import { accessLine, type LoggedRequest, spoeLine } from '../haproxy-lines.ts';
import { asLogged, type MirrorFormat, mirrorLine } from '../mirror-lines.ts';
import { type Identity, Site, uniqueId } from '../site.ts';
import { outcomeOf } from '../traffic.ts';
import type { Effect } from './effects.ts';
import { type SiteOptions, type SiteRoute, siteRoutes } from './site-routes.ts';

const START_MS = Date.UTC(2026, 10, 20, 0, 0, 0);
const DAY_MS = 86_400_000;
/** How much busier than on average the middle of the day is. */
const DIURNAL = 0.6;
/** The state of what both servers depend on changes in steps of this length, and remembers this much of the last one. */
const STATE_MS = 120_000;
const STATE_MEMORY = 0.8;
const STATE_DEVIATION = 0.35;
/** The part of the failures that is in the request itself or in what both servers share: both fail. */
const SHARED_FAILURES = 0.5;
/** Of requests that are fine on both sides: one of them, by chance, answers 404, as where data arrives late. */
const LATE_DATA = 0.002;
/** Times: how much requests of a route differ, how much two servers differ on one request, and the slow ones. */
const REQUEST_SPREAD = 0.5;
const SERVER_SPREAD = 0.3;
const SLOW_SHARE = 0.01;
const SLOW_SHAPE = 1.5;
const LONGEST_MS = 20_000;
const ABORTED = 0.004;
const ANSWERED_BY_PROXY = 0.004;
const REQUEST_EVENT = 'on-frontend-http-request';

export interface SimulationSettings {
  readonly seed: number;
  /** How many requests are mirrored. */
  readonly pairs: number;
  readonly site: Parameters<typeof siteRoutes>[0];
  readonly siteOptions: SiteOptions;
  /** Routes that are asked exactly so often, by name, besides the others. Nobody aborts these requests. */
  readonly counts: Readonly<Record<string, number>>;
  readonly hours: number;
  /** The part of production's requests that is mirrored, and who chooses: `haproxy` (an ACL before the SPOE) or `agent`. */
  readonly sample: number;
  readonly sampledBy: 'haproxy' | 'agent';
  /** SPOE lines are in production's log. */
  readonly withSpoeLines: boolean;
  readonly mirrorFormat: MirrorFormat;
  /** Whether the mirror's lines have production's id. */
  readonly withIds: boolean;
  /** The part of the mirrored requests that the agent drops. */
  readonly drops: number;
  /** The part of the failed attempts that is tried again, on both sides: the last attempt counts. */
  readonly retries: number;
  /** Of the steps of the state, this part is a bad one for one server alone, and this part of its requests fails then. */
  readonly hiccups: { readonly share: number; readonly failing: number };
  /** Names of the mirror's destinations, where it has more than one. */
  readonly destinations: readonly (string | undefined)[];
  /** What is different about a destination, by its name ('' where there is one). */
  readonly effects: Readonly<Record<string, Effect>>;
}

/** Both logs as texts. */
export interface Logs {
  readonly production: string;
  readonly mirror: string;
}

export interface GrowingLogs extends Logs {
  /** Both as they were after that part of the time. */
  until(share: number): Logs;
}

/** A request before anybody has answered it. */
type Asked = Omit<LoggedRequest, 'status' | 'termination' | 'timers'> &
  Identity & {
    readonly route: SiteRoute;
    /** Of the state. */
    readonly step: number;
    /** The part of the time that was over. */
    readonly progress: number;
    /** The chance of each server to fail on its own, and that something makes both fail. */
    readonly failing: number;
    readonly bothFailing: number;
  };
export type SimulatedRequest = Asked & LoggedRequest;

/** What one attempt of the mirror came to: a status, or an error code of the agent. Times are milliseconds. */
export interface MirrorAnswer {
  outcome: number | string;
  ttfb: number;
  total: number;
}

/** What is in the request itself: both servers get it alike. */
interface Common {
  readonly status: number;
  readonly fails: boolean;
  readonly ms: number;
}

type TimedLine = readonly [atMs: number, line: string];

const SERVER_FAILURES: readonly { readonly status: number; readonly termination?: string }[] = [
  { status: 500 },
  { status: 500 },
  { status: 503 },
  { status: 502, termination: 'SH--' },
  { status: 504, termination: 'sH--' },
];
const MIRROR_FAILURES: readonly (number | string)[] = [500, 500, 503, 'timeout', 'reset'];
const DROPS = ['dropped-queue-full', 'dropped-queue-full', 'dropped-queue-full', 'skipped-truncated', 'shutdown'];

const DEFAULTS: SimulationSettings = {
  seed: 1,
  pairs: 1000,
  site: 'shop',
  siteOptions: {},
  counts: {},
  hours: 24,
  sample: 1,
  sampledBy: 'haproxy',
  withSpoeLines: true,
  mirrorFormat: 'agent-jsonl',
  withIds: true,
  drops: 0,
  retries: 0,
  hiccups: { share: 0, failing: 0 },
  destinations: [undefined],
  effects: {},
};

/** Which one has a hiccup: production, then the mirror's destinations. */
const PRODUCTION = 1;

const stepOf = (atMs: number) => Math.floor((atMs - START_MS) / STATE_MS);
const clamp = (ratio: number) => Math.min(1, Math.max(0, ratio));

class Simulation {
  readonly #settings: SimulationSettings;
  readonly #random: Random;
  readonly #site = new Site(false);
  readonly #routes: readonly SiteRoute[];
  readonly #production: TimedLine[] = [];
  readonly #mirror: TimedLine[] = [];
  #state = 0;
  #stateAt = 0;
  #serial = 0;
  readonly #durationMs: number;

  constructor(settings: SimulationSettings) {
    this.#settings = settings;
    this.#random = new Random(Math.imul(settings.seed, 0x9e3779b1) ^ 0x5bd1e995);
    this.#routes = siteRoutes(settings.site, {
      ...settings.siteOptions,
      // What is asked exactly so often is not asked by chance besides.
      shares: {
        ...settings.siteOptions.shares,
        ...Object.fromEntries(Object.keys(settings.counts).map((name) => [name, 0])),
      },
    });
    this.#durationMs = settings.hours * 3_600_000;
  }

  run(): GrowingLogs {
    const { pairs, sample } = this.#settings;
    const arrivals = this.#arrivals(Math.round(pairs / sample));
    const fixed = this.#fixedRoutes(arrivals.length);
    arrivals.forEach((atMs, i) => {
      this.#request(atMs, fixed.get(i));
    });
    const sides = { production: inOrder(this.#production), mirror: inOrder(this.#mirror) };
    const until = (share: number) => {
      const endMs = START_MS + share * this.#durationMs;
      return { production: text(sides.production, endMs), mirror: text(sides.mirror, endMs) };
    };
    return { ...until(Number.POSITIVE_INFINITY), until };
  }

  /** Sorted moments, more of them in the middle of the day. */
  #arrivals(count: number): Float64Array {
    const random = this.#random;
    const arrivals = new Float64Array(count);
    for (let i = 0; i < count; ) {
      const atMs = START_MS + random.next() * this.#durationMs;
      const load = 1 - DIURNAL * Math.cos((2 * Math.PI * (atMs - START_MS)) / DAY_MS);
      if (random.next() * (1 + DIURNAL) < load) arrivals[i++] = atMs;
    }
    return arrivals.sort();
  }

  /** By the number of the request: its route, where that is no matter of chance. */
  #fixedRoutes(requests: number): ReadonlyMap<number, SiteRoute> {
    const fixed = new Map<number, SiteRoute>();
    for (const [name, count] of Object.entries(this.#settings.counts)) {
      const route = this.#routes.find((route) => route.name === name);
      if (route === undefined) throw new Error(`no route ${name} in the site`);
      for (let left = count; left > 0; ) {
        const at = this.#random.below(requests);
        if (fixed.has(at)) continue;
        fixed.set(at, route);
        left--;
      }
    }
    return fixed;
  }

  /** What both servers depend on has better and worse minutes. Its mean effect is 1. */
  #factor(atMs: number): number {
    const step = stepOf(atMs);
    // Beyond fifty steps nothing is remembered.
    for (let from = Math.max(this.#stateAt, step - 50); from < step; from++) {
      this.#state = STATE_MEMORY * this.#state + Math.sqrt(1 - STATE_MEMORY ** 2) * this.#random.normal();
    }
    this.#stateAt = step;
    return Math.exp(STATE_DEVIATION * this.#state - STATE_DEVIATION ** 2 / 2);
  }

  #route(): SiteRoute {
    let left = this.#random.next();
    for (const route of this.#routes) {
      left -= route.share;
      if (left < 0) return route;
    }
    return this.#routes[0] as SiteRoute;
  }

  #request(atMs: number, fixedRoute: SiteRoute | undefined): void {
    const random = this.#random;
    const { sample, sampledBy, withSpoeLines, drops, destinations } = this.#settings;
    const route = fixedRoute ?? this.#route();
    const load = this.#factor(atMs);
    const process = this.#site.process(random, 0);
    const drawn = {
      route,
      process,
      sid: process.nextSid(),
      acceptMs: Math.floor(atMs),
      step: stepOf(atMs),
      progress: (atMs - START_MS) / this.#durationMs,
      client: process.client(random, 4),
      front: 'fe_main',
      frontPort: 80,
      backend: 'be_shop',
      server: `srv${1 + random.below(3)}`,
      method: route.method,
      target: route.fill === undefined ? route.template : route.template.replace('{…}', route.fill(random)),
      version: 'HTTP/1.1',
      loggedId: 'whole' as const,
      bytes: 200 + random.below(20_000),
      counts: `${1 + random.below(90)}/${1 + random.below(90)}/${random.below(20)}/${random.below(9)}/0 0/0`,
      failing: clamp((1 - SHARED_FAILURES) * route.errors * load),
      bothFailing: clamp(SHARED_FAILURES * route.errors * load),
    };
    const asked = { ...drawn, id: uniqueId(drawn) };
    const common = this.#common(asked, load);
    const request = { ...asked, ...this.#produce(asked, common, fixedRoute === undefined) };
    const isMirrored = sample >= 1 || random.chance(sample);
    const isSent = isMirrored || sampledBy === 'agent';
    if (withSpoeLines && isSent) this.#writeSpoe(request);
    this.#production.push([request.acceptMs + Math.max(request.timers.Ta, 0), accessLine(request)]);
    if (!isMirrored) return;
    const drop = random.chance(drops) ? random.pick(DROPS) : undefined;
    destinations.forEach((destination, i) => {
      this.#mirrorTo({ destination, server: PRODUCTION + 1 + i }, request, common, drop);
    });
  }

  #common({ route, bothFailing }: Asked, load: number): Common {
    const random = this.#random;
    const drawn = random.next();
    const own = drawn < route.missing ? 404 : drawn < route.missing + route.denied ? 401 : route.status;
    return {
      status: own,
      fails: random.chance(bothFailing),
      ms: route.medianMs * load * Math.exp(REQUEST_SPREAD * random.normal()),
    };
  }

  /** One server's answer: what two equal ones give differs by chance only. */
  #attempt({ failing, step }: Asked, { status, fails, ms }: Common, server: number): Common {
    const random = this.#random;
    const { hiccups } = this.#settings;
    const isBadStep =
      hiccups.share > 0 && new Random(this.#settings.seed + server * 7919 + step * 104729).chance(hiccups.share);
    const slow = random.chance(SLOW_SHARE) ? (1 - random.next()) ** (-1 / SLOW_SHAPE) : 1;
    const isLate = status < 300 && random.chance(LATE_DATA);
    return {
      fails: fails || random.chance(isBadStep ? hiccups.failing : failing),
      status: isLate ? 404 : status,
      ms: Math.min(LONGEST_MS, ms * slow * Math.exp(SERVER_SPREAD * random.normal())),
    };
  }

  /** Its answers, one for each time it was tried. */
  #attempts(request: Asked, common: Common, server: number): readonly [Common, ...Common[]] {
    const first = this.#attempt(request, common, server);
    const isTriedAgain = first.fails && this.#random.chance(this.#settings.retries);
    return isTriedAgain ? [first, this.#attempt(request, common, server)] : [first];
  }

  /** What production makes of it. */
  #produce(
    request: Asked,
    common: Common,
    mayEndEarly: boolean,
  ): Pick<LoggedRequest, 'status' | 'termination' | 'timers' | 'server'> {
    const random = this.#random;
    const attempts = this.#attempts(request, common, PRODUCTION);
    const { fails, status, ms } = attempts.at(-1) ?? attempts[0];
    const failure = fails ? random.pick(SERVER_FAILURES) : undefined;
    const termination = failure?.termination ?? '----';
    // HAProxy's timers are whole milliseconds, each rounded down.
    const TR = Math.floor(random.exponential() * 0.4);
    const Tc = Math.floor(random.exponential() * 0.5);
    const Tr = termination === '----' ? Math.floor(ms) : -1;
    const timers = { TR, Tw: 0, Tc, Tr, Ta: TR + Tc + Math.floor(ms + random.exponential() * 0.5) };
    const fate = mayEndEarly ? random.next() : 1;
    const { server } = request;
    if (fate < ABORTED) return { status: -1, termination: 'CH--', server, timers: { ...timers, Tr: -1 } };
    if (fate < ABORTED + ANSWERED_BY_PROXY) {
      const refused = { TR, Tw: -1, Tc: -1, Tr: -1, Ta: TR };
      return { status: 403, termination: 'PR--', server: '<NOSRV>', timers: refused };
    }
    return { status: failure?.status ?? status, termination, server, timers };
  }

  #writeSpoe(request: SimulatedRequest): void {
    const atMs = request.acceptMs + request.timers.TR;
    const event = { agent: 'mirror' as const, event: REQUEST_EVENT, st: 0, took: this.#random.below(2) };
    this.#production.push([atMs, spoeLine(request, event, atMs)]);
  }

  #mirrorTo(
    { destination, server }: { readonly destination: string | undefined; readonly server: number },
    request: SimulatedRequest,
    common: Common,
    drop: string | undefined,
  ): void {
    const random = this.#random;
    const { effects, mirrorFormat, withIds } = this.#settings;
    // What the agent drops leaves a record, and nothing in a log of the mirror's own.
    if (drop !== undefined && mirrorFormat !== 'agent-jsonl') return;
    const attempts = drop === undefined ? this.#attempts(request, common, server) : [];
    let atMs = request.acceptMs + request.timers.TR + random.next();
    const write = ({ outcome, ttfb, total }: MirrorAnswer) => {
      const { method, target, bytes } = request;
      const told = asLogged(outcomeOf(outcome), mirrorFormat);
      const id = withIds ? request.id : '';
      const serial = ++this.#serial;
      const line = mirrorLine(
        { id, method, target, bytes, serial, atMs, ttfb, total, destination, ...told },
        mirrorFormat,
      );
      atMs += total;
      this.#mirror.push([atMs, line]);
      atMs += 1;
    };
    if (drop !== undefined) write({ outcome: drop, ttfb: 0, total: 0 });
    for (const { fails, status, ms } of attempts) {
      const outcome = fails ? random.pick(MIRROR_FAILURES) : status;
      const answer = { outcome, ttfb: ms, total: ms + random.exponential() * 0.5 };
      if (effects[destination ?? '']?.(answer, request, random) === 'lost') return;
      write(answer);
    }
  }
}

/** Lines in the order in which they were written. */
function inOrder(lines: TimedLine[]): readonly TimedLine[] {
  return lines.sort(([a], [b]) => a - b);
}

function text(lines: readonly TimedLine[], endMs: number): string {
  const end = lines.findIndex(([atMs]) => atMs >= endMs);
  return (end < 0 ? lines : lines.slice(0, end)).map(([, line]) => `${line}\n`).join('');
}

export function simulate(settings: Partial<SimulationSettings>): GrowingLogs {
  return new Simulation({ ...DEFAULTS, ...settings }).run();
}
