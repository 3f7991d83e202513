/** What a command takes, told once: its table of options makes the parser, the help, the defaults and the type. */
import type { Argv, Options, PositionalOptions } from 'yargs';
import { CliError } from './errors.ts';

/** An option as yargs knows it. Only one with `array` may be given several times. */
export interface OptionEntry extends Omit<Options, 'type'> {
  readonly type?: 'string' | 'number' | 'boolean';
  /** Its value is a file, for who left it out. */
  readonly isFile?: true;
}

export type OptionTable = { readonly [name: string]: OptionEntry };

interface PositionalEntry extends PositionalOptions {
  readonly type: 'string';
  readonly array: true;
}

type PositionalTable = { readonly [name: string]: PositionalEntry };

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

type One<Entry> = Entry extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Entry extends { readonly type: 'boolean' }
    ? boolean
    : Entry extends { readonly type: 'number' }
      ? number
      : string;

type Value<Entry> = Entry extends { readonly array: true } ? readonly One<Entry>[] : One<Entry>;

type IsPresent = { readonly default: unknown } | { readonly demandOption: true };

/** What the options of a table say, under their names in camel case. */
export type Given<Table> = {
  readonly [Name in keyof Table as Table[Name] extends IsPresent ? CamelCase<Name> : never]: Value<Table[Name]>;
} & {
  readonly [Name in keyof Table as Table[Name] extends IsPresent ? never : CamelCase<Name>]?:
    | Value<Table[Name]>
    | undefined;
};

/** A command as the program sees it. */
export interface Command {
  readonly options: OptionTable;
  addTo(yargs: Argv): Argv;
  /** @param given what yargs has read, and `refuseMistyped` has let through */
  run(given: object): void | Promise<void>;
}

interface Definition<Options extends OptionTable, Positionals extends PositionalTable> {
  readonly options: Options;
  readonly positionals: Positionals;
  readonly examples: readonly (readonly [line: string, describe: string])[];
  readonly run: (given: Given<Options & Positionals>) => void | Promise<void>;
}

export function defineCommand<const Options extends OptionTable, const Positionals extends PositionalTable>({
  options,
  positionals,
  examples,
  run,
}: Definition<Options, Positionals>): Command {
  return {
    options,
    addTo(yargs) {
      yargs.options(options);
      for (const [name, entry] of Object.entries<PositionalEntry>(positionals)) yargs.positional(name, entry);
      for (const [line, describe] of examples) yargs.example(line, describe);
      return yargs;
    },
    // The one place where what yargs read gets its type: the table that made the parser made the type, too.
    run: (given) => run(given as Given<Options & Positionals>),
  };
}

/** yargs makes an array of what is given twice, and `false` of `--no-name`, whatever the type. @throws CliError */
export function refuseMistyped(options: OptionTable, given: { readonly [name: string]: unknown }): void {
  for (const [name, { array, type = 'string' }] of Object.entries(options)) {
    const value = given[name];
    if (array !== true && Array.isArray(value))
      throw new CliError('usage', `--${name} is given more than once`, 'give it once');
    if (type !== 'boolean' && typeof value === 'boolean')
      throw new CliError('usage', `unknown option --no-${name}`, 'see spoe-logs --help');
  }
}
