/** What `doctor` finds: categories of checks, each with what to do where it is not well. */

/** `warning`: it works, and something is to be looked at. `unknown`: it could not be seen from here. */
export type Mark = 'ok' | 'warning' | 'fail' | 'unknown';

export interface Finding {
  readonly mark: Mark;
  /** One sentence; it may hold text of others. */
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

export type Category = 'haproxy' | 'configuration' | 'agent' | 'mirror' | 'resources' | 'log' | 'traffic';

export interface Diagnosis {
  readonly categories: readonly { readonly category: Category; readonly findings: readonly Finding[] }[];
}

export const ok = (text: string): Finding => ({ mark: 'ok', text });
export const warning = (text: string, hint?: string): Finding => ({ mark: 'warning', text, hint });
export const fail = (text: string, hint?: string): Finding => ({ mark: 'fail', text, hint });
export const unknown = (text: string, hint?: string): Finding => ({ mark: 'unknown', text, hint });
