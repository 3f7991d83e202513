/** What the user has chosen to see, and what a key makes of it. Pure. */
import type { Key } from './key-decoder.ts';
import { type Action, actionOf, type Mode } from './keys.ts';
import type { BodyRow, Chosen } from './model.ts';

export const SORTS = ['errors', 'events', 'error rate', 'p99', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** The times that charts are of, ms. */
export const WINDOWS_MS = [60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000] as const;
const FIRST_WINDOW = 1;

const WHEEL_ROWS = 3;
/** The columns that lines are scrolled sideways by. */
const SIDEWAYS = 16;
/** What a user may type, and open: both are held here. */
const MOST_FILTER = 200;
const MOST_OPEN = 1000;

/** A list with a cursor: the row it stands on, and the first row that is seen. */
export interface ListState {
  readonly id: string | undefined;
  /** Where it stands when the row is gone. */
  readonly index: number;
  readonly top: number;
}

export interface LinesState {
  readonly chosen: Chosen;
  readonly filter: string;
  /** The number of the line under the cursor; undefined is the newest one, whichever that is. */
  readonly list: ListState;
  /** The first column that is seen; undefined lets each line show its fields, or what a filter found. */
  readonly left: number | undefined;
}

export interface CockpitState {
  readonly mode: Mode;
  readonly panes: readonly ListState[];
  /** The pane with the cursor. */
  readonly focus: number;
  readonly lines: LinesState | undefined;
  /** The first line of the help that is seen; undefined while it is closed. */
  readonly help: number | undefined;
  readonly sort: Sort;
  readonly window: number;
  readonly opened: ReadonlySet<string>;
  readonly filter: string;
  /** What is typed after `/`; undefined while nothing is. */
  readonly typing: string | undefined;
  readonly frozen: boolean;
  readonly mouse: boolean;
  /** The width at which the verdict has needed two rows: it keeps them, so that nothing below jumps. */
  readonly twoRowsAt: number | undefined;
  /** A word about the last key; gone with the next one. */
  readonly note: string;
}

/** What is beyond the state: the program does it. */
export type Effect = 'quit' | 'interrupt' | 'suspend' | 'redraw' | 'freeze' | 'go-on' | 'reset' | 'mouse';

export interface Pressed {
  readonly state: CockpitState;
  readonly effect?: Effect;
}

/** What is on the screen when a key comes. */
export interface Seen {
  readonly panes: readonly (readonly BodyRow[])[];
  /** The ids of the lines that are shown. */
  readonly lines: readonly string[];
  /** The first column that is seen of the line under the cursor. */
  readonly left?: number | undefined;
  /** Rows of the list. */
  readonly height: number;
  /** Lines of the help. */
  readonly helpLines: number;
}

/** What there are lines of. */
const WITH_LINES: { readonly [mode in Mode]: string } = {
  summary: "groups, codes and the mirror's answers",
  comparison: 'the kinds of requests that differ',
};

const NEW_LIST: ListState = { id: undefined, index: 0, top: 0 };

export function initialState(mode: Mode): CockpitState {
  return {
    mode,
    panes: [NEW_LIST, NEW_LIST],
    focus: 0,
    lines: undefined,
    help: undefined,
    sort: 'errors',
    window: FIRST_WINDOW,
    opened: new Set(),
    filter: '',
    typing: undefined,
    frozen: false,
    mouse: true,
    twoRowsAt: undefined,
    note: '',
  };
}

/** The state after a key. */
export function press(before: CockpitState, key: Key, seen: Seen): Pressed {
  const state = before.note === '' ? before : { ...before, note: '' };
  const isSignal = 'name' in key && (key.name === 'ctrl-c' || key.name === 'ctrl-z');
  if (state.typing !== undefined && !isSignal) return { state: type(state, state.typing, key) };
  if ('pasted' in key) return { state };
  const action = actionOf(key.name, state.mode);
  if (action === undefined) return { state: { ...state, note: `${key.name} is no key here; ? shows all` } };
  const step = key.name.startsWith('wheel') ? WHEEL_ROWS : 1;
  switch (action) {
    case 'quit':
    case 'interrupt':
    case 'suspend':
    case 'redraw':
      return { state, effect: action };
    case 'freeze':
      return { state: { ...state, frozen: !state.frozen }, effect: state.frozen ? 'go-on' : 'freeze' };
    case 'reset':
      if (state.frozen) return { state: { ...state, note: 'frozen: f first' } };
      return { state: { ...state, note: 'groups and codes count from now on' }, effect: 'reset' };
    case 'mouse':
      return {
        state: { ...state, mouse: !state.mouse, note: state.mouse ? 'the terminal selects text' : 'the wheel scrolls' },
        effect: 'mouse',
      };
    case 'help':
      return { state: { ...state, help: state.help === undefined ? 0 : undefined } };
    default:
      if (state.help !== undefined) return { state: inHelp(state, state.help, action, step, seen) };
      return {
        state:
          state.lines === undefined
            ? inBody(state, action, step, seen)
            : inLines(state, state.lines, action, step, seen),
      };
  }
}

/** The state once the text of a filter goes on. */
function type(state: CockpitState, typed: string, key: Key): CockpitState {
  if ('pasted' in key) return { ...state, typing: bounded(typed + key.pasted.split(/[\r\n]/, 1)[0]) };
  switch (key.name) {
    case 'enter':
      return withFilter({ ...state, typing: undefined }, typed);
    case 'esc':
      return { ...state, typing: undefined };
    case 'ctrl-u':
      return { ...state, typing: '' };
    case 'backspace':
      return { ...state, typing: typed === '' ? undefined : [...typed].slice(0, -1).join('') };
    case 'space':
      return { ...state, typing: bounded(`${typed} `) };
    default:
      return [...key.name].length === 1 ? { ...state, typing: bounded(typed + key.name) } : state;
  }
}

function bounded(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what was pasted may hold them
  return [...text.replace(/[\x00-\x1f\x7f-\x9f]/g, '')].slice(0, MOST_FILTER).join('');
}

function withFilter(state: CockpitState, filter: string): CockpitState {
  if (state.lines !== undefined)
    return { ...state, lines: { ...state.lines, filter, list: NEW_LIST, left: undefined } };
  return { ...state, filter, panes: [NEW_LIST, state.panes[1] ?? NEW_LIST], focus: 0 };
}

function inHelp(state: CockpitState, top: number, action: Action, step: number, seen: Seen): CockpitState {
  if (action === 'back' || action === 'open') return { ...state, help: undefined };
  const most = Math.max(0, seen.helpLines - seen.height);
  return { ...state, help: Math.max(0, Math.min(most, moved(action, top, seen.helpLines, seen.height, step) ?? top)) };
}

/** The index that a movement leads to; undefined for what is none. */
function moved(action: Action, index: number, length: number, height: number, step: number): number | undefined {
  switch (action) {
    case 'down':
      return index + step;
    case 'up':
      return index - step;
    case 'half-down':
      return index + Math.max(1, height >> 1);
    case 'half-up':
      return index - Math.max(1, height >> 1);
    case 'page-down':
      return index + Math.max(1, height - 1);
    case 'page-up':
      return index - Math.max(1, height - 1);
    case 'first':
      return 0;
    case 'last':
      return length - 1;
    default:
      return undefined;
  }
}

/** Where the cursor stands: on its row, or, when that is gone, about where it was; never on a heading. -1 without rows. */
export function cursorOf(rows: readonly BodyRow[], { id, index }: ListState): number {
  const there = id === undefined ? -1 : rows.findIndex((row) => row.id === id);
  return there >= 0 ? there : nearestRow(rows, index, 1);
}

function nearestRow(rows: readonly BodyRow[], index: number, direction: 1 | -1): number {
  const at = Math.max(0, Math.min(rows.length - 1, index));
  for (let i = at; i >= 0 && i < rows.length; i += direction) if (rows[i]?.heading !== true) return i;
  for (let i = at; i >= 0 && i < rows.length; i -= direction) if (rows[i]?.heading !== true) return i;
  return -1;
}

function inBody(state: CockpitState, action: Action, step: number, seen: Seen): CockpitState {
  const focus = Math.min(state.focus, seen.panes.length - 1);
  const rows = seen.panes[focus] ?? [];
  const list = state.panes[focus] ?? NEW_LIST;
  const at = cursorOf(rows, list);
  const row = rows[at];
  const target = moved(action, at, rows.length, seen.height, step);
  if (target !== undefined) {
    const found = nearestRow(rows, target, target < at ? -1 : 1);
    // The headings above the first row are seen again.
    const top = found === nearestRow(rows, 0, 1) ? 0 : list.top;
    return { ...state, focus, panes: replaced(state.panes, focus, { id: rows[found]?.id, index: found, top }) };
  }
  switch (action) {
    case 'next-part':
      return nextPart(state, focus, at, seen);
    case 'open':
      if (row?.branch !== undefined) return toggled(state, row.id);
      return opened(state, row, `nothing to open here; v shows ${WITH_LINES[state.mode]}`);
    case 'right':
      return row?.branch === 'closed' ? toggled(state, row.id) : state;
    case 'left':
      return closed(state, focus, row, rows);
    case 'lines':
      return opened(state, row, `no lines are kept of this, but of ${WITH_LINES[state.mode]}`);
    case 'back':
      return state.filter === '' ? state : withFilter(state, '');
    case 'filter':
      return { ...state, typing: state.filter };
    case 'sort': {
      const sort = SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length] as Sort;
      return { ...state, sort, note: `groups by ${sort}` };
    }
    default:
      return withWindow(state, action);
  }
}

function withWindow(state: CockpitState, action: Action): CockpitState {
  const by = action === 'shorter' ? -1 : action === 'longer' ? 1 : 0;
  return { ...state, window: Math.max(0, Math.min(WINDOWS_MS.length - 1, state.window + by)) };
}

function replaced(panes: readonly ListState[], focus: number, list: ListState): ListState[] {
  return panes.map((pane, i) => (i === focus ? list : pane));
}

/** The next pane; where there is one, the rows behind the next heading. */
function nextPart(state: CockpitState, focus: number, at: number, { panes }: Seen): CockpitState {
  if (panes.length > 1) return { ...state, focus: (focus + 1) % panes.length };
  const rows = panes[0] ?? [];
  const next = rows.findIndex((row, i) => i > at && row.heading === true);
  const found = next < 0 ? nearestRow(rows, 0, 1) : nearestRow(rows, next, 1);
  // The heading is the first that is seen, as far as there are rows below.
  const top = Math.max(0, next);
  return { ...state, panes: replaced(state.panes, 0, { id: rows[found]?.id, index: found, top }) };
}

function toggled(state: CockpitState, id: string): CockpitState {
  const open = new Set(state.opened);
  if (!open.delete(id)) open.add(id);
  if (open.size > MOST_OPEN) return { ...state, note: `${MOST_OPEN} groups are open: close some` };
  return { ...state, opened: open };
}

function closed(state: CockpitState, focus: number, row: BodyRow | undefined, rows: readonly BodyRow[]): CockpitState {
  if (row?.branch === 'open') return toggled(state, row.id);
  const parent = rows.findIndex(({ id }) => id === row?.parent);
  if (parent < 0) return state;
  const list = state.panes[focus] ?? NEW_LIST;
  return { ...state, panes: replaced(state.panes, focus, { ...list, id: rows[parent]?.id, index: parent }) };
}

function opened(state: CockpitState, row: BodyRow | undefined, otherwise: string): CockpitState {
  if (row?.lines === undefined) return { ...state, note: otherwise };
  return { ...state, lines: { chosen: row.lines, filter: '', list: NEW_LIST, left: undefined } };
}

function inLines(state: CockpitState, lines: LinesState, action: Action, step: number, seen: Seen): CockpitState {
  const ids = seen.lines;
  const found = lines.list.id === undefined ? 0 : ids.indexOf(lines.list.id);
  const at = found >= 0 ? found : Math.min(lines.list.index, ids.length - 1);
  const target = moved(action, at, ids.length, seen.height, step);
  if (target !== undefined) {
    const index = Math.max(0, Math.min(ids.length - 1, target));
    // On the first line the cursor goes on with what is newest.
    const list = index === 0 ? NEW_LIST : { id: ids[index], index, top: lines.list.top };
    return { ...state, lines: { ...lines, list } };
  }
  switch (action) {
    case 'right':
      return { ...state, lines: { ...lines, left: Math.min((lines.left ?? seen.left ?? 0) + SIDEWAYS, 70_000) } };
    case 'left':
      return { ...state, lines: { ...lines, left: Math.max(0, (lines.left ?? seen.left ?? 0) - SIDEWAYS) } };
    case 'back':
      return lines.filter === '' ? { ...state, lines: undefined } : withFilter(state, '');
    case 'lines':
      return { ...state, lines: undefined };
    case 'filter':
      return { ...state, typing: lines.filter };
    default:
      return withWindow(state, action);
  }
}
