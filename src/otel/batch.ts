/** Something to deliver: spans or data points, of which any range can be sent on its own. */

export type Signal = 'traces' | 'metrics';

export interface Batch {
  readonly signal: Signal;
  /** Spans or data points in it. */
  readonly size: number;
  /**
   * The export request with items [from, to). The bytes may be in memory that the next call uses again: one call at a
   * time.
   */
  encode(from: number, to: number): Uint8Array;
  /** It was delivered or given up: its memory may be used again. */
  release(): void;
}
