/**
 * How well routes are found: of two requests, does the product put them together exactly when those who know the site
 * would? Pairwise F1 on sites of the kinds in route-sites/.
 *
 *     node --import tsx bench/diff/route-f1.ts [--seeds 3] [--site shop] [--errors]
 */
import { parseArgs } from 'node:util';
import { OTHER_ROUTES, RouteNames } from '../../src/diff/routes/route-names.ts';
import { NO_TEXT, TextTable } from '../../src/diff/text-table.ts';
import { Random } from '../random.ts';
import { HELD_OUT, LAST_HELD_OUT } from './route-sites/held-out.ts';
import { type KnownRequest, requestsOf, type Site } from './route-sites/site.ts';
import { TUNED } from './route-sites/tuned.ts';
import { VARIED } from './route-sites/varied.ts';

const SIZES = [600, 2000, 6000];
const MAX_ROUTES = 200;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    site: { type: 'string' },
    'held-out': { type: 'boolean', default: false },
    errors: { type: 'boolean', default: false },
  },
});

/** The names that `diff` gives to requests. */
function routesOf(requests: readonly KnownRequest[]): string[] {
  const targets = new TextTable();
  const methods = new TextTable();
  const rows = requests.map(({ method, target }) => ({
    target: targets.intern(target),
    method: methods.intern(method),
  }));
  const columns = {
    size: rows.length,
    target: { at: (row: number) => rows[row]?.target ?? NO_TEXT },
    method: { at: (row: number) => rows[row]?.method ?? NO_TEXT },
  };
  const routes = new RouteNames([{ requests: columns, counts: () => true }], { targets, methods }, undefined);
  const names = rows.map((_, row) => routes.names[routes.routeOf(columns, row)] ?? OTHER_ROUTES);
  const counts = countBy(names);
  const kept = new Set(
    [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MAX_ROUTES)
      .map(([name]) => name),
  );
  return names.map((name) => (kept.has(name) ? name : OTHER_ROUTES));
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const pairsIn = (counts: ReadonlyMap<string, number>) =>
  [...counts.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);

function pairwise(truths: readonly string[], names: readonly string[]) {
  const both = pairsIn(countBy(truths.map((truth, i) => `${truth}\n${names[i]}`)));
  const precision = both / pairsIn(countBy(names));
  const recall = both / pairsIn(countBy(truths));
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}

function showErrors(truths: readonly string[], names: readonly string[]): void {
  const cells = countBy(truths.map((truth, i) => `${truth}\n${names[i]}`));
  const ofTruth = countBy(truths);
  const ofName = countBy(names);
  const rows = [...cells].map(([key, n]) => {
    const [truth = '', name = ''] = key.split('\n');
    const [inTruth, inName] = [ofTruth.get(truth) ?? 0, ofName.get(name) ?? 0];
    return { truth, name, n, inTruth, inName, loss: n * (inTruth - n + inName - n) };
  });
  for (const { truth, name, n, inTruth, inName, loss } of rows.sort((a, b) => b.loss - a.loss).slice(0, 25))
    if (loss > 0) console.log(`    ${String(n).padStart(5)} of ${inTruth} ${truth}  →  ${name} (${inName})`);
}

const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;

function measure(kind: string, sites: Readonly<Record<string, Site>>): void {
  console.log(`${kind.padEnd(22)}precision  recall   F1     worst  ${SIZES.map((n) => `n=${n}`.padEnd(8)).join('')}`);
  const averages: { readonly f1: number; readonly worst: number }[] = [];
  for (const [name, site] of Object.entries(sites)) {
    if (options.site !== undefined && !name.includes(options.site)) continue;
    const results: (ReturnType<typeof pairwise> & { readonly size: number })[] = [];
    for (const size of SIZES) {
      for (let seed = 1; seed <= Number(options.seeds); seed++) {
        const requests = requestsOf(site, new Random(seed * 7919 + size), size);
        const truths = requests.map(({ truth }) => truth);
        const names = routesOf(requests);
        results.push({ size, ...pairwise(truths, names) });
        if (options.errors && seed === 1) {
          console.log(`  n=${size}`);
          showErrors(truths, names);
        }
      }
    }
    const f1 = mean(results.map((x) => x.f1));
    const worst = Math.min(...results.map((x) => x.f1));
    averages.push({ f1, worst });
    const bySize = SIZES.map((n) =>
      mean(results.filter(({ size }) => size === n).map((x) => x.f1))
        .toFixed(3)
        .padEnd(8),
    );
    const column = (number: number, width: number) => number.toFixed(3).padEnd(width);
    const precision = column(mean(results.map((x) => x.precision)), 11);
    const recall = column(mean(results.map((x) => x.recall)), 9);
    console.log(`${name.padEnd(22)}${precision}${recall}${column(f1, 7)}${column(worst, 7)}${bySize.join('')}`);
  }
  const line = `average F1 ${mean(averages.map((x) => x.f1)).toFixed(3)}, worst site ${Math.min(...averages.map((x) => x.f1)).toFixed(3)}, worst run ${Math.min(...averages.map((x) => x.worst)).toFixed(3)}`;
  console.log(`${line}\n`);
}

measure('tuned on', { ...TUNED, ...VARIED });
if (options['held-out']) {
  measure('held out', HELD_OUT);
  measure('held out, last', LAST_HELD_OUT);
}
