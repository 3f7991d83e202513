import { mix32 } from '../text/hash.ts';
import type { MirrorArguments } from './arguments.ts';
import type { Settings } from './options.ts';

/** Whether a request is one of those that are mirrored: 'filtered' and 'sampled-out' are not. */
export function select(args: MirrorArguments, settings: Settings): 'selected' | 'filtered' | 'sampled-out' {
  const { methods, paths, sample } = settings;
  if (methods !== undefined && !methods.has(args.method.token ?? '')) return 'filtered';
  if (paths.length > 0) {
    const path = pathOf(args.path.text ?? '');
    if (!paths.some((pattern) => matchesPath(pattern, path))) return 'filtered';
  }
  if (sample >= 1) return 'selected';
  const id = args.uniqueId?.text;
  const chance = id === undefined || id === '' ? Math.random() : hashRatio(id);
  return chance < sample ? 'selected' : 'sampled-out';
}

/** The path without scheme, authority and query. */
function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}

/** Compares a prefix, or the whole path where the pattern has `*` for any text. Looks at each character at most once a star. */
function matchesPath(pattern: string, path: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] as string;
  if (!path.startsWith(first)) return false;
  if (parts.length === 1) return true;
  const last = parts[parts.length - 1] as string;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
}

/** 0 to 1, the same for the same text everywhere, so that --sample chooses alike: FNV-1a with the finalizer of MurmurHash3. */
function hashRatio(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (mix32(hash) >>> 0) / 2 ** 32;
}

/** At most `rate` a second, and that many at once after a quiet second. */
export class TokenBucket {
  #rate: number;
  #tokens: number;
  #at: number;

  constructor(rate: number, nowMs: number) {
    this.#rate = rate;
    this.#tokens = Math.max(1, rate);
    this.#at = nowMs;
  }

  /** Has another rate from now on. */
  change(rate: number): void {
    this.#rate = rate;
  }

  take(nowMs: number): boolean {
    const refilled = this.#tokens + ((nowMs - this.#at) / 1000) * this.#rate;
    this.#tokens = Math.min(Math.max(1, this.#rate), refilled);
    this.#at = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
