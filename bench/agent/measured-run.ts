/** One run: an agent, a mirror and a load, each started anew; what they said of each other. */
import { median } from '../measure.ts';
import { startAgent } from './contenders.ts';
import { openLoad } from './load-process.ts';
import { pause } from './processes.ts';
import { startSink } from './sink-process.ts';

/** An agent whose mirror has had nothing new for so long has given up on the rest. */
const STILL_MS = 3_000;
const MAX_DRAIN_MS = 60_000;

/** Waits until the mirror has so many requests, or until it gets no more. */
export async function settle(sink, expected) {
  const begin = performance.now();
  let changed = begin;
  let last = await sink.count();
  for (;;) {
    const now = performance.now();
    if (last.requests >= expected || now - changed > STILL_MS || now - begin > MAX_DRAIN_MS) return last;
    await pause(50);
    const next = await sink.count();
    if (next.requests > last.requests) changed = now;
    last = next;
  }
}

/**
 * CPU counts from the first measured request until the mirror has the last one, start and warm-up left out; memory
 * counts from the start.
 */
export async function measureRun(contender, scenario, options) {
  const { neverAnswer = false } = scenario;
  const sink = await startSink({ neverAnswer, delayMs: options.delayMs });
  const agent = await startAgent(contender, sink.url);
  const load = openLoad({ ...options, port: agent.port, rate: scenario.rate });
  try {
    const warm = await load.warmUp();
    const before = neverAnswer ? await sink.count() : await settle(sink, warm.acked);
    const beforeCpu = agent.tree.cpuSeconds();
    const beginMs = Date.now();
    const result = await load.measure();
    const pssMegabytes = agent.tree.pssMegabytes();
    const acked = warm.acked + result.acked;
    const after = neverAnswer ? await sink.count() : await settle(sink, acked);
    const cpuSeconds = agent.tree.cpuSeconds() - beforeCpu;
    const died = agent.died;
    const counted = await agent.stop();
    const total = await sink.count();
    const seconds = (after.lastMs - beginMs) / 1000;
    const mirrored = after.requests - before.requests;
    // With a mirror that never answers, what counts is how many the agent has been told of.
    const done = neverAnswer ? result.acked : mirrored;
    return {
      cpuPer10k: (cpuSeconds / done) * 10_000,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      maxMs: result.maxMs,
      writeP50Ms: result.fromWrite?.p50Ms,
      writeP99Ms: result.fromWrite?.p99Ms,
      ackedPerSecond: result.ackedPerSecond,
      mirroredPerSecond: neverAnswer ? undefined : mirrored / seconds,
      lost: warm.lost + result.lost,
      dropped: counted?.dropped,
      failed: counted?.failed,
      missing: countMissing({ acked, counted, requests: total.requests, neverAnswer }),
      rssMegabytes: agent.tree.peakMegabytes,
      highWaterMegabytes: agent.tree.highWaterMegabytes,
      pssMegabytes,
      loadRatio: result.cpuRatio,
      sinkRatio: (after.cpuSeconds - before.cpuSeconds) / Math.max(seconds, options.seconds),
      died,
    };
  } finally {
    await Promise.all([load.stop(), agent.stop(), sink.stop()]);
  }
}

/**
 * Requests that were acknowledged and are nowhere: neither with the mirror nor among those the agent says it dropped or
 * failed to send. A mirror that never answers proves nothing, there the agent's own outcomes have to add up.
 */
function countMissing({ acked, counted, requests, neverAnswer }) {
  if (neverAnswer)
    return counted === undefined ? undefined : acked - counted.mirrored - counted.failed - counted.dropped;
  return acked - requests - (counted === undefined ? 0 : counted.dropped + counted.failed);
}

/** Medians, but the worst of what must never happen and of memory. */
export function summarizeRuns(runs) {
  const worst = ['lost', 'dropped', 'failed', 'missing', 'rssMegabytes', 'highWaterMegabytes', 'pssMegabytes'];
  const summary = { died: runs.some(({ died }) => died) };
  for (const key of Object.keys(runs[0])) {
    const values = runs.map((run) => run[key]).filter((value) => value !== undefined);
    if (key === 'died') continue;
    if (values.length === 0) summary[key] = undefined;
    else if (worst.includes(key)) summary[key] = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    else summary[key] = median(values);
  }
  return summary;
}
