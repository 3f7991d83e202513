/** The `answer` of a line of the record, read again. What it holds was written by whoever could write to the file. */
import {
  type AnswerPrint,
  BODY_STATES,
  type BodyPrint,
  type BodyState,
  CONTENT_CODING,
  HEADER_NAME,
  MAX_FIELDS,
  MAX_HEADERS,
  MAX_PATH,
  MEDIA_TYPE,
} from './answer.ts';

/** No print is longer. */
const MAX_LENGTH = 64 * 1024;
const HASH = /^[\w-]{8}$/;
const FIELD = /^[nsbzoa](?:\|[nsbzoa]){0,5}(?:\*\d{1,9})?(?::[\w-]{8}(?:~[\w-]{8})?)?$/;

type Json = { readonly [name: string]: unknown };

/** The print in a JSON text; undefined when it is none, or longer than any. */
export function readAnswer(text: string): AnswerPrint | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { key, status, headers, cookies, headers_dropped: dropped, body } = value;
  if (!isText(key, HASH) || !isCount(status, 999) || !isHeaders(headers) || !isBody(body)) return undefined;
  if (dropped !== undefined && !isCount(dropped)) return undefined;
  if (cookies !== undefined && !isCookies(cookies)) return undefined;
  return {
    key,
    status,
    headers,
    ...(cookies !== undefined && { cookies }),
    ...(dropped !== undefined && { headers_dropped: dropped }),
    body,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isCount(value: unknown, most = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function isHeaders(value: unknown): value is AnswerPrint['headers'] {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_HEADERS &&
    entries.every(
      ([name, print]) =>
        HEADER_NAME.test(name) &&
        (isText(print, HASH) ||
          (Array.isArray(print) && print.length > 1 && print.every((each) => isText(each, HASH)))),
    )
  );
}

function isCookies(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_HEADERS && value.every((each) => isText(each, HASH));
}

function isBody(value: unknown): value is BodyPrint {
  if (!isObject(value)) return false;
  const { state, bytes, length, encoding, type, hash, fields, fields_dropped } = value;
  return (
    BODY_STATES.includes(state as BodyState) &&
    isCount(bytes) &&
    (length === null || isCount(length)) &&
    (encoding === null || isText(encoding, CONTENT_CODING)) &&
    (type === null || isText(type, MEDIA_TYPE)) &&
    (hash === undefined || isText(hash, HASH)) &&
    (fields === undefined || isFields(fields)) &&
    (fields_dropped === undefined || isCount(fields_dropped))
  );
}

function isFields(value: unknown): value is NonNullable<BodyPrint['fields']> {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_FIELDS &&
    entries.every(([path, print]) => path.startsWith('$') && path.length <= MAX_PATH && isText(print, FIELD))
  );
}
