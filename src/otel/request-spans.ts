/**
 * The mirror's requests → spans: one SERVER span for a message, and below it a CLIENT span for each destination (HTTP
 * client conventions). docs/otel.md has the table.
 *
 * HAProxy waits for nothing of this. While a NOTIFY is being read two small objects are made, no more; ids are made when the
 * request is written, which is after the ACK; spans are made when it has ended, a few at a time, and only those that find
 * room in the queue. A Span of the SDK would be kept alive as long as its request is, and cost most of what a request does.
 */
import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { type IdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import type { MessageContext, MirroredRequest, TraceContext } from '../mirror/request.ts';
import type { Target } from '../mirror/target.ts';
import type { MessageTrace, MirrorTracer, RequestOutcome, RequestTrace } from '../mirror/tracing.ts';
import { Http, SpanName } from './attribute-names.ts';
import { FinishedSpan } from './finished-span.ts';
import { describeOutcome, describeRequest, notifyAttributes } from './span-attributes.ts';
import type { SpanQueue } from './span-queue.ts';
import { epochMs, incomingContext, methodOf, readable } from './span-values.ts';

export interface RequestSpansOptions {
  readonly sampler: Sampler;
  readonly ids: IdGenerator;
  readonly resource: Resource;
  readonly scope: { readonly name: string; readonly version: string };
  /** The queue of spans; undefined where no spans are sent. Trace contexts are made all the same. */
  readonly queue: SpanQueue | undefined;
  readonly traceContext: TraceContext;
  readonly knownMethods: ReadonlySet<string>;
  /** Each request that was written. */
  readonly onOutcome: (method: string, target: Target, outcome: RequestOutcome, leftMs: number) => void;
}

interface Pending {
  readonly request: RequestSpan;
  readonly outcome: RequestOutcome;
}

/** Outcomes that are handled in one turn, which takes less than a millisecond. */
const TURN_OUTCOMES = 32;

export class RequestSpans implements MirrorTracer {
  readonly options: RequestSpansOptions;
  #pending: Pending[] = [];
  #isScheduled = false;

  constructor(options: RequestSpansOptions) {
    this.options = options;
  }

  get traceContext(): TraceContext {
    return this.options.traceContext;
  }

  follow(message: string, context: MessageContext, request: MirroredRequest): MessageTrace {
    return new MessageSpan(this, message, context, request);
  }

  /** Many end at once when a mirror goes away, or a queue is full: those that would find no room are not kept. */
  push(request: RequestSpan, outcome: RequestOutcome): void {
    const { queue } = this.options;
    if (queue === undefined) return;
    if (queue.room <= 2 * this.#pending.length) {
      queue.drop(request.abandon());
      return;
    }
    this.#pending.push({ request, outcome });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  /** All that wait. */
  drain(): void {
    for (const { request, outcome } of this.#pending.splice(0)) request.finish(outcome);
  }

  #turn(): void {
    for (const { request, outcome } of this.#pending.splice(0, TURN_OUTCOMES)) request.finish(outcome);
    this.#isScheduled = this.#pending.length > 0;
    if (this.#isScheduled) setImmediate(() => this.#turn());
  }
}

class MessageSpan implements MessageTrace {
  readonly spans: RequestSpans;
  readonly request: MirroredRequest;
  readonly #context: MessageContext;
  readonly #message: string;
  #handedOnMs = 0;
  #spanContext: SpanContext | undefined;
  #isDone = false;

  constructor(spans: RequestSpans, message: string, context: MessageContext, request: MirroredRequest) {
    this.spans = spans;
    this.#message = message;
    this.#context = context;
    this.request = request;
  }

  at(target: Target, queuedMs: number): RequestTrace {
    this.#handedOnMs = queuedMs;
    return new RequestSpan(this, target, queuedMs);
  }

  get spanContext(): SpanContext {
    this.#spanContext ??= this.#begin();
    return this.#spanContext;
  }

  get isSampled(): boolean {
    return (this.spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  /** Ends the span of the request, with the first of its mirrored requests that has ended. */
  finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const incoming = incomingContext(this.request.traceparent);
    const startMs = this.#context.receivedMs;
    this.spans.options.queue?.onEnd(
      new FinishedSpan(this.spans.options, {
        name: SpanName.event + readable(this.#message),
        kind: SpanKind.SERVER,
        context: this.spanContext,
        parent: this.#isChild ? incoming : undefined,
        link: this.#isChild ? undefined : incoming,
        startMs,
        endMs: Math.max(startMs, epochMs(this.#handedOnMs)),
        attributes: notifyAttributes(this.#message, this.#context, this.request),
        isError: false,
      }),
    );
  }

  /** The spans that will not be: its own counts once. */
  abandon(): number {
    if (this.#isDone) return 0;
    this.#isDone = true;
    return 1;
  }

  get #isChild(): boolean {
    return this.spans.traceContext === 'child';
  }

  #begin(): SpanContext {
    const { ids, sampler } = this.spans.options;
    const parent = this.#isChild ? incomingContext(this.request.traceparent) : undefined;
    const traceId = parent?.traceId ?? ids.generateTraceId();
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const { decision } = sampler.shouldSample(context, traceId, SpanName.event, SpanKind.SERVER, {}, []);
    const isSampled = decision === SamplingDecision.RECORD_AND_SAMPLED;
    return {
      traceId,
      spanId: ids.generateSpanId(),
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    };
  }
}

class RequestSpan implements RequestTrace {
  readonly #message: MessageSpan;
  readonly #target: Target;
  readonly #queuedMs: number;
  #leftMs: number | undefined;
  #spanId = '';

  constructor(message: MessageSpan, target: Target, queuedMs: number) {
    this.#message = message;
    this.#target = target;
    this.#queuedMs = queuedMs;
  }

  leaves(): string | undefined {
    this.#leftMs ??= performance.now();
    const { traceId, spanId, traceFlags } = this.#begin();
    if (this.#message.spans.traceContext === 'passthrough') return undefined;
    return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
  }

  ended(outcome: RequestOutcome): void {
    const { spans, request } = this.#message;
    if (outcome.attempts > 0) {
      const method = methodOf(request.method, spans.options.knownMethods);
      spans.options.onOutcome(method ?? Http.otherMethod, this.#target, outcome, this.#leftMs ?? this.#queuedMs);
    }
    spans.push(this, outcome);
  }

  finish(outcome: RequestOutcome): void {
    if (!this.#message.isSampled) return;
    this.#message.finish();
    const { spans, request } = this.#message;
    const method = methodOf(request.method, spans.options.knownMethods);
    const attributes = describeRequest(request, this.#target, method);
    if (this.#leftMs !== undefined) attributes[Http.queueDuration] = (this.#leftMs - this.#queuedMs) / 1000;
    const isError = describeOutcome(outcome, attributes);
    const startMs = epochMs(this.#leftMs ?? this.#queuedMs);
    spans.options.queue?.onEnd(
      new FinishedSpan(spans.options, {
        name: method ?? 'HTTP',
        kind: SpanKind.CLIENT,
        context: this.#begin(),
        parent: this.#message.spanContext,
        link: undefined,
        startMs,
        endMs: Math.max(startMs, epochMs(outcome.nowMs)),
        attributes,
        isError,
      }),
    );
  }

  abandon(): number {
    return this.#message.isSampled ? 1 + this.#message.abandon() : 0;
  }

  #begin(): SpanContext {
    const { traceId, traceFlags } = this.#message.spanContext;
    if (this.#spanId === '') this.#spanId = this.#message.spans.options.ids.generateSpanId();
    return { traceId, spanId: this.#spanId, traceFlags };
  }
}
