/** A table of options as yargs takes it, and what yargs has read as the table means it. */
import type { Argv, Options } from 'yargs';
import { OptionError } from './errors.ts';
import { FLAG } from './kinds.ts';
import {
  camelCase,
  type Given,
  isFlag,
  type Option,
  type OptionTable,
  optionTable,
  readValues,
  writeDefault,
} from './option.ts';

/** What yargs adds by itself. */
export const OWN_OF_YARGS = optionTable({
  version: { short: 'V', kind: FLAG, help: 'Show version number' },
  help: { short: 'h', kind: FLAG, help: 'Show help' },
});

/** Kinds that the help calls a number. */
const NUMBERS: ReadonlySet<string> = new Set(['count', 'integer']);

/** @param forHelp whether only the help is wanted: yargs is told the choices then alone, for it would validate them, too */
export function addOptions(yargs: Argv, table: OptionTable, forHelp = false): Argv {
  const options = Object.entries(table).map(([name, option]) => [name, yargsOption(option, forHelp)]);
  return yargs.options(Object.fromEntries(options));
}

export function addPositionals(yargs: Argv, table: OptionTable): Argv {
  for (const [name, { help, required }] of Object.entries(table))
    yargs.positional(name, {
      type: 'string',
      array: true,
      describe: help,
      ...(required && { demandOption: true }),
    });
  return yargs;
}

function yargsOption(option: Option, forHelp: boolean): Options {
  const { short, group, hidden, repeatable } = option;
  return {
    describe: describe(option),
    ...(short !== undefined && { alias: short }),
    ...(group !== undefined && { group }),
    ...(hidden && { hidden }),
    ...(isFlag(option) ? { type: 'boolean', default: false } : valueOptions(option, forHelp)),
    ...(repeatable && { array: true }),
  };
}

function describe({ help, otherwise }: Option): string {
  return otherwise === undefined ? help : `${help} (default: ${otherwise})`;
}

function valueOptions({ kind, repeatable, greedy, default: value }: Option, forHelp: boolean): Options {
  const isArray = repeatable === true && kind.isList !== true && Array.isArray(value);
  return {
    // One that is called a number in the help stays a text all the same: what is wrong with it is said in its own words.
    ...(forHelp && kind.name === 'choice' ? { choices: kind.words ?? [] } : { string: true }),
    ...(NUMBERS.has(kind.name) && { number: true }),
    ...(!greedy && { nargs: 1 }),
    ...(value !== undefined && {
      default: isArray ? value.map((each) => writeDefault(kind, each)) : shownDefault(kind, value),
    }),
  };
}

/** A number, so that the help has it without quotes. */
function shownDefault(kind: Option['kind'], value: unknown): unknown {
  return typeof value === 'number' && NUMBERS.has(kind.name) ? value : writeDefault(kind, value);
}

/** What yargs has read, and `refuseRepeated` has let through. @throws OptionError that names its option */
export function readGiven<Table extends OptionTable>(table: Table, args: { readonly [name: string]: unknown }) {
  const given = Object.entries(table).map(([name, option]) => [camelCase(name), readOne(name, option, args[name])]);
  // The kinds of the table have read it: the one place where it gets its type.
  return Object.fromEntries(given) as Given<Table>;
}

function readOne(name: string, option: Option, value: unknown): unknown {
  if (value === undefined || isFlag(option)) return value;
  const texts = [value].flat().map(String);
  try {
    return readValues(option, name, texts);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const {
      code = option.kind.name === 'choice' ? 'usage' : `bad-${name}`,
      hint,
      part = texts.find((text) => isRefused(option, name, text)),
    } = error;
    throw new OptionError(`cannot read --${name} ${JSON.stringify(part)}`, { code, ...(hint && { hint }) });
  }
}

function isRefused({ kind }: Option, name: string, text: string): boolean {
  try {
    kind.parse(text, name);
    return false;
  } catch {
    return true;
  }
}

/** yargs makes an array of what is given twice, whatever the type. @throws OptionError */
export function refuseRepeated(table: OptionTable, args: { readonly [name: string]: unknown }): void {
  for (const [name, { repeatable }] of Object.entries(table))
    if (repeatable !== true && Array.isArray(args[name]))
      throw new OptionError(`--${name} is given more than once`, { code: 'usage', hint: 'give it once' });
}
