/**
 * A site as those who built it know it: routes with their templates, and what stands in the places of `{name}`.
 * Popularity of routes and of values is like Zipf's law.
 */

import type { Random } from '../../random.ts';

/** Makes one value after the other. */
export type Values = () => string;

export type SiteRoute = readonly [weight: number, method: string, template: string];

/** `values` makes what stands in the place of `{name}`; a template is the truth. */
export type Site = (
  random: Random,
  size: number,
) => { readonly values: Readonly<Record<string, Values>>; readonly routes: readonly SiteRoute[] };

/** A request and the route that it is of. */
export interface KnownRequest {
  readonly method: string;
  readonly target: string;
  readonly truth: string;
}

export const get = (weight: number, template: string): SiteRoute => [weight, 'GET', template];
export const post = (weight: number, template: string): SiteRoute => [weight, 'POST', template];
export const put = (weight: number, template: string): SiteRoute => [weight, 'PUT', template];

/** Draws from `count` different values, the first ones far more often; `skew` 0 draws all alike. */
export function pool(random: Random, count: number, make: (random: Random) => string, skew = 1): Values {
  const values = new Set<string>();
  for (let tries = 0; values.size < count && tries < 50 * count; tries++) values.add(make(random));
  return fixed(random, [...values], skew);
}

/** The same for values that are given. */
export function fixed(random: Random, values: readonly string[], skew = 1): Values {
  let sum = 0;
  const sums = values.map((_, i) => {
    sum += 1 / (i + 1) ** skew;
    return sum;
  });
  return () => {
    const at = random.next() * sum;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return values[low] as string;
  };
}

/** One value after the other, hardly any of them twice. */
export const fresh =
  (random: Random, make: (random: Random) => string): Values =>
  () =>
    make(random);

/** `size` requests, the popular ones more often. */
export function requestsOf(site: Site, random: Random, size: number): KnownRequest[] {
  const { values, routes } = site(random, size);
  // Nobody's site has exactly these shares.
  const weights = routes.map(([weight]) => weight * Math.exp(0.4 * random.normal()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: size }, () => {
    let at = random.next() * total;
    let route = 0;
    while (route < routes.length - 1 && at >= (weights[route] as number)) at -= weights[route++] as number;
    const [, method, template] = routes[route] as SiteRoute;
    const target = template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
      const make = values[name];
      if (make === undefined) throw new Error(`no values for {${name}}`);
      return make();
    });
    return { method, target, truth: `${method} ${template}` };
  });
}
