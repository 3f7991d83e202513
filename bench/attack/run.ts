#!/usr/bin/env node
/**
 * node --import tsx bench/attack/run.ts [--seconds 10] [--rate 200] [--only TEXT]
 *
 * One connection behaves, and everybody else attacks: mirrors and collectors that answer what nobody should, strangers on
 * the agent's port and on its admin port. For each attack: how often it was made, the ACKs of the good connection, the
 * memory of all processes of the agent before and at its largest, and whether every request of the good connection is in
 * the record once. Needs openssl for the attacks over TLS.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ownAgent, startAgent } from '../agent/contenders.ts';
import { openLoad } from '../agent/load-process.ts';
import { freePort, startScript } from '../agent/processes.ts';
import { type Sink, startSink } from '../agent/sink-process.ts';
import { describeMachine, fixed, formatTable, requireBuilt, temporaryFolder } from '../measure.ts';

/** What must hold on a machine where nothing else runs. */
const MAX_P99_MS = 5;
const WARM_UP_SECONDS = 2;
const RECORD_MS = 15_000;
const HTTP1 = [
  'fine',
  'headers of 300 kB',
  'many headers',
  'trailers of 300 kB',
  'chunks of a byte',
  'interim answers',
  'a body without end',
  'a body that drips',
  'no HTTP',
  'two answers',
  'a reset',
  'no answer',
];
const HTTP2 = [
  'HEADERS of 300 kB',
  'interim HEADERS',
  'PINGs',
  'SETTINGS',
  'ORIGIN',
  'ALTSVC',
  'DATA of a byte',
  'PUSH_PROMISE',
  'GOAWAY',
];
const PEERS = ['silent connections', 'connections that come and go', 'health checks', 'frames of noise', 'a flood'];

const folder = temporaryFolder();

/** A process that attacks. */
interface Attackers {
  tried(): Promise<number>;
  stop(): Promise<void>;
}

/** What the agent is started with, and who attacks it. */
interface Attack {
  /** The mirror. */
  readonly url: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A server that answers, or peers that come when the agent listens on these ports. */
  readonly attack: Attackers | ((port: number, adminPort: number) => Promise<Attackers>);
  /** The mirror, where it is no part of the attack. */
  readonly sink?: Sink;
}

interface NamedAttack {
  readonly name: string;
  start(): Promise<Attack>;
}

function listAttacks(): readonly NamedAttack[] {
  const mirror = (kind: string, scheme: string, args: readonly string[] = []): NamedAttack => ({
    name: `mirror, ${scheme}: ${kind}`,
    start: async () => {
      const hostile = await startHostile(kind, scheme);
      return { url: hostile.url, args: ['--insecure', ...args], attack: hostile };
    },
  });
  const collector = (kind: string, scheme: string, protocol: string): NamedAttack => ({
    name: `collector, ${protocol}${scheme === 'h2' ? ' over TLS' : ''}: ${kind}`,
    start: async () => {
      const [sink, hostile] = [await startSink(), await startHostile(kind, scheme)];
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: hostile.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        ...(scheme === 'h2' && { OTEL_EXPORTER_OTLP_CERTIFICATE: `${certificate()}.crt` }),
      };
      return { url: sink.url, args: ['--otel'], env, attack: hostile, sink };
    },
  });
  const peer = (name: string, kind: string): NamedAttack => ({
    name,
    start: async () => {
      const sink = await startSink();
      return { url: sink.url, attack: (port, adminPort) => startPeers(kind, port, adminPort), sink };
    },
  });
  return [
    ...HTTP1.map((kind) => mirror(kind, 'http')),
    ...HTTP1.map((kind) => mirror(kind, 'https')),
    ...HTTP2.map((kind) => mirror(kind, 'h2', ['--http2'])),
    ...HTTP1.map((kind) => collector(kind, 'http', 'http/protobuf')),
    ...HTTP2.map((kind) => collector(kind, 'h2c', 'grpc')),
    // Node looks at the origins of a secure connection alone.
    collector('ORIGIN', 'h2', 'grpc'),
    ...PEERS.map((kind) => peer(`peer: ${kind}`, kind)),
    peer('admin: slow clients', 'slow admin clients'),
  ];
}

async function startHostile(kind: string, scheme: string): Promise<Attackers & { readonly url: string }> {
  const server = startScript('../attack/hostile', ['--kind', kind, '--scheme', scheme, '--pem', certificate()]);
  const { url } = await server.message('listening');
  return {
    url,
    tried: async () => {
      const answer = server.message('tried');
      server.send({ type: 'count' });
      return (await answer).tried;
    },
    stop: () => server.stop(),
  };
}

let pem: string | undefined;
/** A file with a key and its certificate. */
function certificate(): string {
  if (pem === undefined) {
    pem = join(folder, 'hostile.pem');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const args = ['req', '-x509', '-nodes', '-subj', '/CN=localhost', '-days', '2', ...curve];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...args, ...names, '-keyout', pem, '-out', `${pem}.crt`], { stdio: 'ignore' });
  }
  return pem;
}

async function startPeers(kind: string, port: number, adminPort: number): Promise<Attackers> {
  const peers = startScript('../attack/peers', ['--kind', kind, '--port', `${port}`, '--admin', `${adminPort}`]);
  await peers.message('begun');
  return {
    tried: async () => {
      const answer = peers.message('tried');
      peers.send({ type: 'count' });
      return (await answer).tried;
    },
    stop: () => peers.stop(),
  };
}

/** Of the good connection's requests: how many are in the record, once each. The peers' have other paths. */
function readRecord(path: string): { readonly total: number; readonly twice: number } {
  const seen = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const number = /"path":"\/bench\/(\d+)/.exec(line)?.[1];
    if (number !== undefined) seen.set(number, (seen.get(number) ?? 0) + 1);
  }
  return { total: seen.size, twice: [...seen.values()].filter((count) => count > 1).length };
}

interface Options {
  readonly seconds: number;
  /** Requests a second of the good connection. */
  readonly rate: number;
}

async function measureAttack(named: NamedAttack, { seconds, rate }: Options, number: number) {
  const { url, args = [], env = {}, attack, sink } = await named.start();
  const record = join(folder, `record-${number}.jsonl`);
  const adminPort = await freePort();
  const more = ['--record', record, '--admin', `127.0.0.1:${adminPort}`, '--response-timeout', '2s', ...args];
  const agent = await startAgent({ ...ownAgent(), env }, url, more);
  const load = openLoad({ port: agent.port, rate, seconds, warmUpSeconds: WARM_UP_SECONDS, connections: 1, depth: 20 });
  const before = agent.tree.rssMegabytes();
  const attackers = typeof attack === 'function' ? await attack(agent.port, adminPort) : attack;
  try {
    const warm = await load.warmUp();
    const result = await load.measure();
    const tried = await attackers.tried();
    const acked = warm.acked + result.acked;
    const ended = performance.now();
    while (readRecord(record).total < acked && performance.now() - ended < RECORD_MS) await pause(100);
    const died = agent.died;
    const { total, twice } = readRecord(record);
    return {
      ...result,
      before,
      peak: agent.tree.peakMegabytes,
      tried,
      sent: warm.sent + result.sent,
      acked,
      total,
      twice,
      died,
    };
  } finally {
    await Promise.all([load, attackers, agent, ...(sink === undefined ? [] : [sink])].map((each) => each.stop()));
  }
}

function problemsOf(result: Awaited<ReturnType<typeof measureAttack>>): string[] {
  const { p99Ms, sent, acked, total, twice, died } = result;
  return [
    died && 'the agent died',
    acked !== sent && `${sent - acked} without an ACK`,
    total !== acked && `${acked - total} not in the record`,
    twice > 0 && `${twice} in the record twice`,
    p99Ms > MAX_P99_MS && `p99 above ${MAX_P99_MS} ms`,
  ].filter((problem) => problem !== false);
}

async function main() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({ options: { seconds: text('10'), rate: text('200'), only: text('') } });
  const options = { seconds: Number(values.seconds), rate: Number(values.rate) };
  requireBuilt();
  const rows: string[][] = [];
  let failed = 0;
  for (const [i, attack] of listAttacks()
    .filter(({ name }) => name.includes(values.only))
    .entries()) {
    console.error(`${attack.name} …`);
    const result = await measureAttack(attack, options, i);
    const problems = problemsOf(result);
    if (problems.length > 0) failed++;
    rows.push([
      attack.name,
      String(result.tried),
      fixed(result.p50Ms, 2),
      fixed(result.p99Ms, 2),
      fixed(result.maxMs, 1),
      fixed(result.before, 0),
      fixed(result.peak, 0),
      `${result.total} of ${result.sent}`,
      problems.join('; ') || 'held',
    ]);
  }
  const head = ['attack', 'tried', 'ack p50 ms', 'p99', 'max', 'RSS MB before', 'largest', 'in the record', ''];
  console.log(`${describeMachine()}\n${options.rate}/s on one connection, ${options.seconds} s each\n`);
  console.log(formatTable(head, rows));
  process.exit(failed === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(`attack: ${error.stack}`);
  process.exit(1);
});
