/** What a release manager ships by: each kind of harm that must not be called safe, and each harmless thing that must not stop a release. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intervalOf, passBound } from '../../src/diff/comparison.ts';
import type { DiffReport, DiffSettings } from '../../src/diff/model.ts';
import { NoiseBaseline } from '../../src/diff/noise.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import {
  answer,
  type Kind,
  type Lines,
  pairs,
  type Reporting,
  randomOf,
  report,
  request,
  shuffled,
} from './records.ts';

/** As the command line has them. */
const DEFAULTS = { minRatio: 1.5, allowSlower: 2, allowSlowerMs: 20 } as const;

function decide(lines: Lines, reporting: Reporting = {}): DiffReport {
  return report(lines, { ...reporting, settings: { ...DEFAULTS, ...reporting.settings } });
}

/** The kinds in a random order of time: no stretch has more of one than its share. */
function mixed(seed: number, ...kinds: readonly Kind[]): { production: AccessRecord[]; mirror: AccessRecord[] } {
  const all = shuffled(
    kinds.flatMap(([before, after, n]) => Array.from({ length: n }, () => [before, after] as const)),
    randomOf(seed),
  );
  return pairs(...all.map(([before, after]): Kind => [before, after, 1]));
}

function gatesNot(passing: DiffReport): string[] {
  return passing.verdict.gates
    .filter(({ status }) => status !== 'pass')
    .map(({ gate, route }) => (typeof route === 'string' ? `${gate} ${route}` : gate));
}

for (const status of [403, 404, 401, 302, 204, 205]) {
  test(`every answer ${status} where production says 200 is a FAIL that names the transition`, () => {
    const { verdict } = decide(mixed(1, [{}, { status }, 1000]));
    assert.equal(verdict.exitCode, 1);
    assert.match(verdict.reasons.join('\n'), new RegExp(`200 → ${status} in 100 %`));
  });
}

test('one route 404 on the mirror, all else equal, is a FAIL that names the route', () => {
  const found = decide(mixed(1, [{ target: '/a' }, {}, 4950], [{ target: '/b' }, { status: 404 }, 50]));
  assert.equal(found.verdict.exitCode, 1);
  assert.ok(gatesNot(found).includes('route-status-regression GET /b'));
  assert.match(found.verdict.reasons.join('\n'), /status of GET \/b: 200 → 404 in 100 % of 50 pairs/);
  assert.equal(found.routes[0]?.route, 'GET /b');
  assert.equal(found.routes[0]?.errors.status?.regressed, true);
});

test('statuses that are wanted to change do not', () => {
  const lines = mixed(1, [{}, {}, 900], [{}, { status: 404 }, 100]);
  assert.equal(decide(lines, { settings: { ignore: ['200->404'] } }).verdict.status, 'pass');
});

test('statuses that change both ways alike are noise', () => {
  const lines = mixed(1, [{}, {}, 9900], [{}, { status: 404 }, 50], [{ status: 404 }, {}, 50]);
  assert.equal(decide(lines).verdict.status, 'pass');
});

test('a route that answers without its body is a FAIL that names it; --ignore is for who means it', () => {
  const kinds: Kind[] = [
    [{ target: '/items' }, {}, 900],
    [{ method: 'DELETE', target: '/x' }, { status: 204 }, 100],
  ];
  const { verdict } = decide(mixed(1, ...kinds));
  assert.equal(verdict.status, 'fail');
  assert.match(verdict.reasons.join('\n'), /status of DELETE \/x: 200 → 204 in 100 % of 100 pairs/);
  assert.equal(decide(mixed(1, ...kinds), { settings: { ignore: ['DELETE /x 200->204'] } }).verdict.status, 'pass');
});

test('a queue that has something for one of two who ask is no regression, whoever of the two it is', () => {
  const lines = mixed(1, [{ target: '/next' }, {}, 9900], [{}, { status: 204 }, 50], [{ status: 204 }, {}, 50]);
  assert.equal(decide(lines).verdict.status, 'pass');
});

test('a body where production has none stops no release', () => {
  assert.equal(decide(mixed(1, [{ status: 204 }, {}, 1000])).verdict.status, 'pass');
});

test('access that production denies is a FAIL, however rare, and though the class got better', () => {
  const found = decide(mixed(1, [{}, {}, 5000], [{ status: 401 }, {}, 8]));
  assert.equal(found.verdict.exitCode, 1);
  assert.match(found.verdict.reasons.join('\n'), /401 → 200 .* lets in whom production denies/);
});

test('half of the answers missing is not safe, and it is said how many', () => {
  const { production, mirror } = pairs([{}, {}, 1000]);
  const found = decide({ production, mirror: mirror.filter((_, i) => i % 2 === 0) });
  assert.equal(found.verdict.exitCode, 3);
  assert.ok(gatesNot(found).includes('delivered'));
  assert.match(found.verdict.reasons.join('\n'), /500 of 1000 requests have no answer/);
  assert.equal(decide({ production, mirror: mirror.slice(500) }, { failOn: ['delivered'] }).verdict.exitCode, 1);
});

test('few changes seen do not make the bound of a PASS too certain', () => {
  const settings = { alpha: 0.05, margin: 0.01 } as DiffSettings;
  assert.equal(passBound(276, 0, 0, settings), intervalOf(276, 0, 0, settings)[1]);
  // With 20 better ones and a true rise of 1 pp, 40 worse ones and 60 changes are to be expected of 2000, not 40.
  const [, end] = intervalOf(2000, 20, 20, settings);
  const bound = passBound(2000, 20, 20, settings);
  assert.ok(Math.abs(bound - 1.959964 * Math.sqrt((60 / 2000 - 0.0001) / 2000)) < 1e-6);
  assert.ok(bound > end);
});

test('a few missing answers that could hide nothing beyond the margin are safe', () => {
  const { production, mirror } = pairs([{}, {}, 5000]);
  assert.equal(decide({ production, mirror: mirror.slice(10) }).verdict.status, 'pass');
});

test('where one in ten is mirrored and that is said, what is missing is no loss', () => {
  const { production, mirror } = pairs([{}, {}, 5000]);
  const lines = { production, mirror: mirror.filter((_, i) => i % 10 === 0) };
  assert.equal(decide(lines).verdict.status, 'inconclusive');
  assert.equal(decide(lines, { settings: { expectCoverage: 0.1 } }).verdict.status, 'pass');
  assert.equal(decide(lines, { settings: { expectCoverage: 0.5 } }).verdict.status, 'inconclusive');
});

test('all answers of one route missing: it is listed, named, and not safe', () => {
  const { production, mirror } = pairs([{ target: '/' }, {}, 900], [{ target: '/checkout/pay' }, {}, 100]);
  const found = decide(
    { production, mirror: mirror.filter(({ target }) => target === '/') },
    { settings: { margin: 0.5 } },
  );
  assert.equal(found.verdict.exitCode, 3);
  assert.deepEqual(gatesNot(found), ['lost-routes GET /checkout/pay']);
  const route = found.routes.find((one) => one.route === 'GET /checkout/pay');
  assert.deepEqual(route?.delivery, { comparable: 100, paired: 0, unanswered: 100, dropped: 0, lost: true });
});

test('what SPOE lines say was never sent is not lost', () => {
  const { production, mirror } = pairs([{ target: '/' }, {}, 900], [{ target: '/static' }, {}, 100]);
  const withStream = production.map((record, i) => ({ ...record, sid: i, pid: 1 }));
  const spoe = withStream.slice(0, 900).map(({ sid }) => ({ sid, st: 0 }));
  const { verdict, coverage } = decide({ production: withStream, mirror: mirror.slice(0, 900), spoe });
  assert.deepEqual([verdict.status, coverage.buckets.not_mirrored, coverage.unanswered], ['pass', 100, 0]);
});

test('a mirror that is 400 times slower is not safe', () => {
  const lines = pairs([{ firstByteMs: 2 }, { firstByteMs: 800 }, 1000]);
  const found = decide(lines);
  assert.equal(found.verdict.exitCode, 3);
  assert.ok(gatesNot(found).includes('latency'));
  assert.match(found.verdict.reasons.join('\n'), /slower: half of the answers within 2 ms → 800 ms/);
  assert.equal(decide(lines, { failOn: ['latency'] }).verdict.exitCode, 1);
  assert.equal(decide(lines, { settings: { allowSlower: 500 } }).verdict.status, 'pass');
});

test('a slow route is named though the whole is not slower', () => {
  const found = decide(
    pairs([{ target: '/a' }, {}, 4000], [{ target: '/b', firstByteMs: 30 }, { firstByteMs: 300 }, 100]),
  );
  assert.deepEqual(gatesNot(found), ['route-latency GET /b']);
});

test('a route that has another kind of status on the mirror is not said to have no times', () => {
  const found = decide(pairs([{ target: '/a' }, {}, 400], [{ target: '/b' }, { status: 404 }, 100]));
  const reasons = found.verdict.gates.flatMap(({ gate, reason = '' }) => (gate.endsWith('latency') ? [reason] : []));
  assert.doesNotMatch(reasons.join('\n'), /no time/);
  assert.ok(reasons.includes('none of 1 routes is slower'), reasons.join('\n'));
});

test('204 for 200 is worse where a body was asked for', () => {
  const found = (method: string) => decide(pairs([{ method }, { method, status: 204 }, 400])).verdict.status;
  assert.deepEqual(['GET', 'DELETE', 'HEAD', 'OPTIONS'].map(found), ['fail', 'fail', 'pass', 'pass']);
});

test('slow answers of one in ten are not safe, though the typical one is as fast as before', () => {
  const found = decide(mixed(1, [{}, {}, 900], [{}, { firstByteMs: 900 }, 100]));
  assert.deepEqual([found.verdict.exitCode, found.latency?.slower], [3, true]);
});

test('five times as slow is safe where that is four milliseconds more', () => {
  assert.equal(decide(pairs([{ firstByteMs: 1 }, { firstByteMs: 5 }, 1000])).verdict.status, 'pass');
});

test('a route with 8 of 8 new errors among 150 quiet ones is found', () => {
  const resources = [
    'orders',
    'users',
    'carts',
    'invoices',
    'stores',
    'returns',
    'coupons',
    'reviews',
    'labels',
    'taxes',
  ];
  const views = ['list', 'search', 'count', 'export', 'summary', 'status', 'history', 'stats', 'config', 'help'];
  const methods = ['GET', 'POST', 'PUT'];
  const quiet = methods.flatMap((method) =>
    resources
      .slice(0, 5)
      .flatMap((resource) => views.map((view): Kind => [{ method, target: `/${resource}/${view}` }, {}, 40])),
  );
  const found = decide(mixed(1, ...quiet, [{ target: '/pay/now' }, { status: 500 }, 8]));
  assert.ok(found.routes.length > 100);
  assert.equal(found.verdict.exitCode, 1);
  assert.ok(gatesNot(found).includes('route-regression GET /pay/now'));
});

function baselineOf(...kinds: readonly Kind[]): NoiseBaseline {
  return new NoiseBaseline(JSON.parse(JSON.stringify(report(pairs(...kinds)))));
}

test('a baseline with one clean pair of a route does not hide its errors', () => {
  const noise = baselineOf([{ target: '/a' }, {}, 4999], [{ target: '/b' }, {}, 1]);
  const lines = mixed(
    1,
    [{ target: '/a' }, {}, 4920],
    [{ target: '/b' }, { status: 500 }, 20],
    [{ target: '/b' }, {}, 60],
  );
  const { verdict, routes } = decide(lines, { options: { noise } });
  assert.deepEqual([verdict.exitCode, routes[0]?.route, routes[0]?.regressed], [1, 'GET /b', true]);
});

test('changes of a status that the baseline has too are noise', () => {
  const kinds: Kind[] = [
    [{}, {}, 4900],
    [{}, { status: 404 }, 100],
  ];
  assert.equal(decide(mixed(1, ...kinds)).verdict.status, 'fail');
  assert.equal(decide(mixed(1, ...kinds), { options: { noise: baselineOf(...kinds) } }).verdict.status, 'pass');
});

test('the baseline corrects times, too', () => {
  const noise = baselineOf([{ firstByteMs: 10 }, { firstByteMs: 100 }, 500]);
  const found = decide(pairs([{ firstByteMs: 10 }, { firstByteMs: 100 }, 1000]), { options: { noise } });
  assert.equal(found.verdict.status, 'pass');
  assert.ok(Math.abs((found.latency?.excessRatio as number) - 1) < 0.05);
});

test('only a part is mirrored and nothing pairs: the same rates in each route are no regression', () => {
  const lines = (target: string, n: number, errors: number) =>
    Array.from({ length: n }, (_, i) => ({ target, status: i < errors ? 500 : 200, timeMs: i }));
  const production = [...lines('/api', 5000, 200), ...lines('/static', 5000, 0)].map((line) => request(line));
  const mirror = lines('/api', 5000, 200).map((line) => answer(line));
  const found = decide({ production, mirror });
  assert.deepEqual([found.verdict.status, found.errors.difference], ['inconclusive', 0]);
  const warning = found.warnings.find(({ code }) => code === 'one-sided-routes');
  assert.match(warning?.message ?? '', /GET \/static \(production, 5000\)/);
});

test('unpaired shares of routes that differ are no regression, and a rise in each is', () => {
  const lines = (target: string, n: number, rate: number) =>
    Array.from({ length: n }, (_, i) => ({ target, status: i < n * rate ? 500 : 200, timeMs: i }));
  const production = [...lines('/a', 5000, 0.04), ...lines('/b', 5000, 0)].map((line) => request(line));
  const same = [...lines('/a', 5000, 0.04), ...lines('/b', 500, 0)].map((line) => answer(line));
  const worse = [...lines('/a', 5000, 0.08), ...lines('/b', 500, 0.02)].map((line) => answer(line));
  const equal = decide({ production, mirror: same });
  assert.deepEqual([equal.verdict.status, equal.errors.test.name], ['inconclusive', 'mantel-haenszel']);
  assert.ok(Math.abs(equal.errors.difference as number) < 1e-12);
  assert.equal(decide({ production, mirror: worse }).verdict.status, 'fail');
});

test('errors five times as frequent as before fail, however few they are in points', () => {
  const lines = mixed(1, [{}, {}, 4968], [{}, { status: 500 }, 27], [{ status: 500 }, {}, 5]);
  const { verdict, errors } = decide(lines);
  assert.equal(verdict.exitCode, 1);
  assert.ok((errors.difference as number) < 0.005);
  assert.match(verdict.reasons[0] ?? '', /errors rose from 0.10 % to 0.54 %: 27 new, 5 fixed in 5000 pairs/);
});

test('a rise that may be chance and may be twice as many errors is not called safe', () => {
  const lines = mixed(1, [{}, {}, 4925], [{}, { status: 500 }, 45], [{ status: 500 }, {}, 30]);
  const { verdict } = decide(lines);
  assert.equal(verdict.status, 'inconclusive');
  assert.match(verdict.reasons[0] ?? '', /errors may have risen from 0.60 % to 0.90 %.* may be chance/);
  assert.equal(report(lines).verdict.status, 'pass');
});

test('a rise that may be chance says how many more pairs prove it if it goes on, and so many do', () => {
  const of = (n: number) =>
    decide(mixed(1, [{}, {}, 74 * n], [{}, { status: 500 }, 4 * n], [{ status: 500 }, {}, 2 * n])).verdict;
  const { status, reasons } = of(5);
  assert.equal(status, 'inconclusive');
  const more = Number(
    /which may be chance \(p [\d.]+\); if it goes on like this, some (\d+) more pairs prove it$/.exec(
      reasons[0] ?? '',
    )?.[1],
  );
  assert.ok(more > 0, reasons[0]);
  assert.equal(of(Math.ceil((5 * 80 + more) / 80)).status, 'fail');
  assert.equal(of(Math.floor((5 * 80 + 0.8 * more) / 80)).status, 'inconclusive');
});

/** Errors of the mirror alone, of production alone and of both, among n pairs. */
function failing(n: number, up: number, down: number, both = 0, settings: Partial<DiffSettings> = {}): DiffReport {
  const failed = { status: 500 };
  const kinds: Kind[] = [
    [{}, {}, n - up - down - both],
    [{}, failed, up],
    [failed, {}, down],
    [failed, failed, both],
  ];
  return decide(mixed(1, ...kinds), { settings });
}

test('a rise that is certain is not called chance: what is open is its size', () => {
  const { verdict } = failing(24_000, 280, 200);
  assert.equal(verdict.status, 'inconclusive');
  assert.match(
    verdict.reasons[0] ?? '',
    /^errors rose from 0.83 % to 1.17 %: 280 new, 200 fixed in 24000 pairs \(p <0.001\); what is open is whether by as much as --min-effect \(0.5 pp, 1.5x\); if it goes on like this, a PASS needs \d+ more pairs$/,
  );
});

test('a rise that is perhaps large says how many more pairs show that it is not, and so many do', () => {
  const { verdict, plan } = failing(5000, 10, 3, 40);
  assert.equal(verdict.status, 'inconclusive');
  assert.match(
    verdict.reasons[0] ?? '',
    /may be chance \(p 0.057\); if it goes on like this, a PASS needs 120 more pairs$/,
  );
  assert.equal(plan?.needed, 5120);
  assert.equal(failing(5120, 11, 4, 41).verdict.status, 'pass');
});

for (const [anytime, n, up, down] of [
  [false, 1000, 17, 8],
  [false, 1000, 5, 1],
  [false, 500, 3, 0],
  [true, 1000, 17, 8],
] as const) {
  test(`${up} new and ${down} fixed errors in ${n} pairs${anytime ? ', at any time,' : ''} lead to a FAIL: one number, and none for a PASS`, () => {
    const { verdict, plan } = failing(n, up, down, 0, { anytime });
    const said = verdict.reasons.join().match(/\d+ more pairs[^,]*/g) ?? [];
    assert.deepEqual([verdict.status, said.length, plan?.needed], ['inconclusive', 1, null]);
    const [, more = ''] = /^(\d+) more pairs prove/.exec(said[0] ?? '') ?? [];
    const times = (n + Number(more)) / n;
    const later = failing(n + Number(more), Math.floor(up * times), Math.ceil(down * times), 0, { anytime });
    assert.equal(later.verdict.status, 'fail');
  });
}

test('nobody is told to wait for more than 100 times the pairs that there are', () => {
  const { verdict, plan } = failing(3000, 37, 25);
  assert.match(verdict.reasons[0] ?? '', /may be chance \(p [\d.]+\); more pairs of such rates will hardly decide$/);
  assert.equal(plan?.needed, null);
});

test('where no gate asks for a rise only the margin is waited for', () => {
  assert.equal(failing(500, 3, 0, 0, { gates: ['pairs'] }).plan?.needed, 2717);
});

test('as many errors as before are safe', () => {
  const lines = mixed(1, [{}, {}, 4950], [{}, { status: 500 }, 25], [{ status: 500 }, {}, 25]);
  assert.equal(decide(lines).verdict.status, 'pass');
});

/** One request a second for two hours; what is asked in the given minutes fails. */
function restarted(from: number, to: number, errors: number): Lines {
  const random = randomOf(7);
  const { production, mirror } = pairs([{}, {}, 7200]);
  const during = shuffled(
    mirror.flatMap((_, i) => (i >= 60 * from && i < 60 * to ? [i] : [])),
    random,
  ).slice(0, errors);
  return { production, mirror: mirror.map((line, i) => (during.includes(i) ? { ...line, status: 503 } : line)) };
}

test('errors of one minute, while the mirror restarted, are named with it and are neither FAIL nor PASS', () => {
  const found = decide(restarted(63, 64, 40));
  assert.equal(found.verdict.status, 'inconclusive');
  assert.match(found.verdict.reasons[0] ?? '', /40 of 40 new ones came on 2026-11-22 between 08:03 and 08:04 UTC/);
  assert.deepEqual(
    found.overTime?.bursts.map(({ from, to, newErrors, share }) => [from, to, newErrors, share]),
    [['2026-11-22T08:03:00.000Z', '2026-11-22T08:04:00.000Z', 40, 1]],
  );
});

test('routes that had their errors in a burst of the whole are part of it', () => {
  const { production, mirror } = restarted(63, 64, 60);
  const target = (i: number) => (i % 2 === 0 ? '/a' : i % 10 === 1 ? '/b' : '/c');
  const found = decide({
    production: (production ?? []).map((line, i) => ({ ...line, target: target(i) })),
    mirror: (mirror ?? []).map((line, i) => ({ ...line, target: target(i) })),
  });
  assert.equal(found.verdict.status, 'inconclusive');
  assert.ok(gatesNot(found).includes('route-regression GET /a'));
  assert.equal(found.routes.filter(({ regressed }) => regressed).length, 0);
});

test('a mirror that answers 404 for a minute while it restarts is a burst, too', () => {
  const { production = [], mirror = [] } = restarted(63, 64, 40);
  const found = decide({
    production,
    mirror: mirror.map((line) => (line.status === 503 ? { ...line, status: 404 } : line)),
  });
  assert.equal(found.verdict.status, 'inconclusive');
  assert.match(
    found.verdict.reasons.join(),
    /status: 40 of 40 new ones came on 2026-11-22 between 08:03 and 08:04 UTC/,
  );
});

test('errors that began and did not end are a regression', () => {
  assert.equal(decide(restarted(90, 120, 100)).verdict.status, 'fail');
});

test('errors all the time are a regression', () => {
  assert.equal(decide(restarted(0, 120, 100)).verdict.status, 'fail');
});

test('errors of a route that is only asked for at one time are no burst', () => {
  const { production, mirror } = restarted(60, 61, 60);
  const target = (i: number) => (i >= 3600 && i < 3660 ? '/report' : '/');
  const found = decide({
    production: (production ?? []).map((line, i) => ({ ...line, target: target(i) })),
    mirror: (mirror ?? []).map((line, i) => ({ ...line, target: target(i) })),
  });
  assert.equal(found.verdict.status, 'fail');
});

test('errors in many clusters say less than so many errors by chance: it is said, and allowed for', () => {
  const { production, mirror } = pairs([{}, {}, 7200]);
  const isNew = (i: number) => i % 1200 < 15;
  const isFixed = (i: number) => i > 2400 && (i + 600) % 1200 < 15;
  const lines = {
    production: production.map((line, i) => (isFixed(i) ? { ...line, status: 500 } : line)),
    mirror: mirror.map((line, i) => (isNew(i) ? { ...line, status: 500 } : line)),
  };
  const found = decide(lines);
  assert.deepEqual([found.errors.newError, found.errors.fixedError], [90, 60]);
  assert.ok((found.errors.test.p as number) < 0.02);
  assert.ok(found.warnings.some(({ code }) => code === 'clustered-errors'));
  assert.notEqual(found.verdict.status, 'fail');
  const scattered = mixed(1, [{}, {}, 7050], [{}, { status: 500 }, 90], [{ status: 500 }, {}, 60]);
  assert.equal(decide(scattered).verdict.status, 'fail');
});

test('the plan says how many pairs a PASS needs, 276 when nothing fails', () => {
  assert.deepEqual(decide(pairs([{}, {}, 250])).plan?.needed, 276);
  assert.equal(decide(pairs([{}, {}, 275])).verdict.status, 'inconclusive');
  assert.equal(decide(pairs([{}, {}, 276])).verdict.status, 'pass');
  assert.match(decide(pairs([{}, {}, 250])).verdict.reasons[0] ?? '', /26 more pairs/);
  assert.equal(decide(mixed(1, [{}, {}, 900], [{}, { status: 500 }, 100])).plan?.needed, null);
});

test('logs without times are not known to be fast, which a release may do without', () => {
  const lines = pairs([{ firstByteMs: -1, totalMs: -1 }, { firstByteMs: -1, totalMs: -1 }, 1000]);
  const found = decide(lines);
  assert.deepEqual(gatesNot(found), ['latency', 'route-latency']);
  assert.match(found.verdict.reasons[0] ?? '', /both logs need times \(--gates=-latency,-route-latency/);
});

test('answers that failed count although their requests have no id that can be used', () => {
  const fine = pairs([{}, {}, 500]);
  const failed = (uniqueId: string) => answer({ uniqueId, status: 500 });
  const lost = Array.from({ length: 20 }, (_, i) => `cut-${i}`);
  const unknown = decide({ production: fine.production, mirror: [...fine.mirror, ...lost.map(failed)] });
  assert.match(
    `${unknown.verdict.status} ${unknown.verdict.reasons[0]}`,
    /^inconclusive 20 answers of the mirror failed/,
  );
  const shared = lost.flatMap((uniqueId) => [request({ uniqueId }), request({ uniqueId, target: '/again' })]);
  const ambiguous = decide({
    production: [...fine.production, ...shared],
    mirror: [...fine.mirror, ...lost.map(failed)],
  });
  assert.match(`${ambiguous.verdict.status} ${ambiguous.verdict.reasons[0]}`, /^inconclusive 20 answers/);
  // Those of another time are no part of the comparison.
  const later = lost.map((id) => ({ ...failed(id), timeMs: Date.UTC(2026, 10, 23) }));
  assert.equal(decide({ production: fine.production, mirror: [...fine.mirror, ...later] }).verdict.status, 'pass');
});

test('stream numbers that begin anew join requests that have nothing to do with each other', () => {
  const stream = (target: (i: number) => string) => (i: number) => ({ sid: i, pid: 1, target: target(i) });
  const production = Array.from({ length: 400 }, (_, i) => request(stream((n) => `/a/${n % 7}`)(i)));
  const mirror = (target: (i: number) => string) => production.map((_, i) => answer(stream(target)(i)));
  const wrong = decide({ production, mirror: mirror((i) => `/b/${i % 5}`) });
  assert.match(`${wrong.verdict.status} ${wrong.verdict.reasons[0]}`, /^inconclusive the lines of 400 of 400 pairs/);
  assert.equal(decide({ production, mirror: mirror((i) => `/prefix/a/${i % 7}`) }).verdict.status, 'pass');
});

test('SPOE lines that are missing of pairs prove nothing of the others', () => {
  const { production, mirror } = pairs([{}, {}, 500]);
  const withStream = production.map((record, i) => ({ ...record, sid: i, pid: 1 }));
  const spoe = withStream.slice(0, 350).map(({ sid }) => ({ sid, st: 0 }));
  const { verdict, coverage, warnings } = decide({ production: withStream, mirror: mirror.slice(0, 400), spoe });
  assert.deepEqual([verdict.status, coverage.buckets.not_mirrored, coverage.buckets.missing], ['inconclusive', 0, 100]);
  assert.ok(warnings.some(({ code }) => code === 'spoe-incomplete'));
});

test('as many that got worse as got better are no PASS', () => {
  const { verdict } = decide(mixed(5, [{}, {}, 2000], [{}, { status: 404 }, 500], [{ status: 404 }, {}, 500]));
  assert.match(`${verdict.status} ${verdict.reasons[0]}`, /^inconclusive 500 of 3000 pairs got worse and 500 better/);
});
