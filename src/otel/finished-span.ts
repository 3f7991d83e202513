/** A span as the SDK's processors and serializers take it, made when all of it is known. */
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

export interface SpanFacts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly link: SpanContext | undefined;
  /** Epoch ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
}

const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };
const ERROR: SpanStatus = { code: SpanStatusCode.ERROR };
const NO_LINKS: Link[] = [];

export class FinishedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events = [];
  readonly ended = true;
  readonly resource: Resource;
  readonly instrumentationScope: { readonly name: string; readonly version: string };
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: SpanContext;
  readonly #durationMs: number;

  constructor(
    { resource, scope }: { readonly resource: Resource; readonly scope: { name: string; version: string } },
    { name, kind, context, parent, link, startMs, endMs, attributes, isError }: SpanFacts,
  ) {
    this.name = name;
    this.kind = kind;
    this.#context = context;
    if (parent !== undefined) this.parentSpanContext = parent;
    this.startTime = hrTime(startMs);
    this.endTime = hrTime(endMs);
    this.#durationMs = endMs - startMs;
    this.status = isError ? ERROR : UNSET;
    this.attributes = attributes;
    this.links = link === undefined ? NO_LINKS : [{ context: link }];
    this.resource = resource;
    this.instrumentationScope = scope;
  }

  get duration(): HrTime {
    return hrTime(this.#durationMs);
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}

/** Seconds, and nanoseconds below one. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
