/** Attributes of the two spans of a mirrored request. docs/otel.md has the table. */
import type { Attributes } from '@opentelemetry/api';
import type { MessageContext, MirroredRequest } from '../mirror/request.ts';
import type { Target } from '../mirror/target.ts';
import type { RequestOutcome } from '../mirror/tracing.ts';
import { Http, Notify } from './attribute-names.ts';
import { describeUrl } from './request-url.ts';
import { errorTypeOf, readable } from './span-values.ts';

export function notifyAttributes(
  message: string,
  { streamId, frameId, engineId }: MessageContext,
  { uniqueId, sid, pid }: MirroredRequest,
): Attributes {
  const attributes: Attributes = {
    [Notify.message]: readable(message),
    [Notify.streamId]: integer(streamId),
    [Notify.frameId]: integer(frameId),
  };
  if (engineId !== undefined) attributes[Notify.engineId] = readable(engineId);
  if (uniqueId !== undefined) attributes[Notify.uniqueId] = readable(uniqueId);
  if (sid !== undefined) attributes[Notify.sid] = integer(sid);
  if (pid !== undefined) attributes[Notify.pid] = integer(pid);
  return attributes;
}

/** @param method undefined for one that is not known */
export function describeRequest(request: MirroredRequest, target: Target, method: string | undefined): Attributes {
  const { origin, prefix, hostname, port, secure } = target;
  const attributes: Attributes = { [Http.method]: method ?? Http.otherMethod };
  if (method === undefined) attributes[Http.originalMethod] = readable(request.method);
  attributes[Http.url] = isUnusable(request) ? origin + prefix : describeUrl(origin + prefix, pathOf(request));
  attributes[Http.address] = hostname;
  attributes[Http.port] = port;
  if (!secure) attributes[Http.protocolVersion] = '1.1';
  if (request.body !== undefined) attributes[Http.requestBytes] = request.body.length;
  if (request.truncated) attributes[Http.isTruncated] = true;
  return attributes;
}

/** Adds what came of it; true for a failure. */
export function describeOutcome(
  { status, error, attempts, responseBytes }: RequestOutcome,
  attributes: Attributes,
): boolean {
  const failure = errorTypeOf(status, error);
  if (status !== null) {
    attributes[Http.status] = status;
    attributes[Http.responseBytes] = responseBytes;
  }
  if (attempts > 1) attributes[Http.resendCount] = attempts - 1;
  if (failure !== undefined) attributes[Http.errorType] = failure;
  return failure !== undefined;
}

/** Whether the path was refused: then it is arbitrary text of the client, which no request has. */
function isUnusable({ rejection }: MirroredRequest): boolean {
  return rejection === 'invalid-path' || rejection === 'invalid-method';
}

/** `*` asks about the server as a whole. */
function pathOf({ shownPath }: MirroredRequest): string {
  return shownPath === '*' ? '' : shownPath;
}

/** OTLP has 64 bits, the SDK has numbers: what does not fit is text. */
function integer(value: number | bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
