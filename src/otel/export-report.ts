/** What became of what was exported. */
import type { Signal } from './parcel.ts';

export interface PipelineCounts {
  /** Events read, before filters. */
  events: number;
  filtered: number;
  /** Lines of events that came before. */
  duplicates: number;
  /** Refused: without a time. */
  untimed: number;
  /** Left out by --sample. */
  unsampled: number;
  /** Events beyond the first of `message repeated N times`: they are a number in its trace. */
  repeats: number;
  /** Spans made. */
  spans: number;
}

export interface DeliveryCounts {
  exported: number;
  /** Not taken by a collector that answered. */
  rejected: number;
  /** Given up, or not sent at all. */
  failed: number;
  /** Requests that were sent again. */
  retried: number;
}

export interface DeliveryReport {
  readonly traces: DeliveryCounts;
  readonly metrics: DeliveryCounts;
  /** The collector's words, at most one for each outcome: the latest. */
  readonly reasons: { readonly [outcome in 'rejected' | 'failed' | 'retried']?: string };
}

export interface ExportReport extends PipelineCounts {
  /** Absent when nothing is sent. */
  readonly delivery?: DeliveryReport;
  readonly endpoints: { readonly [signal in Signal]?: string };
  readonly written?: { readonly path: string; readonly traces: number; readonly metrics: number };
}
