/** What the head of an answer says about its body. */
import { MEDIA_TYPE } from '../answer.ts';

/** Those of the registry of HTTP (iana.org/assignments/http-parameters): what else a server writes there is a text like any other. */
const CODINGS: ReadonlySet<string> = new Set([
  'aes128gcm',
  'br',
  'compress',
  'dcb',
  'dcz',
  'deflate',
  'exi',
  'gzip',
  'identity',
  'pack200-gzip',
  'x-compress',
  'x-gzip',
  'zstd',
]);

export interface Head {
  readonly length: number | null;
  readonly encoding: string | null;
  readonly type: string | null;
  readonly charset: string;
  /** Of names and values. */
  readonly bytes: number;
}

export function readHead(headers: readonly (readonly [name: string, value: string])[]): Head {
  const head = { length: null as number | null, encoding: null as string | null, type: null as string | null };
  let charset = '';
  let bytes = 0;
  for (const [name, value] of headers) {
    bytes += name.length + value.length;
    switch (name.toLowerCase()) {
      case 'content-length':
        head.length = /^\d{1,15}$/.test(value.trim()) ? Number(value) : null;
        break;
      case 'content-encoding': {
        const coding = value.trim().toLowerCase();
        head.encoding = CODINGS.has(coding) ? coding : 'other';
        break;
      }
      case 'content-type': {
        const [media = '', parameters = ''] = normalType(value).split(/;(.*)/s, 2);
        head.type = MEDIA_TYPE.test(media) ? media : null;
        charset = /(?:^|;)charset=([^;]*)/.exec(parameters)?.[1] ?? '';
        break;
      }
    }
  }
  return { ...head, charset, bytes };
}

/** A longer Content-Type is hashed as it is. */
const MAX_TYPE = 1000;

/** `Application/JSON; charset="UTF-8"` and `application/json;charset=utf-8` are the same. */
export function normalType(value: string): string {
  if (value.length > MAX_TYPE) return value.trim();
  const parts = value.toLowerCase().split(';');
  return parts.map((part) => part.replaceAll('"', '').trim()).join(';');
}
