/** What the answers differ in: fields worst first, how much was compared, what was not judged. */
import type { DiffReport, FieldDifference } from '../../diff/model.ts';
import type { Markup } from '../html/markup.ts';
import { joinMarkup, markup, NO_MARKUP } from '../html/markup.ts';
import { badge, code, cut } from '../html/table.ts';
import {
  answerCoverage,
  FIELD_Q,
  fieldNotes,
  fieldTable,
  fieldWord,
  isUntested,
  noiseWords,
  suppressedTable,
} from './answer-reading.ts';
import { contentTable, contentWords } from './content-reading.ts';
import { plainHtml } from './html-table.ts';
import type { PlainTable } from './plain-table.ts';
import { capital } from './reading.ts';

/** How many fields are in sight; the others are folded. */
const OPEN_FIELDS = 20;

export function fieldSection({ responses }: DiffReport): Markup {
  if (responses === undefined) return NO_MARKUP;
  const { fields } = responses;
  const noise = markup`<p class="muted small">${cut(capital(noiseWords(responses.noise)))}</p>`;
  if (fields.length === 0)
    return markup`<section><h2>Fields</h2><p>No field and no header differs.</p>${noise}</section>`;
  const table = (rows: readonly FieldDifference[], caption: string): Markup =>
    fieldsHtml({ ...fieldTable(responses), rows }, caption);
  const rest = fields.slice(OPEN_FIELDS);
  const worse = rest.filter(({ regressed }) => regressed).length;
  const untested = rest.filter(isUntested).length;
  const folded =
    rest.length === 0
      ? NO_MARKUP
      : markup`<details><summary>${rest.length} more fields, ${worse === 0 ? 'none' : worse} of them worse${untested === 0 ? '' : `, ${untested} not tested`}</summary>${table(rest, 'The other fields')}</details>`;
  const notes = [...fieldNotes(responses), FIELD_Q].map((note) => markup`<p class="muted small">${note}</p>`);
  const caption =
    'Where answers differ, with the share of pairs and its 95 % interval in percent; values are never kept';
  return markup`<section class="long"><h2>Fields, worst first</h2>${table(fields.slice(0, OPEN_FIELDS), caption)}${folded}${notes}${noise}</section>`;
}

/** With a badge, and the ids of requests to look up below how it differs. */
function fieldsHtml(table: PlainTable<FieldDifference>, caption: string): Markup {
  return plainHtml(caption, table, {
    drawCell: ({ kind, cell }, field) => {
      const word = fieldWord(field);
      if (kind === 'words' && cell(field) === word && word !== '') return badge(word === 'hint' ? 'warn' : word, word);
      if (kind !== 'sentence') return undefined;
      const ids = joinMarkup(field.examples.map(code), '<br>');
      return field.examples.length === 0 ? undefined : markup`${cut(cell(field))}<br>${ids}`;
    },
    kindOf: ({ regressed }) => (regressed ? 'worse' : undefined),
  });
}

export function answerSection({ responses, coverage }: DiffReport): Markup {
  if (responses === undefined) return NO_MARKUP;
  const facts = answerCoverage(responses, coverage.paired).map((fact) => markup`<p>${cut(capital(fact))}.</p>`);
  const suppressed = suppressedTable(responses);
  const table = suppressed.rows.length === 0 ? NO_MARKUP : plainHtml('What differs and was not judged', suppressed);
  return markup`<section class="long"><h2>Answers</h2>${facts}${table}</section>`;
}

export function contentSection({ contents }: DiffReport): Markup {
  if (contents === undefined) return NO_MARKUP;
  const facts = contentWords(contents).map((fact) => markup`<p>${cut(capital(fact))}.</p>`);
  const routes = contentTable(contents);
  const table =
    routes.rows.length === 0
      ? NO_MARKUP
      : plainHtml('Routes whose answers have another size or media type', routes, {
          drawCell: ({ kind }, { types }) =>
            kind === 'words' && types?.regressed === true ? badge('worse', 'worse') : undefined,
          kindOf: ({ types }) => (types?.regressed === true ? 'worse' : undefined),
        });
  return markup`<section class="long"><h2>Size and media type</h2>${facts}${table}</section>`;
}
