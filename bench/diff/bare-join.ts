/** What a careful administrator writes instead of `spoe-logs diff`: id and status of both sides, sorted, joined, counted. */
import { join } from 'node:path';
import { shellQuote } from '../measure.ts';
import type { Paths } from './generate.ts';
import type { MirrorFormat } from './mirror-lines.ts';

/** httplog and ` %ID %rt`, with a header of syslog: the status is field 11, the id the last but one. */
const HTTPLOG = '$6 ~ /:[0-9]+$/ && $(NF-1) ~ /^[0-9A-F]+:[0-9A-F]+_/ { print $(NF-1), $11 }';
/** Each format's id and status. Of the records of the agent, one without a status counts as `error`. */
const MIRRORS: Readonly<Record<MirrorFormat, string>> = {
  'agent-jsonl':
    '{ i = index($0, "\\"unique_id\\":\\""); if (!i) next; id = substr($0, i + 13); id = substr(id, 1, index(id, "\\"") - 1); ' +
    's = index($0, "\\"status\\":"); st = substr($0, s + 9, 4); print id, st == "null" ? "error" : st + 0 }',
  'haproxy-httplog': HTTPLOG,
  combined: '{ id = $(NF-1); gsub(/"/, "", id); if (id != "-") print id, $9 }',
};

/** The shell command; what it prints is `production mirror count` a line. Both sides run at the same time. */
export function bareJoin({ production, mirror }: Paths, format: MirrorFormat, folder: string): string {
  const left = shellQuote(join(folder, 'production.ids'));
  const right = shellQuote(join(folder, 'mirror.ids'));
  const side = (program: string, path: string, out: string) =>
    `LC_ALL=C awk ${shellQuote(program)} ${shellQuote(path)} | LC_ALL=C sort -u -T ${shellQuote(folder)} > ${out}`;
  const count = '{ c[$2 " " $3]++ } END { for (t in c) print t, c[t] }';
  return (
    `${side(HTTPLOG, production, left)} & ${side(MIRRORS[format], mirror, right)} & wait; ` +
    `LC_ALL=C join ${left} ${right} | LC_ALL=C awk ${shellQuote(count)}`
  );
}
