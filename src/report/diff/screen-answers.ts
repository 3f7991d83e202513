/** What the answers differ in: fields worst first, how much was compared, what was not judged. */
import type { DiffReport, FieldDifference } from '../../diff/model.ts';
import type { Line, ScreenStyle, Section, Tone } from '../screen.ts';
import { line } from '../screen.ts';
import { wrap } from '../width.ts';
import {
  answerCoverage,
  type FieldWord,
  fieldNotes,
  fieldTable,
  fieldWord,
  noiseWords,
  suppressedTable,
} from './answer-reading.ts';
import { contentTable, contentWords } from './content-reading.ts';
import { plainGrid } from './screen-table.ts';
import { more } from './screen-verdict.ts';

const MOST_FIELDS = 12;
const MOST_SUPPRESSED = 8;
/** Rows with examples below them. */
const MOST_EXAMPLES = 6;

const FIELD_TONE: { readonly [word in FieldWord]: Tone | undefined } = { worse: 'bad', hint: 'warn', '': undefined };

export function fieldSection({ responses }: DiffReport, style: ScreenStyle): Section {
  if (responses === undefined) return {};
  const { fields } = responses;
  const noise = faint([noiseWords(responses.noise)], style);
  if (fields.length === 0) return { before: [line('FIELDS  none differs', 'heading'), ...noise] };
  const withExamples = new Set(fields.filter((field) => fieldWord(field) !== '').slice(0, MOST_EXAMPLES));
  return {
    before: [line('FIELDS, worst first', 'heading')],
    grid: plainGrid(fieldTable(responses), style, {
      title: 'field',
      most: MOST_FIELDS,
      toneOf: (field) => FIELD_TONE[fieldWord(field)],
      afterOf: (field) => (withExamples.has(field) ? exampleLines(field, style) : []),
    }),
    after: [
      ...more(fields.length - MOST_FIELDS, 'field', style, hiddenWords(fields.slice(MOST_FIELDS))),
      ...faint(fieldNotes(responses), style),
      ...noise,
    ],
  };
}

function hiddenWords(hidden: readonly FieldDifference[]): string {
  const worse = hidden.filter(({ regressed }) => regressed).length;
  return worse === 0 ? ', none of them worse beyond chance' : `, ${worse} of them worse`;
}

/** An id is there to be copied: it is never cut. */
function exampleLines({ examples: [id] }: FieldDifference, style: ScreenStyle): Line[] {
  if (id === undefined) return [];
  return wrap(style.safe(id), style.width, '      e.g. ', '           ').map((text) => line(text, 'faint'));
}

/** Without answers, as far as both logs tell: empty where they tell nothing. */
export function contentSection({ contents }: DiffReport, style: ScreenStyle): Section {
  if (contents === undefined) return {};
  const table = contentTable(contents);
  return {
    before: [line('SIZE AND MEDIA TYPE', 'heading'), ...faint(contentWords(contents), style)],
    ...(table.rows.length > 0 && {
      grid: plainGrid(table, style, {
        title: 'route',
        most: MOST_FIELDS,
        toneOf: ({ types }) => (types?.regressed === true ? 'bad' : 'warn'),
      }),
      after: more(table.rows.length - MOST_FIELDS, 'route', style),
    }),
  };
}

export function answerSection({ responses, coverage }: DiffReport, style: ScreenStyle): Section {
  if (responses === undefined) return {};
  const table = suppressedTable(responses);
  return {
    before: [
      line('ANSWERS', 'heading'),
      ...answerCoverage(responses, coverage.paired).flatMap((text) =>
        wrap(style.safe(text), style.width, '  ', '    ').map((each) => line(each)),
      ),
    ],
    ...(table.rows.length > 0 && {
      grid: plainGrid(table, style, { title: 'NOT JUDGED', most: MOST_SUPPRESSED }),
      after: more(table.rows.length - MOST_SUPPRESSED, 'reason', style),
    }),
  };
}

function faint(notes: readonly string[], style: ScreenStyle): Line[] {
  return notes.flatMap((note) => wrap(style.safe(note), style.width, '  ').map((text) => line(text, 'faint')));
}
