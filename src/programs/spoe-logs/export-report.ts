/** The report of `export` at its end: the outcome of every span, and why. */
import type { DeliveryCounts, ExportReport } from '../../otel/export-report.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { Exit } from './errors.ts';
import { reportProblem, setExit } from './report-problem.ts';

/** Writes the report; the exit code is 1 when anything was not delivered. */
export function reportExport(report: ExportReport): void {
  const { delivery, endpoints, written, events } = report;
  const lines: string[] = [];
  if (delivery !== undefined) {
    if (endpoints.traces !== undefined)
      lines.push(renderCounts('spans', delivery.traces, `${events} events to ${endpoints.traces}`));
    if (endpoints.metrics !== undefined)
      lines.push(renderCounts('data points', delivery.metrics, `${events} events to ${endpoints.metrics}`));
    reportLosses(report);
  }
  if (written !== undefined) {
    const points = written.metrics > 0 ? ` and ${written.metrics} data points` : '';
    lines.push(`written ${written.traces} spans${points} of ${events} events to ${written.path}`);
  }
  lines.push(...renderLeftOut(report));
  process.stdout.write(lines.map((line) => `${escapeTerminal(line)}\n`).join(''));
}

function renderCounts(what: string, counts: DeliveryCounts, rest: string): string {
  const { exported, rejected, failed, retried } = counts;
  return `exported ${exported} ${what} · rejected ${rejected} · failed ${failed} · retried ${retried} · of ${rest}`;
}

function renderLeftOut({ duplicates, filtered, unsampled, untimed, repeats }: ExportReport): string[] {
  const parts: [number, string][] = [
    [filtered, 'filtered'],
    [unsampled, 'not sampled'],
    [untimed, 'without a time'],
  ];
  const some = parts.filter(([count]) => count > 0).map(([count, why]) => `${why} ${count}`);
  const leftOut = some.length === 0 ? [] : [`events left out: ${some.join(' · ')}`];
  const repeated = duplicates === 0 ? [] : [`duplicates ${duplicates}: lines of events that came before`];
  const collapsed =
    repeats === 0 ? [] : [`events ${repeats} of 'message repeated': one trace a line, with haproxy.spoe.repeat_count`];
  return [...repeated, ...collapsed, ...leftOut];
}

function reportLosses({ delivery }: ExportReport): void {
  if (delivery === undefined) return;
  const { traces, metrics, reasons } = delivery;
  const tell = (outcome: 'rejected' | 'failed', verb: string) => {
    const spans = traces[outcome];
    const points = metrics[outcome];
    if (spans + points === 0) return;
    const what = [spans > 0 ? `${spans} spans` : '', points > 0 ? `${points} data points` : ''].filter(Boolean);
    reportProblem({ code: outcome, message: `${what.join(' and ')} ${verb}: ${reasons[outcome] ?? 'not sent'}` });
    setExit(Exit.crossed);
  };
  tell('rejected', 'were rejected by the collector');
  tell('failed', 'were not delivered');
}
