/** The coverage: a bucket for every production request, and every input with what could not be read. */
import type { DiffReport } from '../../diff/model.ts';
import { formatExact, formatShareNumber } from '../../text/numbers.ts';
import type { GridColumn, Line, Row, ScreenStyle, Section } from '../screen.ts';
import { line } from '../screen.ts';
import { flow } from '../width.ts';
import { destinationTable, inputTable } from './plain-table.ts';
import { bucketSum, mirrorOnlyParts, readBuckets, shareParts, sumWords } from './reading.ts';
import { plainGrid } from './screen-table.ts';
import { more } from './screen-verdict.ts';

const MOST_INPUTS = 12;

const BUCKET_COLUMNS: readonly GridColumn[] = [
  { head: 'COVERAGE', align: 'left', shrinkTo: 12 },
  { head: 'requests', align: 'right' },
  { head: '%', align: 'right', drop: 1 },
  { head: 'what it means', align: 'left', shrinkTo: 10 },
];

export function coverageSection(report: DiffReport, style: ScreenStyle): Section {
  const { coverage } = report;
  const rows: Row[] = readBuckets(coverage).map(({ bucket, count, share, words }) => ({
    cells: [bucket, formatExact(count), formatShareNumber(share), words],
    ...(count === 0 ? { tone: 'faint' as const } : {}),
  }));
  const sum = bucketSum(coverage);
  const sums = ['sum', formatExact(sum), sum > 0 ? '100' : '-', sumWords(coverage)];
  rows.push({ cells: sums, tone: sum === coverage.productionRequests ? 'heading' : 'bad' });
  return {
    grid: { columns: BUCKET_COLUMNS, rows },
    after: [...flowed(shareParts(coverage), style), ...flowed(mirrorOnlyParts(report), style)],
  };
}

function flowed(parts: readonly string[], style: ScreenStyle): Line[] {
  return flow(parts, ` ${style.dot} `, style.width, '  ').map((text) => line(text, 'faint'));
}

export function inputSection(report: DiffReport, style: ScreenStyle): Section {
  if (report.inputs.length === 0) return { before: [line('INPUT  none', 'heading')] };
  return {
    grid: plainGrid(inputTable(report), style, {
      title: 'INPUT',
      most: MOST_INPUTS,
      toneOf: ({ unparsed }) => (unparsed > 0 ? 'warn' : undefined),
    }),
    after: more(report.inputs.length - MOST_INPUTS, 'input', style),
  };
}

const MOST_DESTINATIONS = 12;

export function destinationSection(report: DiffReport, style: ScreenStyle): Section {
  const table = destinationTable(report);
  if (table.rows.length === 0) return {};
  const tones = { pass: undefined, fail: 'bad', inconclusive: 'warn' } as const;
  return {
    grid: plainGrid(table, style, {
      title: 'DESTINATIONS',
      most: MOST_DESTINATIONS,
      toneOf: ({ verdict }) => tones[verdict.status],
    }),
    after: more(table.rows.length - MOST_DESTINATIONS, 'destination', style),
  };
}
