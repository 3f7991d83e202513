/** The load, for the bench: the generator of this folder, or another one that has the options of spopload. */

import { ProcessTree } from './process-tree.ts';
import { pause, startProgram, startScript } from './processes.ts';

/**
 * Opens connections to the agent. `warmUp()` and then `measure()` give what was sent and acknowledged, the latency of
 * the ACKs and the CPU the generator took.
 */
export function openLoad(options) {
  return options.spopload === undefined ? ownLoad(options) : spopload(options);
}

function ownLoad({ port, rate, seconds, warmUpSeconds, connections, depth }) {
  const numbers = { port, rate, seconds, 'warm-up': warmUpSeconds, connections, depth };
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

function spopload({ spopload: program, port, rate, seconds, warmUpSeconds, connections, depth }) {
  let running;
  const run = async (time) => {
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
    running = startProgram('spopload', program, args.map(String));
    const tree = new ProcessTree(running.pid);
    const started = performance.now();
    const how = await running.exit;
    const wallSeconds = (performance.now() - started) / 1000;
    tree.stop();
    // Its last words may come after its end.
    await pause(50);
    const line = running.output.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`spopload: ${how}\n${running.output}`);
    const result = JSON.parse(line);
    return {
      sent: result.sent,
      acked: result.acked,
      lost: result.sent - result.acked,
      ackedPerSecond: result.acks_per_s,
      p50Ms: result.p50_ms,
      p99Ms: result.p99_ms,
      maxMs: result.max_ms,
      unexpected: result.unknown_acks,
      disconnects: result.disconnects,
      cpuSeconds: tree.cpuSeconds(),
      cpuRatio: tree.cpuSeconds() / wallSeconds,
    };
  };
  return { warmUp: () => run(warmUpSeconds), measure: () => run(seconds), stop: () => running?.stop() };
}
