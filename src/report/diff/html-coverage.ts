/** The coverage: every bucket with its meaning, every input with what could not be read. */
import type { DiffReport } from '../../diff/model.ts';
import { formatExact, formatShareNumber } from '../../text/numbers.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import type { HtmlRow } from '../html/table.ts';
import { htmlTable } from '../html/table.ts';
import { coverageBar, coverageClass } from './html-chart.ts';
import { plainHtml } from './html-table.ts';
import { destinationTable, inputTable } from './plain-table.ts';
import { bucketSum, mirrorOnlyParts, readBuckets, shareParts, sumWords } from './reading.ts';

export function coverageSection(report: DiffReport): Markup {
  const { coverage } = report;
  const buckets = readBuckets(coverage);
  const rows: HtmlRow[] = buckets.map((reading) => ({
    cells: [
      markup`<span class="nowrap"><span class="swatch ${coverageClass(reading)}"></span><code>${reading.bucket}</code></span>`,
      formatExact(reading.count),
      formatShareNumber(reading.share),
      reading.words,
    ],
    ...(reading.count === 0 ? { kind: 'zero' as const } : {}),
  }));
  const sum = bucketSum(coverage);
  const fits = sum === coverage.productionRequests;
  const sums = ['sum', formatExact(sum), sum > 0 ? '100' : '-', sumWords(coverage)];
  rows.push({ cells: sums, kind: fits ? 'sum' : 'bad' });
  const columns = [
    { head: 'Bucket' },
    { head: 'Requests', number: true },
    { head: '%', number: true },
    { head: 'What it means', wide: true },
  ];
  const facts = [...shareParts(coverage), ...mirrorOnlyParts(report)].map((fact) => markup`<span>${fact}</span>`);
  const table = htmlTable('Every production request is in exactly one bucket', columns, rows);
  return markup`<section class="long"><h2>Coverage</h2>${coverageBar(buckets, coverage.productionRequests)}<div class="facts">${facts}</div><p></p>${table}</section>`;
}

export function inputSection(report: DiffReport): Markup {
  if (report.inputs.length === 0) return markup`<section><h2>Inputs</h2><p>None.</p></section>`;
  const table = plainHtml('What was read; the format as detected or given', inputTable(report));
  return markup`<section class="long"><h2>Inputs</h2>${table}</section>`;
}

export function destinationSection(report: DiffReport): Markup {
  const table = destinationTable(report);
  if (table.rows.length === 0) return NO_MARKUP;
  const tinted = plainHtml("Each of the mirror's destinations by itself; the worst decides", table, {
    kindOf: ({ verdict }) => (verdict.status === 'fail' ? 'bad' : undefined),
  });
  return markup`<section class="long"><h2>Destinations</h2>${tinted}</section>`;
}
