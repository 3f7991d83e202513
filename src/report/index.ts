/** All renderers of a summary by the name --format knows them by. */
import type { Summary } from '../stats/model.ts';
import { renderCsv } from './csv.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPrometheus } from './prometheus.ts';
import type { TableOptions } from './table.ts';
import { renderTable } from './table.ts';

export const SUMMARY_FORMATS = ['table', 'json', 'markdown', 'csv', 'prometheus', 'html'] as const;
export type SummaryFormat = (typeof SUMMARY_FORMATS)[number];
/** `html` is a page of its own, which few ask for: summary-html.ts. */
export type PlainFormat = Exclude<SummaryFormat, 'html'>;

/** Renders the summary; the options matter to `table` only. Every format ends with a newline. */
export function renderSummary(format: PlainFormat, summary: Summary, options: TableOptions = {}): string {
  switch (format) {
    case 'table':
      return renderTable(summary, options);
    case 'json':
      return renderJson(summary);
    case 'markdown':
      return renderMarkdown(summary);
    case 'csv':
      return renderCsv(summary);
    case 'prometheus':
      return renderPrometheus(summary);
  }
}
