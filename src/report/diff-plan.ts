/** The table of `--plan`: how many pairs a verdict needs. */
import type { DiffSettings } from '../diff/model.ts';
import { planTable } from '../diff/plan.ts';
import { formatPlainPoints, formatPlainShare, formatTimes, points } from '../text/numbers.ts';

/** Error rates of production that a reader finds his own among. */
const BASES = [0, 0.001, 0.005, 0.01, 0.02, 0.05];

export function renderPlan(settings: DiffSettings): string {
  const rows = planTable(BASES, settings).map(({ base, needed, visible }) => [
    base === 0 ? 'nothing fails' : formatPlainShare(base),
    needed === null ? 'never' : String(needed),
    points(visible.difference),
    visible.ratio === null ? '-' : `${formatTimes(visible.ratio)}x`,
  ]);
  const table = [['errors of production', 'pairs', 'a rise that is seen', 'factor'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  const looks = settings.anytime ? ', however often one looks' : '';
  return [
    `PASS says with 95 % confidence${looks}: the error rate rose by no more than ${formatPlainPoints(settings.margin)}.`,
    'So many pairs it takes where both sides fail equally often and not on the same requests, the worst case:',
    '',
    ...table.map((row) => `  ${line(row)}`),
    '',
    'A rise that is seen: with so many pairs it is a FAIL in 4 of 5 runs. Smaller ones need more pairs.',
    '',
  ].join('\n');
}
