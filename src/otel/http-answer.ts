/** OTLP/HTTP: status, headers and body of a response → what it means (OTLP specification, "OTLP/HTTP Response"). */
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { trimOws } from '../text/trim-ows.ts';
import { type Answer, saysTooLarge, shorten } from './answer.ts';
import type { Signal } from './batch.ts';
import { readFields } from './protobuf.ts';
import type { Encoding } from './span-batch.ts';

const RETRYABLE = [429, 502, 503, 504];
/** Statuses that refuse the data, not the sender or the place. */
const BAD_DATA = [400, 422];
/** The field `message` of google.rpc.Status. */
const STATUS_MESSAGE = 2;

export interface HttpResponse {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body: Uint8Array;
}

export function readHttpAnswer(response: HttpResponse, signal: Signal, encoding: Encoding, nowMs: number): Answer {
  const { status } = response;
  if (status >= 200 && status < 300) return readSuccess(response, signal, encoding);
  const message = readMessage(response);
  const reason = message === '' ? `HTTP ${status}` : `HTTP ${status}: ${message}`;
  if (RETRYABLE.includes(status)) {
    const afterMs = parseRetryAfter(response.retryAfter, nowMs);
    return afterMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, afterMs };
  }
  if (status === 413 || (status === 400 && saysTooLarge(message))) return { kind: 'too-large', reason };
  if (BAD_DATA.includes(status)) return { kind: 'refused', reason };
  if (status >= 500 && status !== 501 && status !== 505) return { kind: 'failed', reason };
  return { kind: 'fatal', code: 'collector-refused', reason, hint: hintOf(status) };
}

function hintOf(status: number): string {
  if (status === 401 || status === 407) return 'give credentials with --header, such as authorization=Bearer%20TOKEN';
  if (status === 403) return 'the credentials do not allow this';
  if (status === 404 || status === 405)
    return 'check the endpoint: /v1/traces and /v1/metrics are appended to --endpoint';
  if (status >= 300 && status < 400) return 'redirects are not followed: name the place it points to';
  if (status === 415) return 'it does not take this encoding: try another --protocol';
  return 'check the endpoint and the headers';
}

/** Collectors answer as they were asked; some have JSON for everything. No body is a success too. */
function readSuccess({ status, contentType, body }: HttpResponse, signal: Signal, encoding: Encoding): Answer {
  const answered = body.length === 0 ? encoding : encodingOf(contentType);
  if (answered === undefined) {
    const what = contentType === undefined ? 'a body of no type' : shorten(contentType);
    const reason = `HTTP ${status} with ${what}, which is no answer of OTLP`;
    return {
      kind: 'fatal',
      code: 'collector-refused',
      reason,
      hint: 'something else listens there: check the endpoint',
    };
  }
  try {
    const { rejected, message } = readPartialSuccess(body, signal, answered);
    return { kind: 'accepted', rejected, message: shorten(message) };
  } catch {
    // It says that it is an answer of OTLP: what is wrong with it does not take the success back.
    return { kind: 'accepted', rejected: 0, message: '' };
  }
}

function encodingOf(contentType = ''): Encoding | undefined {
  const type = trimOws(contentType.replace(/;.*/s, '')).toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

/** Reads the body of a success over HTTP or gRPC. `rejected` is 0 for one without a partial success. Throws for garbage. */
export function readPartialSuccess(
  body: Uint8Array,
  signal: Signal,
  encoding: Encoding,
): { rejected: number; message: string } {
  if (body.length === 0) return { rejected: 0, message: '' };
  const isJson = encoding === 'json';
  const { partialSuccess } =
    signal === 'traces'
      ? (isJson ? JsonTraceSerializer : ProtobufTraceSerializer).deserializeResponse(body)
      : (isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer).deserializeResponse(body);
  const fields = (partialSuccess ?? {}) as {
    rejectedSpans?: unknown;
    rejectedDataPoints?: unknown;
    errorMessage?: unknown;
  };
  // JSON writes 64-bit integers as text.
  const rejected = Number(fields.rejectedSpans ?? fields.rejectedDataPoints ?? 0);
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    message: typeof fields.errorMessage === 'string' ? fields.errorMessage : '',
  };
}

/** A google.rpc.Status as protobuf or JSON, or whatever a proxy says in plain text. */
function readMessage({ body, contentType = '' }: HttpResponse): string {
  if (body.length === 0) return '';
  if (contentType.includes('protobuf')) {
    const message = readFields(body).find(({ number }) => number === STATUS_MESSAGE)?.value;
    return message instanceof Uint8Array ? shorten(Buffer.from(message).toString('utf8')) : '';
  }
  const text = Buffer.from(body).toString('utf8');
  if (contentType.includes('json')) {
    try {
      const { message } = JSON.parse(text) as { message?: unknown };
      if (typeof message === 'string') return shorten(message);
    } catch {
      // A body that is no JSON is read as text.
    }
  }
  return contentType.includes('html') ? '' : shorten(text);
}

/** Seconds, or a date (RFC 9110 section 10.2.3), as ms from now; undefined for neither. */
function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(trimOws(text))) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
