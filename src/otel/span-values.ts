/** Values of the spans of mirrored requests. Most of them were written by the sender of the request. */
import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { OutcomeCode } from '../mirror/record.ts';

const MAX_CHARACTERS = 256;
/** How far the system's clock may move against the monotonic one before the offset is taken anew: clocks drift, and may be set. */
const MAX_DRIFT_MS = 5;

/** The process has one monotonic clock, so one offset: spans of all requests stay in order. */
let offsetMs = performance.timeOrigin;

/** A moment of the monotonic clock as time since 1970: as the process began, unless the system's clock was set since. */
export function epochMs(monotonicMs: number): number {
  const drift = Date.now() - performance.now() - offsetMs;
  if (Math.abs(drift) > MAX_DRIFT_MS) offsetMs += drift;
  return monotonicMs + offsetMs;
}

/** The method, where it is known; undefined otherwise: names of spans, and values of metrics, are few. */
export function methodOf(method: string, known: ReadonlySet<string>): string | undefined {
  return known.has(method) ? method : undefined;
}

/** The error.type of an outcome. For a client 4xx is a failure as well. */
export function errorTypeOf(status: number | null, error: OutcomeCode | null): string | undefined {
  if (error !== null) return error;
  return status !== null && status >= 400 ? String(status) : undefined;
}

/** The context of a traceparent (W3C Trace Context); version ff is invalid. */
export function incomingContext(traceparent: string | undefined): SpanContext | undefined {
  if (traceparent === undefined || traceparent.startsWith('ff')) return undefined;
  const isSampled = (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
}

/** Bounded, and without what moves a terminal's cursor or turns its text around. */
export function readable(text: string): string {
  if (/^[\x20-\x7e]{0,256}$/.test(text)) return text;
  const plain = text
    .slice(0, MAX_CHARACTERS)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return text.length > MAX_CHARACTERS ? `${plain}...` : plain;
}
