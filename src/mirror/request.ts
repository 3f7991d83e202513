import { type Header, readHeadersBin } from '../spop/headers-bin.ts';
import { parseHeaders } from '../spop/headers-text.ts';
import { DataType, type TypedData } from '../spop/typed-data.ts';
import { type MirrorArguments, readText } from './arguments.ts';
import type { Settings } from './options.ts';
import type { RecordArgument, RejectionCode } from './record.ts';
import { type HeaderBlock, type HeaderRules, HOP_BY_HOP, writeHeaders } from './request-headers.ts';
import { parseTarget, redactQuery } from './request-target.ts';
import { isFieldValue, isToken } from './syntax.ts';
import { TEXT_BOUNDS } from './text-bounds.ts';

/** A request that production got, ready for any destination. Holds copies only. */
export interface MirroredRequest {
  readonly method: string;
  /** Origin-form or `*`, without a destination's prefix; the client's own text when it was rejected for it. */
  readonly path: string;
  /** The path as records and spans have it. */
  readonly shownPath: string;
  /** Header lines, each with its CRLF: nothing about this hop, content-length as the body is. */
  readonly headers: string;
  /** What Host shall say when `headers` has none; undefined leaves it to the destination. */
  readonly host: string | undefined;
  readonly hasHost: boolean;
  readonly body: Buffer | undefined;
  /** True when the client announced a longer body than came here. */
  readonly truncated: boolean;
  /** The id as the record has it; the header has all of it. */
  readonly uniqueId: string | undefined;
  /** True when there is an id, and the record has all of it: what else is known of the request can be joined by it. */
  readonly hasWholeId: boolean;
  readonly sid: number | bigint | undefined;
  readonly pid: number | bigint | undefined;
  readonly others: readonly RecordArgument[] | undefined;
  readonly traceparent: string | undefined;
  /** The reason why the request must not be sent. */
  readonly rejection: RejectionCode | undefined;
}

/** The origin of a message, for its record. */
export interface MessageContext {
  readonly streamId: number | bigint;
  readonly frameId: number | bigint;
  readonly engineId: string | undefined;
  /** The peer that sent it, for a fair share of the queue; all without one count as the same peer. */
  readonly peer?: string;
  /** Epoch ms of the wall clock. */
  readonly receivedMs: number;
}

/**
 * What becomes of production's trace context: a new trace with a link to it, a child of it, or nothing, so that it goes to
 * the mirror as it came.
 */
export type TraceContext = 'link' | 'child' | 'passthrough';

export interface RequestRules extends HeaderRules {
  readonly skipTruncated: boolean;
  readonly redactQuery: boolean;
  /** False when a header that is set takes the place of arg_uid. */
  readonly sendsUniqueId: boolean;
  readonly host: string | undefined;
}

export function requestRules(settings: Settings, traceContext: TraceContext = 'passthrough'): RequestRules {
  const { rewriteHost, setHeaders, uniqueIdHeader } = settings;
  return {
    dropped: new Set([...HOP_BY_HOP, ...settings.stripHeaders, ...setHeaders.map(([name]) => name.toLowerCase())]),
    added: setHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
    uniqueIdHeader,
    dropHost: rewriteHost !== false,
    host: typeof rewriteHost === 'string' ? rewriteHost : undefined,
    sendsUniqueId: !setHeaders.some(([name]) => name.toLowerCase() === uniqueIdHeader),
    redactQuery: settings.redactQuery,
    skipTruncated: settings.truncatedBody === 'skip',
    replaced: REPLACED[traceContext],
  };
}

/** Headers that each mode replaces. W3C Trace Context: who begins a trace does not go on with the `tracestate` of another. */
const REPLACED: { readonly [context in TraceContext]: ReadonlySet<string> } = {
  link: new Set(['traceparent', 'tracestate']),
  child: new Set(['traceparent']),
  passthrough: new Set(),
};

/** Makes the request; what is wrong with it is in its `rejection`, and it still has everything a record needs. */
export function buildRequest(args: MirrorArguments, rules: RequestRules): MirroredRequest {
  const method = args.method.token ?? '';
  const text = args.path.text ?? '';
  const target = parseTarget(method, text);
  const uniqueId = uniqueIdOf(args.uniqueId);
  const bodyBytes = lengthOf(args.body);
  const headers = readHeaders(args.headers);
  const block =
    headers && writeHeaders(headers, method, bodyBytes, rules.sendsUniqueId ? uniqueId?.header : undefined, rules);
  const path = target?.path ?? text;
  const truncated = (block?.announced ?? 0) > bodyBytes;
  return {
    method,
    path,
    shownPath: rules.redactQuery ? redactQuery(path) : path,
    headers: block?.lines ?? '',
    host: rules.host ?? (rules.dropHost ? undefined : target?.authority),
    hasHost: block?.hasHost ?? false,
    body: bodyBytes > 0 ? copyOf(args.body) : undefined,
    truncated,
    uniqueId: uniqueId?.text,
    hasWholeId: uniqueId?.isWhole ?? false,
    sid: args.sid,
    pid: args.pid,
    others: args.others,
    traceparent: traceparentOf(block),
    rejection: rejectionOf(method, target !== undefined, block, uniqueId?.header, truncated && rules.skipTruncated),
  };
}

function rejectionOf(
  method: string,
  hasTarget: boolean,
  block: HeaderBlock | undefined,
  uniqueId: string | undefined,
  skip: boolean,
): RejectionCode | undefined {
  // CONNECT opens a tunnel: there is nothing to mirror in it.
  if (!isToken(method) || method === 'CONNECT') return 'invalid-method';
  if (!hasTarget) return 'invalid-path';
  if (block === undefined || (uniqueId !== undefined && !isFieldValue(uniqueId))) return 'invalid-header';
  return skip ? 'skipped-truncated' : undefined;
}

/** HAProxy's req.hdrs_bin is a BINARY, req.hdrs a STRING. Undefined when it cannot be read. */
export function readHeaders(data: TypedData | undefined): readonly Header[] | undefined {
  if (data === undefined) return [];
  try {
    if (data.type === DataType.binary) return readHeadersBin(data.source, data.start, data.end);
    return data.type === DataType.string ? parseHeaders(data.text ?? '') : undefined;
  } catch {
    return undefined;
  }
}

interface UniqueId {
  /** As the record has it. */
  readonly text: string;
  /** As the mirror gets it. */
  readonly header: string;
  readonly isWhole: boolean;
}

/** Undefined for an empty one. */
export function uniqueIdOf(data: TypedData | undefined): UniqueId | undefined {
  if (data === undefined) return undefined;
  const header = data.text ?? String(data.scalar ?? '');
  if (header === '') return undefined;
  const isWhole = data.end - data.start <= TEXT_BOUNDS.uniqueId;
  return { text: readText(data, TEXT_BOUNDS.uniqueId) ?? header, header, isWhole };
}

function lengthOf(data: TypedData | undefined): number {
  return data === undefined || data.type < DataType.string ? 0 : data.end - data.start;
}

/** A copy, as a view would keep the whole chunk of the socket for as long as the request waits. */
function copyOf(data: TypedData | undefined): Buffer | undefined {
  const bytes = data?.bytes;
  return bytes && Buffer.from(bytes);
}

/** W3C Trace Context, section 3.2; anything else is the client's text and says nothing. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceparentOf(block: HeaderBlock | undefined): string | undefined {
  const value = block?.traceparent;
  return value !== undefined && TRACEPARENT.test(value) ? value : undefined;
}
