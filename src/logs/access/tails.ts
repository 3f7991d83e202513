/** Describes what stands behind a format of HAProxy's on the lines of a sample, in the language of `log-format`. */
import type { AccessReadOptions } from '../access-options.ts';
import { NO_ID } from '../unread-ids.ts';

export interface Extras {
  /** The format, with the space before it. */
  readonly format: string;
  readonly shown: string;
  /** So many lines of the sample end like this. */
  readonly votes: number;
  /** Words that are not read stand before what is read: another format may know them. */
  readonly isLate: boolean;
}

export const NOT_READ = 'fields that are not read';

/** `name=` of a pair; a value in quotes is read over. */
const PAIR = / ([A-Za-z_][\w.-]{0,40})=("(?:[^"\\]|\\.)*")?/g;
const PAIR_VARIABLES: readonly (readonly [names: RegExp, variable: string])[] = [
  [/^(?:rt|sid|stream|stream_id)$/i, '%rt'],
  [/^pid$/i, '%pid'],
  [/^(?:id|uid|unique[-_.]?id|x[-_]unique[-_]id|request[-_]?id|req[-_]?id|x[-_]request[-_]id)$/i, '%ID'],
  [/^(?:traceparent|trace|trace[-_]?id)$/i, '%[var(txn.traceparent)]'],
];
/** A word, or a text in quotes. */
const TOKEN = / ("(?:[^"\\]|\\.)*"|[^ "][^ ]*)/y;
const ID = /^[\w.:~+/=@-]{1,128}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const MAX_TOKENS = 40;
const MAX_EXTRAS = 4;
/** The number of lines that make it likely that a field with another value on each is an id. */
const MIN_LINES = 8;

/** The most frequent of what stands there; nothing where it is not known. */
export function describeTails(tails: readonly string[], options: AccessReadOptions): Extras[] {
  const columns = distinctColumns(tails);
  const counts = new Map<string, Extras>();
  for (const tail of tails) {
    const extras = readTail(tail, columns, options);
    if (extras === undefined) continue;
    counts.set(extras.format, { ...extras, votes: (counts.get(extras.format)?.votes ?? 0) + 1 });
  }
  const order = [...counts.values()].sort((a, b) => b.votes - a.votes || (a.format < b.format ? -1 : 1));
  return order.slice(0, MAX_EXTRAS);
}

type Ending = Omit<Extras, 'votes'>;

function readTail(tail: string, columns: ReadonlySet<number>, { idField }: AccessReadOptions): Ending | undefined {
  if (tail === '') return { format: '', shown: '', isLate: false };
  const pairs = [...tail.matchAll(PAIR)];
  if (pairs[0]?.index !== 0) return readWords(tokensOf(tail), columns);
  const formats = pairs.map(([, name = '', quoted]) => {
    const known = PAIR_VARIABLES.find(([names]) => names.test(name))?.[1];
    const variable = idField === undefined ? known : idField === name ? '%ID' : known === '%ID' ? undefined : known;
    return quoted === undefined ? ` ${name}=${variable ?? '%[var(x)]'}` : ` ${name}="${variable ?? '%[var(x)]'}"`;
  });
  return { format: formats.join(''), shown: pairs.map(([, name = '']) => `${name}=`).join(' '), isLate: false };
}

/** ` id 12 more words`: up to the id, and the stream's number behind it; the rest is read over. */
function readWords(tokens: readonly string[], columns: ReadonlySet<number>): Ending | undefined {
  const at = tokens.findIndex((_, index) => isId(tokens, index, columns));
  const id = tokens[at];
  if (id === undefined) return undefined;
  const quote = id.startsWith('"') ? '"' : '';
  const isTrace = TRACEPARENT.test(bare(id));
  const before = tokens.slice(0, at).map((token) => (token.startsWith('"') ? ' "%[var(x)]"' : ' %[var(x)]'));
  const rt = /^\d+$/.test(tokens[at + 1] ?? '') ? ' %rt' : '';
  const known = ` ${quote}${isTrace ? '%[var(txn.traceparent)]' : '%ID'}${quote}${rt}`;
  const shown = `${at > 0 ? `${NOT_READ} +` : ''}${known.replace('%[var(txn.traceparent)]', 'traceparent')}`.trim();
  const hasRest = tokens.length > at + (rt === '' ? 1 : 2);
  return {
    format: `${before.join('')}${known}${hasRest ? ' %[var(rest)]' : ''}`,
    shown: hasRest ? `${shown} + ${NOT_READ}` : shown,
    isLate: at > 0,
  };
}

function isId(tokens: readonly string[], index: number, columns: ReadonlySet<number>): boolean {
  const text = bare(tokens[index] as string);
  if (text === '-') return tokens.length === 1;
  if (!ID.test(text) || text.endsWith(':')) return false;
  // `%ID %rt` and nothing else.
  if (index === 0 && tokens.length === 2 && /^\d+$/.test(tokens[1] as string)) return true;
  if (NO_ID.test(text)) return false;
  return (text.length >= 16 && /\d/.test(text)) || columns.has(index);
}

function bare(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1) : token;
}

/** The tokens of a tail; empty when it is not made of words with one space before each. */
function tokensOf(tail: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(tail); match !== null; match = TOKEN.exec(tail)) {
    tokens.push(match[1] as string);
    if (tokens.length > MAX_TOKENS) return [];
    if (TOKEN.lastIndex === tail.length) return tokens;
  }
  return [];
}

/** Words that are different on each line. */
function distinctColumns(tails: readonly string[]): ReadonlySet<number> {
  const lines = tails.map(tokensOf).filter((tokens) => tokens.length > 0);
  const columns = new Set<number>();
  if (lines.length < MIN_LINES) return columns;
  const width = Math.min(...lines.map((tokens) => tokens.length));
  for (let index = 0; index < width; index += 1) {
    const values = lines.map((tokens) => bare(tokens[index] as string));
    if (values.every((value) => /\d/.test(value) || value.length >= 8) && new Set(values).size === values.length)
      columns.add(index);
  }
  return columns;
}
