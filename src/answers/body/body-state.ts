/** What is known of a body by its head and by how much of it there is. */
import type { BodyState } from '../answer.ts';

/** What decides: all of it without looking into the body. */
export interface BodyFacts {
  readonly status: number;
  readonly method: string | undefined;
  /** Bytes that are here; undefined when nobody asked for them. */
  readonly bytes: number | undefined;
  /** Whether it is known that none came. */
  readonly isEmpty: boolean;
  /** Content-Length. */
  readonly length: number | null;
  /** HAProxy's res.body_size. */
  readonly size: number | undefined;
  /** Bytes of the headers, about. */
  readonly headBytes: number;
  readonly ended: boolean;
  readonly tooLong: boolean;
}

/**
 * HAProxy's buffer of 16,384 bytes keeps 1,024 free and needs some for each header: from here on it was full. In a larger one this
 * is where the answer began to be long, and a body that ends later is likelier cut than not yet there.
 */
const FULL_BUFFER = 14 * 1024;

/** The state; `unknown` when only the body can say whether it is whole. */
export function stateByHead(facts: BodyFacts): BodyState | 'unknown' {
  const { status, method, bytes, length, size } = facts;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304 || length === 0) return 'none';
  if (bytes === undefined) return facts.ended && facts.isEmpty ? 'none' : 'unasked';
  if (facts.tooLong) return 'too_long';
  if (facts.ended) return bytes === 0 ? 'none' : 'whole';
  if (length !== null && bytes === length) return 'whole';
  const announced = length ?? size ?? 0;
  if (bytes < announced) return bytes > 0 && bytes + facts.headBytes >= FULL_BUFFER ? 'cut' : 'later';
  return 'unknown';
}
