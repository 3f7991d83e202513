import type { MirrorOptions } from '../../mirror/options.ts';
import type { AgentLimits } from '../../spoa/limits.ts';
import type { NoticeKind } from './notices.ts';
import type { MirrorAgentOptions } from './options.ts';
import type { ListenPem } from './pem.ts';
import type { WorkerStats } from './workforce.ts';

/** What a worker tells the process that started it. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** It could not start; `exitCode` is that of the whole program. */
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number }
  | { readonly type: 'log'; readonly line: string }
  /** Every worker may say the same one. */
  | { readonly type: 'notice'; readonly line: string; readonly kind: NoticeKind }
  | { readonly type: 'stats'; readonly stats: WorkerStats }
  /** It has the connection it was sent. */
  | { readonly type: 'taken' };

/** The first thing a worker is told: its arguments, which everybody can read, do not say all of it. */
export interface StartMessage {
  readonly type: 'start';
  /** From 1; one that takes the place of another has its number. */
  readonly number: number;
  readonly options: MirrorAgentOptions;
  /** Its share. */
  readonly mirror: MirrorOptions;
  readonly limits: Partial<AgentLimits>;
}

export type ToWorker =
  | StartMessage
  | { readonly type: 'stats' }
  | { readonly type: 'reopen' }
  | { readonly type: 'renew-tls'; readonly pem: ListenPem }
  | { readonly type: 'stop' }
  /** A socket comes with it. */
  | { readonly type: 'connection'; readonly peer: string };
