/** Ordinary requests: what production answered, what the mirror did, and what the SPOE said of it. */

import { entryAt, type Random } from '../random.ts';
import type { LoggedRequest, SpoeEvent, Timers } from './haproxy-lines.ts';
import { asLogged, type MirrorFormat, type Outcome } from './mirror-lines.ts';
import { placeholders, type Route, routeName, routeTable, SLUG_COUNT, SLUG_ROUTE, slug } from './routes.ts';
import type { DataSettings } from './settings.ts';
import { type HaproxyProcess, type Identity, type Site, uniqueId } from './site.ts';

/** What the mirror did with a request. It is changed until it is written. */
export interface Answer {
  id: string;
  status: Outcome['status'];
  error: Outcome['error'];
  ttfb: number;
  total: number;
  /** From the moment in which production got the request. */
  delayMs: number;
  /** How much later than it ended it is in the file. */
  lateMs: number;
  /** When it began, by the mirror's clock. */
  atMs: number;
}

type Changing<T> = { -readonly [key in keyof T]: T[key] };

/** A line of the mirror that belongs to no request of production. */
export type Stray = 'without-id' | 'unknown-id' | 'same-sid' | 'unparsed';

/** What production answered, what the mirror did, and what the SPOE said of it. It is changed until it is written. */
export interface Request extends Changing<LoggedRequest & Identity> {
  process: HaproxyProcess;
  route: Route;
  path: string;
  query: string;
  /** Of the target: scheme and authority, where the client gave them. */
  prefix: string;
  mirrorTarget: string;
  malformed: boolean;
  /** More lines with the same id. */
  twins: number;
  spoe: Changing<SpoeEvent>[];
  strays: Stray[];
  /** HAProxy says something besides. */
  notice: boolean;
  /** In the order of time. */
  answers: Answer[];
}

/** From so many requests on, the slugs are so many that their node must collapse whatever the limit is. */
const REQUESTS_FOR_SLUGS = 20_000;
const MEDIAN_MS = 60;
const LONGEST_MS = 1500;
const QUERIES = ['?page=3&sort=price', '?ref=mail', '?q=shoes', '?utm_source=feed&id=77'];
const REQUEST_EVENT = 'on-frontend-http-request';

/** Parts of the pairs. New and fixed cancel out, so that without a broken route there is nothing to find. */
const NOISE: readonly (readonly [share: number, kind: string])[] = [
  [0.002, 'both-error'],
  [0.003, 'new-error'],
  [0.003, 'fixed-error'],
  [0.0015, 'new-4xx'],
  [0.0015, 'fixed-4xx'],
  [0.02, 'both-4xx'],
  [0.001, 'changed'],
];
const SERVER_ERRORS = [500, 500, 503, 502];
const MIRROR_ERRORS: readonly (number | string)[] = [500, 503, 'timeout', 'reset', 'connect-refused'];
const CLIENT_ERRORS = [404, 404, 403, 409, 405, 414];

/** What failed before or after the server got the request, as HAProxy tells it. */
export function failWith(request: Request, status: number, termination: string, timers: Partial<Timers> = {}): void {
  request.status = status;
  request.termination = termination;
  request.timers = { ...request.timers, ...timers };
}

/** HAProxy answers itself, or finds no server to ask. */
export function withoutServer(
  request: Request,
  status: number,
  termination: string,
  backend: string = request.front.replace('~', ''),
): void {
  failWith(request, status, termination, { Tw: -1, Tc: -1, Tr: -1, Ta: request.timers.TR });
  request.server = '<NOSRV>';
  request.backend = backend;
}

/** A status, or an error code of the agent. */
export function outcomeOf(told: number | string): Outcome {
  return typeof told === 'number' ? { status: told, error: null } : { status: null, error: told };
}

/** Sets what the mirror answered: a status, or an error code of the agent. */
export function answerWith(answer: Answer, outcome: number | string, format: MirrorFormat): Answer {
  return Object.assign(answer, asLogged(outcomeOf(outcome), format));
}

/** The answer is a head only, or one of HAProxy's own short pages. */
function hasNoBody({ method, status, server }: Request): boolean {
  return method === 'HEAD' || status === 204 || status === 304 || server === '<NOSRV>';
}

export class Traffic {
  readonly #random: Random;
  readonly #settings: DataSettings;
  readonly #site: Site;
  readonly #routes: readonly Route[];
  readonly #brokenRoute: string | undefined;
  #slugs = 0;

  constructor(settings: DataSettings, site: Site, random: Random) {
    this.#random = random;
    this.#settings = settings;
    this.#site = site;
    const withSlugs = settings.requests >= REQUESTS_FOR_SLUGS;
    this.#routes = routeTable(withSlugs);
    this.#brokenRoute = settings.broken === undefined ? undefined : placeholders(settings.broken);
    if (this.#brokenRoute !== undefined && !this.#routes.some((route) => routeName(route) === this.#brokenRoute)) {
      throw new Error(
        `no route ${settings.broken} in the data: ${[...new Set(this.#routes.map(routeName))].join(', ')}`,
      );
    }
  }

  /** A request that has a route and an address; what came of it is up to `exchange`. */
  request(index: number, clockMs: number): Request {
    const random = this.#random;
    const process = this.#site.process(random, index / this.#settings.requests);
    const acceptMs = Math.floor(clockMs);
    const drawn = {
      process,
      sid: process.nextSid(),
      acceptMs,
      client: process.client(random, 4),
      front: 'fe_main',
      frontPort: 80,
      prefix: '',
      version: 'HTTP/1.1',
      query: random.chance(0.2) ? random.pick(QUERIES) : '',
      backend: 'be_shop',
      server: `srv${1 + random.below(3)}`,
      termination: '----',
      bytes: 120 + random.below(40_000),
      counts: `${1 + random.below(200)}/${1 + random.below(200)}/${random.below(50)}/${random.below(20)}/0 0/0`,
      malformed: false,
      loggedId: 'whole' as const,
      twins: 0,
      spoe: [{ agent: 'mirror' as const, event: REQUEST_EVENT, st: 0, took: random.below(3) }],
      strays: [],
      notice: false,
      timers: { TR: 0, Tw: 0, Tc: 0, Tr: 0, Ta: 0 },
      answers: [],
      target: '',
      mirrorTarget: '',
      id: '',
    };
    return { ...drawn, ...this.#routed(random.pick(this.#routes)) };
  }

  takeRoute(request: Request, route: Route): void {
    Object.assign(request, this.#routed(route));
  }

  #routed(route: Route): Pick<Request, 'route' | 'method' | 'path' | 'status'> {
    const filled = route === SLUG_ROUTE ? slug(this.#slugs++ % SLUG_COUNT) : route.fill?.(this.#random);
    const path = filled === undefined ? route.template : route.template.replace('{…}', filled);
    return { route, method: route.method, path, status: route.status };
  }

  /** The times and outcomes of both sides. What has a fate has no noise besides. */
  exchange(request: Request, withNoise: boolean): void {
    const random = this.#random;
    const Tr = 2 + Math.min(LONGEST_MS, Math.round(MEDIAN_MS * Math.exp(0.6 * random.normal())));
    const TR = request.spoe[0]?.took ?? 0;
    const Ta = TR + Tr + random.below(4);
    request.timers = { TR, Tw: 0, Tc: random.below(2), Tr, Ta: Ta + 1 };
    const noise = Math.min(1.6, Math.exp(0.15 * random.normal())) * this.#settings.latencyRatio;
    const answer: Answer = {
      id: '',
      status: request.status,
      error: null,
      ttfb: Tr * noise,
      total: (Ta + 1) * noise,
      delayMs: random.below(2),
      lateMs: 0,
      atMs: 0,
    };
    request.answers = [answer];
    if (withNoise) this.#addNoise(request, answer);
    if (routeName(request.route) === this.#brokenRoute && random.chance(this.#settings.brokenRate))
      answerWith(answer, 500, this.#settings.mirror);
  }

  #addNoise(request: Request, answer: Answer): void {
    const random = this.#random;
    const kind = entryAt(NOISE, random.next())?.[1];
    if (kind === undefined) return;
    const format = this.#settings.mirror;
    if (kind === 'both-error' || kind === 'fixed-error') this.#serverError(request, random.pick(SERVER_ERRORS));
    if (kind === 'both-error' || kind === 'new-error') answerWith(answer, random.pick(MIRROR_ERRORS), format);
    if (kind === 'both-4xx' || kind === 'fixed-4xx') request.status = random.pick(CLIENT_ERRORS);
    if (kind === 'new-4xx') answerWith(answer, random.pick(CLIENT_ERRORS), format);
    // Sometimes the same, sometimes 404 where it was 410.
    if (kind === 'both-4xx') answerWith(answer, random.chance(0.9) ? request.status : 410, format);
    if (kind === 'changed') answerWith(answer, request.status === 200 ? 206 : 200, format);
  }

  #serverError(request: Request, status: number): void {
    if (status !== 502) failWith(request, status, '----');
    else failWith(request, 502, 'SH--', { Tr: -1 });
  }

  /** When all is settled: the sizes, the target as the client gave it, and the id. */
  finish(request: Request): void {
    const { prefix, path, query } = request;
    // HAProxy counts the headers too.
    if (request.bytes > 0 && hasNoBody(request)) request.bytes = 85 + (request.bytes % 150);
    request.mirrorTarget = path + query;
    request.target = prefix + path + query;
    request.id = uniqueId(request);
    for (const answer of request.answers) answer.id = request.loggedId === 'dash' ? '' : request.id;
  }
}
