/** The account as text: a line for each act, then whether log and record agree. */
import type { TotalStats } from '../../src/programs/spoa-mirror/metrics.ts';
import type { ActAccount, Match } from './account.ts';

type Column = readonly [head: string, cell: (act: ActAccount) => string | number];

/** What HAProxy logged, and what the record says of the same requests, side by side. */
export function renderActs(acts: readonly ActAccount[]): string[] {
  const outcomes = [...new Set(acts.flatMap((act) => [...act.outcomes.keys()]))].sort();
  const log = renderColumns(acts, [
    ['', ({ title }) => title],
    ['st=0', ({ acknowledged }) => acknowledged],
    ['failed', ({ requests, acknowledged }) => requests - acknowledged],
    ['pT p50', ({ pT }) => ms(pT.p50)],
    ['p99', ({ pT }) => ms(pT.p99)],
  ]);
  const record = renderColumns(acts, [
    ...outcomes.map((outcome): Column => [outcome, ({ outcomes }) => outcomes.get(outcome) ?? 0]),
    ['latency p50', ({ latencyMs }) => ms(latencyMs.p50)],
    ['p99', ({ latencyMs }) => ms(latencyMs.p99)],
  ]);
  const title = `${"HAProxy's log".padStart(log[0]?.length ?? 0)}  |  the agent's record: what the mirror answered`;
  return [title, ...log.map((line, i) => `${line}  |  ${record[i]}`)];
}

/** `columns`: the head and the cell of an act. The first without a head is text, the others are numbers. */
function renderColumns(acts: readonly ActAccount[], columns: readonly Column[]): string[] {
  const rows = [columns.map(([head]) => head), ...acts.map((act) => columns.map(([, cell]) => String(cell(act))))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const align = (text: string, i: number) =>
    columns[i]?.[0] === '' ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(align).join('  '));
}

function ms(value: number | undefined): string {
  if (value === undefined) return '-';
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

export function renderMatch({ acknowledged, failed, missing, lostAcks, unlogged }: Match): string[] {
  const all = `${acknowledged} acknowledged requests (st=0)`;
  const lines = [
    missing === 0
      ? `Log and record agree: all ${all} are in the record;`
      : `Log and record differ: ${missing} of ${all} are not in the record;`,
    `of the ${failed} that failed ${renderLostAcks(lostAcks)}.`,
  ];
  if (unlogged > 0) lines.push(`${unlogged} of the record are not in the log: UDP may lose lines.`);
  return lines;
}

function renderLostAcks(count: number): string {
  if (count === 0) return 'none was mirrored';
  return `${count} ${count === 1 ? 'was' : 'were'} mirrored all the same: the ACK was lost or late`;
}

/** `/stats` of the agent in a line. */
export function renderAgent({ agent, mirror, process }: TotalStats): string {
  const { acks, healthchecks } = agent;
  const used = `${process.cpuSeconds.toFixed(1)} s of CPU, ${Math.round(process.rssBytes / 2 ** 20)} MiB`;
  return `The agent since its restart: ${acks} acks, ${mirror?.mirrored ?? 0} mirrored, ${healthchecks} health checks, ${used}.`;
}
