/** The summary as spoe-logs/summary/1. */
import type { Summary } from '../stats/model.ts';
import { escapeJson } from '../text/json.ts';

/**
 * Key order is the model's, two spaces of indent, a final newline.
 * Characters that a terminal would act on are written as \u escapes: the parsed values are the log's own.
 */
export function renderJson(summary: Summary): string {
  return `${escapeJson(JSON.stringify(summary, null, 2))}\n`;
}
