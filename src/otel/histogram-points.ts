/**
 * Base-2 exponential histograms (OpenTelemetry metrics data model) of durations that were counted by the millisecond: at
 * the finest scale at which all of them fit into 160 buckets.
 */

import { bucketValue } from '../sketch/buckets.ts';
import type { HistogramState } from '../sketch/histogram.ts';

const MAX_BUCKETS = 160;
const MAX_SCALE = 20;
const MIN_SCALE = -10;
const SECOND_MS = 1000;

export interface ExponentialPoint {
  readonly count: number;
  /** Seconds, as min and max. */
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: { readonly offset: number; readonly bucketCounts: number[] };
  readonly negative: { readonly offset: number; readonly bucketCounts: number[] };
}

/** The bucket of a value > 0: base^index < value <= base^(index + 1), base = 2^(2^-scale). */
export function bucketIndex(value: number, scale: number): number {
  return Math.ceil(Math.log2(value) * 2 ** scale) - 1;
}

/** `state` counts milliseconds; -1 (a phase that never ended) is not among them. */
export function toExponential(state: HistogramState): ExponentialPoint {
  const values: [seconds: number, count: number][] = [];
  let zeroCount = 0;
  for (let i = 0; i < state.buckets.length; i += 2) {
    const ms = bucketValue(state.buckets[i] as number);
    const count = state.buckets[i + 1] as number;
    if (ms === 0) zeroCount += count;
    else values.push([ms / SECOND_MS, count]);
  }
  const { scale, offset, bucketCounts } = layOut(values);
  return {
    count: state.count,
    sum: state.sum / SECOND_MS,
    min: state.min / SECOND_MS,
    max: state.max / SECOND_MS,
    scale,
    zeroCount,
    positive: { offset, bucketCounts },
    negative: { offset: 0, bucketCounts: [] },
  };
}

/** `values` ascend. */
function layOut(values: readonly (readonly [number, number])[]): {
  scale: number;
  offset: number;
  bucketCounts: number[];
} {
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined) return { scale: 0, offset: 0, bucketCounts: [] };
  let scale = MAX_SCALE;
  while (scale > MIN_SCALE && bucketIndex(last[0], scale) - bucketIndex(first[0], scale) >= MAX_BUCKETS) scale -= 1;
  const offset = bucketIndex(first[0], scale);
  const bucketCounts = new Array<number>(bucketIndex(last[0], scale) - offset + 1).fill(0);
  for (const [value, count] of values) {
    const at = bucketIndex(value, scale) - offset;
    bucketCounts[at] = (bucketCounts[at] ?? 0) + count;
  }
  return { scale, offset, bucketCounts };
}
