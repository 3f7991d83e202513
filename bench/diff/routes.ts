/** What the shop of the data sets answers: each route with its true template, `{…}` for what a route must not keep. */

import type { Random } from '../random.ts';

export interface Route {
  readonly method: string;
  /** With `{…}` in the place of what varies. */
  readonly template: string;
  /** What production answers. */
  readonly status: number;
  readonly fill?: (random: Random) => string;
}

const HEX = '0123456789abcdef';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const FIRST_NAMES = ['anna', 'bo', 'chen', 'dana', 'emil', 'farah', 'gus', 'hilde', 'ivo', 'june'];
const SLUG_HEADS = 'red blue warm cold light heavy woven knitted plain striped soft rough'.split(' ');
const SLUG_NOUNS = 'socks shoes coats scarves gloves hats belts shirts rugs towels bags boots'.split(' ');
const SLUG_TAILS = 'guide review history care repair outlet'.split(' ');

const two = (n: number) => String(n).padStart(2, '0');
const number = (random: Random) => String(1 + random.below(900_000));
const sessionId = (random: Random) =>
  `${random.text(8, HEX)}-${random.text(4, HEX)}-4${random.text(3, HEX)}-a${random.text(3, HEX)}-${random.text(12, HEX)}`;
const hash = (random: Random) => random.text(random.chance(0.5) ? 40 : 64, HEX);
const ulid = (random: Random) => `01J${random.text(23, CROCKFORD)}`;
const date = (random: Random) => `${2020 + random.below(7)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
const mail = (random: Random) =>
  `${random.pick(FIRST_NAMES)}.${random.pick(SLUG_NOUNS)}${random.below(100)}@example.org`;

/** Each of these is one in turn, so that a node gets all its children soon. */
export const SLUG_COUNT = SLUG_HEADS.length * SLUG_NOUNS.length * SLUG_TAILS.length;
export function slug(index: number): string {
  const head = SLUG_HEADS[index % SLUG_HEADS.length];
  const noun = SLUG_NOUNS[Math.floor(index / SLUG_HEADS.length) % SLUG_NOUNS.length];
  return `${head}-${noun}-${SLUG_TAILS[Math.floor(index / (SLUG_HEADS.length * SLUG_NOUNS.length)) % SLUG_TAILS.length]}`;
}

/**
 * `weight` is its part of the requests. `v1` and `v2`, and everything else that is spelled out in a template, stay:
 * only what is in the place of `{…}` varies.
 */
const ROUTES: readonly (Route & { readonly weight: number })[] = [
  { weight: 16, method: 'GET', template: '/orders/{…}', status: 200, fill: number },
  { weight: 5, method: 'POST', template: '/orders', status: 201 },
  { weight: 2, method: 'DELETE', template: '/orders/{…}', status: 204, fill: number },
  { weight: 6, method: 'GET', template: '/', status: 200 },
  { weight: 6, method: 'GET', template: '/api/v1/users/{…}/cart', status: 200, fill: number },
  { weight: 3, method: 'PUT', template: '/api/v2/users/{…}', status: 200, fill: number },
  { weight: 6, method: 'GET', template: '/sessions/{…}', status: 200, fill: sessionId },
  { weight: 6, method: 'GET', template: '/blobs/{…}', status: 200, fill: hash },
  { weight: 6, method: 'GET', template: '/events/{…}', status: 200, fill: ulid },
  { weight: 5, method: 'GET', template: '/reports/{…}', status: 200, fill: date },
  { weight: 5, method: 'GET', template: '/accounts/{…}', status: 200, fill: mail },
  {
    weight: 9,
    method: 'GET',
    template: '/img/{…}',
    status: 200,
    fill: (random) => `${String(1 + random.below(2000)).padStart(4, '0')}.png`,
  },
  { weight: 7, method: 'GET', template: '/search', status: 200 },
  { weight: 4, method: 'POST', template: '/login', status: 302 },
  { weight: 6, method: 'GET', template: '/static/app.js', status: 304 },
  {
    weight: 2,
    method: 'HEAD',
    template: '/img/{…}',
    status: 200,
    fill: (random) => `${1000 + random.below(9000)}.png`,
  },
];

const SLUG_WEIGHT = 6;
/** A node with hundreds of children that look like nothing in particular. */
export const SLUG_ROUTE: Route = { method: 'GET', template: '/blog/{…}', status: 200 };
/** The escape of HAProxy, `#22sale#22`, is no fragment. */
export const QUOTED_ROUTE: Route = { method: 'GET', template: '/tags/"sale"/items/{…}', status: 200, fill: number };
/** What stands in a path is no event. */
export const SPOE_ROUTE: Route = {
  method: 'GET',
  template: '/track/SPOE:[mirror]<EVENT:on-frontend-http-request>sid=5,st=257',
  status: 200,
};

export function routeName({ method, template }: Route): string {
  return `${method} ${template}`;
}

/** `GET /orders/{id}`, as people write it, is `GET /orders/{…}`. */
export function placeholders(route: string): string {
  return route.replace(/\{[^/]*\}/g, '{…}');
}

/** A table to draw routes by weight from, with one number. */
export function routeTable(withSlugs: boolean): readonly Route[] {
  const table = ROUTES.flatMap((route) => Array.from({ length: route.weight }, () => route));
  return withSlugs ? [...table, ...Array.from({ length: SLUG_WEIGHT }, () => SLUG_ROUTE)] : table;
}
