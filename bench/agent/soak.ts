#!/usr/bin/env node
/**
 * node --import tsx bench/agent/soak.ts [--seconds 600] [--rate 1000] [--restart-every 30] [--down 1]
 *
 * Ten minutes of load while the mirror is killed and started again every 30 seconds. In the end every request that was
 * acknowledged is in the record, once, with a status or with an error; the exit code is 1 when one is not, or when the
 * agent lost an ACK or its life.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { MirrorRecord } from '../../src/mirror/record.ts';
import { describeMachine, fixed, messageOf, requireBuilt, temporaryFolder } from '../measure.ts';
import { ownAgent, startAgent } from './contenders.ts';
import { openLoad } from './load-process.ts';
import type { ProcessTree } from './process-tree.ts';
import { type Sink, startSink } from './sink-process.ts';

/** After this the code is compiled and the memory has its size: growth counts from here. */
const WARM_UP_SECONDS = 5;

type Options = ReturnType<typeof readOptions>;

function readOptions() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    options: { seconds: text('600'), rate: text('1000'), 'restart-every': text('30'), down: text('1') },
  });
  const number = (name: keyof typeof values) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} ${values[name]} is not a number above 0`);
    return value;
  };
  return {
    seconds: number('seconds'),
    rate: number('rate'),
    restartSeconds: number('restart-every'),
    downSeconds: number('down'),
  };
}

/** A mirror that is killed, with whatever it was doing, and comes back on the same port. */
class RestartingSink {
  restarts = 0;
  #sink: Sink;
  readonly #timer: NodeJS.Timeout;
  #busy = Promise.resolve();

  constructor(sink: Sink, { restartSeconds, downSeconds }: Options) {
    this.#sink = sink;
    this.#timer = setInterval(() => {
      this.#busy = this.#restart(downSeconds);
      this.#busy.catch((error) => fail(error));
    }, restartSeconds * 1000);
  }

  get url(): string {
    return this.#sink.url;
  }

  async #restart(downSeconds: number): Promise<void> {
    const { port } = this.#sink;
    await this.#sink.kill();
    await pause(downSeconds * 1000);
    this.#sink = await startSink({ port });
    this.restarts++;
  }

  /** It stays up from now on. */
  async settle(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
  }

  async stop(): Promise<void> {
    await this.settle();
    await this.#sink.stop();
  }
}

/** Outcomes by kind, and how many requests have more than one. */
async function readRecord(path: string) {
  const kinds = new Map<string, number>();
  const seen = new Set<string>();
  let twice = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { path: target, status, error, attempts }: MirrorRecord = JSON.parse(line);
    const kind = `${error ?? status}${attempts > 1 ? ', sent again' : ''}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const number = /^\/bench\/(\d+)/.exec(target)?.[1] ?? target;
    if (seen.has(number)) twice++;
    seen.add(number);
  }
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  return { kinds: new Map([...kinds].sort((a, b) => b[1] - a[1])), total, twice };
}

function watchMemory(tree: ProcessTree) {
  const samples: { readonly megabytes: number; readonly files: number }[] = [];
  const sample = () => samples.push({ megabytes: tree.rssMegabytes(), files: tree.openFiles() });
  const timer = setInterval(sample, 1000);
  sample();
  return {
    stop: () => {
      clearInterval(timer);
      sample();
      return samples;
    },
  };
}

/** Samples are a second apart. */
function everyMinute(samples: readonly number[]): string[] {
  return samples.filter((_, i) => i % 60 === 0).map((megabytes) => fixed(megabytes, 0));
}

async function main() {
  const options = readOptions();
  requireBuilt();
  const record = join(temporaryFolder(), 'record.jsonl');
  const mirror = new RestartingSink(await startSink(), options);
  const agent = await startAgent(ownAgent(), mirror.url, ['--record', record]);
  const { rate, seconds } = options;
  const load = openLoad({ port: agent.port, rate, seconds, warmUpSeconds: WARM_UP_SECONDS, connections: 4, depth: 20 });
  console.log(
    `${describeMachine()}\n${rate}/s for ${seconds} s, the mirror restarts every ${options.restartSeconds} s`,
  );
  const warm = await load.warmUp();
  const memory = watchMemory(agent.tree);
  const result = await load.measure();
  const samples = memory.stop();
  const died = agent.died;
  await mirror.settle();
  const counted = await agent.stop();
  await Promise.all([load.stop(), mirror.stop()]);
  const outcomes = await readRecord(record);
  const acked = warm.acked + result.acked;
  const sent = warm.sent + result.sent;

  console.log(`mirror restarted ${mirror.restarts} times`);
  console.log(`sent ${sent}, acknowledged ${acked}, no ACK ${sent - acked}`);
  console.log(
    `ack p50 ${fixed(result.p50Ms, 2)} ms, p99 ${fixed(result.p99Ms, 2)} ms, max ${fixed(result.maxMs, 1)} ms`,
  );
  console.log(`record ${outcomes.total}: ${[...outcomes.kinds].map(([kind, count]) => `${kind} ${count}`).join('; ')}`);
  const rss = samples.map(({ megabytes }) => megabytes);
  console.log(`RSS first ${fixed(rss[0], 0)}, last ${fixed(rss.at(-1), 0)}, peak ${fixed(Math.max(...rss), 0)} MB`);
  console.log(`RSS from minute to minute: ${everyMinute(rss).join(', ')} MB`);
  const files = samples.map((each) => each.files);
  console.log(`open files first ${files[0]}, last ${files.at(-1)}, most ${Math.max(...files)}`);
  const problems = [
    died && 'the agent died',
    sent !== acked && `${sent - acked} requests have no ACK`,
    outcomes.total !== acked && `${acked} were acknowledged, the record has ${outcomes.total}`,
    outcomes.twice > 0 && `${outcomes.twice} are in the record twice`,
    counted?.taken !== acked && `the agent says it took ${counted?.taken}`,
  ].filter((problem) => problem !== false);
  console.log(problems.length === 0 ? 'every request is accounted for' : `NOT ACCOUNTED FOR: ${problems.join('; ')}`);
  process.exit(problems.length === 0 ? 0 : 1);
}

function fail(error: unknown): never {
  console.error(`soak: ${messageOf(error)}`);
  process.exit(1);
}

main().catch(fail);
