/** An answer of production, as HAProxy tells it in a message of its own: SPOE event on-http-response, or a group of a rule. */
import type { Message } from '../spop/messages.ts';
import { DataType, TypedData } from '../spop/typed-data.ts';
import { cutText } from '../text/cut.ts';
import { type AnswerParts, type CapturedAnswer, MAX_ANSWER_BYTES } from './answer-capture.ts';
import { readInteger } from './arguments.ts';
import { formatTime, type ProductionRecord } from './record.ts';
import { type MessageContext, readHeaders, uniqueIdOf } from './request.ts';
import { TEXT_BOUNDS } from './text-bounds.ts';

/** Whether a message is one of these: it has arg_status and arg_uid, and no arg_path. NULL is as good as absent. */
export function isProductionAnswer({ args }: Message): boolean {
  const has = (name: string) => (args.get(name)?.type ?? DataType.null) !== DataType.null;
  return has('arg_status') && has('arg_uid') && !has('arg_path');
}

export interface ProductionAnswer extends CapturedAnswer {
  /** Its line in the record, as long as nothing is known of what it says. */
  readonly record: ProductionRecord;
}

/** Copies what is needed of such a message, at once: its values are views. Undefined for one without an id to join it by. */
export function copyProductionAnswer(
  { name, args }: Message,
  context: MessageContext,
  parts: AnswerParts,
): ProductionAnswer | undefined {
  const uniqueId = uniqueIdOf(args.get('arg_uid'));
  if (uniqueId?.isWhole !== true) return undefined;
  const { engineId, receivedMs } = context;
  const headers = copyOf(args.get('arg_hdrs'));
  const whole = parts === 'head' ? undefined : args.get('arg_body')?.bytes;
  const bodyBytes = whole?.length ?? 0;
  const tooLong = bodyBytes > MAX_ANSWER_BYTES;
  const body = whole && Buffer.from(tooLong ? NO_BYTES : whole);
  const bodySize = readInteger(args.get('arg_body_size'));
  const status = readInteger(args.get('arg_status'));
  const method = args.get('arg_method')?.token;
  return {
    record: {
      ts: formatTime(receivedMs),
      kind: 'production',
      message: cutText(name, TEXT_BOUNDS.message),
      ...(engineId !== undefined && { engine_id: cutText(engineId, TEXT_BOUNDS.engineId) }),
      unique_id: uniqueId.text,
    },
    bytes: (headers?.source.length ?? 0) + (body?.length ?? 0),
    read: () => {
      const list = readHeaders(headers);
      if (list === undefined || typeof status !== 'number' || status < 100 || status > 999) return undefined;
      const fields = list.map(([header, value]) => [header.toLowerCase(), value] as const);
      const asked = method ?? (bodySize === 0 && announcesBody(fields) ? 'HEAD' : undefined);
      return {
        status,
        headers: fields,
        body,
        tooLong,
        ...(whole !== undefined && { bodyBytes }),
        ...(asked !== undefined && { method: asked }),
        ...(typeof bodySize === 'number' && bodySize >= 0 && { bodySize }),
      };
    },
  };
}

/**
 * The size that HAProxy tells (res.body_size) is the one that is announced, whether the body has come or not; where one is announced and that size is
 * 0, none will come: it is the answer to HEAD. So it is with 2.6, 3.0 and 3.2, and servers of HTTP/1.1 and HTTP/2.
 */
function announcesBody(fields: readonly (readonly [name: string, value: string])[]): boolean {
  return fields.some(([name, value]) => name === 'content-length' && Number(value) > 0);
}

const NO_BYTES = Buffer.alloc(0);

function copyOf(data: TypedData | undefined): TypedData | undefined {
  const { bytes } = data ?? {};
  if (data === undefined || bytes === undefined) return undefined;
  return new TypedData(data.type, null, Buffer.from(bytes), 0, bytes.length);
}
