/** The routes of simulated sites: how often each is asked, how often it fails, how long it takes. All of it is a property of the site. */

import type { Random } from '../../random.ts';

interface KnownRoute {
  readonly method: string;
  readonly template: string;
  /** In the place of `{…}`. */
  readonly fill?: (random: Random) => string;
  /** Share of the requests that fail on each of two equal servers. */
  readonly errors: number;
  /** What it answers otherwise: 200. */
  readonly status?: number;
  /** Shares that are answered 404 and 401. */
  readonly missing?: number;
  readonly denied?: number;
  /** Typical time to the first byte. */
  readonly medianMs: number;
}

export interface SiteRoute extends Required<Omit<KnownRoute, 'fill'>>, Pick<KnownRoute, 'fill'> {
  /** `GET /orders/{…}` */
  readonly name: string;
  /** Of the requests. */
  readonly share: number;
}

export interface SiteOptions {
  /** Multiplies the error rates. */
  readonly errorScale?: number;
  /** That of every route instead. */
  readonly errorRate?: number;
  /** Of routes by name (`GET /pay/now`); the others divide the rest. */
  readonly shares?: Readonly<Record<string, number>>;
}

/** Popularity falls with the rank, as it does on real sites. */
const ZIPF_EXPONENT = 1.05;
const HEX = '0123456789abcdef';

const number = (random: Random) => String(1 + random.below(900_000));
const hash = (random: Random) => random.text(40, HEX);

/** By popularity. */
const SHOP: readonly KnownRoute[] = [
  { method: 'GET', template: '/', errors: 0, medianMs: 3 },
  { method: 'GET', template: '/search', errors: 0.01, medianMs: 80 },
  { method: 'GET', template: '/products/{…}', fill: number, errors: 0.004, missing: 0.02, medianMs: 12 },
  { method: 'GET', template: '/media/{…}', fill: hash, errors: 0, status: 304, medianMs: 0.8 },
  { method: 'GET', template: '/api/v1/users/{…}/cart', fill: number, errors: 0.02, medianMs: 25 },
  { method: 'GET', template: '/login', errors: 0, status: 302, medianMs: 6 },
  { method: 'POST', template: '/api/v1/cart', errors: 0.006, status: 201, medianMs: 35 },
  { method: 'GET', template: '/orders/{…}', fill: number, errors: 0.03, missing: 0.01, medianMs: 45 },
  { method: 'GET', template: '/account', errors: 0.002, denied: 0.05, medianMs: 20 },
  { method: 'POST', template: '/checkout/pay', errors: 0, medianMs: 150 },
  { method: 'GET', template: '/health', errors: 0, medianMs: 0.4 },
  { method: 'GET', template: '/reports/monthly', errors: 0.08, medianMs: 400 },
  { method: 'DELETE', template: '/orders/{…}', fill: number, errors: 0, status: 204, missing: 0.05, medianMs: 30 },
  { method: 'POST', template: '/newsletter', errors: 0.001, status: 201, medianMs: 18 },
];

const AREAS = 'billing catalog delivery returns loyalty search media partner stock pricing'.split(' ');
const ACTIONS = 'list show open close edit audit print share merge split sum rank move pin lock'.split(' ');

/** A hundred and fifty small routes, none of which looks like a value, and `/pay/now` as the last of them. */
function manyRoutes(): readonly KnownRoute[] {
  const routes = AREAS.flatMap((area, i) =>
    ACTIONS.map((action, j) => ({
      method: 'GET',
      template: `/${area}/${action}-${AREAS[(i + j + 1) % AREAS.length]}`,
      errors: 0,
      medianMs: 4 + ((7 * i + 3 * j) % 40),
    })),
  );
  return [...routes, { method: 'GET', template: '/pay/now', errors: 0, medianMs: 60 }];
}

const TABLES = { shop: () => SHOP, many: manyRoutes };

/** The routes of a site with their shares of the requests, which add up to 1. */
export function siteRoutes(
  name: keyof typeof TABLES,
  { errorScale = 1, errorRate, shares = {} }: SiteOptions,
): readonly SiteRoute[] {
  const routes = TABLES[name]().map((route, rank) => ({
    status: 200,
    missing: 0,
    denied: 0,
    ...route,
    name: `${route.method} ${route.template}`,
    errors: errorRate ?? errorScale * route.errors,
    weight: 1 / (rank + 1) ** (name === 'many' ? ZIPF_EXPONENT / 2 : ZIPF_EXPONENT),
  }));
  for (const fixed of Object.keys(shares))
    if (!routes.some((route) => route.name === fixed)) throw new Error(`no route ${fixed} in the site ${name}`);
  const free = routes.filter((route) => shares[route.name] === undefined);
  const rest = 1 - Object.values(shares).reduce((sum, share) => sum + share, 0);
  const weights = free.reduce((sum, { weight }) => sum + weight, 0);
  return routes.map((route) => ({ ...route, share: shares[route.name] ?? (rest * route.weight) / weights }));
}
