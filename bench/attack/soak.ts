#!/usr/bin/env node
/**
 * node --import tsx bench/attack/soak.ts --haproxy FOLDER [--seconds 600] [--rate 200] [--every 5] [--seed 1]
 *
 * Production under HAProxy 2.6 and 3.2 (FOLDER is that of scripts/install-haproxy.sh), and every few seconds something goes
 * wrong around the mirroring: the mirror dies or answers what nobody should, a worker of the agent is killed, the agent is
 * told to reopen its files, HAProxy reloads, the record's disk is full, the reader of the agent's log stands still. In the
 * end no client may have noticed, and every request that HAProxy has an ACK for is in the record or counted: dropped by the
 * record, or held by a worker when it was killed (at most what came since its last report). The full disk needs the right
 * to mount; without it that fault is left out, and said so.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { TotalStats } from '../../src/programs/spoa-mirror/metrics.ts';
import { ownAgent, startAgent } from '../agent/contenders.ts';
import { type HaproxyPorts, writeHaproxyConfig } from '../agent/haproxy-config.ts';
import { type BenchProcess, freePort, isListening, startProgram, startScript } from '../agent/processes.ts';
import { type Sink, startSink } from '../agent/sink-process.ts';
import { describeMachine, fixed, requireBuilt, temporaryFolder } from '../measure.ts';
import { Random } from '../random.ts';

const SERIES = ['2.6', '3.2'];
const FAULT_SECONDS = 2;
/** Workers report once a second: what came since then is known to nobody when one is killed. */
const REPORT_SECONDS = 1.5;
const KILL = 'a worker is killed';
const HOSTILE = [
  'headers of 300 kB',
  'chunks of a byte',
  'two answers',
  'no HTTP',
  'a reset',
  'a body that drips',
  'no answer',
];

const folder = temporaryFolder();
const disk = join(folder, 'disk');

/** A mirror on one port, behind which there is a good server, a bad one, or none. */
class Mirror {
  readonly #port: number;
  #server: Pick<Sink, 'kill'> | Pick<BenchProcess, 'kill'> | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async good(): Promise<void> {
    this.#server = await startSink({ port: this.#port });
  }

  async bad(kind: string): Promise<void> {
    const args = ['--kind', kind, '--scheme', 'http', '--port', String(this.#port)];
    const server = startScript('../attack/hostile', args);
    this.#server = server;
    await server.message('listening');
  }

  async gone(): Promise<void> {
    await this.#server?.kill();
    await pause(50);
  }
}

interface Proxy {
  readonly log: string;
  readonly haproxy: BenchProcess;
  readonly clients: BenchProcess;
}

interface Options {
  /** The folder with a program for each series. */
  readonly haproxy: string;
  readonly seconds: number;
  readonly rate: number;
}

async function startHaproxy(series: string, options: Options, ports: Omit<HaproxyPorts, 'port'>): Promise<Proxy> {
  const port = await freePort();
  const home = join(folder, series);
  mkdirSync(home);
  const log = join(home, 'haproxy.log');
  const config = writeHaproxyConfig(home, { ...ports, port, control: join(home, 'control') });
  const program = join(options.haproxy, series, 'haproxy');
  const shell = ['-c', 'exec "$0" -W -db -f "$1" >"$2" 2>&1', program, config, log];
  const haproxy = startProgram(`HAProxy ${series}`, 'sh', shell);
  await haproxy.until('listening', () => isListening(port));
  const numbers = { port, rate: options.rate, seconds: options.seconds, 'warm-up': 1, connections: 20 };
  const clients = startScript(
    'http-load',
    Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  );
  return { log, haproxy, clients };
}

/** A tmpfs of its own for the record, where this may mount one. */
function mountDisk() {
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' });
  if (status !== 0) return false;
  // Before the folder is removed.
  process.prependOnceListener('exit', () => spawnSync('umount', ['-l', disk], { stdio: 'ignore' }));
  return true;
}

function workersOf(pid: number): number[] {
  const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return children.map(Number);
}

function readStats(port: number): Promise<TotalStats> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/stats' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
}

interface Targets {
  readonly mirror: Mirror;
  readonly agentPid: number;
  /** Of the agent's log. */
  readonly reader: ChildProcess;
  readonly proxies: readonly Proxy[];
  readonly hasDisk: boolean;
  readonly random: Random;
}

/** What can go wrong; each is over when it returns. */
function listFaults({
  mirror,
  agentPid,
  reader,
  proxies,
  hasDisk,
  random,
}: Targets): readonly (readonly [name: string, happen: () => Promise<unknown>])[] {
  const ballast = join(disk, 'ballast');
  const faults: Record<string, () => Promise<unknown>> = {
    'the mirror dies': async () => {
      await mirror.gone();
      await pause(FAULT_SECONDS * 1000);
      await mirror.good();
    },
    'the mirror answers what nobody should': async () => {
      await mirror.gone();
      await mirror.bad(random.pick(HOSTILE));
      await pause(FAULT_SECONDS * 1000);
      await mirror.gone();
      await mirror.good();
    },
    [KILL]: async () => process.kill(random.pick(workersOf(agentPid)), 'SIGKILL'),
    'the agent reopens its files': async () => process.kill(agentPid, 'SIGHUP'),
    'HAProxy reloads': async () => process.kill(random.pick(proxies).haproxy.pid, 'SIGUSR2'),
    "the log's reader stands still": async () => {
      reader.kill('SIGSTOP');
      await pause(FAULT_SECONDS * 1000);
      reader.kill('SIGCONT');
    },
  };
  if (hasDisk) {
    faults["the record's disk is full"] = async () => {
      spawnSync('sh', ['-c', 'cat /dev/zero >"$0" 2>/dev/null', ballast]);
      await pause(FAULT_SECONDS * 1000);
      rmSync(ballast, { force: true });
    };
  }
  return Object.entries(faults);
}

async function countLines(path: string, pattern: RegExp): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) if (pattern.test(line)) count++;
  return count;
}

async function main() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    options: { haproxy: text(''), seconds: text('600'), rate: text('200'), every: text('5'), seed: text('1') },
  });
  const options = { haproxy: values.haproxy, seconds: Number(values.seconds), rate: Number(values.rate) };
  requireBuilt();
  const random = new Random(Number(values.seed));
  const hasDisk = mountDisk();
  const record = join(disk, 'record.jsonl');
  const log = join(folder, 'agent.pipe');
  execFileSync('mkfifo', [log]);
  const reader = spawn('sh', ['-c', 'exec cat "$0" >"$1"', log, join(folder, 'agent.log')], { stdio: 'ignore' });
  process.once('exit', () => reader.kill('SIGKILL'));
  const mirror = new Mirror(await freePort());
  await mirror.good();
  const production = await startSink();
  const adminPort = await freePort();
  const files = ['--record', record, '-l', `a:${log}`, '--admin', `127.0.0.1:${adminPort}`];
  const agent = await startAgent({ ...ownAgent(), own: false }, mirror.url, [...files, '--response-timeout', '2s']);
  const agentPid = agent.pid;
  const ports = { productionPort: production.port, agentPort: agent.port };
  const proxies: Proxy[] = [];
  for (const series of SERIES) proxies.push(await startHaproxy(series, options, ports));
  await Promise.all(proxies.map(({ clients }) => clients.message('clients-warm')));
  console.log(
    `${describeMachine()}\n${options.rate}/s through each of HAProxy ${SERIES.join(' and ')}, ${options.seconds} s`,
  );
  if (!hasDisk) console.log('no right to mount: without a full disk');
  const results = proxies.map(({ clients }) => clients.message('clients-result'));
  for (const { clients } of proxies) clients.send({ type: 'measure' });

  const faults = listFaults({ mirror, agentPid, reader, proxies, hasDisk, random });
  const counts = new Map(faults.map(([name]) => [name, 0]));
  const endMs = performance.now() + (options.seconds - 2 * FAULT_SECONDS - 2) * 1000;
  while (performance.now() < endMs) {
    const [name, happen] = random.pick(faults);
    await happen();
    counts.set(name, (counts.get(name) ?? 0) + 1);
    await pause(Number(values.every) * 1000);
  }
  const clients = await Promise.all(results);
  await pause(4000);
  const stats = await readStats(adminPort);
  const peak = agent.tree.peakMegabytes;
  const died = agent.died;
  await agent.stop();
  const acked = (await Promise.all(proxies.map((each) => countLines(each.log, /SPOE: \[mirror\].* st=0 /)))).reduce(
    (a, b) => a + b,
  );
  const failed = (await Promise.all(proxies.map((each) => countLines(each.log, /SPOE: \[mirror\].* st=[1-9]/)))).reduce(
    (a, b) => a + b,
  );
  const recorded = await countLines(record, /^{/);
  await Promise.all([...proxies.flatMap((each) => [each.clients.stop(), each.haproxy.stop()]), production.stop()]);

  console.log([...counts].map(([name, count]) => `${name}: ${count}`).join('; '));
  for (const [i, { requests, errors, repeated, p50Ms, p99Ms, maxMs }] of clients.entries()) {
    const figures = `p50 ${fixed(p50Ms, 2)} ms, p99 ${fixed(p99Ms, 2)} ms, max ${fixed(maxMs, 0)} ms`;
    console.log(
      `HAProxy ${SERIES[i]}: ${requests} client requests, ${errors} failed, ${repeated} sent again; ${figures}`,
    );
  }
  const kills = counts.get(KILL) ?? 0;
  const mayBeLost = Math.ceil(kills * REPORT_SECONDS * options.rate * SERIES.length);
  const dropped = stats.record?.dropped ?? 0;
  const unknown = acked - recorded - dropped - stats.workers.lost;
  console.log(
    `${acked} events with an ACK, ${failed} without; in the record ${recorded}, dropped by it ${dropped}, ` +
      `known to be lost with ${kills} killed workers ${stats.workers.lost}, difference ${unknown}`,
  );
  console.log(`memory of all processes of the agent: ${fixed(peak, 0)} MB at most`);
  const problems = [
    died && 'the agent died',
    clients.some(({ errors }) => errors > 0) && 'client requests failed',
    unknown > mayBeLost && `${unknown} requests are nowhere, more than ${mayBeLost}`,
    kills === 0 && unknown > 0 && `${unknown} requests are nowhere`,
  ].filter((problem) => problem !== false);
  console.log(
    problems.length === 0 ? 'no client noticed, every request is accounted for' : `FAILED: ${problems.join('; ')}`,
  );
  process.exit(problems.length === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(`soak: ${error.stack}`);
  process.exit(1);
});
