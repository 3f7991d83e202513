import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareLatency } from '../../src/diff/latency.ts';
import { samplingRank } from '../../src/diff/sampling-rank.ts';
import { answer, pairs, randomOf, report, request, SETTINGS, shuffled } from './records.ts';

test('Tr goes with the time to the first byte', () => {
  const { latency } = report(pairs([{ firstByteMs: 10, totalMs: 50 }, { firstByteMs: 20, totalMs: 51 }, 10]));
  assert.deepEqual(latency?.field, { production: 'Tr', mirror: 'ttfb' });
  assert.deepEqual([latency?.n, latency?.production.p50, latency?.mirror.p50], [10, 10, 20]);
  assert.ok(Math.abs((latency?.ratio as number) / (20.5 / 10.5) - 1) < 0.05);
});

test('Ta goes with the total time where that is all the mirror has', () => {
  const { latency } = report(pairs([{ firstByteMs: 10, totalMs: 50 }, { firstByteMs: Number.NaN, totalMs: 51 }, 10]));
  assert.deepEqual(latency?.field, { production: 'Ta', mirror: 'total' });
  assert.deepEqual([latency?.production.p50, latency?.mirror.p50], [50, 51]);
});

test('pairs of which a side has no time, or answered another way, are left out', () => {
  const { latency, errors } = report(
    pairs(
      [{}, {}, 10],
      [{ firstByteMs: -1 }, {}, 1],
      [{}, { firstByteMs: Number.NaN }, 1],
      [{ firstByteMs: Number.POSITIVE_INFINITY }, {}, 1],
      [{}, { status: 500 }, 1],
      [{}, { status: 404 }, 1],
      [{}, { status: 204 }, 1],
    ),
  );
  assert.deepEqual([latency?.n, errors.n], [11, 16]);
});

test('fewer than 6 pairs have quantiles and no ratio, none have nothing', () => {
  const five = report(pairs([{}, {}, 5])).latency;
  assert.deepEqual([five?.n, five?.ratio, five?.test], [5, undefined, undefined]);
  assert.equal(report(pairs([{ firstByteMs: -1, totalMs: -1 }, {}, 5])).latency, null);
});

test('a route has its own, with a q among the routes', () => {
  const { routes } = report(pairs([{ target: '/a' }, { firstByteMs: 40 }, 50], [{ target: '/b' }, {}, 50]));
  const [slow, same] = ['GET /a', 'GET /b'].map((name) => routes.find(({ route }) => route === name)?.latency);
  assert.ok((slow?.test?.q as number) < 0.001 && (slow?.test?.q as number) >= (slow?.test?.p as number));
  assert.ok((same?.test?.p as number) > 0.05);
});

test('above 10,000 pairs a sample of 10,000 is drawn, and it is said', () => {
  const random = randomOf(3);
  const lines = pairs([{}, {}, 10_500]);
  const mirror = lines.mirror.map((record) => ({ ...record, firstByteMs: 10 * (1 + random()) }));
  const { latency, routes } = report({ ...lines, mirror });
  assert.deepEqual([latency?.n, latency?.sampled, routes[0]?.latency?.sampled], [10_500, 10_000, 10_000]);
  assert.deepEqual(routes[0]?.latency?.ratio, latency?.ratio);
  const shuffledLines = { production: shuffled(lines.production, random), mirror: shuffled(mirror, random) };
  assert.deepEqual(report(shuffledLines).latency, latency);
  assert.notDeepEqual(report({ ...lines, mirror }, { settings: { seed: 2 } }).latency, latency);
  assert.equal(report(pairs([{}, {}, 10_000])).latency?.sampled, undefined);
});

test('a sample can be drawn where requests share the id that they are shown by', () => {
  const trace = (i: number) => i.toString(16).padStart(32, '0');
  const production = Array.from({ length: 10_100 }, (_, i) =>
    request({ uniqueId: 'same', traceId: trace(i), timeMs: i }),
  );
  const mirror = Array.from({ length: 10_100 }, (_, i) =>
    answer({ traceId: trace(i), timeMs: i, firstByteMs: i % 100 }),
  );
  assert.equal(report({ production, mirror }).latency?.sampled, 10_000);
});

test('ranks are spread evenly, also of ids that differ in their last digits only', () => {
  const counts = new Array<number>(100).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const rank = samplingRank(`7F000001:${i.toString(16)}_7F000001:71AC_6B0297CB_${i.toString(16)}:5B7A`, 1);
    assert.ok(rank >= 0 && rank < 1);
    counts[Math.floor(rank * 100)] = (counts[Math.floor(rank * 100)] as number) + 1;
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chiSquare < 160, `${chiSquare}`);
});

test('ranks of different ids and of different seeds are different', () => {
  const ranks = new Set<number>();
  for (let i = 0; i < 50_000; i++) for (const seed of [1, 2]) ranks.add(samplingRank(`id-${i}`, seed));
  assert.equal(ranks.size, 100_000);
});

test('sides that nothing pairs are compared by Mann and Whitney', () => {
  const production = Array.from({ length: 12_000 }, (_, i) => request({ timeMs: i, firstByteMs: i % 20 }));
  const mirror = Array.from({ length: 500 }, (_, i) => answer({ timeMs: i, firstByteMs: 5 + (i % 20) }));
  const { latency } = report({ production, mirror });
  assert.deepEqual([latency?.test?.name, latency?.n], ['mann-whitney', 500]);
  assert.ok((latency?.ratio as number) > 1.2 && (latency?.test?.p as number) < 0.001);
});

const MEDIANS_MS = [0.8, 3, 40];

for (const median of MEDIANS_MS) {
  test(`equal servers of ${median} ms, one of them timed in whole milliseconds, come out equal`, () => {
    const random = randomOf(Math.round(10 * median));
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const runs = 600;
    let [covered, ratios, significant] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const own = Array.from({ length: 150 }, () => median * Math.exp(0.5 * normal()));
      const time = (i: number) => (own[i] as number) * Math.exp(0.4 * normal());
      const measured = compareLatency(
        {
          production: Float64Array.from(own, (_, i) => Math.floor(time(i))),
          mirror: Float64Array.from(own, (_, i) => time(i)),
          ranks: Float64Array.from(own, () => random()),
        },
        { field: { production: 'Tr', mirror: 'ttfb' }, resolutionMs: 1, settings: SETTINGS, noise: null },
      );
      const { ratio = 0, ratioCi: [low, high] = [0, 0], test: { p } = { p: 1 } } = measured?.comparison ?? {};
      ratios += Math.log(ratio) / runs;
      if (low <= 1 && high >= 1) covered++;
      if (p <= 0.05) significant++;
      assert.ok(measured !== null && !measured.isTypicalSlow);
    }
    assert.ok(Math.abs(ratios) < 0.03, `${Math.exp(ratios)}`);
    assert.ok(Math.abs(covered / runs - 0.95) < 0.025, `${covered / runs}`);
    assert.ok(Math.abs(significant / runs - 0.05) < 0.025, `${significant / runs}`);
  });
}

test('both sides are rounded down to what the less exact one tells, and it is said', () => {
  const times = (production: number, mirror: number) =>
    report(pairs([{ firstByteMs: production, totalMs: production }, { firstByteMs: mirror }, 20])).latency;
  assert.deepEqual([times(10, 10.9)?.resolutionMs, times(10, 10.9)?.mirror.p50], [1, 10]);
  assert.deepEqual([times(10.5, 10.9)?.resolutionMs, times(10.5, 10.9)?.mirror.p50], [undefined, 10.9]);
  // One time alone may be a limit that is always reached; several are a clock of seconds.
  assert.deepEqual([times(10.5, 2000)?.resolutionMs, times(10.5, 2000)?.production.p50], [1, 10]);
  const seconds = report(
    pairs([{ firstByteMs: 10.5 }, { firstByteMs: 2000 }, 20], [{ firstByteMs: 10.5 }, { firstByteMs: 0 }, 20]),
  );
  assert.deepEqual([seconds.latency?.resolutionMs, seconds.latency?.production.p50], [1000, 0]);
});

test('which times are compared can be chosen', () => {
  const lines = pairs([{ firstByteMs: 10, totalMs: 50 }, { firstByteMs: 20, totalMs: 51 }, 10]);
  const { latency } = report(lines, { settings: { compareLatency: 'total' } });
  assert.deepEqual(latency?.field, { production: 'Ta', mirror: 'total' });
});
