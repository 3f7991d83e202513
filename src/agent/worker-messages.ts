import type { WorkerStats } from './workforce.ts';

/** What a worker tells the process that started it. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** It could not start; `exitCode` is that of the whole program. */
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number }
  | { readonly type: 'log'; readonly line: string }
  /** Every worker may say the same one. */
  | { readonly type: 'notice'; readonly line: string }
  | { readonly type: 'stats'; readonly stats: WorkerStats }
  /** It has the connection it was sent. */
  | { readonly type: 'taken' };

export type ToWorker =
  | { readonly type: 'stats' }
  | { readonly type: 'reopen' }
  | { readonly type: 'stop' }
  /** A socket comes with it. */
  | { readonly type: 'connection'; readonly peer: string };
