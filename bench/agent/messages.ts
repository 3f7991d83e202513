/** What the bench and the scripts that it starts tell each other. */
import type { LatencySummary } from './latencies.ts';

/** From the bench. */
export type Order = { readonly type: 'count' } | { readonly type: 'measure' };

/** What one phase of the load generator came to. */
export interface LoadFigures extends LatencySummary {
  readonly sent: number;
  readonly acked: number;
  /** Without an ACK. */
  readonly lost: number;
  readonly ackedPerSecond: number;
  /** Latencies from the moment of the write; another generator does not tell them. */
  readonly fromWrite?: LatencySummary;
  /** Latencies of the ACKs of production's answers, where such are sent. */
  readonly answers?: LatencySummary;
  readonly cpuSeconds: number;
  /** Of one core. */
  readonly cpuRatio: number;
}

/** What one phase of HAProxy's clients came to. */
export interface ClientFigures extends LatencySummary {
  readonly requests: number;
  readonly errors: number;
  readonly repeated: number;
  readonly perSecond: number;
  /** Of one core. */
  readonly cpuRatio: number;
}

/** From the scripts, by the type of the message. */
export interface Reports {
  readonly listening: { readonly port: number; readonly url: string };
  readonly count: { readonly requests: number; readonly lastMs: number; readonly cpuSeconds: number };
  readonly warm: LoadFigures;
  readonly result: LoadFigures;
  readonly 'clients-warm': ClientFigures;
  readonly 'clients-result': ClientFigures;
  readonly begun: object;
  readonly tried: { readonly tried: number };
}

/** As it is sent. */
export type Report = { readonly [T in keyof Reports]: { readonly type: T } & Reports[T] }[keyof Reports];
export type ReportOf<T extends keyof Reports> = Extract<Report, { readonly type: T }>;

export function isOfType<T extends keyof Reports>(report: Report, type: T): report is ReportOf<T> {
  return report.type === type;
}

/** To the bench, which must have started this process. */
export function report<T extends keyof Reports>(type: T, figures: Reports[T]): void {
  process.send?.({ type, ...figures });
}
