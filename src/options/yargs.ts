/** A table of options as yargs takes it. */
import type { Argv, Options } from 'yargs';
import { OptionError } from './errors.ts';
import { FLAG } from './kinds.ts';
import { isFlag, type Option, type OptionTable, optionTable, writeDefault } from './option.ts';

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

/** yargs makes an array of what is given twice, whatever the type. @throws OptionError */
export function refuseRepeated(table: OptionTable, args: { readonly [name: string]: unknown }): void {
  for (const [name, { repeatable }] of Object.entries(table))
    if (repeatable !== true && Array.isArray(args[name]))
      throw new OptionError(`--${name} is given more than once`, { code: 'usage', hint: 'give it once' });
}
