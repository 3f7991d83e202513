/**
 * A site as those who built it know it: routes with their templates, and what stands in the places of `{name}`.
 * Popularity of routes and of values is like Zipf's law.
 */

/** Draws from `count` different values, the first ones far more often; `skew` 0 draws all alike. */
export function pool(random, count, make, skew = 1) {
  const values = new Set();
  for (let tries = 0; values.size < count && tries < 50 * count; tries++) values.add(make(random));
  return fixed(random, [...values], skew);
}

/** The same for values that are given. */
export function fixed(random, values, skew = 1) {
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
      if (sums[middle] > at) high = middle;
      else low = middle + 1;
    }
    return values[low];
  };
}

/** One value after the other, hardly any of them twice. */
export const fresh = (random, make) => () => make(random);

/**
 * @param site `(random, size) => ({ values, routes })`; `routes` are `[weight, method, template]`, `values` by name
 * what makes one; a template is the truth
 * @returns {{ method: string, target: string, truth: string }[]}
 */
export function requestsOf(site, random, size) {
  const { values, routes } = site(random, size);
  // Nobody's site has exactly these shares.
  const weights = routes.map(([weight]) => weight * Math.exp(0.4 * random.normal()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: size }, () => {
    let at = random.next() * total;
    let route = 0;
    while (route < routes.length - 1 && at >= weights[route]) at -= weights[route++];
    const [, method, template] = routes[route];
    const target = template.replace(/\{([^{}]+)\}/g, (_, name) => {
      if (values[name] === undefined) throw new Error(`no values for {${name}}`);
      return values[name]();
    });
    return { method, target, truth: `${method} ${template}` };
  });
}
