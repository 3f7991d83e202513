/** OTLP/gRPC: status, message and details of a call → what it means (OTLP specification, "OTLP/gRPC Response"). */
import { type Answer, saysTooLarge, shorten } from './answer.ts';
import type { Signal } from './batch.ts';
import { readPartialSuccess } from './http-answer.ts';
import { readFields } from './protobuf.ts';

/** Codes of google.golang.org/grpc/codes. */
const GrpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

const RETRYABLE: readonly number[] = [
  GrpcCode.cancelled,
  GrpcCode.deadlineExceeded,
  GrpcCode.aborted,
  GrpcCode.outOfRange,
  GrpcCode.unavailable,
  GrpcCode.dataLoss,
];
const HINTS: { readonly [code: number]: string } = {
  [GrpcCode.unauthenticated]: 'give credentials with --header, such as authorization=Bearer%20TOKEN',
  [GrpcCode.permissionDenied]: 'the credentials do not allow this',
  [GrpcCode.unimplemented]: 'nothing takes this signal there: check the endpoint and the pipelines of the collector',
  [GrpcCode.notFound]: 'check the endpoint',
};
const NAMES: readonly string[] = Object.keys(GrpcCode);

export interface GrpcResponse {
  /** The grpc-status; undefined when the call ended without one. */
  readonly status: number | undefined;
  readonly message: string;
  /** A google.rpc.Status, from the header grpc-status-details-bin. */
  readonly details: Uint8Array | undefined;
  /** The response message, without its frame. */
  readonly body: Uint8Array;
}

export function readGrpcAnswer({ status, message, details, body }: GrpcResponse, signal: Signal): Answer {
  if (status === GrpcCode.ok) {
    try {
      const partial = readPartialSuccess(body, signal, 'protobuf');
      return { kind: 'accepted', rejected: partial.rejected, message: shorten(partial.message) };
    } catch {
      return { kind: 'accepted', rejected: 0, message: '' };
    }
  }
  if (status === undefined) return { kind: 'retry', reason: 'the call ended without a status' };
  const words = shorten(message);
  const reason = words === '' ? `gRPC status ${named(status)}` : `gRPC status ${named(status)}: ${words}`;
  const afterMs = details === undefined ? undefined : readRetryDelay(details);
  if (RETRYABLE.includes(status) || (status === GrpcCode.resourceExhausted && afterMs !== undefined))
    return afterMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, afterMs };
  if (status === GrpcCode.resourceExhausted && saysTooLarge(message)) return { kind: 'too-large', reason };
  if (status === GrpcCode.invalidArgument)
    return saysTooLarge(message) ? { kind: 'too-large', reason } : { kind: 'refused', reason };
  const hint = HINTS[status];
  return hint === undefined ? { kind: 'failed', reason } : { kind: 'fatal', code: 'collector-refused', reason, hint };
}

function named(status: number): string {
  const name = NAMES.find((key) => GrpcCode[key as keyof typeof GrpcCode] === status);
  return name === undefined ? String(status) : `${status} (${name})`;
}

/** The gRPC code for an HTTP status, where a proxy answers (grpc/doc/http-grpc-status-mapping.md). */
export function codeOfHttpStatus(status: number): number {
  switch (status) {
    case 400:
      return GrpcCode.internal;
    case 401:
      return GrpcCode.unauthenticated;
    case 403:
      return GrpcCode.permissionDenied;
    case 404:
      return GrpcCode.unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcCode.unavailable;
    default:
      return GrpcCode.unknown;
  }
}

const STATUS_DETAILS = 3;
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** The wait in ms that a RetryInfo among the details asks for; undefined without one. A RetryInfo without a delay is 0. */
function readRetryDelay(status: Uint8Array): number | undefined {
  for (const { number, value } of readFields(status)) {
    if (number !== STATUS_DETAILS || !(value instanceof Uint8Array)) continue;
    const any = readFields(value);
    const type = any.find((field) => field.number === 1)?.value;
    const info = any.find((field) => field.number === 2)?.value ?? new Uint8Array();
    if (!(type instanceof Uint8Array && info instanceof Uint8Array)) continue;
    if (Buffer.from(type).toString('utf8') !== RETRY_INFO) continue;
    const delay = readFields(info).find((field) => field.number === 1)?.value;
    if (!(delay instanceof Uint8Array)) return 0;
    const part = (wanted: number) => {
      const found = readFields(delay).find((field) => field.number === wanted)?.value;
      return typeof found === 'bigint' ? Number(BigInt.asIntN(64, found)) : 0;
    };
    return Math.max(0, part(1) * 1000 + Math.ceil(part(2) / 1e6));
  }
  return undefined;
}
