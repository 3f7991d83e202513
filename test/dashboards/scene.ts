/** All that the dashboard is about, started: agent with mirrors of every kind, a log, a guard, HAProxy's exporter; and traffic. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';
import { programOf as haproxyOf, missing } from '../haproxy/haproxy.ts';
import type { TemporaryFolder } from '../logs/reading.ts';
import { FakeHaproxy, FakeWorker, MAP } from '../operate/fake-haproxy.ts';
import { closedUrl, MirrorServer } from '../otel/mirroring.ts';
import { reservePort } from '../ports.ts';
import { client, Run } from '../programs/spoa-mirror/program.ts';
import { fixture, LiveRun } from '../programs/spoe-logs/run.ts';
import { type Client, haproxyDisconnectFrame } from '../spoa/client.ts';
import { type Job, programOf } from './prometheus.ts';

const TEXTFILE = fileURLToPath(new URL('../../pipelines/prometheus-textfile.sh', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../bin/spoe-logs.js', import.meta.url));

/** This program may be one without a server. */
const KNOWS_SERVE = existsSync(
  fileURLToPath(new URL('../../src/programs/spoe-logs/commands/serve.ts', import.meta.url)),
);

/** Logs one after the other in time: the first is there from the beginning, the next ones come; then it is rotated. */
const LOGS = [
  'ok-load--first-1203-lines',
  'down-checked',
  'stall-pipelining',
  'stall-some',
  'slow-serial',
  'single-thread',
  'http2-clients',
].map((name) => fixture(`demo/2.6.12--${name}.log`));

export class Scene {
  readonly jobs: readonly Job[];
  readonly hasHaproxy: boolean;
  /** Whether `spoe-logs serve` is scraped. */
  readonly hasComparison: boolean = KNOWS_SERVE;
  readonly agent: Run;
  readonly mirror: MirrorServer;
  readonly deadUrl: string;
  readonly #client: Client;
  readonly #spoilt: () => Promise<void>;
  readonly #summarize: (logs: number) => Promise<void>;
  #sent = 0;
  #logs = 1;

  static async set(t: TestContext, folder: TemporaryFolder): Promise<Scene> {
    const mirror = await MirrorServer.start((request, response) => {
      const { url = '' } = request;
      if (url.startsWith('/hang')) return;
      response.statusCode = url.startsWith('/broken') ? 500 : url.startsWith('/missing') ? 404 : 200;
      response.end('ok');
    });
    const deadUrl = await closedUrl();
    const agentPort = await reservePort();
    const socket = folder.file('agent.sock');
    const agent = new Run([
      ...['-r0', '-n2', '-a', `unix:${socket}`, '-u', mirror.url, '-u', deadUrl, '--admin', `127.0.0.1:${agentPort}`],
      ...['--record', folder.file('mirror.jsonl'), '--queue', '40', '--connections', '4', '--response-timeout', '1s'],
      ...['--verdict-production', fixture('demo/2.6.12--ok-load--first-1203-lines.log')],
    ]);
    await agent.says(/ready on /);
    const haproxy = await client(socket);
    const spoilt = async () => {
      const other = await client(socket);
      other.send(haproxyDisconnectFrame(3));
      await other.end();
      const odd = await client(socket);
      odd.send(Buffer.from('00000007ff00000001ffff', 'hex'));
      odd.hello();
      await odd.end();
    };

    const textfiles = folder.file('textfiles');
    mkdirSync(textfiles);
    const log = folder.file('lb-access.log');
    const bin = folder.file('bin');
    mkdirSync(bin);
    symlinkSync(PROGRAM, join(bin, 'spoe-logs'));
    const path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
    const summarize = async (logs: number) => {
      writeFileSync(
        log,
        LOGS.slice(0, logs)
          .map((name) => readFileSync(name, 'utf8'))
          .join(''),
      );
      const run = new Child('sh', [TEXTFILE, log, join(textfiles, 'spoe_logs.prom')], {
        env: { ...process.env, PATH: path },
      });
      if ((await run.exit) !== 0) throw new Error(run.said);
    };
    await summarize(1);
    const nodePort = await reservePort();
    const node = new Child(
      programOf('node_exporter'),
      [
        ...['--collector.disable-defaults', '--collector.textfile', `--collector.textfile.directory=${textfiles}`],
        `--web.listen-address=127.0.0.1:${nodePort}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    t.after(() => node.end());

    const guard = await startGuard(t);
    const jobs: Job[] = [
      { name: 'mirroring', port: agentPort },
      { name: 'node', port: nodePort },
      { name: 'guard', port: guard },
    ];
    if (KNOWS_SERVE) jobs.push({ name: 'serve', port: await startServe() });
    const hasHaproxy = missing('3.2') === false;
    if (hasHaproxy) jobs.push({ name: 'haproxy', port: await startHaproxy(folder) });
    return new Scene({ jobs, hasHaproxy, agent, mirror, deadUrl, client: haproxy, spoilt, summarize });
  }

  private constructor(parts: {
    jobs: readonly Job[];
    hasHaproxy: boolean;
    agent: Run;
    mirror: MirrorServer;
    deadUrl: string;
    client: Client;
    spoilt: () => Promise<void>;
    summarize: (logs: number) => Promise<void>;
  }) {
    this.jobs = parts.jobs;
    this.hasHaproxy = parts.hasHaproxy;
    this.agent = parts.agent;
    this.mirror = parts.mirror;
    this.deadUrl = parts.deadUrl;
    this.#client = parts.client;
    this.#spoilt = parts.spoilt;
    this.#summarize = parts.summarize;
  }

  /** A burst: answers of every kind, more requests than the queue takes, connections that end badly; and more lines in the log. */
  async goOn(): Promise<void> {
    for (let i = 0; i < 100; i++) {
      const path = ['/', '/broken', '/missing', '/a', i % 20 === 4 ? '/hang' : '/b'][i % 5] ?? '/';
      this.#client.mirror(++this.#sent, path);
    }
    await this.#client.until(1 + this.#sent);
    await this.#spoilt();
    this.#logs = (this.#logs % LOGS.length) + 1;
    await this.#summarize(this.#logs);
  }

  /** Ends all that does not end with the test by itself. */
  async end(): Promise<void> {
    this.#client.close();
    await this.agent.end();
  }
}

/** A guard that has seen some events, all within its budget: its port. */
async function startGuard(t: TestContext): Promise<number> {
  const fake = await FakeHaproxy.start(t, [new FakeWorker(7, [['mirroring', 'on']])]);
  const port = await reservePort();
  const guard = new LiveRun([
    ...['mirroring', 'guard', '--max-p99', '50ms', '--max-error-rate', '5%', '--window', '1h'],
    ...['--listen', `127.0.0.1:${port}`, '--map', MAP, '--socket', fake.path, '-'],
  ]);
  await guard.sees('guarding it');
  const line = (sid: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=0 3 0/${sid}\n`;
  guard.write([1, 2, 3, 4, 5].map(line).join(''));
  t.after(() => guard.end());
  return port;
}

/** `spoe-logs serve` with a comparison that is a FAIL: its port. */
async function startServe(): Promise<number> {
  const port = await reservePort();
  const [production, record] = ['production.log', 'mirror.jsonl'].map((name) =>
    fixture(`diff/3.0.11--broken-orders--${name}`),
  ) as [string, string];
  const serve = new LiveRun([
    ...['serve', production, '--production', production, '--record', record, '--since', '2020-01-01'],
    ...['--listen', `127.0.0.1:${port}`],
  ]);
  await serve.sees(`:${port}/`);
  return port;
}

/** HAProxy 3.2 with its exporter, and a backend of agents: the port. */
async function startHaproxy(folder: TemporaryFolder): Promise<number> {
  const port = await reservePort();
  const file = folder.write(
    'haproxy.cfg',
    `defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend metrics
    bind 127.0.0.1:${port}
    http-request use-service prometheus-exporter if { path /metrics }
backend mirroragents
    mode tcp
    server agent 127.0.0.1:${await reservePort()}
`,
  );
  const haproxy = new Child(haproxyOf('3.2'), ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  void haproxy;
  return port;
}
