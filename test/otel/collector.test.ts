/**
 * Against a real OpenTelemetry Collector: SPOE_LOGS_COLLECTOR is the path of one that scripts/install-collector.sh has
 * built. Skipped without it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../logs/reading.ts';
import { reservePort } from '../ports.ts';
import { fixture, LiveRun, spoeLogs } from '../programs/spoe-logs/run.ts';
import { untilTrue } from '../until.ts';
import { makeLines } from './exporting.ts';
import { MirroringAgent, MirrorServer } from './mirroring.ts';

const { SPOE_LOGS_COLLECTOR: program } = process.env;
const skip =
  program === undefined && 'SPOE_LOGS_COLLECTOR names no collector (scripts/install-collector.sh builds one)';
const FIXED = ['--tz', 'UTC', '--year', '2026'];
const CORPUS = fixture('demo/2.6.12--ok-load--first-1203-lines.log');

const folder = new TemporaryFolder();
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  folder.remove();
});

/** A collector that writes what it gets to its standard error, and counts it. */
class Collector {
  readonly grpc: string;
  readonly http: string;
  readonly #telemetry: string;
  readonly #config: string;
  #child: ChildProcess | undefined;
  /** What it has written. */
  output = '';

  static async start(verbosity: 'basic' | 'detailed'): Promise<Collector> {
    const collector = new Collector([await reservePort(), await reservePort(), await reservePort()], verbosity);
    await collector.run();
    return collector;
  }

  private constructor([grpc = 0, http = 0, telemetry = 0]: readonly number[], verbosity: string) {
    this.grpc = `http://127.0.0.1:${grpc}`;
    this.http = `http://127.0.0.1:${http}`;
    this.#telemetry = `http://127.0.0.1:${telemetry}/metrics`;
    this.#config = folder.file(`collector-${http}.yaml`);
    writeFileSync(
      this.#config,
      `receivers:
  otlp:
    protocols:
      grpc: {endpoint: '127.0.0.1:${grpc}'}
      http: {endpoint: '127.0.0.1:${http}'}
exporters:
  debug: {verbosity: ${verbosity}}
service:
  telemetry:
    metrics:
      readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${telemetry}}}}}]
  pipelines:
    traces: {receivers: [otlp], exporters: [debug]}
    metrics: {receivers: [otlp], exporters: [debug]}
`,
    );
  }

  /** Starts it (again); resolves when it takes requests. */
  async run(): Promise<void> {
    const child = spawn(program as string, ['--config', this.#config], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    running.add(child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the collector ended: ${this.output.slice(-500)}`)));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        if (text.includes('Everything is ready')) resolve();
      });
    });
  }

  async kill(): Promise<void> {
    const child = this.#child as ChildProcess;
    child.kill('SIGKILL');
    await once(child, 'close');
    running.delete(child);
  }

  /** Accepted since it was started. */
  async accepted(what: 'spans' | 'metric_points'): Promise<number> {
    const text = await (await fetch(this.#telemetry)).text();
    const pattern = new RegExp(`^otelcol_receiver_accepted_${what}(?:_total)?\\{.*\\} (\\d+)$`, 'gm');
    return [...text.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
  }
}

function exportedOf(stdout: string): number {
  return Number(/exported (\d+) spans/.exec(stdout)?.[1]);
}

describe('a real collector', { skip }, () => {
  for (const [protocol, place] of [
    ['http/protobuf', 'http'],
    ['http/json', 'http'],
    ['grpc', 'grpc'],
  ] as const) {
    test(`accepts every span and data point over ${protocol}, and reads what was sent`, async () => {
      const collector = await Collector.start('detailed');
      const args = ['export', CORPUS, '--endpoint', collector[place], '--protocol', protocol, '--metrics', ...FIXED];
      const { code, stdout, stderr } = await spoeLogs(args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const events = readFileSync(CORPUS, 'utf8').match(/SPOE: \[/g)?.length;
      assert.equal(await collector.accepted('spans'), exportedOf(stdout));
      assert.equal(exportedOf(stdout), Number(events) * 5);
      assert.equal(await collector.accepted('metric_points'), Number(/exported (\d+) data points/.exec(stdout)?.[1]));
      await collector.kill();
      await compareSample(collector.output);
    });
  }

  /** The first spans, as the program itself shows them, against what the collector writes about them. */
  async function compareSample(output: string): Promise<void> {
    const { stdout } = await spoeLogs(['export', CORPUS, '--dry-run', ...FIXED]);
    const roots = stdout.split(/^trace /m).slice(1);
    assert.ok(roots.length >= 2);
    for (const root of roots) {
      const [traceId = '', line = '', ...attributes] = root.split('\n');
      const id = /span (\w+)$/.exec(line)?.[1];
      const seen = output
        .split(/^Span #\d+$/m)
        .find((text) => new RegExp(`ID +: ${id}\\b`).test(text) && text.includes('Kind           : Client'));
      assert.ok(seen, `span ${id} is there`);
      assert.ok(seen.includes(traceId));
      for (const attribute of attributes.filter((text) => /^ {4}haproxy/.test(text))) {
        const [key = '', value = ''] = attribute.trim().split('=');
        assert.match(seen, new RegExp(`-> ${key}: (Str|Int|Double)\\(${value}\\)`));
      }
    }
  }

  for (const [protocol, place] of [
    ['http/protobuf', 'http'],
    ['http/json', 'http'],
    ['grpc', 'grpc'],
  ] as const) {
    test(`accepts the spans and metrics of the agent over ${protocol}, and reads what was sent`, async () => {
      const [collector, mirror] = await Promise.all([Collector.start('detailed'), MirrorServer.start()]);
      const agent = await MirroringAgent.start([mirror.url], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector[place], OTEL_EXPORTER_OTLP_PROTOCOL: protocol },
      });
      const requests = Array.from({ length: 1000 }, (_, i) => ({ path: `/${i}?token=secret` }));
      for (let from = 0; from < requests.length; from += 50) await agent.notify(...requests.slice(from, from + 50));
      await agent.close();
      const { spans, points } = agent.service.stats().otel ?? assert.fail();
      assert.deepEqual(spans, { exported: 2000, dropped: 0, failed: 0, queued: 0 });
      assert.equal(await collector.accepted('spans'), 2000);
      assert.equal(await collector.accepted('metric_points'), points.exported);
      await collector.kill();
      for (const i of [0, 999])
        assert.ok(collector.output.includes(`url.full: Str(${mirror.url}/${i}?token=REDACTED)`));
      assert.ok(collector.output.includes('http.client.request.duration'));
      assert.ok(!collector.output.includes('secret'));
    });
  }

  test('killed and started again in the middle of an export: nothing is lost', async () => {
    const collector = await Collector.start('detailed');
    const lines = 20_000;
    const args = ['export', '--endpoint', collector.http, '--spans', 'compact', '--retry-for', '60s', ...FIXED];
    const run = new LiveRun(args);
    const text = makeLines(lines);
    const half = text.indexOf('\n', text.length / 2) + 1;
    run.write(text.slice(0, half));
    await untilTrue(async () => (await collector.accepted('spans')) > 0);
    // Killed with requests on their way; what it has accepted, it has written before it said so.
    await collector.kill();
    run.write(text.slice(half));
    run.child.stdin?.end();
    await collector.run();
    const { code, stdout } = await run.ended;
    assert.equal(code, 0, stdout);
    assert.equal(exportedOf(stdout), lines);
    assert.ok((await collector.accepted('spans')) < lines, 'some were accepted before');
    await collector.kill();
    const ids = new Set(Array.from(collector.output.matchAll(/^ +ID +: (\w{16})$/gm), ([, id]) => id));
    assert.equal(ids.size, lines);
  });
});
