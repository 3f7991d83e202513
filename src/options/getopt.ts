/**
 * Command lines as getopt_long of the GNU C library reads them: `-r0`, `-r 0`, `-Dr0`, `--runtime=0`, `--runtime 0`,
 * unique beginnings of long names, `--`. Arguments that are no options are skipped, wherever they stand.
 */

import { nearest } from '../text/nearest.ts';
import { OptionError } from './errors.ts';
import { camelCase, type Given, isFlag, isMany, type Option, type OptionTable, readValues } from './option.ts';

/** An option by its name. */
export interface NamedOption extends Option {
  readonly long: string;
  /** Not of the original agent: a beginning that fits only one of the original's means that one. */
  readonly own?: boolean;
}

interface FoundOption {
  readonly option: NamedOption;
  /** As it was typed, without a value: `-r`, `--run`. */
  readonly typed: string;
  /** Empty for a flag. */
  readonly value: string;
  /** Which of the arguments ends with the value. */
  readonly at: number;
}

interface FoundOptions {
  readonly found: readonly FoundOption[];
  /** Options that stand last, where their value should be. */
  readonly withoutValue: readonly NamedOption[];
  readonly errors: readonly string[];
  /** Arguments that are no options, `-` and all behind `--` among them. */
  readonly skipped: readonly SkippedArgument[];
}

export interface SkippedArgument {
  readonly at: number;
  /** What stands before it: an option, `--`, or nothing. */
  readonly after: NamedOption | '--' | undefined;
}

interface Reading {
  readonly add: (option: NamedOption, typed: string, value: string) => void;
  readonly withoutValue: NamedOption[];
  readonly errors: string[];
}

/** Which of a table the original agent does not have. */
type IsOwn = (long: string) => boolean;

/** The options of a table in its order. */
export function namedOptions(table: OptionTable, isOwn: IsOwn): NamedOption[] {
  return Object.entries(table).map(([long, option]) => ({ ...option, long, own: isOwn(long) }));
}

interface ArgumentError {
  /** A sentence, with the option as it was typed. */
  readonly message: string;
  /** Of the OptionError; undefined where there is none. */
  readonly code: string | undefined;
}

interface ReadArguments<Table> {
  readonly given: Given<Table>;
  /** In the order in which they were found, those about names before those about values. */
  readonly errors: readonly ArgumentError[];
  readonly skipped: readonly SkippedArgument[];
  /** Whether it is there, with a value that can be read or not. */
  has(name: keyof Table): boolean;
  /** An option as it was typed the last time, its long name where it was not. */
  typed(name: keyof Table & string): string;
}

/** Everything that the arguments say, and everything that is wrong with them. */
export function readArguments<Table extends OptionTable>(
  args: readonly string[],
  table: Table,
  isOwn: IsOwn,
): ReadArguments<Table> {
  const options = namedOptions(table, isOwn);
  const { found, withoutValue, errors: unread, skipped } = readOptions(args, options);
  const values = new Map<string, unknown>();
  const errors: ArgumentError[] = unread.map((message) => ({ message, code: undefined }));
  for (const { option, typed, value } of found) {
    try {
      const read = readValues(option, option.long, [value]);
      const before = values.get(option.long) as readonly unknown[] | undefined;
      values.set(option.long, isMany(option) ? [...(before ?? []), ...(read as readonly unknown[])] : read);
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      errors.push({ message: `${error.message} (${typed})`, code: error.code });
    }
  }
  const given = Object.fromEntries(
    options.map((option) => [
      camelCase(option.long),
      values.get(option.long) ?? (isFlag(option) ? false : option.default),
    ]),
  );
  return {
    // What the table's kinds have read: the one place where it gets its type.
    given: given as Given<Table>,
    errors,
    skipped,
    has: (name) => found.some(({ option }) => option.long === name) || withoutValue.some(({ long }) => long === name),
    typed: (name) => found.findLast(({ option }) => option.long === name)?.typed ?? `--${name}`,
  };
}

/** What was given for each option, as it was written and by its long name; empty for a flag, and where the value is missing. */
export function readTexts(
  args: readonly string[],
  options: readonly NamedOption[],
): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>();
  const add = (long: string, value: string) => texts.set(long, [...(texts.get(long) ?? []), value]);
  const { found, withoutValue } = readOptions(args, options);
  for (const { option, value } of found) add(option.long, value);
  for (const { long } of withoutValue) add(long, '');
  return texts;
}

/** The arguments as others may read them, as in ps. One that is no option may be a piece of a secret without its quotes. */
export function hideSecrets(args: readonly string[], options: readonly NamedOption[]): string[] {
  const shown = [...args];
  const { found, skipped } = readOptions(args, options);
  for (const { at } of skipped) shown[at] = '***';
  for (const { option, value, at } of found) {
    if (option.shown === undefined || value === '') continue;
    shown[at] = (args[at] as string).slice(0, -value.length) + option.shown(value);
  }
  return shown;
}

function readOptions(args: readonly string[], options: readonly NamedOption[]): FoundOptions {
  const found: FoundOption[] = [];
  const errors: string[] = [];
  const withoutValue: NamedOption[] = [];
  const skipped: SkippedArgument[] = [];
  const rest = [...args];
  const add = (option: NamedOption, typed: string, value: string) =>
    found.push({ option, typed, value, at: args.length - rest.length - 1 });
  let isOver = false;
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const at = args.length - rest.length - 1;
    if (isOver) skipped.push({ at, after: '--' });
    else if (arg === '--') isOver = true;
    else if (arg.startsWith('--')) readLong(arg, rest, options, { add, withoutValue, errors });
    else if (arg.startsWith('-') && arg !== '-') readShort(arg, rest, options, { add, withoutValue, errors });
    else skipped.push({ at, after: found.at(-1)?.option });
  }
  return { found, withoutValue, errors, skipped };
}

function readLong(
  arg: string,
  rest: string[],
  options: readonly NamedOption[],
  { add, withoutValue, errors }: Reading,
): void {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const matches = findLong(name, options);
  const [option] = matches;
  if (option === undefined) {
    const known = nearest(
      name,
      options.flatMap(({ long, also }) => (also === undefined ? [long] : [long, also])),
    );
    errors.push(`unrecognized option '--${name}'${known === undefined ? '' : `; did you mean --${known}?`}`);
  } else if (matches.length > 1) {
    errors.push(`option '--${name}' is ambiguous: ${matches.map(({ long }) => `--${long}`).join(', ')}`);
  } else if (isFlag(option)) {
    if (equals >= 0) errors.push(`option '--${option.long}' doesn't allow an argument`);
    else add(option, arg, '');
  } else {
    const value = equals < 0 ? rest.shift() : arg.slice(equals + 1);
    if (value === undefined) {
      errors.push(`option '--${option.long}' requires an argument`);
      withoutValue.push(option);
    } else add(option, `--${name}`, value);
  }
}

function findLong(name: string, options: readonly NamedOption[]): readonly NamedOption[] {
  const exact = options.filter(({ long, also }) => long === name || also === name);
  if (exact.length > 0) return exact;
  const begun = options.filter(({ long, also }) => long.startsWith(name) || also?.startsWith(name) === true);
  const original = begun.filter(({ own }) => own !== true);
  return original.length > 0 ? original : begun;
}

function readShort(
  arg: string,
  rest: string[],
  options: readonly NamedOption[],
  { add, withoutValue, errors }: Reading,
): void {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] as string;
    const option = options.find(({ short }) => short === letter);
    if (option === undefined) {
      errors.push(`invalid option -- '${letter}'`);
    } else if (isFlag(option)) {
      add(option, `-${letter}`, '');
    } else {
      const value = at + 1 < arg.length ? arg.slice(at + 1) : rest.shift();
      if (value === undefined) {
        errors.push(`option requires an argument -- '${letter}'`);
        withoutValue.push(option);
      } else add(option, `-${letter}`, value);
      return;
    }
  }
}
