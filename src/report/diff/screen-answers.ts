/** What the answers differ in: fields worst first, how much was compared, what was not judged. */
import type { DiffReport, FieldDifference } from '../../diff/model.ts';
import { formatInterval, formatShareNumber, significant } from '../../text/numbers.ts';
import type { Line, ScreenStyle, Section, Tone } from '../screen.ts';
import { line, together } from '../screen.ts';
import { displayWidth, wrap } from '../width.ts';
import {
  answerCoverage,
  type FieldWord,
  fieldNotes,
  fieldTable,
  fieldWord,
  isUntested,
  noiseWords,
  suppressedTable,
} from './answer-reading.ts';
import { contentTable, contentWords } from './content-reading.ts';
import { plainGrid } from './screen-table.ts';
import { more } from './screen-verdict.ts';

const MOST_FIELDS = 12;
const MOST_SUPPRESSED = 8;
/** What is longer may be cut in its column, and stands below it once more. */
const LONGEST_PLACE = 22;
/** On a narrower screen there is no room for all columns. */
const ALL_COLUMNS = 130;

const FIELD_TONE: { readonly [word in FieldWord]: Tone | undefined } = { worse: 'bad', hint: 'warn', '': undefined };

export function fieldSection({ responses }: DiffReport, style: ScreenStyle): Section {
  if (responses === undefined) return {};
  const { fields } = responses;
  const noise = faint([noiseWords(responses.noise)], style);
  if (fields.length === 0) return { before: [line('FIELDS  none differs', 'heading'), ...noise] };
  const isWide = fields.some(({ declared }) => declared !== undefined);
  return {
    before: [line('FIELDS, worst first', 'heading')],
    grid: plainGrid(fieldTable(responses), style, {
      title: 'field',
      most: MOST_FIELDS,
      toneOf: (field) => FIELD_TONE[fieldWord(field)],
      afterOf: (field) => (fieldWord(field) === '' ? [] : exampleLines(field, style, isWide)),
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
  const untested = hidden.filter(isUntested).length;
  const known = worse === 0 ? ', none of them worse beyond chance' : `, ${worse} of them worse`;
  return untested === 0 ? known : `${worse === 0 ? '' : known}, ${untested} of them not tested`;
}

/** An id is there to be copied: it is never cut. What may have no room above stands here. @param isWide the table has a column more */
function exampleLines(
  { examples: [id], place, q, shareCi, regressed }: FieldDifference,
  style: ScreenStyle,
  isWide: boolean,
): Line[] {
  const words = [
    ...(id === undefined ? [] : [`e.g. ${style.safe(id)}`]),
    ...(q !== null && regressed && style.width < ALL_COLUMNS ? [significant('q', q)] : []),
    ...(isWide && style.width < ALL_COLUMNS ? [`95 % ${formatInterval(shareCi, formatShareNumber)}`] : []),
    ...(displayWidth(place) > LONGEST_PLACE ? [style.safe(place)] : []),
  ];
  if (words.length === 0) return [];
  return wrap(words.join(` ${style.dot} `), style.width, '      ', '      ').map((text) => line(text, 'faint'));
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
        together(wrap(style.safe(text), style.width, '  ', '    ').map((each) => line(each))),
      ),
    ],
    ...(table.rows.length > 0 && {
      grid: plainGrid(table, style, { title: 'NOT JUDGED', most: MOST_SUPPRESSED }),
      after: more(table.rows.length - MOST_SUPPRESSED, 'reason', style),
    }),
  };
}

function faint(notes: readonly string[], style: ScreenStyle): Line[] {
  return notes.flatMap((note) =>
    together(wrap(style.safe(note), style.width, '  ').map((text) => line(text, 'faint'))),
  );
}
