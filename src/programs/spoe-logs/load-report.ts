/** The last lines of `load`: what became of every line and row. */
import type { LoadCounts } from '../../tables/loader.ts';
import { escapeTerminal } from '../../text/terminal.ts';

/** What a row of each role is. */
const ROWS = {
  events: 'events',
  production: 'requests and SPOE lines of production',
  spoe: 'SPOE lines',
  mirror: 'answers of the mirror',
} as const;

export function renderLoad(counts: LoadCounts, role: keyof typeof ROWS, shown: string): string {
  const { loaded, already, duplicates, failed, retried, lines } = counts;
  const isEvents = role === 'events';
  const first =
    `loaded ${loaded} ${ROWS[role]} · there before ${already}${isEvents ? ` · duplicates ${duplicates}` : ''} · ` +
    `failed ${failed} · retried ${retried} · of ${lines} lines to ${shown}`;
  const left: readonly (readonly [number, string])[] = [
    [counts.untimed, 'events without a time'],
    [counts.malformed, 'torn SPOE lines'],
    [counts.spoofed, "clients' text"],
    [counts.unread, isEvents ? 'events behind an unknown header' : 'lines that are no request'],
    [counts.unfinished, 'lines without an end, left for the next time'],
  ];
  const some = left.filter(([count]) => count > 0).map(([count, why]) => `${why} ${count}`);
  const report = [first, ...(some.length === 0 ? [] : [`not loaded: ${some.join(' · ')}`])];
  return report.map((line) => `${escapeTerminal(line)}\n`).join('');
}
