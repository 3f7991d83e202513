/** Counts of what was read, exported and lost. */
import type { Signal } from './batch.ts';

export interface PipelineCounts {
  /** Events read, before filters. */
  events: number;
  filtered: number;
  /** Events whose lines came before. */
  duplicates: number;
  /** Events refused because they have no time. */
  untimed: number;
  /** Events left out by --sample. */
  unsampled: number;
  /** Events beyond the first of `message repeated N times`: they are a number in its trace. */
  repeats: number;
  /** Spans made. */
  spans: number;
}

export interface DeliveryCounts {
  exported: number;
  /** Items that a collector answered for but did not take. */
  rejected: number;
  /** Items that were given up, or not sent at all. */
  failed: number;
  /** Requests that were sent again. */
  retried: number;
}

export interface DeliveryReport {
  readonly traces: DeliveryCounts;
  readonly metrics: DeliveryCounts;
  /** The collector's latest message for each outcome. */
  readonly reasons: { readonly [outcome in 'rejected' | 'failed' | 'retried']?: string };
}

export interface ExportReport extends PipelineCounts {
  /** Counts by signal; absent when nothing is sent. */
  readonly delivery?: DeliveryReport;
  readonly endpoints: { readonly [signal in Signal]?: string };
  readonly written?: { readonly path: string; readonly traces: number; readonly metrics: number };
}
