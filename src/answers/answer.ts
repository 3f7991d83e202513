/**
 * What is kept of an answer, of production or of the mirror: its shape and keyed hashes, never a value. It is the `answer`
 * of docs/schemas/agent-record.schema.json; `fingerprint.ts` makes it, `differences.ts` compares two of them.
 */

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
  readonly body: BodyPrint;
}

export interface BodyPrint {
  readonly state: BodyState;
  /** Bytes that were seen, before decoding. */
  readonly bytes: number;
  /** Content-Length; null without one. */
  readonly length: number | null;
  /** Content-Encoding; null without one. */
  readonly encoding: string | null;
  /** The media type without its parameters, lower case; null without one. */
  readonly type: string | null;
  /** The keyed hash of the decoded body; only of a whole one. */
  readonly hash?: string;
  /**
   * Only of a whole body that is JSON: by path, what stands there. `$` is the document, `.name` a member, `[*]` any element
   * of an array, `{…}` a member whose name is an id.
   */
  readonly fields?: { readonly [path: string]: string };
  /** How many paths there were beyond the bounds. */
  readonly fields_dropped?: number;
}
