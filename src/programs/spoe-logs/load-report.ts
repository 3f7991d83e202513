/** The last lines of `load`: what became of every line and row. */
import type { LoadCounts } from '../../tables/loader.ts';
import { escapeTerminal } from '../../text/terminal.ts';

/** @param what of which rows there are: events, requests */
export function renderLoad(counts: LoadCounts, what: string, shown: string): string {
  const { loaded, already, duplicates, failed, retried, lines } = counts;
  const first =
    `loaded ${loaded} ${what} · there before ${already} · duplicates ${duplicates} · failed ${failed} · ` +
    `retried ${retried} · of ${lines} lines to ${shown}`;
  const left: readonly (readonly [number, string])[] = [
    [counts.untimed, 'events without a time'],
    [counts.malformed, 'torn SPOE lines'],
    [counts.spoofed, "clients' text"],
    [counts.unread, 'events behind an unknown header'],
    [counts.unfinished, 'lines without an end, left for the next time'],
  ];
  const some = left.filter(([count]) => count > 0).map(([count, why]) => `${why} ${count}`);
  const report = [first, ...(some.length === 0 ? [] : [`not loaded: ${some.join(' · ')}`])];
  return report.map((line) => `${escapeTerminal(line)}\n`).join('');
}
