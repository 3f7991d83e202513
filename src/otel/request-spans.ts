/**
 * The mirror's requests → spans: one SERVER span for a message, and below it a CLIENT span for each destination (HTTP
 * client conventions). docs/otel.md has the table.
 *
 * HAProxy waits for nothing of this. While a NOTIFY is being read two small objects are made, no more; spans begin when the
 * request is written, which is after the ACK, and end a few at a time.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { MessageContext } from '../mirror/job.ts';
import type { MirrorRequest } from '../mirror/request.ts';
import type { Target } from '../mirror/target.ts';
import type { MessageTrace, MirrorTracer, RequestOutcome, RequestTrace, TraceContext } from '../mirror/tracing.ts';
import { Http, Notify, SpanName } from './attribute-names.ts';
import { describeUrl } from './request-url.ts';
import { epochMs, errorTypeOf, incomingContext, methodOf, readable } from './span-values.ts';

export interface RequestSpansOptions {
  readonly tracer: Tracer;
  readonly traceContext: TraceContext;
  readonly knownMethods: ReadonlySet<string>;
  /** Outcomes that wait for their spans; one more costs its spans. */
  readonly maxPending: number;
  readonly onDropped: (spans: number) => void;
  /** Each request that was written. */
  readonly onOutcome: (method: string, target: Target, outcome: RequestOutcome, leftMs: number) => void;
}

interface Pending {
  readonly request: RequestSpan;
  readonly outcome: RequestOutcome;
}

/** In one turn: below a millisecond. */
const TURN_OUTCOMES = 64;

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

  follow(message: string, context: MessageContext, request: MirrorRequest): MessageTrace {
    return new MessageSpan(this, message, context, request);
  }

  /** Many end at once when a mirror goes away, or a queue is full. */
  push(request: RequestSpan, outcome: RequestOutcome): void {
    if (this.#pending.length >= this.options.maxPending) {
      this.options.onDropped(request.abandon());
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
  readonly context: MessageContext;
  readonly request: MirrorRequest;
  readonly #message: string;
  #handedOnMs = 0;
  #context: Context | undefined;
  #isLost = false;

  constructor(spans: RequestSpans, message: string, context: MessageContext, request: MirrorRequest) {
    this.spans = spans;
    this.#message = message;
    this.context = context;
    this.request = request;
  }

  at(target: Target, queuedMs: number): RequestTrace {
    this.#handedOnMs = queuedMs;
    return new RequestSpan(this, target, queuedMs);
  }

  /** With the span of this message, which is over when the first of its requests needs it. */
  asParent(): Context {
    this.#context ??= this.#start();
    return this.#context;
  }

  /** Spans that will not be: its own counts once. */
  abandon(): number {
    if (this.#isLost || this.#context !== undefined) return 0;
    this.#isLost = true;
    return 1;
  }

  #start(): Context {
    const { tracer, traceContext } = this.spans.options;
    const incoming = incomingContext(this.request.traceparent);
    const isChild = traceContext === 'child' && incoming !== undefined;
    const startTime = this.context.receivedMs;
    const span = tracer.startSpan(
      SpanName.event + readable(this.#message),
      {
        kind: SpanKind.SERVER,
        startTime,
        attributes: this.#attributes(),
        ...(incoming !== undefined && !isChild && { links: [{ context: incoming }] }),
      },
      isChild ? trace.setSpanContext(ROOT_CONTEXT, incoming) : ROOT_CONTEXT,
    );
    span.end(Math.max(startTime, epochMs(this.#handedOnMs)));
    return trace.setSpanContext(ROOT_CONTEXT, span.spanContext());
  }

  #attributes(): Attributes {
    const { streamId, frameId, engineId } = this.context;
    const { uniqueId, sid, pid } = this.request;
    const attributes: Attributes = {
      [Notify.message]: readable(this.#message),
      [Notify.streamId]: integer(streamId),
      [Notify.frameId]: integer(frameId),
    };
    if (engineId !== undefined) attributes[Notify.engineId] = readable(engineId);
    if (uniqueId !== undefined) attributes[Notify.uniqueId] = readable(uniqueId);
    if (sid !== undefined) attributes[Notify.sid] = integer(sid);
    if (pid !== undefined) attributes[Notify.pid] = integer(pid);
    return attributes;
  }
}

class RequestSpan implements RequestTrace {
  readonly #message: MessageSpan;
  readonly #target: Target;
  readonly #queuedMs: number;
  #leftMs: number | undefined;
  #span: Span | undefined;

  constructor(message: MessageSpan, target: Target, queuedMs: number) {
    this.#message = message;
    this.#target = target;
    this.#queuedMs = queuedMs;
  }

  leaves(): string | undefined {
    if (this.#span === undefined) {
      this.#leftMs = performance.now();
      this.#span = this.#start(this.#leftMs);
    }
    return this.#message.spans.traceContext === 'passthrough' ? undefined : traceparentOf(this.#span.spanContext());
  }

  ended(outcome: RequestOutcome): void {
    const { spans, request } = this.#message;
    if (outcome.attempts > 0) {
      const method = methodOf(request.method, spans.options.knownMethods);
      spans.options.onOutcome(method ?? Http.otherMethod, this.#target, outcome, this.#leftMs ?? this.#queuedMs);
    }
    spans.push(this, outcome);
  }

  finish({ status, error, attempts, responseBytes, nowMs }: RequestOutcome): void {
    const span = this.#span ?? this.#start(this.#queuedMs);
    if (span.isRecording()) {
      const failure = errorTypeOf(status, error);
      if (status !== null) {
        span.setAttribute(Http.status, status);
        span.setAttribute(Http.responseBytes, responseBytes);
      }
      if (attempts > 1) span.setAttribute(Http.resendCount, attempts - 1);
      if (failure !== undefined) span.setAttribute(Http.errorType, failure).setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(epochMs(nowMs));
  }

  abandon(): number {
    if (this.#span?.isRecording() === false) return 0;
    return 1 + this.#message.abandon();
  }

  #start(startMs: number): Span {
    const { spans, request } = this.#message;
    const method = methodOf(request.method, spans.options.knownMethods);
    return spans.options.tracer.startSpan(
      method ?? 'HTTP',
      { kind: SpanKind.CLIENT, startTime: epochMs(startMs), attributes: this.#attributes(method) },
      this.#message.asParent(),
    );
  }

  #attributes(method: string | undefined): Attributes {
    const { origin, prefix, hostname, port, secure } = this.#target;
    const { request } = this.#message;
    const attributes: Attributes = { [Http.method]: method ?? Http.otherMethod };
    if (method === undefined) attributes[Http.originalMethod] = readable(request.method);
    attributes[Http.url] = isUnusable(request) ? origin + prefix : describeUrl(origin + prefix, pathOf(request));
    attributes[Http.address] = hostname;
    attributes[Http.port] = port;
    if (!secure) attributes[Http.protocolVersion] = '1.1';
    if (request.body !== undefined) attributes[Http.requestBytes] = request.body.length;
    if (request.truncated) attributes[Http.isTruncated] = true;
    if (this.#leftMs !== undefined) attributes[Http.queueDuration] = (this.#leftMs - this.#queuedMs) / 1000;
    return attributes;
  }
}

/** Then the path is the client's own text, whatever it is, and no request has it. */
function isUnusable({ rejection }: MirrorRequest): boolean {
  return rejection === 'invalid-path' || rejection === 'invalid-method';
}

/** `*` asks about the server as a whole. */
function pathOf({ path }: MirrorRequest): string {
  return path === '*' ? '' : path;
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`;
}

/** OTLP has 64 bits, the SDK has numbers: what does not fit is text. */
function integer(value: number | bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
