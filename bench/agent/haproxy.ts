/** A real HAProxy in front of the agent: its clients must not notice that their requests are mirrored. */
import { fixed, formatTable, median, temporaryFolder } from '../measure.ts';
import { ownAgent, peerAgent, startAgent } from './contenders.ts';
import { writeHaproxyConfig } from './haproxy-config.ts';
import { settle } from './measured-run.ts';
import { ProcessTree } from './process-tree.ts';
import { freePort, isListening, startProgram, startScript } from './processes.ts';
import { startSink } from './sink-process.ts';

const WITHOUT = { name: 'without mirroring' };
const OPEN_LOOP = { name: '1000/s', rate: 1000, connections: 50 };
const THROUGHPUT = { name: '50 clients', connections: 50 };

/** At most this, for clients whose p99 is `baseMs` without mirroring. */
function clientLimitMs(baseMs) {
  return Math.max(1.5 * baseMs, baseMs + 2);
}

async function startHaproxy(program, folder, ports) {
  const port = await freePort();
  const haproxy = startProgram('haproxy', program, ['-db', '-f', writeHaproxyConfig(folder, { ...ports, port })]);
  await haproxy.until('listening', () => isListening(port));
  return { port, tree: new ProcessTree(haproxy.pid), stop: () => haproxy.stop() };
}

async function measureClients(contender, scenario, options, folder) {
  const started = [];
  const keep = (each) => {
    started.unshift(each);
    return each;
  };
  try {
    const production = keep(await startSink());
    const mirror = keep(await startSink());
    const agent = contender === WITHOUT ? undefined : keep(await startAgent(contender, mirror.url));
    const ports = { productionPort: production.port, agentPort: agent?.port };
    const haproxy = keep(await startHaproxy(options.haproxy, folder, ports));
    const clients = keep(startClients(haproxy.port, scenario, options));
    const warm = await clients.message('warm');
    const before = agent && (await settle(mirror, warm.requests));
    const beforeCpu = [agent?.tree.cpuSeconds(), haproxy.tree.cpuSeconds()];
    const answer = clients.message('result');
    clients.send({ type: 'measure' });
    const result = await answer;
    const requests = warm.requests + result.requests;
    const after = agent && (await settle(mirror, requests));
    const agentCpu = agent && agent.tree.cpuSeconds() - beforeCpu[0];
    const haproxyCpu = haproxy.tree.cpuSeconds() - beforeCpu[1];
    haproxy.tree.stop();
    const mirrored = agent && after.requests - before.requests;
    return {
      ...result,
      died: agent?.died ?? false,
      missing: agent && requests - after.requests,
      cpuPer10k: agent && (agentCpu / mirrored) * 10_000,
      haproxyCpuPer10k: (haproxyCpu / result.requests) * 10_000,
      rssMegabytes: agent?.tree.peakMegabytes,
    };
  } finally {
    for (const each of started) await each.stop();
  }
}

function startClients(port, { rate, connections }, { clientSeconds, warmUpSeconds }) {
  const numbers = { port, rate, connections, seconds: clientSeconds, 'warm-up': warmUpSeconds };
  const args = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return startScript(
    'http-load',
    args.flatMap(([name, value]) => [`--${name}`, String(value)]),
  );
}

function medians(runs) {
  const of = (key) => {
    const values = runs.map((run) => run[key]).filter((value) => typeof value === 'number');
    return values.length === 0 ? undefined : median(values);
  };
  const worst = (key) => (runs[0][key] === undefined ? undefined : Math.max(...runs.map((run) => run[key])));
  return {
    ...Object.fromEntries(Object.keys(runs[0]).map((key) => [key, of(key)])),
    errors: worst('errors'),
    missing: worst('missing'),
    rssMegabytes: worst('rssMegabytes'),
    died: runs.some(({ died }) => died),
  };
}

function renderRow(scenario, contender, figures, base) {
  const limitMs = scenario.rate === undefined || !contender.own ? undefined : clientLimitMs(base.p99Ms);
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

export async function benchHaproxy(options) {
  const folder = temporaryFolder();
  const contenders = [WITHOUT, ownAgent(), ...(options.peer === undefined ? [] : [peerAgent(options.peer)])];
  const rows = [];
  for (const scenario of options.throughput ? [OPEN_LOOP, THROUGHPUT] : [OPEN_LOOP]) {
    const runs = contenders.map(() => []);
    for (let round = 1; round <= options.clientRounds; round++) {
      for (const [i, contender] of contenders.entries()) {
        console.error(`haproxy: ${scenario.name}, round ${round} of ${options.clientRounds}, ${contender.name} …`);
        runs[i].push(await measureClients(contender, scenario, options, folder));
      }
    }
    const summaries = runs.map(medians);
    rows.push(...contenders.map((contender, i) => renderRow(scenario, contender, summaries[i], summaries[0])));
  }
  const head = ['clients', 'agent', 'requests/s', 'p50 ms', 'p99 ms', 'max ms', 'errors', 'not mirrored'];
  console.log(`haproxy: ${options.clientSeconds} s a run, medians of ${options.clientRounds} rounds in turn\n`);
  console.log(formatTable([...head, 'agent CPU-s/10k', 'HAProxy CPU-s/10k', 'RSS MB', 'required', 'kept'], rows));
  console.log(`
Latencies are the clients', from the moment a request was due. Required: at most 1.5 times the p99 without mirroring, or
2 ms more.`);
}
