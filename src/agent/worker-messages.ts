import type { NoticeKind } from './notices.ts';
import type { WorkerStats } from './workforce.ts';

/** What a worker tells the process that started it. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** It could not start; `exitCode` is that of the whole program. */
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number }
  | { readonly type: 'log'; readonly line: string }
  /** Every worker may say the same one. */
  | { readonly type: 'notice'; readonly line: string; readonly kind: NoticeKind }
  | { readonly type: 'stats'; readonly stats: WorkerStats };

export type ToWorker = { readonly type: 'stats' } | { readonly type: 'reopen' } | { readonly type: 'stop' };
