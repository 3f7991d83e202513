/**
 * Command lines as getopt_long of the GNU C library reads them: `-r0`, `-r 0`, `-Dr0`, `--runtime=0`, `--runtime 0`,
 * unique beginnings of long names, `--`. Arguments that are no options are skipped, wherever they stand.
 */

import { nearest } from '../../text/nearest.ts';

export interface OptionName {
  /** One character. */
  readonly short?: string;
  readonly long: string;
  /** Another long name of the same. */
  readonly also?: string;
  /** What the value is called in the help; a flag without one. */
  readonly value?: string;
  /** Not of the original agent: a beginning that fits only one of the original's means that one. */
  readonly own?: boolean;
}

export interface FoundOption<Option> {
  readonly option: Option;
  /** Empty for a flag. */
  readonly value: string;
  /** Which of the arguments ends with the value. */
  readonly at: number;
}

export interface FoundOptions<Option> {
  readonly found: readonly FoundOption<Option>[];
  /** Options that stand last, where their value should be. */
  readonly withoutValue: readonly Option[];
  readonly errors: readonly string[];
  /** Arguments that are no options, `-` and all behind `--` among them. */
  readonly skipped: readonly SkippedArgument<Option>[];
}

export interface SkippedArgument<Option> {
  readonly at: number;
  /** What stands before it: an option, `--`, or nothing. */
  readonly after: Option | '--' | undefined;
}

interface Reading<Option> {
  readonly add: (option: Option, value: string) => void;
  readonly withoutValue: Option[];
  readonly errors: string[];
}

export function readOptions<Option extends OptionName>(
  args: readonly string[],
  options: readonly Option[],
): FoundOptions<Option> {
  const found: FoundOption<Option>[] = [];
  const errors: string[] = [];
  const withoutValue: Option[] = [];
  const skipped: SkippedArgument<Option>[] = [];
  const rest = [...args];
  const add = (option: Option, value: string) => found.push({ option, value, at: args.length - rest.length - 1 });
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

function readLong<Option extends OptionName>(
  arg: string,
  rest: string[],
  options: readonly Option[],
  { add, withoutValue, errors }: Reading<Option>,
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
  } else if (option.value === undefined) {
    if (equals >= 0) errors.push(`option '--${option.long}' doesn't allow an argument`);
    else add(option, '');
  } else {
    const value = equals < 0 ? rest.shift() : arg.slice(equals + 1);
    if (value === undefined) {
      errors.push(`option '--${option.long}' requires an argument`);
      withoutValue.push(option);
    } else add(option, value);
  }
}

function findLong<Option extends OptionName>(name: string, options: readonly Option[]): readonly Option[] {
  const exact = options.filter(({ long, also }) => long === name || also === name);
  if (exact.length > 0) return exact;
  const begun = options.filter(({ long, also }) => long.startsWith(name) || also?.startsWith(name) === true);
  const original = begun.filter(({ own }) => own !== true);
  return original.length > 0 ? original : begun;
}

function readShort<Option extends OptionName>(
  arg: string,
  rest: string[],
  options: readonly Option[],
  { add, withoutValue, errors }: Reading<Option>,
): void {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] as string;
    const option = options.find(({ short }) => short === letter);
    if (option === undefined) {
      errors.push(`invalid option -- '${letter}'`);
    } else if (option.value === undefined) {
      add(option, '');
    } else {
      const value = at + 1 < arg.length ? arg.slice(at + 1) : rest.shift();
      if (value === undefined) {
        errors.push(`option requires an argument -- '${letter}'`);
        withoutValue.push(option);
      } else add(option, value);
      return;
    }
  }
}
