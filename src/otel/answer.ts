/** What a collector's answer means for what was sent, whichever protocol it came by. */
import type { OtelErrorCode } from './errors.ts';

export type Answer =
  /** The collector took all but `rejected` items (a partial success). */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message: string }
  /** The same request may be taken later; not before `afterMs`, where the collector says so. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** A smaller request may be taken. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** Something in it is not acceptable. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The request was not taken and is not sent again; others may be. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Every request would be answered like this. */
  | { readonly kind: 'fatal'; readonly code: OtelErrorCode; readonly reason: string; readonly hint: string };

/** Sends one request and tells what came of it. Never throws. */
export interface Transport {
  /** The endpoint as messages name it: without credentials. */
  readonly endpoint: string;
  /** `withinMs`: an upper bound of its own on the time for this request. */
  send(request: Uint8Array, withinMs: number): Promise<Answer>;
  close(): Promise<void>;
}

const REASON_CHARACTERS = 200;

/** A collector's own words, on one line and bounded. Still to be escaped for a terminal. */
export function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > REASON_CHARACTERS ? `${line.slice(0, REASON_CHARACTERS)}…` : line;
}

/** Whether a message says that the request is too large, for answers that have no status of their own for it. */
export function saysTooLarge(message: string): boolean {
  return /too large|too big|larger than (the )?max|exceeds? (the )?(max|limit)|message size/i.test(message);
}
