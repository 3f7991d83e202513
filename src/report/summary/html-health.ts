/** Whether the log can be trusted: what was read of it, what was not, and what else to know. */
import type { Summary } from '../../stats/model.ts';
import { formatBytes, formatExact } from '../../text/numbers.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { code, cut, htmlTable } from '../html/table.ts';
import { hasLog, healthParts, UNLOGGED_READING } from '../screen-health.ts';

const MOST_NOTICES = 100;

export function noticeSection({ notices }: Summary): Markup {
  if (notices.length === 0) return NO_MARKUP;
  const items = notices.slice(0, MOST_NOTICES).map(({ message }) => markup`<li>${cut(message)}</li>`);
  const more = notices.length - MOST_NOTICES;
  if (more > 0) items.push(markup`<li>${more} more: --format json has all</li>`);
  return markup`<section class="long"><h2>To know when reading this</h2><ul>${items}</ul></section>`;
}

export function healthSection(summary: Summary): Markup {
  if (!hasLog(summary)) return NO_MARKUP;
  const { input, total } = summary;
  const facts = [...healthParts(summary), `bytes ${formatBytes(input.bytes)}`].map(
    (part) => markup`<span>${part}</span>`,
  );
  const messages =
    input.otherMessages.length === 0
      ? NO_MARKUP
      : htmlTable(
          'HAProxy’s other messages about SPOE, most frequent first',
          [
            { head: 'Message', wide: true },
            { head: 'Count', number: true },
          ],
          input.otherMessages.map(({ message, count }) => ({ cells: [code(message), formatExact(count)] })),
        );
  const unlogged =
    (total.completeness?.unlogged ?? 0) === 0
      ? NO_MARKUP
      : markup`<p class="muted small">Unlogged are events without a line: ${UNLOGGED_READING}.</p>`;
  return markup`<section class="long"><h2>Log health</h2><div class="facts">${facts}</div>${unlogged}${messages}</section>`;
}
