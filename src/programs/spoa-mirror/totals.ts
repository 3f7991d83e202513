/** The sums of what several workers report. */

/** Adds numbers, lists place by place, objects key by key, of times the last one; of anything else the first is kept. */
export function addUp<Stats>(all: readonly Stats[]): Stats {
  return all.reduce((sum, each) => add(sum, each) as Stats);
}

function add(a: unknown, b: unknown, key = ''): unknown {
  if (typeof a === 'number' && typeof b === 'number') return TIMES.has(key) ? Math.max(a, b) : a + b;
  if (a === null || a === undefined) return b;
  if (Array.isArray(a) && Array.isArray(b)) {
    return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => add(a[i], b[i]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return Object.fromEntries(keys.map((key) => [key, add(a[key], b[key], key)]));
  }
  return a;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

/** The figures of a worker that has ended, for the totals: its counts stay, what it held at that moment does not. */
export function withoutGauges<Stats>(stats: Stats): Stats {
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === 'number') return GAUGES.has(key) ? 0 : value;
    if (Array.isArray(value)) return value.map((each) => visit(each, key));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, visit(each, name)]));
  };
  return visit(stats, '') as Stats;
}

/** When something was last; epoch ms. */
const TIMES = new Set(['lastTakenMs', 'lastAnswerMs']);

const GAUGES = new Set([
  'connections',
  'connectionsMax',
  'inFlight',
  'fragmentBytes',
  'queued',
  'queuedBytes',
  'rssBytes',
]);
