/** A picture, and what the user has chosen to see of it → the rows of a screen of any size. Pure. */
import type { ScreenStyle } from '../report/screen.ts';
import { displayWidth, flow, truncate, wrap } from '../report/width.ts';
import { formatAmount, formatDuration } from '../text/numbers.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { barLines } from './charts.ts';
import { pad, slice } from './columns.ts';
import type { FrameRow } from './frame.ts';
import { helpLines } from './help.ts';
import { bindingsOf, type Place } from './keys.ts';
import type { BodyRow, ChartModel, ChartRow, LinesModel, Picture, Span } from './model.ts';
import { type CockpitState, cursorOf, type Seen } from './state.ts';
import { CHART_LABEL } from './summary-picture.ts';

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/** What is said of a screen that stands still. */
export interface FrozenWords {
  readonly forMs: number;
  readonly events: number;
  /** The verdict of now, where it is another one. */
  readonly verdict: string | undefined;
  /** The age of the last event now. */
  readonly age: string;
}

export interface Screen {
  readonly rows: readonly FrameRow[];
  /** What the next key is about. */
  readonly seen: Seen;
  /** The state with its lists scrolled so that the cursor is seen. */
  readonly state: CockpitState;
}

/** What everything fits in. Below it charts and footers make room. */
const FULL = { width: 80, height: 24 };
/** Rows with which there is nothing but the verdict. */
const FEW_ROWS = 6;
const NARROWEST = 30;
/** Columns with fewer of which nothing can be read but the verdict: lists and keys would be marks of what is cut. */
const FEW_COLUMNS = 10;
/** Charts may take this part of the rows; a tall row of them has so many lines. */
const CHART_PART = 0.35;
const LEAST_CHART_ROWS = 7;
const TALLEST_ROW = 4;

export function makeScreen(
  picture: Picture,
  before: CockpitState,
  { width, height }: ScreenSize,
  style: ScreenStyle,
  frozen: FrozenWords | undefined,
): Screen {
  const twoRowsAt = needsTwoRows(picture, width) ? width : before.twoRowsAt === width ? width : undefined;
  const head = headRows(picture, { ...before, twoRowsAt }, width, height, style, frozen);
  const isReadable = width >= FEW_COLUMNS;
  const footer = height >= FEW_ROWS && isReadable ? [footerRow(before, width, style)] : [];
  const charts =
    before.lines === undefined &&
    before.help === undefined &&
    height >= 12 &&
    isReadable &&
    picture.charts !== undefined
      ? chartRows(picture.charts, width, Math.max(LEAST_CHART_ROWS, Math.floor(height * CHART_PART)), style)
      : [];
  const room = Math.max(0, height - head.length - footer.length - charts.length);
  const body = bodyOf(picture, before, width, room, style);
  const all = [...head, ...charts, ...(isReadable ? body.rows : [])];
  while (all.length < height - footer.length) all.push(row(''));
  return {
    rows: [...all.slice(0, height - footer.length), ...footer].slice(0, height),
    seen: body.seen,
    state: { ...body.state, twoRowsAt },
  };
}

function needsTwoRows({ verdict, age }: Picture, width: number): boolean {
  return width >= NARROWEST && wrap(verdict.text, width - displayWidth(age) - 2).length > 1;
}

function row(text: string, tone?: Span['tone']): FrameRow {
  return [{ text, tone }];
}

/** Verdict and age are on every screen, whatever else is. */
function headRows(
  { verdict, age, facts, source, cause }: Picture,
  state: CockpitState,
  width: number,
  height: number,
  style: ScreenStyle,
  frozen: FrozenWords | undefined,
): FrameRow[] {
  const tone = verdict.tone;
  const ageWidth = displayWidth(age);
  if (width < NARROWEST || height < 2)
    return [
      row(truncate(verdict.text, width, ''), tone),
      row(truncate(age, width, '')),
      row(truncate('too small', width, ''), 'faint'),
    ].slice(0, height);
  const [first = '', ...rest] = wrap(verdict.text, width - ageWidth - 2);
  const isCut = rest.length > 0 && height < FULL.height;
  const left = pad(isCut ? truncate(verdict.text, width - ageWidth - 2, style.ellipsis) : first, width - ageWidth);
  const rows: FrameRow[] = [[{ text: left, tone }, { text: age }]];
  if ((rest.length > 0 && !isCut) || (state.twoRowsAt === width && height >= FULL.height))
    rows.push(row(rest.length === 0 ? '' : truncate(`  ${rest.join(' ')}`, width, style.ellipsis), tone));
  if (frozen !== undefined) rows.push(row(frozenText(frozen, style), 'warn'));
  if (width < FULL.width || height < FULL.height)
    rows.push(row(`${width}x${height} is small: from ${FULL.width}x${FULL.height} on everything is here`, 'faint'));
  if (height >= FEW_ROWS) rows.push(row(factsText(facts, source, width, style), 'faint'));
  if (height >= FULL.height && state.help === undefined) {
    if (cause !== undefined)
      rows.push(
        ...wrap(cause, width, '  ')
          .slice(0, 2)
          .map((text) => row(text)),
      );
  }
  return rows.slice(0, height);
}

/** The source is always named; of the facts the last ones are cut. */
function factsText(facts: readonly string[], source: string | undefined, width: number, style: ScreenStyle): string {
  const between = ` ${style.dot} `;
  const name = source === undefined ? '' : truncate(source, width >> 1, style.ellipsis);
  const end = name === '' || facts.length === 0 ? name : between + name;
  return truncate(facts.join(between), width - displayWidth(end), style.ellipsis) + end;
}

function frozenText({ forMs, events, verdict, age }: FrozenWords, style: ScreenStyle): string {
  return [
    `FROZEN for ${formatDuration(forMs)}`,
    `${formatAmount(events, 'event')} since`,
    ...(verdict === undefined ? [] : [`now ${verdict}`]),
    age,
    'f goes on',
  ].join(` ${style.dot} `);
}

/** What is typed, a word about the last key, or the keys. */
function footerRow(state: CockpitState, width: number, style: ScreenStyle): FrameRow {
  if (state.typing !== undefined) {
    const what =
      state.lines !== undefined ? 'lines' : state.mode === 'summary' ? 'groups and destinations' : 'what stands here';
    const text = `/${escapeTerminal(state.typing)}_`;
    const hint = `   ${what} with this text: enter, or esc`;
    // The end of what is typed is what one looks at.
    const from = Math.max(0, displayWidth(text) - width + 1);
    return [{ text: slice(text, from, width, { left: '<', right: '' }) }, { text: hint, tone: 'faint' }];
  }
  if (state.note !== '') return row(style.safe(state.note), 'warn');
  const place: Place = state.help !== undefined ? 'help' : state.lines !== undefined ? 'lines' : 'lists';
  const words = bindingsOf(state.mode).flatMap(({ keys, brief: [word, ...places] = [''] }) =>
    places.includes(place) ? [`${keys[0]} ${word}`] : [],
  );
  return row(flow(words, '  ', width)[0] ?? '', 'faint');
}

/** As many rows of charts as there is room for, the first ones taller where there is more. */
function chartRows(
  { rows, axis, stepColumns }: ChartModel,
  width: number,
  most: number,
  style: ScreenStyle,
): FrameRow[] {
  const shown = rows.slice(0, Math.max(0, most - 1));
  if (shown.length === 0) return [];
  const heights = shown.map(() => 1);
  let spare = most - 1 - shown.length;
  while (spare > 0) {
    // The shortest of those that grow is next; without one, the charts are as tall as they get.
    const next = shown.reduce<number>((best, { grows }, i) => {
      if (grows !== true || (heights[i] as number) >= TALLEST_ROW) return best;
      return best < 0 || (heights[i] as number) < (heights[best] as number) ? i : best;
    }, -1);
    if (next < 0) break;
    heights[next] = (heights[next] as number) + 1;
    spare -= 1;
  }
  const drawn = shown.flatMap((chart, i) => chartLines(chart, heights[i] as number, stepColumns, style));
  const left = rows.length - shown.length;
  const more = left === 0 ? '' : `; ${left} more rows need a taller screen`;
  return [
    ...drawn,
    row(truncate(`${' '.repeat(CHART_LABEL)}${axis}; [ ] change it${more}`, width, style.ellipsis), 'faint'),
  ];
}

/** The name, the value of the last step, and the largest one where there is a second line for it. */
function chartLines(chart: ChartRow, height: number, stepColumns: number, style: ScreenStyle): FrameRow[] {
  // The last step is not over: its value is the one before.
  const last = chart.values.at(-2) ?? chart.values.at(-1) ?? null;
  const largest = chart.values.reduce<number | null>(
    (most, value) => (value === null ? most : Math.max(most ?? 0, value)),
    null,
  );
  const value = (of: number | null) => pad(of === null ? '-' : chart.format(of), 8, 'right');
  return barLines(chart, height, stepColumns, style.unicode).map((bars, i) => {
    const label =
      i === height - 1
        ? `${pad(chart.label, 10)}${value(last)}  `
        : i === 0
          ? `${pad('  highest', 10)}${value(largest)}  `
          : pad('', CHART_LABEL);
    return [{ text: label }, { text: bars, tone: chart.tone }];
  });
}

interface Body {
  readonly rows: readonly FrameRow[];
  readonly seen: Seen;
  readonly state: CockpitState;
}

function bodyOf(picture: Picture, state: CockpitState, width: number, height: number, style: ScreenStyle): Body {
  const help = helpLines(state.mode);
  const seen: Seen = {
    panes: picture.panes,
    lines: picture.lines?.lines.map(lineId) ?? [],
    height,
    helpLines: help.length,
  };
  if (state.help !== undefined) {
    const listed = help.slice(state.help, state.help + Math.max(0, height - 1));
    const more = help.length - state.help - listed.length;
    const title = `KEYS${more > 0 ? `  (${more} more below: j)` : ''}`;
    return {
      rows: [row(title, 'heading'), ...listed.map((text) => row(truncate(text, width, style.ellipsis)))],
      seen: { ...seen, height: height - 1 },
      state,
    };
  }
  if (picture.lines !== undefined && state.lines !== undefined)
    return linesBody(picture.lines, state, width, height, style, seen);
  return listsBody(picture, state, width, height, style, seen);
}

/** The first row that is seen, such that the cursor is. */
function topFor(cursor: number, top: number, length: number, height: number): number {
  const most = Math.max(0, length - height);
  const seen = cursor < 0 ? top : Math.max(cursor - height + 1, Math.min(cursor, top));
  return Math.max(0, Math.min(most, seen));
}

function listsBody(
  { panes }: Picture,
  state: CockpitState,
  width: number,
  height: number,
  style: ScreenStyle,
  seen: Seen,
): Body {
  const focus = Math.min(state.focus, panes.length - 1);
  const gap = ` ${style.unicode ? '│' : '|'} `;
  const widths =
    panes.length === 1 ? [width] : [Math.floor(width * 0.55), width - Math.floor(width * 0.55) - gap.length];
  const lists = panes.map((rows, i) => {
    const list = state.panes[i] ?? { id: undefined, index: 0, top: 0 };
    const cursor = cursorOf(rows, list);
    const top = topFor(cursor, list.top, rows.length, height);
    return { rows, cursor, top, list: { ...list, index: Math.max(0, cursor), top } };
  });
  const drawn = Array.from({ length: height }, (_, y): FrameRow => {
    const spans = lists.flatMap(({ rows, cursor, top }, i): Span[] => {
      const each = listSpan(rows[top + y], widths[i] as number, i === focus && top + y === cursor, style);
      return i === 0 ? [each] : [{ text: gap, tone: 'faint' }, each];
    });
    return spans;
  });
  return {
    rows: drawn,
    seen,
    state: { ...state, focus, panes: state.panes.map((list, i) => lists[i]?.list ?? list) },
  };
}

function listSpan(each: BodyRow | undefined, width: number, chosen: boolean, style: ScreenStyle): Span {
  return { text: pad(truncate(each?.text ?? '', width, style.ellipsis), width), tone: each?.tone, chosen };
}

function lineId({ number }: { readonly number: number }): string {
  return String(number);
}

/** Bytes that as many columns may come from: a character has at most four. */
const MOST_BYTES = 4;
/** In how many bytes the fields of a line are looked for. */
const FIELDS_WITHIN = 8192;
/** The widest mark of what is cut on the right. */
const MARK_WIDTH = 3;

/** The first column such that the fields of a line are seen, as far as they fit, and what a filter has found. */
function firstColumn(bytes: Buffer, begin: RegExp | undefined, filter: string, width: number): number {
  const text = bytes.toString('utf8', 0, filter === '' ? FIELDS_WITHIN : bytes.length);
  const columnOf = (index: number) => displayWidth(escapeTerminal(text.slice(0, index)));
  const all = columnOf(text.length);
  if (all <= width) return 0;
  // The mark of what is cut takes the first column.
  const room = width - 1;
  const fields = begin === undefined ? -1 : text.search(begin);
  const left = fields < 0 ? 0 : Math.min(columnOf(fields), all - room);
  const match = filter === '' ? -1 : text.toLowerCase().indexOf(filter.toLowerCase());
  if (match < 0) return left;
  const [from, to] = [columnOf(match), columnOf(match + filter.length)];
  const end = left + room < all ? left + room - MARK_WIDTH : all;
  return from >= left && to <= end ? left : Math.max(0, from - Math.max(0, (room - (to - from)) >> 1));
}

function linesBody(
  { title, lines, missing, fields }: LinesModel,
  state: CockpitState,
  width: number,
  height: number,
  style: ScreenStyle,
  seen: Seen,
): Body {
  const own = state.lines as NonNullable<CockpitState['lines']>;
  const room = Math.max(0, height - 2);
  const found = own.list.id === undefined ? 0 : lines.findIndex((line) => lineId(line) === own.list.id);
  const cursor = found >= 0 ? found : Math.min(own.list.index, lines.length - 1);
  const top = topFor(cursor, own.list.top, lines.length, room);
  const filter = own.filter === '' ? '' : ` with "${style.safe(own.filter)}"`;
  const facts = [
    `${formatAmount(lines.length, 'line')}${filter}, newest first${missing === '' ? '' : ` ${style.dash} ${missing}`}`,
    ...(own.left !== undefined && own.left > 0 ? [`from column ${own.left + 1} on (h goes back)`] : []),
  ];
  const marks = style.unicode ? { left: '‹', right: '…' } : { left: '<', right: '...' };
  let leftOfChosen = own.left;
  const drawn = lines.slice(top, top + room).map((line, i): FrameRow => {
    const left = own.left ?? firstColumn(line.bytes, fields, own.filter, width);
    if (top + i === cursor) leftOfChosen = left;
    const text = escapeTerminal(line.bytes.toString('utf8', 0, (left + width + 1) * MOST_BYTES));
    const safe = style.unicode ? text : text.replaceAll(/[\u0080-\u{10ffff}]/gu, '?');
    const chosen = top + i === cursor;
    return [
      {
        text: pad(slice(safe, left, width, marks), chosen ? width : 0),
        tone: line.failed ? 'bad' : undefined,
        chosen,
      },
    ];
  });
  const nothing = lines.length === 0 ? [row('  none is kept', 'faint')] : [];
  return {
    rows: [
      row(truncate(`LINES of ${style.safe(title)}`, width, style.ellipsis), 'heading'),
      row(truncate(facts.join(` ${style.dot} `), width, style.ellipsis), 'faint'),
      ...drawn,
      ...nothing,
    ],
    seen: { ...seen, height: room, left: leftOfChosen },
    state: { ...state, lines: { ...own, list: { ...own.list, index: Math.max(0, cursor), top } } },
  };
}
