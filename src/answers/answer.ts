/**
 * What is kept of an answer, of production or of the mirror: its shape and keyed hashes, never a value. It is the `answer`
 * of docs/schemas/agent-record.schema.json; `fingerprint.ts` makes it, `differences.ts` compares two of them.
 */

/** Bounds of a print, for who makes one and who reads one. */
export const MAX_HEADERS = 100;
export const MAX_FIELDS = 512;
/** Characters of a path. */
export const MAX_PATH = 200;
/** Lower case. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/;
export const CONTENT_CODING = /^[!#$%&'*+.^_`|~0-9a-z-]{1,40}$/;
export const MEDIA_TYPE = /^(?=.{1,100}$)[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Whether the body is known, and why not. */
export const BODY_STATES = [
  /** All of it is here. */
  'whole',
  /** HAProxy's buffer or a bound here ended it. */
  'cut',
  /** Nothing or not all of it had come when HAProxy sent the head on. */
  'later',
  /** There is none: HEAD, 1xx, 204, 304, a length of 0. */
  'none',
  /** Its length was not announced, and what came does not say by itself that it is all. */
  'unannounced',
  /** It is longer than what is read of one. */
  'too_long',
  /** It cannot be decoded: a coding that is not known, or bytes that are not of it. */
  'unreadable',
  /** Nobody asked for it: the message has no arg_body, or `--answers head`. */
  'unasked',
] as const;
export type BodyState = (typeof BODY_STATES)[number];

export interface AnswerPrint {
  /** Names the key of the hashes and tells nothing of it: only prints of the same key can be compared. */
  readonly key: string;
  readonly status: number;
  /** By lower-case name: the keyed hash of the value, or of each where there are several lines, in their order. */
  readonly headers: { readonly [name: string]: string | readonly string[] };
  /** Of each Set-Cookie line, in their order: the keyed hash of the cookie's name and attributes, without its value. Absent when none. */
  readonly cookies?: readonly string[];
  /** How many header lines there were beyond the bounds; absent when none. */
  readonly headers_dropped?: number;
  readonly body: BodyPrint;
}

export interface BodyPrint {
  readonly state: BodyState;
  /** Bytes that were seen, before decoding, whether they were kept or not. */
  readonly bytes: number;
  /** Content-Length; null without one. */
  readonly length: number | null;
  /** Content-Encoding, lower case; `other` for what is no coding that has a name, null without one. */
  readonly encoding: string | null;
  /** The media type without its parameters, lower case; null without one. */
  readonly type: string | null;
  /** The keyed hash of the decoded body; only of a whole one. */
  readonly hash?: string;
  /**
   * Only of a whole body that is JSON: by path (paths.ts), what stands there. `TYPES[*COUNT][:SEQUENCE[~SET]]`: the types are letters
   * joined with `|` (number, string, boolean, z for null, object, array); the count is how often the path occurs, where that is more than once,
   * or the length of an array that is there once; then the keyed hash of the values (of an array: its length) in their order, and, of several,
   * of the same values sorted. Nulls have no hash, and objects only where names of members are ids: that of these names. In document order.
   */
  readonly fields?: { readonly [path: string]: string };
  /** How many paths there were beyond the bounds, at least; absent when none. */
  readonly fields_dropped?: number;
}
