/** The keys of the cockpit: one table, from which come what they do, the help and the footer. */

/** What a key does; the state knows how. */
export type Action =
  | 'quit'
  | 'down'
  | 'up'
  | 'page-down'
  | 'page-up'
  | 'half-down'
  | 'half-up'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'open'
  | 'lines'
  | 'back'
  | 'next-part'
  | 'sort'
  | 'shorter'
  | 'longer'
  | 'filter'
  | 'freeze'
  | 'reset'
  | 'mouse'
  | 'help'
  | 'redraw'
  | 'suspend'
  | 'interrupt';

export interface Binding {
  /** Names of keys, as the decoder gives them. */
  readonly keys: readonly string[];
  readonly action: Action;
  /** A phrase that says what it does. */
  readonly help: string;
  /** The same of a comparison, where it is another one. */
  readonly inComparison?: string;
  /** One word for the footer, and where it is there; those without are in the help only. */
  readonly brief?: readonly [word: string, ...places: Place[]];
  /** Only where counts can be set back, and groups be sorted. */
  readonly of?: 'summary';
}

/** What is looked at. */
export type Place = 'lists' | 'lines' | 'help';

const BINDINGS: readonly Binding[] = [
  { keys: ['?'], action: 'help', help: 'this help', brief: ['help', 'lists', 'lines'] },
  {
    keys: ['q'],
    action: 'quit',
    help: 'end, and leave the final text behind',
    brief: ['quit', 'lists', 'lines', 'help'],
  },
  { keys: ['j', 'down', 'wheel-down'], action: 'down', help: 'next row' },
  { keys: ['k', 'up', 'wheel-up'], action: 'up', help: 'row before' },
  { keys: ['ctrl-d'], action: 'half-down', help: 'half a page down' },
  { keys: ['ctrl-u'], action: 'half-up', help: 'half a page up' },
  { keys: ['pgdn', 'ctrl-f', 'space'], action: 'page-down', help: 'a page down' },
  { keys: ['pgup', 'ctrl-b'], action: 'page-up', help: 'a page up' },
  { keys: ['g', 'home'], action: 'first', help: 'first row; of lines the newest' },
  { keys: ['G', 'end'], action: 'last', help: 'last row' },
  {
    keys: ['tab'],
    action: 'next-part',
    help: 'next part: the next heading, or the other list',
    brief: ['part', 'lists'],
  },
  {
    keys: ['enter'],
    action: 'open',
    help: 'open or close a group or destination; else its lines',
    inComparison: 'lines of what is selected',
    brief: ['open', 'lists'],
  },
  {
    keys: ['l', 'right'],
    action: 'right',
    help: 'open a group or destination; lines further right',
    inComparison: 'lines further to the right',
    brief: ['right', 'lines'],
  },
  {
    keys: ['h', 'left'],
    action: 'left',
    help: 'close a group or destination; lines further left',
    inComparison: 'lines further to the left',
    brief: ['left', 'lines'],
  },
  { keys: ['v'], action: 'lines', help: 'lines of what is selected, and back', brief: ['lines', 'lists'] },
  { keys: ['esc', 'backspace'], action: 'back', help: 'back; ends a filter first', brief: ['back', 'lines', 'help'] },
  {
    keys: ['/'],
    action: 'filter',
    help: 'filter groups and destinations, or the lines shown',
    inComparison: 'filter the report, or the lines that are shown',
    brief: ['filter', 'lists', 'lines'],
  },
  {
    keys: ['s'],
    action: 'sort',
    help: 'sort by errors, events, error rate, p99, name',
    brief: ['sort', 'lists'],
    of: 'summary',
  },
  { keys: ['['], action: 'shorter', help: 'charts of a shorter time', brief: ['] time', 'lists'] },
  { keys: [']'], action: 'longer', help: 'charts of a longer time' },
  {
    keys: ['f'],
    action: 'freeze',
    help: 'stand still, and go on; all is counted',
    brief: ['freeze', 'lists', 'lines'],
  },
  { keys: ['ctrl-r'], action: 'reset', help: 'groups and codes count from now on', of: 'summary' },
  { keys: ['m'], action: 'mouse', help: 'wheel on or off: the terminal selects text' },
  { keys: ['ctrl-l'], action: 'redraw', help: 'draw everything anew' },
  {
    keys: ['ctrl-c'],
    action: 'interrupt',
    help: 'end as q does, with exit code 130',
    inComparison: 'end as q does: exit code 1 for FAIL, otherwise 130',
  },
  { keys: ['ctrl-z'], action: 'suspend', help: 'suspend; fg goes on' },
];

export type Mode = 'summary' | 'comparison';

/** The bindings of a screen. */
export function bindingsOf(mode: Mode): readonly Binding[] {
  if (mode === 'summary') return BINDINGS;
  return BINDINGS.filter(({ of }) => of === undefined).map((each) => ({
    ...each,
    help: each.inComparison ?? each.help,
  }));
}

export function actionOf(key: string, mode: Mode): Action | undefined {
  return bindingsOf(mode).find(({ keys }) => keys.includes(key))?.action;
}
