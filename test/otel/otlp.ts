/** Reads what a receiver gets: export requests in protobuf or JSON, as flat lists. */
import { type ProtobufField, readFields } from '../../src/otel/protobuf.ts';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number; readonly message: string };
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);
const hex = (bytes: Uint8Array) => bufferOf(bytes).toString('hex');
const utf8 = (bytes: Uint8Array) => bufferOf(bytes).toString('utf8');

class Message {
  readonly fields: readonly ProtobufField[];

  constructor(bytes: Uint8Array) {
    this.fields = readFields(bytes);
  }

  all(number: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (const field of this.fields)
      if (field.number === number && field.value instanceof Uint8Array) found.push(field.value);
    return found;
  }

  bytes(number: number): Uint8Array {
    for (const { number: own, value } of this.fields) if (own === number && value instanceof Uint8Array) return value;
    return new Uint8Array();
  }

  integer(number: number): bigint {
    for (const { number: own, value } of this.fields) if (own === number) return typeof value === 'bigint' ? value : 0n;
    return 0n;
  }
}

function anyValue(bytes: Uint8Array): unknown {
  const [field] = readFields(bytes);
  if (field === undefined) return undefined;
  if (field.value instanceof Uint8Array) return utf8(field.value);
  if (field.number === 2) return field.value === 1n;
  if (field.number === 3) return Number(BigInt.asIntN(64, field.value));
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, field.value);
  // A double that happens to be whole is still told apart from an integer.
  return { double: view.getFloat64(0) };
}

function attributes(list: readonly Uint8Array[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const bytes of list) {
    const pair = new Message(bytes);
    found[utf8(pair.bytes(1))] = anyValue(pair.bytes(2));
  }
  return found;
}

function readSpan(bytes: Uint8Array, resource: Record<string, unknown>, scope: string): ReceivedSpan {
  const span = new Message(bytes);
  const status = new Message(span.bytes(15));
  return {
    traceId: hex(span.bytes(1)),
    spanId: hex(span.bytes(2)),
    parentSpanId: hex(span.bytes(4)),
    name: utf8(span.bytes(5)),
    kind: Number(span.integer(6)),
    start: span.integer(7),
    end: span.integer(8),
    flags: Number(span.integer(16)),
    attributes: attributes(span.all(9)),
    links: span.all(13).map((link) => ({
      traceId: hex(new Message(link).bytes(1)),
      spanId: hex(new Message(link).bytes(2)),
    })),
    status: { code: Number(status.integer(3)), message: utf8(status.bytes(2)) },
    resource,
    scope,
  };
}

export function readProtobufSpans(request: Uint8Array): ReceivedSpan[] {
  return new Message(request).all(1).flatMap((bytes) => {
    const part = new Message(bytes);
    const resource = attributes(new Message(part.bytes(1)).all(1));
    return part.all(2).flatMap((scopeBytes) => {
      const scope = new Message(scopeBytes);
      const { fields } = new Message(scope.bytes(1));
      const name = fields.map(({ value }) => (value instanceof Uint8Array ? utf8(value) : value)).join(' ');
      return scope.all(2).map((span) => readSpan(span, resource, name));
    });
  });
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from outside, read field by field
type Json = any;

function jsonAttributes(list: Json[] = []): Record<string, unknown> {
  return Object.fromEntries(
    list.map(({ key, value }) => {
      if (value.intValue !== undefined) return [key, Number(value.intValue)];
      if (value.doubleValue !== undefined) return [key, { double: value.doubleValue }];
      return [key, value.stringValue ?? value.boolValue];
    }),
  );
}

export function readJsonSpans(text: string): ReceivedSpan[] {
  return JSON.parse(text).resourceSpans.flatMap((part: Json) =>
    part.scopeSpans.flatMap((scope: Json) =>
      scope.spans.map((span: Json) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        kind: span.kind,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        flags: span.flags,
        attributes: jsonAttributes(span.attributes),
        links: (span.links ?? []).map(({ traceId, spanId }: Json) => ({ traceId, spanId })),
        status: { code: span.status.code ?? 0, message: span.status.message ?? '' },
        resource: jsonAttributes(part.resource.attributes),
        scope: `${scope.scope.name} ${scope.scope.version}`,
      })),
    ),
  );
}

/** Data points in an ExportMetricsServiceRequest, whatever their kind. */
export function countProtobufPoints(request: Uint8Array): number {
  const inside = (bytes: Uint8Array, number: number) => new Message(bytes).all(number);
  const metrics = inside(request, 1)
    .flatMap((part) => inside(part, 2))
    .flatMap((scope) => inside(scope, 2));
  // gauge 5, sum 7, histogram 9, exponential_histogram 10: in each, data_points is 1
  return metrics.flatMap((metric) =>
    [5, 7, 9, 10].flatMap((kind) => inside(metric, kind).flatMap((data) => inside(data, 1))),
  ).length;
}

export function countJsonPoints(text: string): number {
  return JSON.parse(text)
    .resourceMetrics.flatMap((part: Json) => part.scopeMetrics)
    .flatMap((scope: Json) => scope.metrics)
    .flatMap(
      (metric: Json) => (metric.sum ?? metric.gauge ?? metric.histogram ?? metric.exponentialHistogram).dataPoints,
    ).length;
}

export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a sum; of a histogram the count. */
  readonly value: number;
  readonly bounds: number;
}

/** Sums and histograms of an ExportMetricsServiceRequest. */
export function readProtobufPoints(request: Uint8Array): ReceivedPoint[] {
  const metrics = new Message(request)
    .all(1)
    .flatMap((part) => new Message(part).all(2))
    .flatMap((scope) => new Message(scope).all(2));
  return metrics.flatMap((bytes) => {
    const metric = new Message(bytes);
    const named = { name: utf8(metric.bytes(1)), unit: utf8(metric.bytes(3)) };
    const sums = new Message(metric.bytes(7)).all(1).map((point) => {
      const { fields } = new Message(point);
      const value = Number(fields.find(({ number }) => number === 6)?.value ?? 0n);
      return { ...named, attributes: attributes(new Message(point).all(7)), value, bounds: 0 };
    });
    const histograms = new Message(metric.bytes(9)).all(1).map((bytes_) => {
      const point = new Message(bytes_);
      const value = Number(point.integer(4));
      return { ...named, attributes: attributes(point.all(9)), value, bounds: point.bytes(7).length / 8 };
    });
    return [...sums, ...histograms];
  });
}
