/** What a value can be. Each kind reads a text, writes its value as an option takes it, and says what a shell may offer for it. */
import { nearest } from '../text/nearest.ts';
import { durationHint, durationText, LONGEST_MS, parseDuration } from './duration.ts';
import { OptionError } from './errors.ts';

export type KindName =
  | 'flag'
  | 'text'
  | 'file'
  | 'choice'
  | 'list'
  | 'count'
  | 'integer'
  | 'duration'
  | 'size'
  | 'ratio'
  | 'mode'
  | 'threshold'
  | 'special';

export interface Kind<Value> {
  readonly name: KindName;
  /** What stands for a value in help and man page. */
  readonly placeholder: string;
  /** @param option its long name, for what is said of a wrong value. @throws OptionError */
  readonly parse: (text: string, option: string) => Value;
  /** As the option takes it. */
  readonly format: (value: Value) => string;
  /** All values, or of a text those that are usual. */
  readonly words?: readonly string[];
  /** How a value is written, for a manual. */
  readonly grammar?: string;
  /** Values of several are one list. */
  readonly isList?: true;
}

/** A kind of values of an unknown type: it can read one, but nothing is known that it could write. */
export interface AnyKind extends Omit<Kind<unknown>, 'format'> {
  readonly format: (value: never) => string;
}

interface ListKind<Item> extends Kind<readonly Item[]> {
  readonly name: 'list';
  readonly isList: true;
}

interface FlagKind extends Kind<boolean> {
  readonly name: 'flag';
}

export const FLAG: FlagKind = { name: 'flag', placeholder: '', parse: () => true, format: String };

/** Any text. @param words that are usual */
export function text(placeholder: string, words?: readonly string[]): Kind<string> {
  return { name: 'text', placeholder, parse: String, format: String, ...(words && { words }) };
}

/** A condition, which is read where all of them are. @param names what it can be about */
export function threshold(placeholder: string, names: readonly string[]): Kind<string> {
  return { name: 'threshold', placeholder, parse: String, format: String, words: names };
}

export const FILE: Kind<string> = { name: 'file', placeholder: 'FILE', parse: String, format: String };

/** A file without which the option says nothing. @param called in what is said of an empty one */
export function namedFile(called: string): Kind<string> {
  return { ...FILE, parse: (given) => notEmpty(given, called) };
}

export function namedText(placeholder: string, called: string): Kind<string> {
  return { ...text(placeholder), parse: (given) => notEmpty(given, called) };
}

function notEmpty(given: string, called: string): string {
  if (given === '') throw new OptionError(`${called} not defined`);
  return given;
}

/** @param refusal what the C agent says of another word, in place of what there is to choose from */
export function choice<const Choice extends string>(
  placeholder: string,
  choices: readonly Choice[],
  refusal?: string,
): Kind<Choice> {
  return {
    name: 'choice',
    placeholder,
    words: choices,
    format: String,
    parse: (given, option) => {
      const found = choices.find((each) => each.toLowerCase() === given.toLowerCase());
      if (found !== undefined) return found;
      throw new OptionError(`${refusal ?? `invalid ${option}, one of ${choices.join(', ')}:`} '${given}'`, {
        hint: choiceHint(given, choices),
      });
    },
  };
}

function choiceHint(given: string, choices: readonly string[]): string {
  const known = nearest(given, choices);
  return `${known === undefined ? '' : `did you mean ${known}? `}choose from ${choices.join(', ')}`;
}

const ITEM: Kind<string> = text('ITEM');

/** `a,b`: blanks around an item and empty ones do not count. */
export function list<Item>(placeholder: string, item: Kind<Item>): ListKind<Item> {
  return {
    name: 'list',
    isList: true,
    placeholder,
    parse: (given, option) => splitList(given).map((each) => parseItem(item, each, option)),
    format: (items) => items.map((each) => item.format(each)).join(','),
    ...(item.words && { words: item.words }),
  };
}

function parseItem<Item>(item: Kind<Item>, given: string, option: string): Item {
  try {
    return item.parse(given, option);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { message, code, hint } = error;
    throw new OptionError(message, { part: given, ...(code && { code }), ...(hint && { hint }) });
  }
}

export function texts(placeholder: string): ListKind<string> {
  return list(placeholder, ITEM);
}

/** Makes a list refuse a blank item, which a shell variable that is not set leaves: a filter of it would leave nothing. */
export function withoutBlanks<Item>(kind: ListKind<Item>): ListKind<Item> {
  return {
    ...kind,
    parse: (given, option) => {
      if (given.split(',').every((item) => item.trim() !== '')) return kind.parse(given, option);
      throw new OptionError(`invalid ${option}: '${given}'`, { hint: 'an item is blank: is a variable not set?' });
    },
  };
}

/** Some of these, in the order in which they are listed here. At least one. */
export function someOf<const Choice extends string>(placeholder: string, choices: readonly Choice[]): ListKind<Choice> {
  const kind = list(placeholder, choice(placeholder, choices));
  return {
    ...kind,
    parse: (given, option) => {
      const wanted = kind.parse(given, option);
      if (wanted.length === 0) throw new OptionError(`${option} not defined`, { hint: choiceHint('', choices) });
      return choices.filter((each) => wanted.includes(each));
    },
  };
}

function splitList(given: string): string[] {
  return given
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

interface Bounds {
  readonly least?: number;
  readonly most?: number;
  readonly hint?: string;
}

/** A whole number, also as `1e6`. More than fifteen digits are none that anybody means. */
export function count(placeholder: string, { least = 0, most = 1e15, hint }: Bounds = {}): Kind<number> {
  return {
    name: 'count',
    placeholder,
    format: String,
    parse: (given, option) => {
      const number = /^\d{1,15}(?:\.\d+)?(?:e\+?\d{1,2})?$/i.test(given) ? Number(given) : Number.NaN;
      if (Number.isInteger(number) && number >= least && number <= most) return number;
      throw new OptionError(`invalid ${option}, at least ${least}: '${given}'`, {
        hint: hint ?? (least === 0 ? 'write a whole number' : `write a whole number, at least ${least}`),
      });
    },
  };
}

/**
 * A number as C reads one, with blanks and a sign. C takes the digits a text begins with, and calls 80x 80: whoever wrote
 * that meant something else. @param called in what is said of a wrong one
 */
export function integer(placeholder: string, called: string, unit = ''): Kind<number> {
  return {
    name: 'integer',
    placeholder,
    format: (value) => `${value}${unit}`,
    parse: (given) => {
      if (/^\s*[+-]?\d+$/.test(given)) return Number(given);
      throw new OptionError(`invalid ${called}: '${given}'`);
    },
  };
}

interface DurationBounds {
  /** In milliseconds, as the value is. */
  readonly least?: number;
  readonly most?: number;
  /** What to write, for whoever wrote something else. */
  readonly examples?: string;
}

/** `250us`, `10ms`, `1.5s`, `1m`, `1h`, `7d` and `0` → milliseconds. */
export function duration({ least = 0, most = LONGEST_MS, examples = '30s or 2m' }: DurationBounds = {}): Kind<number> {
  return {
    name: 'duration',
    placeholder: 'TIME',
    grammar: 'a number and its unit, us, ms, s, m, h or d: 250us, 1.5s, 2h',
    format: durationText,
    parse: (given) => {
      const ms = given.trim() === '0' ? 0 : parseDuration(given);
      if (ms !== undefined && ms >= least && ms <= most) return ms;
      throw new OptionError(`invalid time: '${given}'`, {
        code: 'bad-duration',
        hint: ms === undefined ? durationHint(given, examples) : `write ${examples}`,
      });
    },
  };
}

/** The same as the C agent reads it: a number alone is milliseconds, and blanks and a + may stand before. */
export function agentTime(least: number, most: number): Kind<number> {
  return {
    name: 'duration',
    placeholder: 'TIME',
    grammar: 'milliseconds, or a number and its unit, us, ms, s, m, h or d: 250us, 1.5s, 2h',
    format: (ms) => (ms === 0 ? '0' : durationText(ms)),
    parse: (given) => {
      if (given === '') throw new OptionError('time not defined');
      const ms = /\s$/.test(given) ? undefined : parseDuration(given.replace(/^[ \t]*\+?(?=\d)/, ''), 'ms');
      if (ms === undefined) throw new OptionError(`invalid time format: '${given}'`);
      if (ms >= least && ms <= most) return ms;
      const range = `${agentTimeText(least)}, ${agentTimeText(most)}`;
      throw new OptionError(`wrong amount of time (allowed range [${range}]): '${given}'`);
    },
  };
}

/** As the C agent prints times. */
function agentTimeText(ms: number): string {
  if (ms > 1000) return `${(ms / 1000).toFixed(2)}s`;
  if (ms > 1) return `${ms.toFixed(2)}ms`;
  return ms > 0 ? `${Math.round(ms * 1000)}us` : '0';
}

const SIZES: { readonly [unit: string]: number } = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `65536`, `64k`, `64m`, `1g` → bytes, at least one. */
export const SIZE: Kind<number> = {
  name: 'size',
  placeholder: 'SIZE',
  grammar: 'bytes, or a number and its unit, k, m or g, of 1024 each: 64k, 64m, 1g',
  parse: (given, option) => {
    const match = /^(\d{1,12})([kmg]?)b?$/i.exec(given);
    const bytes = match === null ? 0 : Number(match[1]) * (SIZES[(match[2] as string).toLowerCase()] as number);
    if (bytes > 0) return bytes;
    throw new OptionError(`invalid ${option}: '${given}'`, { hint: 'write 64k, 64m or 1g' });
  },
  format: (bytes) => {
    const unit = ['g', 'm', 'k'].find((each) => bytes % (SIZES[each] as number) === 0) ?? '';
    return `${bytes / (SIZES[unit] as number)}${unit}`;
  },
};

/** `10%`, `0.5 %` or `0.1` → 0.1. */
export const RATIO: Kind<number> = {
  name: 'ratio',
  placeholder: 'RATIO',
  grammar: 'a share, in percent or from 0 to 1: 10%, 0.1',
  parse: (given, option) => {
    const match = /^(\d{1,3}(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(given.trim());
    const ratio = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
    if (ratio >= 0 && ratio <= 1) return ratio;
    throw new OptionError(`invalid ${option}, 0% to 100%: '${given}'`, { hint: 'write 1%, or 0.01' });
  },
  format: (ratio) => `${Number((ratio * 100).toPrecision(12))}%`,
};

/** `0640` → its bits. */
export const MODE: Kind<number> = {
  name: 'mode',
  placeholder: 'MODE',
  grammar: 'rights as three octal digits: 0640',
  parse: (given, option) => {
    if (/^0?[0-7]{3}$/.test(given)) return Number.parseInt(given, 8);
    throw new OptionError(`invalid ${option}, not three octal digits as 0640: '${given}'`, { hint: 'write 0640' });
  },
  format: (mode) => mode.toString(8).padStart(4, '0'),
};

/** What one option alone takes. @param format needed where it has a default */
export function special<Value>(
  placeholder: string,
  parse: (text: string, option: string) => Value,
  { words, format = String }: { readonly words?: readonly string[]; readonly format?: (value: Value) => string } = {},
): Kind<Value> {
  return { name: 'special', placeholder, parse, format, ...(words && { words }) };
}
