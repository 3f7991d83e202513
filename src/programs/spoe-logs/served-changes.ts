/** Tells the pages of `serve` that are open when there is something new for them. */
import type { EventStreams } from '../../serving/event-streams.ts';

/** What a page shows. */
export interface Changing {
  /** Grows with whatever is read. */
  version: number;
  /** The version of what who asks now gets: an answer that was made a moment ago is kept although more was read. */
  readonly servedVersion: number;
}

/** Silence shows without anything new: pages are told of it after that. */
const STALE_MS = 10_000;

/**
 * @param sources by the name of their page
 * @returns the function to call again and again. A page that is told asks at once, and never again: so it is told of what it
 * then gets, and of the rest when that is served, too.
 */
export function changeTeller(
  sources: { readonly [page: string]: Changing },
  streams: Pick<EventStreams, 'size' | 'tell'>,
  now = () => performance.now(),
): () => void {
  const all = Object.entries(sources);
  let last = '';
  let toldMs = now();
  return () => {
    if (streams.size === 0) return;
    if (now() - toldMs >= STALE_MS) for (const [, source] of all) source.version++;
    const versions = JSON.stringify(Object.fromEntries(all.map(([page, { servedVersion }]) => [page, servedVersion])));
    if (versions === last) return;
    last = versions;
    toldMs = now();
    streams.tell('changed', versions);
  };
}
