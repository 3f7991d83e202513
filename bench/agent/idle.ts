/** The section idle: what an agent takes while its connections are open and nothing comes. */
import { setTimeout as pause } from 'node:timers/promises';
import { fixed, formatSpread, formatTable, median } from '../measure.ts';
import { type AgentContender, startAgent } from './contenders.ts';
import { disconnectFrame, helloFrame } from './frames.ts';
import { startSink } from './sink-process.ts';
import { SpopConnection } from './spop-connection.ts';

/** What is required of ours: wake-ups a second, and memory, of which one is enough. */
const LIMITS = { wakeUps: 5, pssMegabytes: 45, rssMegabytes: 110 };

/** V8 collects garbage for some seconds after a program has begun to wait. */
const SETTLE_MS = 20_000;

export interface IdleOptions {
  readonly rounds: number;
  /** Measured seconds of a round. */
  readonly seconds: number;
  readonly connections: number;
}

interface Idle {
  readonly wakeUps: number;
  /** Seconds of all processes in a minute. */
  readonly cpuPerMinute: number;
  readonly pssMegabytes: number;
  readonly rssMegabytes: number;
}

/** Every contender in turn, A B A B …, so that whatever else the machine does meets both. */
export async function benchIdle(contenders: readonly AgentContender[], options: IdleOptions): Promise<void> {
  const runs = contenders.map(() => [] as Idle[]);
  for (let round = 1; round <= options.rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      console.error(`idle: round ${round} of ${options.rounds}, ${contender.name} …`);
      runs[i]?.push(await measureIdle(contender, options));
    }
  }
  const rows = contenders.map(({ name, own }, i) => {
    const of = (figure: (run: Idle) => number) => (runs[i] ?? []).map(figure);
    const [wakeUps, pss, rss] = [
      of((run) => run.wakeUps),
      of((run) => run.pssMegabytes),
      of((run) => run.rssMegabytes),
    ];
    const isSmall = median(pss) <= LIMITS.pssMegabytes || median(rss) <= LIMITS.rssMegabytes;
    return [
      name,
      formatSpread(wakeUps, 1),
      formatSpread(
        of((run) => run.cpuPerMinute),
        2,
      ),
      formatSpread(pss, 0),
      fixed(median(rss), 0),
      own ? `≤ ${LIMITS.wakeUps}/s, PSS ≤ ${LIMITS.pssMegabytes} or RSS ≤ ${LIMITS.rssMegabytes}` : '',
      own ? (median(wakeUps) <= LIMITS.wakeUps && isSmall ? 'yes' : 'no') : '',
    ];
  });
  console.log(
    `idle: ${options.connections} connections, ${options.seconds} s a run, ${options.rounds} rounds in turn: median (least–most)\n`,
  );
  console.log(`${formatTable(['agent', 'wake-ups/s', 'CPU s/min', 'PSS MB', 'RSS MB', 'required', 'kept'], rows)}\n`);
}

async function measureIdle(contender: AgentContender, options: IdleOptions): Promise<Idle> {
  const sink = await startSink();
  const agent = await startAgent(contender, sink.url);
  const connections = Array.from(
    { length: options.connections },
    (_, i) => new SpopConnection(agent.port, helloFrame(`bench-idle-${i}`)),
  );
  try {
    await Promise.all(connections.map(({ ready }) => ready));
    await pause(SETTLE_MS);
    const before = { wakeUps: agent.tree.wakeUps(), cpuSeconds: agent.tree.cpuSeconds(), atMs: performance.now() };
    await pause(options.seconds * 1000);
    const seconds = (performance.now() - before.atMs) / 1000;
    return {
      wakeUps: (agent.tree.wakeUps() - before.wakeUps) / seconds,
      cpuPerMinute: ((agent.tree.cpuSeconds() - before.cpuSeconds) / seconds) * 60,
      pssMegabytes: agent.tree.pssMegabytes(),
      rssMegabytes: agent.tree.rssMegabytes(),
    };
  } finally {
    for (const connection of connections) connection.end(disconnectFrame());
    await Promise.all([agent.stop(), sink.stop()]);
  }
}
