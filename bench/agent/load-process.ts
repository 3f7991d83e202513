/** The load, for the bench: the generator of this folder, or another one that has the options of spopload. */
import { setTimeout as pause } from 'node:timers/promises';
import type { LoadFigures } from './messages.ts';
import { ProcessTree } from './process-tree.ts';
import { type BenchProcess, startProgram, startScript } from './processes.ts';

export interface LoadOptions {
  readonly port: number;
  /** Requests a second; without it the loop is closed. */
  readonly rate?: number | undefined;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  /** Requests on their way on each of them, at most. */
  readonly depth: number;
  /** Production's answers are sent as well, with JSON of about so many bytes. */
  readonly answerBytes?: number | undefined;
}

/** What was sent and acknowledged in each phase, the latency of the ACKs and the CPU the generator took. */
export interface Load {
  warmUp(): Promise<LoadFigures>;
  measure(): Promise<LoadFigures>;
  stop(): Promise<void>;
}

/** Opens connections to the agent: `warmUp()` is to be called, then `measure()`. */
export function openLoad({ spopload, ...options }: LoadOptions & { readonly spopload?: string | undefined }): Load {
  return spopload === undefined ? ownLoad(options) : otherLoad(spopload, options);
}

function ownLoad({ port, rate, seconds, warmUpSeconds, connections, depth, answerBytes }: LoadOptions): Load {
  const numbers = { port, rate, seconds, 'warm-up': warmUpSeconds, connections, depth, answers: answerBytes };
  const args = Object.entries(numbers)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`--${name}`, String(value)]);
  const load = startScript('load', args);
  return {
    warmUp: () => load.message('warm'),
    measure: async () => {
      const result = load.message('result');
      load.send({ type: 'measure' });
      return await result;
    },
    stop: () => load.stop(),
  };
}

/** What spopload prints of itself. */
interface SpoploadResult {
  readonly sent: number;
  readonly acked: number;
  readonly acks_per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

function otherLoad(program: string, { port, rate, seconds, warmUpSeconds, connections, depth }: LoadOptions): Load {
  let running: BenchProcess | undefined;
  const run = async (time: number): Promise<LoadFigures> => {
    const args = [
      '-p',
      port,
      '-c',
      connections,
      '-d',
      depth,
      '-t',
      time,
      '-j',
      ...(rate === undefined ? [] : ['-r', rate]),
    ];
    const own = startProgram('spopload', program, args.map(String));
    running = own;
    const tree = new ProcessTree(own.pid);
    const started = performance.now();
    const how = await own.exit;
    const wallSeconds = (performance.now() - started) / 1000;
    tree.stop();
    // Its last words may come after its end.
    await pause(50);
    const line = own.output.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`spopload: ${how}\n${own.output}`);
    const result: SpoploadResult = JSON.parse(line);
    return {
      sent: result.sent,
      acked: result.acked,
      lost: result.sent - result.acked,
      ackedPerSecond: result.acks_per_s,
      p50Ms: result.p50_ms,
      p99Ms: result.p99_ms,
      maxMs: result.max_ms,
      cpuSeconds: tree.cpuSeconds(),
      cpuRatio: tree.cpuSeconds() / wallSeconds,
    };
  };
  return { warmUp: () => run(warmUpSeconds), measure: () => run(seconds), stop: async () => await running?.stop() };
}
