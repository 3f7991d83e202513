/** One production request with what became of it: a line of `diff --format ndjson`. */
import type { Bucket } from './model.ts';

/** What the comparison of a pair says; the words of `--only`. */
export const REQUEST_KINDS = [
  'new_error',
  'fixed_error',
  'both_error',
  'new_4xx',
  'fixed_4xx',
  'changed',
  'same',
  'ignored',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export interface ProductionRequest {
  /** Null when nothing was sent to the client (HAProxy logs -1). */
  readonly status: number | null;
  readonly method: string;
  /** Unescaped; the query redacted unless asked for. */
  readonly target: string;
  /** Empty where the format has none. */
  readonly termination: string;
  readonly first_byte_ms: number | null;
  readonly total_ms: number | null;
}

export interface MirrorRequest {
  readonly status: number | null;
  /** Why there was no answer; null without an error. */
  readonly error: string | null;
  readonly first_byte_ms: number | null;
  readonly total_ms: number | null;
  /** How many mirror lines have this id; absent for one. */
  readonly attempts?: number;
}

/** All text is the client's own and unescaped. */
export interface RequestLine {
  readonly id: string | null;
  readonly bucket: Bucket;
  /** Null unless the bucket is `paired`. */
  readonly kind: RequestKind | null;
  readonly route: string;
  /** Of production: ISO 8601, UTC. */
  readonly time: string | null;
  readonly production: ProductionRequest;
  /** Null unless the bucket is `paired`. */
  readonly mirror: MirrorRequest | null;
  readonly traceId: string | null;
  /** The st of the SPOE line that handed it to the agent; null without one. */
  readonly spoe_status: number | null;
  /** Bucket `dropped`: the agent's word for why. */
  readonly dropped?: string;
  /** Which of the mirror's destinations it is about; absent where its lines name none. */
  readonly destination?: string;
}
