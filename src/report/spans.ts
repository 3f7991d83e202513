/** Spans in OTLP JSON → text for people: what --dry-run prints. */
import { escapeTerminal } from '../text/terminal.ts';

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** An ExportTraceServiceRequest, as far as it is shown. */
export interface OtlpSpans {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const KINDS: { readonly [kind: number]: string } = { 1: 'INTERNAL', 3: 'CLIENT' };
const NANOSECONDS = 1_000_000n;

export function renderSpans({ resourceSpans }: OtlpSpans): string {
  const lines = resourceSpans.flatMap(({ resource, scopeSpans }) => [
    `resource  ${resource.attributes.map(renderAttribute).join('  ')}`,
    ...scopeSpans.flatMap(({ spans }) => spans.flatMap(renderSpan)),
  ]);
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

function renderSpan(span: Span): string[] {
  const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, attributes, status } = span;
  const startMs = Number(BigInt(startTimeUnixNano) / NANOSECONDS);
  const ms = Number(BigInt(endTimeUnixNano) / NANOSECONDS) - startMs;
  const line = `${KINDS[kind] ?? kind} ${name}  ${new Date(startMs).toISOString()} + ${ms} ms  span ${spanId}`;
  if (parentSpanId !== undefined) return [`    ${line}`];
  return [
    `trace ${traceId}`,
    `  ${line}`,
    ...(status.code === 2 ? [`    Error: ${status.message ?? ''}`] : []),
    ...attributes.map((attribute) => `    ${renderAttribute(attribute)}`),
  ];
}

function renderAttribute({ key, value }: KeyValue): string {
  return `${key}=${value.stringValue ?? value.intValue ?? value.doubleValue ?? ''}`;
}
