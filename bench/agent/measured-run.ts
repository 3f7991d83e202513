/** One run: an agent, a mirror and a load, each started anew; what they said of each other. */
import { setTimeout as pause } from 'node:timers/promises';
import { median, medianOfKnown } from '../measure.ts';
import { type AgentContender, type AgentCounts, startAgent } from './contenders.ts';
import { type LoadOptions, openLoad } from './load-process.ts';
import type { Reports } from './messages.ts';
import type { Scenario } from './scenarios.ts';
import { type Sink, startSink } from './sink-process.ts';

export interface RunOptions extends Omit<LoadOptions, 'port' | 'rate'> {
  readonly spopload: string | undefined;
  /** How long the mirror thinks. */
  readonly delayMs: number;
  /** The mirror answers with JSON of about so many bytes. */
  readonly jsonBytes?: number | undefined;
}

/** What is undefined an agent does not say, or a generator does not measure. */
export interface Figures {
  /** Seconds of all processes of the agent. */
  readonly cpuPer10k: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the ACKs of production's answers. */
  readonly answerP99Ms: number | undefined;
  readonly writeP50Ms: number | undefined;
  readonly writeP99Ms: number | undefined;
  readonly ackedPerSecond: number;
  readonly mirroredPerSecond: number | undefined;
  readonly lost: number;
  readonly dropped: number | undefined;
  readonly failed: number | undefined;
  readonly missing: number | undefined;
  readonly rssMegabytes: number;
  readonly highWaterMegabytes: number;
  readonly pssMegabytes: number;
  /** Of one core. */
  readonly loadRatio: number;
  readonly sinkRatio: number;
  readonly died: boolean;
  /** That the mirror had, warm-up included. */
  readonly requests: number;
}

/** An agent whose mirror has had nothing new for so long has given up on the rest. */
const STILL_MS = 3_000;
const MAX_DRAIN_MS = 60_000;

/** Waits until the mirror has so many requests, or until it gets no more. */
export async function settle(sink: Sink, expected: number): Promise<Reports['count']> {
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
export async function measureRun(
  contender: AgentContender,
  scenario: Scenario,
  { delayMs, jsonBytes, ...options }: RunOptions,
): Promise<Figures> {
  const { neverAnswer = false } = scenario;
  const sink = await startSink({ neverAnswer, delayMs, jsonBytes });
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
      answerP99Ms: result.answers?.p99Ms,
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
      requests: total.requests,
    };
  } finally {
    await Promise.all([load.stop(), agent.stop(), sink.stop()]);
  }
}

/**
 * Requests that were acknowledged and are nowhere: neither with the mirror nor among those the agent says it dropped or
 * failed to send. A mirror that never answers proves nothing, there the agent's own outcomes have to add up.
 */
function countMissing({
  acked,
  counted,
  requests,
  neverAnswer,
}: {
  readonly acked: number;
  readonly counted: AgentCounts | undefined;
  readonly requests: number;
  readonly neverAnswer: boolean;
}): number | undefined {
  if (neverAnswer)
    return counted === undefined ? undefined : acked - counted.mirrored - counted.failed - counted.dropped;
  return acked - requests - (counted === undefined ? 0 : counted.dropped + counted.failed);
}

/** Medians, but the worst of what must never happen and of memory. */
export function summarizeRuns(runs: readonly Figures[]): Figures {
  const of = (figure: (run: Figures) => number) => median(runs.map(figure));
  const ofKnown = (figure: (run: Figures) => number | undefined) => medianOfKnown(runs.map(figure));
  const worstKnown = (figure: (run: Figures) => number | undefined) =>
    runs
      .map(figure)
      .filter((number) => number !== undefined)
      .reduce<number | undefined>((a, b) => (a === undefined || Math.abs(b) > Math.abs(a) ? b : a), undefined);
  const worst = (figure: (run: Figures) => number) => worstKnown(figure) ?? Number.NaN;
  return {
    cpuPer10k: of(({ cpuPer10k }) => cpuPer10k),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    maxMs: of(({ maxMs }) => maxMs),
    answerP99Ms: ofKnown(({ answerP99Ms }) => answerP99Ms),
    writeP50Ms: ofKnown(({ writeP50Ms }) => writeP50Ms),
    writeP99Ms: ofKnown(({ writeP99Ms }) => writeP99Ms),
    ackedPerSecond: of(({ ackedPerSecond }) => ackedPerSecond),
    mirroredPerSecond: ofKnown(({ mirroredPerSecond }) => mirroredPerSecond),
    lost: worst(({ lost }) => lost),
    dropped: worstKnown(({ dropped }) => dropped),
    failed: worstKnown(({ failed }) => failed),
    missing: worstKnown(({ missing }) => missing),
    rssMegabytes: worst(({ rssMegabytes }) => rssMegabytes),
    highWaterMegabytes: worst(({ highWaterMegabytes }) => highWaterMegabytes),
    pssMegabytes: worst(({ pssMegabytes }) => pssMegabytes),
    loadRatio: of(({ loadRatio }) => loadRatio),
    sinkRatio: of(({ sinkRatio }) => sinkRatio),
    died: runs.some(({ died }) => died),
    requests: of(({ requests }) => requests),
  };
}
