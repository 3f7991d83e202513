/**
 * Between the SDK and the collector: a queue that is bounded, and drops what finds no room. A proxy is never slowed for a
 * span; the SDK's BatchSpanProcessor would do the same, but does not report how many it dropped. The export of logs has no
 * use for this queue: there the reader waits (`Pipeline`).
 *
 * Spans are encoded a few at a time: a whole batch at once would keep HAProxy waiting for milliseconds.
 */
import { TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../text/retry.ts';
import type { Transport } from './answer.ts';
import type { LossLog } from './loss-log.ts';
import { Deadline, reasonOf, sendWithin } from './sending.ts';
import type { Encoding } from './span-batch.ts';
import type { BatchSettings } from './telemetry-settings.ts';

export interface SpanQueueOptions {
  readonly transport: Transport;
  readonly encoding: Encoding;
  readonly batch: BatchSettings;
  readonly clock: Clock;
  readonly losses: LossLog;
}

interface QueuedBatch {
  /** Each an export request of its own, of a few spans. */
  readonly slices: Uint8Array[];
  size: number;
}

const SLICE_SPANS = 32;
const MAX_IN_FLIGHT = 4;
/** The pause after a collector refused everything. */
const FAILED_REST_MS = 1_000;
const JSON_HEAD = '{"resourceSpans":[';
const JSON_TAIL = ']}';

export class SpanQueue implements SpanProcessor {
  readonly #options: SpanQueueOptions;
  readonly #deadline = new Deadline();
  readonly #inFlight = new Map<QueuedBatch, Promise<void>>();
  #slice: ReadableSpan[] = [];
  #batch: QueuedBatch = { slices: [], size: 0 };
  #waiting: QueuedBatch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #exported = 0;
  #dropped = 0;
  #failed = 0;
  #held = 0;
  #isClosed = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  get counts() {
    return { exported: this.#exported, dropped: this.#dropped, failed: this.#failed, queued: this.#held };
  }

  /** How many more spans the queue takes. */
  get room(): number {
    return this.#isClosed ? 0 : this.#options.batch.maxQueue - this.#held;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const { maxBatch, delayMs } = this.#options.batch;
    if (this.room <= 0) {
      this.drop(1);
      return;
    }
    this.#held++;
    this.#slice.push(span);
    const size = this.#batch.size + this.#slice.length;
    if (size >= maxBatch) this.#closeBatch();
    else if (this.#slice.length >= SLICE_SPANS) this.#encode();
    this.#timer ??= setTimeout(() => this.#closeBatch(), delayMs).unref();
  }

  /** Spans that never came as far as this. */
  drop(count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#options.losses.lost(count, 'the queue is full');
  }

  /** Waits for the queue to be sent until the deadline; the rest is given up, and so are spans that come later. */
  async close(deadlineMs: number): Promise<void> {
    const { clock, losses } = this.#options;
    this.#deadline.set(deadlineMs);
    this.#closeBatch();
    const over = new AbortController();
    const late = clock.sleep(Math.max(0, deadlineMs - clock.now()), over.signal);
    const isLate = late.then(() => true);
    while (this.#inFlight.size > 0) {
      if ((await Promise.race([isLate, ...this.#inFlight.values()])) === true) break;
    }
    over.abort();
    this.#isClosed = true;
    for (const { size } of this.#inFlight.keys()) this.#failed += size;
    for (const { size } of this.#waiting) this.#dropped += size;
    if (this.#held > 0) losses.lost(this.#held, 'the program ends');
    this.#held = 0;
    this.#waiting = [];
  }

  async forceFlush(): Promise<void> {
    this.#closeBatch();
    await Promise.all(this.#inFlight.values());
  }

  /** `close` did it: the SDK has no limit on how long this takes. */
  async shutdown(): Promise<void> {}

  #encode(): void {
    if (this.#slice.length === 0) return;
    const serializer = this.#options.encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
    this.#batch.slices.push(serializer.serializeRequest(this.#slice) ?? new Uint8Array());
    this.#batch.size += this.#slice.length;
    this.#slice = [];
  }

  #closeBatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#encode();
    if (this.#batch.size > 0) this.#waiting.push(this.#batch);
    this.#batch = { slices: [], size: 0 };
    this.#pump();
  }

  #pump(): void {
    while (this.#inFlight.size < MAX_IN_FLIGHT && !this.#isClosed) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      const sent = this.#deliver(batch).then(() => {
        this.#inFlight.delete(batch);
        this.#pump();
      });
      this.#inFlight.set(batch, sent);
    }
  }

  async #deliver(batch: QueuedBatch): Promise<void> {
    const { transport, clock, losses, encoding } = this.#options;
    const { timeoutMs } = this.#options.batch;
    const attempts = { transport, clock, deadline: this.#deadline, timeoutMs };
    const answer = await sendWithin(joinSlices(batch.slices, encoding), attempts);
    if (this.#isClosed) return;
    const taken = answer.kind === 'accepted' ? batch.size - Math.min(batch.size, answer.rejected) : 0;
    this.#held -= batch.size;
    this.#exported += taken;
    this.#failed += batch.size - taken;
    if (taken < batch.size) losses.lost(batch.size - taken, `${transport.endpoint}: ${reasonOf(answer)}`);
    else losses.delivered();
    if (taken === 0) await clock.sleep(FAILED_REST_MS, this.#deadline.signal);
  }
}

/** Messages of protobuf that stand one behind the other are one message with the fields of all. */
function joinSlices(slices: readonly Uint8Array[], encoding: Encoding): Uint8Array {
  if (slices.length === 1) return slices[0] as Uint8Array;
  if (encoding === 'protobuf') return Buffer.concat(slices);
  const inner = slices.map((slice) => Buffer.from(slice).subarray(JSON_HEAD.length, -JSON_TAIL.length));
  return Buffer.from(`${JSON_HEAD}${inner.join(',')}${JSON_TAIL}`);
}
