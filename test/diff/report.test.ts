/** The whole report: its schema, its sums, and that the order of lines decides nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { DiffReport, DiffSettings, InputReport } from '../../src/diff/model.ts';
import { NoiseBaseline } from '../../src/diff/noise.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { factor } from '../attack/fuzzing.ts';
import {
  answer,
  type Lines,
  pairs,
  pick,
  randomOf,
  report,
  request,
  SETTINGS,
  type SpoeLine,
  shuffled,
} from './records.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const schema = readFileSync(new URL('../../docs/schemas/diff-report.schema.json', import.meta.url), 'utf8');
const fitsSchema = ajv.compile(JSON.parse(schema));

/** What holds for any report. */
function check(found: DiffReport): void {
  assert.ok(fitsSchema(JSON.parse(JSON.stringify(found))), ajv.errorsText(fitsSchema.errors));
  checkNumbers(found, 'report');
  const { coverage, errors, routes } = found;
  assert.equal(sum(Object.values(coverage.buckets)), coverage.productionRequests);
  assert.equal(sum(routes.map((route) => route.errors.n)), errors.n);
  assert.ok(routes.length <= 201);
  for (const compared of [errors, ...routes.map((route) => route.errors)]) {
    const { n, bothOk, newError, fixedError, bothError, differenceCi, difference } = compared;
    assert.equal(bothOk + newError + fixedError + bothError, found.correlation.mode === 'paired' ? n : 0);
    assert.ok(differenceCi === null || (differenceCi[0] <= differenceCi[1] && Math.abs(difference as number) <= 1));
  }
}

/** JSON.stringify would make null of them. */
function checkNumbers(value: unknown, where: string): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${where} is ${value}`);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) checkNumbers(part, `${where}.${key}`);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Traffic with everything in it that could make an order matter: retries, twins, equal times, no times. */
class Traffic {
  readonly production: AccessRecord[] = [];
  readonly mirror: AccessRecord[] = [];
  readonly spoe: SpoeLine[] = [];
  readonly #random: () => number;
  readonly #key: 'uniqueId' | 'traceId' | 'stream' | 'none';

  constructor(seed: number) {
    this.#random = randomOf(seed);
    this.#key = pick(['uniqueId', 'uniqueId', 'traceId', 'stream', 'none'], this.#random);
  }

  add(count: number, paths: number): void {
    for (let i = 0; i < count; i++) this.#addOne(i, paths);
  }

  #addOne(i: number, paths: number): void {
    const random = this.#random;
    const chance = (share: number) => random() < share;
    const place = { host: pick(['lb1', 'lb2'], random), pid: pick([7, 8], random), sid: Math.floor(i / 3) };
    const id = {
      uniqueId: this.#key === 'uniqueId' ? `id-${chance(0.02) ? i - 1 : i}` : '',
      traceId: this.#key === 'traceId' ? i.toString(16).padStart(32, '0') : '',
      ...(this.#key !== 'none' && place),
    };
    const target = `/${pick(['orders', 'users', `p${Math.floor(random() * paths)}`], random)}/n${Math.floor(random() * paths)}x`;
    const timeMs = chance(0.02) ? Number.NaN : 1_000_000 + Math.floor(i / 4) * 1000;
    const before = request({
      ...id,
      ...(chance(0.02) && { uniqueId: '', traceId: '', sid: -1 }),
      timeMs,
      target,
      method: pick(['GET', 'POST', ''], random),
      malformed: chance(0.02),
      status: pick([200, 200, 200, 201, 302, 404, 500, -1], random),
      termination: pick(['----', '----', '----', 'CR--', 'SD--', 'PR--'], random),
      noServer: chance(0.02),
      firstByteMs: pick([-1, 0, 3, 10, 17, 200], random),
      totalMs: pick([Number.NaN, 3, 12, 300], random),
    });
    this.production.push(before);
    if (chance(0.03)) this.production.push(before);
    if (chance(0.9)) this.spoe.push({ ...place, st: chance(0.1) ? 1 : 0, agent: chance(0.05) ? 'iprep' : 'mirror' });
    const answers = chance(0.1) ? 0 : chance(0.1) ? 3 : 1;
    for (let attempt = 0; attempt < answers; attempt++) this.#answer(before, id, attempt);
  }

  #answer({ timeMs, target }: AccessRecord, id: Partial<AccessRecord>, attempt: number): void {
    const random = this.#random;
    const line = answer({
      ...id,
      host: '',
      timeMs: pick([timeMs, timeMs, Number.NaN, timeMs + 1000 * attempt], random),
      target,
      status: pick([200, 200, 200, 404, 405, 500, -1], random),
      error: pick(['', '', '', '', 'timeout', 'connect-refused'], random),
      firstByteMs: pick([Number.NaN, 0, 3.5, 11, 190], random),
      totalMs: pick([Number.NaN, 4, 12.25, 900], random),
    });
    this.mirror.push(line);
    if (random() < 0.05) this.mirror.push(line);
    if (random() < 0.03) this.mirror.push(answer({ ...line, uniqueId: `unknown-${random()}` }));
  }

  shuffled(random: () => number): Lines {
    const { production, mirror, spoe } = this;
    return { production: shuffled(production, random), mirror: shuffled(mirror, random), spoe: shuffled(spoe, random) };
  }
}

test('whatever the order of lines, the report is the same, byte for byte', () => {
  for (let seed = 1; seed <= 40 * factor; seed++) {
    const random = randomOf(1000 + seed);
    const traffic = new Traffic(seed);
    traffic.add(20 + Math.floor(random() * 400), pick([3, 40, 300], random));
    const settings: Partial<DiffSettings> = {
      mirrorDuplicates: pick(['last', 'worst', 'first'], random),
      maxRoutes: pick([3, 20, 200], random),
      ignore: pick([[], ['200->404', '/orders/{…} *->timeout']], random),
    };
    const first = report(traffic, { settings });
    check(first);
    const text = JSON.stringify(first);
    for (let i = 0; i < 3; i++) {
      const again = JSON.stringify(report(traffic.shuffled(random), { settings }));
      assert.ok(again === text, `seed ${seed}: ${firstDifference(text, again)}`);
    }
  }
});

test('so it is with 12,000 requests of thousands of paths', () => {
  const random = randomOf(4);
  const traffic = new Traffic(2);
  traffic.add(12_000, 4_000);
  const first = report(traffic);
  check(first);
  assert.equal(first.correlation.mode, 'paired');
  const text = JSON.stringify(first);
  const again = JSON.stringify(report(traffic.shuffled(random)));
  assert.ok(again === text, firstDifference(text, again));
});

test('250 routes with 50 pairs each are 200 and one, and 12,500 pairs are drawn from, in any order', () => {
  const kinds = Array.from(
    { length: 250 },
    (_, i) => [{ method: `M${i}`, firstByteMs: i % 7 }, { firstByteMs: i % 11 }, 50] as const,
  );
  const lines = pairs(...kinds);
  const first = report(lines);
  check(first);
  assert.equal(first.routes.length, 201);
  assert.equal(first.routes.find(({ route }) => route === '(other)')?.errors.n, 2500);
  assert.equal(first.latency?.sampled, 10_000);
  const random = randomOf(5);
  const again = report({ production: shuffled(lines.production, random), mirror: shuffled(lines.mirror, random) });
  assert.ok(JSON.stringify(again) === JSON.stringify(first));
});

function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return `${a.slice(Math.max(0, at - 200), at + 80)}\n≠\n${b.slice(Math.max(0, at - 200), at + 80)}`;
}

const INPUT: InputReport = {
  role: 'production',
  path: 'lb.log',
  format: 'haproxy-httplog',
  lines: 100,
  parsed: 98,
  unparsed: 2,
  duplicateLines: 1,
};

test('the report of nothing, of one side, and of sides that nothing pairs fit the schema', () => {
  const { production, mirror } = pairs([{}, {}, 7]);
  const anonymous = { production: [request(), request({ timeMs: 5 })], mirror: [answer({ status: 500 })] };
  for (const lines of [{}, { production }, { mirror }, anonymous, { ...anonymous, mirror: [] }]) {
    check(report(lines, { options: { inputs: [INPUT] } }));
  }
});

test('the report with every gate and a baseline fits the schema', () => {
  const lines = pairs([{ target: '/a' }, {}, 400], [{ target: '/b' }, { status: 500 }, 100], [{}, { status: 404 }, 5]);
  const noise = new NoiseBaseline(JSON.parse(JSON.stringify(report(lines))));
  const failOn = ['new-errors>1', 'new-4xx>1%', 'error-rate-delta>0.5pp', 'p95-ratio>1.2', 'coverage<80%'];
  const warnOn = ['delivered<99%', 'spoe-errors>1%', 'unparsed>1%'];
  for (const options of [{ inputs: [INPUT] }, { inputs: [INPUT], noise }]) {
    const found = report(lines, { failOn, warnOn, options });
    check(found);
    assert.equal(found.verdict.gates.find(({ gate }) => gate === 'unparsed')?.observed, 0.02);
    assert.equal(new Set(found.verdict.gates.map(({ gate }) => gate)).size, 16);
  }
});

test('the share of unparsed lines is that of the worst input, empty ones left out', () => {
  const unparsed = (...inputs: InputReport[]) =>
    report({}, { failOn: ['unparsed>1%'], options: { inputs } }).verdict.gates.find(({ gate }) => gate === 'unparsed');
  const empty = { ...INPUT, lines: 0, parsed: 0, unparsed: 0 };
  assert.equal(unparsed(INPUT, { ...INPUT, unparsed: 50 }, empty)?.observed, 0.5);
  assert.equal(unparsed(empty)?.status, 'inconclusive');
});

test('the window is that of production, the skew the median of the pairs alone', () => {
  const lines = pairs([{ timeMs: 1000 }, { timeMs: 1500 }, 1], [{ timeMs: 9000 }, { timeMs: 9100 }, 1]);
  const aborted = pairs([{}, {}, 5]);
  const production = aborted.production.map((record, i) =>
    request({ ...record, uniqueId: `aborted-${i}`, termination: 'CR--', firstByteMs: -1, timeMs: 5000 + i }),
  );
  const mirror = production.map(({ uniqueId }) => answer({ uniqueId, timeMs: 500_000 }));
  const { window, correlation } = report({
    production: [...lines.production, ...production],
    mirror: [...lines.mirror, ...mirror],
  });
  assert.deepEqual(window, { from: '1970-01-01T00:00:01.000Z', to: '1970-01-01T00:00:09.000Z' });
  assert.equal(correlation.clockSkewMs, 100);
});

test('q is that of Benjamini and Hochberg over the routes that can become significant', () => {
  const { routes, errors } = report(
    pairs(
      [{ target: '/a' }, { status: 500 }, 8],
      [{ target: '/b' }, { status: 500 }, 7],
      [{ target: '/quiet' }, { status: 500 }, 5],
      [{ target: '/c' }, {}, 50],
      [{ target: '/ignored', status: 201 }, { status: 409 }, 50],
    ),
    { settings: { ignore: ['201->409'] } },
  );
  const [a, b, c, quiet] = ['GET /a', 'GET /b', 'GET /c', 'GET /quiet'].map(
    (name) => routes.find(({ route }) => route === name)?.errors.test,
  );
  assert.equal(routes.length, 4);
  assert.equal(a?.q, (a?.p as number) * 2);
  assert.equal(b?.q, b?.p);
  assert.deepEqual([quiet?.p, quiet?.q], [0.5 ** 5, 1]);
  assert.deepEqual([c?.p, c?.q, errors.test.q], [1, 1, null]);
});

test('worst comes first: regressed routes, then by how many errors came on top', () => {
  const { routes } = report(
    pairs(
      [{ target: '/fine' }, {}, 500],
      [{ target: '/fixed', status: 500 }, {}, 20],
      [{ target: '/few' }, { status: 500 }, 2],
      [{ target: '/bad' }, { status: 500 }, 20],
      [{ target: '/worse' }, { status: 500 }, 40],
      [{ target: '/new4xx' }, { status: 404 }, 2],
    ),
  );
  assert.deepEqual(
    routes.map(({ route }) => route.slice(5)),
    ['worse', 'bad', 'few', 'new4xx', 'fine', 'fixed'],
  );
});

test('warnings say what makes the report weaker', () => {
  const codesOf = (lines: Lines) => report(lines).warnings.map(({ code }) => code);
  const { production, mirror } = pairs([{ pid: 1, sid: 1, host: 'h' }, {}, 1]);
  const lost = request({ uniqueId: 'lost' });
  assert.deepEqual(codesOf({ production, mirror }), []);
  assert.deepEqual(codesOf({ production, mirror, spoe: [{ agent: 'iprep', sid: 1, st: 0 }] }), ['other-agent']);
  assert.deepEqual(codesOf({ production, mirror, spoe: [{ sid: 1, st: 0, pid: -1 }] }), ['spoe-without-process']);
  assert.deepEqual(codesOf({ production: [...production, lost], mirror, spoe: [{ sid: 1, st: 0, host: 'h' }] }), [
    'no-stream',
  ]);
  assert.deepEqual(codesOf({ production: [...production, lost, { ...lost, status: 1 }], mirror }), ['ambiguous-ids']);
});

test('more agents than anyone has are named in no order of lines', () => {
  const spoe = Array.from({ length: 60 }, (_, i) => ({ agent: `a${i}`, sid: i, st: 0 }));
  const message = report({ spoe }).warnings.find(({ code }) => code === 'other-agent')?.message;
  assert.equal(
    report({ spoe: [...spoe].reverse() }).warnings.find(({ code }) => code === 'other-agent')?.message,
    message,
  );
  assert.equal(message?.match(/a\d+/g)?.length, 20);
});

test('settings are told as they were', () => {
  assert.deepEqual(report({}).settings, SETTINGS);
});
