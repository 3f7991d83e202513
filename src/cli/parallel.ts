/** Reads large files on several threads: each takes a contiguous part, and the parts merge in order. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Ingest, type IngestOptions, type IngestResult } from './ingest.ts';
import { type ReadTurns, type TimeChain, timesFor } from './inputs.ts';
import { divide, type Region } from './regions.ts';

interface WorkerTask {
  readonly options: IngestOptions;
  readonly regions: readonly Region[];
  /** Its first word is set to 1 when reading shall stop. */
  readonly stop: Int32Array;
}

/** Reads the paths into `ingest`, on up to `threads` threads. The result does not depend on their number. */
export async function readAll(
  ingest: Ingest,
  paths: readonly string[],
  threads: number,
  control: ReadTurns,
): Promise<void> {
  const [own = [], ...others] = divide(paths, threads);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const stopAll = () => Atomics.store(stop, 0, 1);
  control.signal.addEventListener('abort', stopAll);
  const results = others.map((regions) => readInWorker({ options: ingest.options, regions, stop }));
  // A failing worker is reported when its turn comes, not as an unhandled rejection before.
  for (const result of results) result.catch(() => undefined);
  let chain = await ingest.inputs.read(own, control);
  for (const [i, pending] of results.entries()) {
    const regions = others[i] ?? [];
    const result = await continueTimes(ingest, regions, await pending, chain, control);
    ingest.merge(result);
    chain = { first: undefined, previousMs: result.chain.previousMs ?? chain.previousMs };
  }
  control.signal.removeEventListener('abort', stopAll);
}

/**
 * A part that begins inside a file chose the year of its first RFC 3164 line without knowing the line before. Should
 * that line lead to another year (a file of more than a year), the part is read again, knowing it.
 */
async function continueTimes(
  ingest: Ingest,
  regions: readonly Region[],
  result: IngestResult,
  before: TimeChain,
  control: ReadTurns,
): Promise<IngestResult> {
  const region = regions[0];
  const { first } = result.chain;
  if (region?.range === undefined || region.range.start === 0 || first === undefined || before.previousMs === undefined)
    return result;
  if (timesFor(region.path, ingest.options, before.previousMs).peek(first.time) === first.epochMs) return result;
  const again = new Ingest(ingest.options);
  return again.toResult(await again.inputs.read(regions, control, before.previousMs));
}

function readInWorker(task: WorkerTask): Promise<IngestResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a reading thread ended with code ${code}`)));
  });
}

/** True in a thread that `readAll` started. */
export function isReadingThread(): boolean {
  return !isMainThread;
}

/** What such a thread does. */
export async function runReadingThread(): Promise<void> {
  const { options, regions, stop } = workerData as WorkerTask;
  const stopping = new AbortController();
  const ingest = new Ingest(options);
  const onTurn = () => {
    if (Atomics.load(stop, 0) === 1) stopping.abort();
  };
  const chain = await ingest.inputs.read(regions, { signal: stopping.signal, onTurn });
  parentPort?.postMessage(ingest.toResult(chain));
}
