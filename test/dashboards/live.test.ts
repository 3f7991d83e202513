/**
 * Every query of the dashboard and every rule, answered by a real Prometheus that scrapes the programs: SPOE_LOGS_PROMETHEUS is the folder that
 * scripts/install-prometheus.sh has made. Skipped without it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { TemporaryFolder } from '../logs/reading.ts';
import { STALL, spoeLogs } from '../programs/spoe-logs/run.ts';
import { until } from '../until.ts';
import { asAsked, FOLDER, panelsOf, readDashboard } from './expressions.ts';
import { Prometheus, programOf, skip } from './prometheus.ts';
import { Scene } from './scene.ts';

/** Queries that are empty in a scene where this does not happen, and why it does not. */
const EMPTY: readonly (readonly [part: RegExp, why: string])[] = [
  [/spoa_mirror_connections_refused_total/, 'there is room for more connections'],
  [/spoa_mirror_connections_not_allowed_total/, 'everybody may connect'],
  [/spoa_mirror_connections_gave_way_total/, 'there is room for more connections'],
  [/spoa_mirror_stalled_connections_total/, 'the client reads its ACKs'],
  [/spoa_mirror_(hello|idle)_timeouts_total/, 'it would take their time'],
  [/spoa_mirror_acks_lost_total/, 'the client stays until it has its ACKs'],
  [/spoa_mirror_handler_errors_total/, 'there is no bug'],
  [/spoa_mirror_tls_handshakes_failed_total/, 'HAProxy is on the same machine'],
  [/spoa_mirror_requests_lost_total/, 'no worker dies'],
  [/spoa_mirror_(records|log_lines)_dropped_total/, 'the disk is not full'],
  [/spoa_mirror_otel_spans_/, 'there is no collector'],
  [/spoa_mirror_answers_dropped_total/, 'answers are not compared'],
  [/spoe_logs_diff_pairs_needed/, 'absent once the verdict is FAIL'],
  [/spoe_logs_lines_total\{.*malformed/, 'all lines of the log can be read'],
];

test('real Prometheus: every query is answered, and so is every rule', { skip, timeout: 300_000 }, async (t) => {
  const folder = new TemporaryFolder();
  t.after(() => folder.remove());
  const scene = await Scene.set(t, folder);
  t.after(() => scene.end());
  const rules = `${FOLDER}spoe-logs.rules.yaml`;
  const prometheus = await Prometheus.start(folder.file('prometheus'), scene.jobs, [rules]);
  t.after(() => prometheus.stop());
  await until('all are scraped', async () => (await prometheus.query('up == 1')).length === scene.jobs.length);
  /** More of the same, and a scrape of it. */
  const goOn = async () => {
    await scene.goOn();
    // The oldest of both: the other one is newer then.
    const last = async () => {
      const times = await prometheus.query('min(timestamp(up{job=~"mirroring|node"}))');
      return Number(times[0]?.value[1]);
    };
    const before = await last();
    await until('another scrape', async () => (await last()) > before);
  };
  // What is an increase has been less before.
  await goOn();

  const queries = panelsOf(readDashboard()).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr: asAsked(expr) })),
  );
  const unscraped = [...(scene.hasHaproxy ? [] : ['haproxy_']), ...(scene.hasComparison ? [] : ['spoe_logs_diff_'])];
  const asked = queries.filter(({ expr }) => !unscraped.some((name) => expr.includes(name)));
  assert.ok(asked.length > 50);
  for (const { title, expr } of asked) {
    const isEmpty = EMPTY.some(([part]) => part.test(expr));
    await t.test(`${title}: ${expr}`, async () => {
      if (isEmpty) return void (await prometheus.query(expr));
      // Rates are those of the last seconds.
      const found = await until(`an answer to ${expr}`, async () => {
        const series = await prometheus.query(expr);
        if (series.length > 0) return series;
        await goOn();
        return undefined;
      });
      // A share of nothing is no number, as of a mirror that answers nothing.
      assert.ok(
        found.some(({ value }) => !Number.isNaN(Number(value[1]))),
        JSON.stringify(found),
      );
    });
  }

  await t.test('the agent and the guard are read as OpenMetrics, what they count are counters', async () => {
    // A scrape has a second, which a machine may be too busy for; what cannot be read stays an error.
    await until('all are scraped without an error', async () => {
      const errors = (await prometheus.targets()).filter(({ lastError }) => lastError !== '');
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return true;
    });
    const types = await until('metadata', async () => {
      const all = await prometheus.types();
      return all.has('spoa_mirror_acks') && all.has('spoe_logs_guard_events') && all;
    });
    // In text a family has the whole name.
    for (const [name, type] of [
      ['spoa_mirror_acks', 'counter'],
      ['spoa_mirror_connections', 'gauge'],
      ['spoa_mirror_connections_total', 'unknown'],
      ['spoa_mirror_latency_seconds', 'histogram'],
      ['spoe_logs_guard_events', 'counter'],
    ] as const) {
      assert.equal(types.get(name), type, name);
    }
    assert.ok(!types.has('spoa_mirror_acks_total'));
  });

  await t.test('promtool finds nothing to mend in the names, types and texts of any', async () => {
    for (const { port, name } of scene.jobs.filter(({ name }) => name === 'mirroring' || name === 'guard')) {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept: 'text/plain' } });
      const { status, stdout, stderr } = spawnSync(programOf('promtool'), ['check', 'metrics'], {
        input: await response.text(),
        encoding: 'utf8',
      });
      assert.deepEqual([status, stdout, stderr], [0, '', ''], name);
    }
    const { stdout: text } = await spoeLogs([
      ...['summarize', '--format', 'prometheus', '--window', '1m', '--fail-on', 'p99>50ms'],
      ...[STALL, '--record', folder.file('mirror.jsonl')],
    ]);
    assert.match(text, /^spoe_logs_mirror_requests_total\{/m);
    const { status, stdout, stderr } = spawnSync(programOf('promtool'), ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  await t.test('rules are evaluated without an error', async () => {
    await until('all are', async () => (await prometheus.rules()).every(({ health }) => health !== 'unknown'));
    for (const { name, health, lastError } of await prometheus.rules())
      assert.equal(health, 'ok', `${name}: ${lastError}`);
  });
});
