/** A real HAProxy in front of the agent: its clients must not notice that their requests are mirrored. */
import { fixed, formatTable, median, medianOfKnown, temporaryFolder } from '../measure.ts';
import { type AgentContender, ownAgent, peerAgent, startAgent } from './contenders.ts';
import { type HaproxyPorts, writeHaproxyConfig } from './haproxy-config.ts';
import { settle } from './measured-run.ts';
import type { ClientFigures } from './messages.ts';
import { ProcessTree } from './process-tree.ts';
import { type BenchProcess, freePort, isListening, startProgram, startScript } from './processes.ts';
import { startSink } from './sink-process.ts';

export interface HaproxyBenchOptions {
  /** The program. */
  readonly haproxy: string;
  readonly peer: string | undefined;
  readonly clientRounds: number;
  readonly clientSeconds: number;
  readonly warmUpSeconds: number;
  /** Also as many requests as clients can send. */
  readonly throughput: boolean;
}

interface ClientScenario {
  readonly name: string;
  readonly rate?: number;
  readonly connections: number;
}

/** An agent, or none. */
interface ClientContender {
  readonly name: string;
  readonly agent?: AgentContender;
}

/** Those of the agent are undefined where there is none. */
interface ClientRun extends Omit<ClientFigures, 'cpuRatio' | 'repeated' | 'requests'> {
  readonly died: boolean;
  readonly missing: number | undefined;
  readonly cpuPer10k: number | undefined;
  readonly haproxyCpuPer10k: number;
  readonly rssMegabytes: number | undefined;
}

const WITHOUT: ClientContender = { name: 'without mirroring' };
const OPEN_LOOP: ClientScenario = { name: '1000/s', rate: 1000, connections: 50 };
const THROUGHPUT: ClientScenario = { name: '50 clients', connections: 50 };

/** At most this, for clients whose p99 is `baseMs` without mirroring. */
function clientLimitMs(baseMs: number): number {
  return Math.max(1.5 * baseMs, baseMs + 2);
}

async function startHaproxy(program: string, folder: string, ports: Omit<HaproxyPorts, 'port'>) {
  const port = await freePort();
  const haproxy = startProgram('haproxy', program, ['-db', '-f', writeHaproxyConfig(folder, { ...ports, port })]);
  await haproxy.until('listening', () => isListening(port));
  return { port, tree: new ProcessTree(haproxy.pid), stop: () => haproxy.stop() };
}

async function measureClients(
  contender: ClientContender,
  scenario: ClientScenario,
  options: HaproxyBenchOptions,
  folder: string,
): Promise<ClientRun> {
  const started: { stop(): Promise<unknown> }[] = [];
  const keep = <T extends { stop(): Promise<unknown> }>(each: T): T => {
    started.unshift(each);
    return each;
  };
  try {
    const production = keep(await startSink());
    const mirror = keep(await startSink());
    const agent = contender.agent === undefined ? undefined : keep(await startAgent(contender.agent, mirror.url));
    /** What the mirror has got, where there is somebody to bring it. */
    const settled = async (expected: number) => (agent === undefined ? 0 : (await settle(mirror, expected)).requests);
    const ports = { productionPort: production.port, agentPort: agent?.port };
    const haproxy = keep(await startHaproxy(options.haproxy, folder, ports));
    const clients = keep(startClients(haproxy.port, scenario, options));
    const warm = await clients.message('clients-warm');
    const before = await settled(warm.requests);
    const beforeCpu = { agent: agent?.tree.cpuSeconds() ?? 0, haproxy: haproxy.tree.cpuSeconds() };
    const answer = clients.message('clients-result');
    clients.send({ type: 'measure' });
    const result = await answer;
    const requests = warm.requests + result.requests;
    const after = await settled(requests);
    const agentCpu = (agent?.tree.cpuSeconds() ?? 0) - beforeCpu.agent;
    const haproxyCpu = haproxy.tree.cpuSeconds() - beforeCpu.haproxy;
    haproxy.tree.stop();
    return {
      ...result,
      died: agent?.died ?? false,
      missing: agent && requests - after,
      cpuPer10k: agent && (agentCpu / (after - before)) * 10_000,
      haproxyCpuPer10k: (haproxyCpu / result.requests) * 10_000,
      rssMegabytes: agent?.tree.peakMegabytes,
    };
  } finally {
    for (const each of started) await each.stop();
  }
}

function startClients(
  port: number,
  { rate, connections }: ClientScenario,
  { clientSeconds, warmUpSeconds }: HaproxyBenchOptions,
): BenchProcess {
  const numbers = { port, rate, connections, seconds: clientSeconds, 'warm-up': warmUpSeconds };
  const args = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return startScript(
    'http-load',
    args.flatMap(([name, value]) => [`--${name}`, String(value)]),
  );
}

function medians(runs: readonly ClientRun[]): ClientRun {
  const of = (figure: (run: ClientRun) => number) => median(runs.map(figure));
  const worst = (figure: (run: ClientRun) => number | undefined) => {
    const known = runs.map(figure).filter((number) => number !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    maxMs: of(({ maxMs }) => maxMs),
    cpuPer10k: medianOfKnown(runs.map(({ cpuPer10k }) => cpuPer10k)),
    haproxyCpuPer10k: of(({ haproxyCpuPer10k }) => haproxyCpuPer10k),
    errors: Math.max(...runs.map(({ errors }) => errors)),
    missing: worst(({ missing }) => missing),
    rssMegabytes: worst(({ rssMegabytes }) => rssMegabytes),
    died: runs.some(({ died }) => died),
  };
}

function renderRow(
  scenario: ClientScenario,
  contender: ClientContender,
  figures: ClientRun,
  base: ClientRun,
): string[] {
  const limitMs = scenario.rate === undefined || contender.agent?.own !== true ? undefined : clientLimitMs(base.p99Ms);
  const kept = limitMs === undefined ? '' : figures.p99Ms <= limitMs && figures.errors === 0 ? 'yes' : 'no';
  return [
    scenario.name,
    contender.name,
    fixed(figures.perSecond, 0),
    fixed(figures.p50Ms, 2),
    fixed(figures.p99Ms, 2),
    fixed(figures.maxMs, 1),
    fixed(figures.errors, 0),
    fixed(figures.missing, 0),
    fixed(figures.cpuPer10k, 2),
    fixed(figures.haproxyCpuPer10k, 2),
    fixed(figures.rssMegabytes, 0),
    limitMs === undefined ? '' : `p99 ≤ ${limitMs.toFixed(2)} ms`,
    figures.died ? 'it died' : kept,
  ];
}

export async function benchHaproxy(options: HaproxyBenchOptions): Promise<void> {
  const folder = temporaryFolder();
  const agents = [ownAgent(), ...(options.peer === undefined ? [] : [peerAgent(options.peer)])];
  const contenders = [WITHOUT, ...agents.map((agent): ClientContender => ({ name: agent.name, agent }))];
  const rows: string[][] = [];
  for (const scenario of options.throughput ? [OPEN_LOOP, THROUGHPUT] : [OPEN_LOOP]) {
    const measured = contenders.map((contender) => ({ contender, runs: [] as ClientRun[] }));
    for (let round = 1; round <= options.clientRounds; round++) {
      for (const { contender, runs } of measured) {
        console.error(`haproxy: ${scenario.name}, round ${round} of ${options.clientRounds}, ${contender.name} …`);
        runs.push(await measureClients(contender, scenario, options, folder));
      }
    }
    const summaries = measured.map(({ contender, runs }) => ({ contender, figures: medians(runs) }));
    for (const { contender, figures } of summaries)
      rows.push(renderRow(scenario, contender, figures, summaries[0]?.figures ?? figures));
  }
  const head = ['clients', 'agent', 'requests/s', 'p50 ms', 'p99 ms', 'max ms', 'errors', 'not mirrored'];
  console.log(`haproxy: ${options.clientSeconds} s a run, medians of ${options.clientRounds} rounds in turn\n`);
  console.log(formatTable([...head, 'agent CPU-s/10k', 'HAProxy CPU-s/10k', 'RSS MB', 'required', 'kept'], rows));
  console.log(`
Latencies are the clients', from the moment a request was due. Required: at most 1.5 times the p99 without mirroring, or
2 ms more.`);
}
