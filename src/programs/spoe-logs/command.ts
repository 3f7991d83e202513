/** A command of the program: its table of options makes the parser, the help, the defaults and the type. */
import type { Argv } from 'yargs';
import { readGiven } from '../../options/given.ts';
import type { Given, OptionTable } from '../../options/option.ts';
import { readPlain } from '../../options/plain.ts';
import { addOptions, addPositionals } from '../../options/yargs.ts';

/** A command as the program sees it. */
export interface Command {
  readonly options: OptionTable;
  readonly positionals: OptionTable;
  readonly examples: readonly Example[];
  /** @param forHelp whether only the help is wanted */
  addTo(yargs: Argv, forHelp?: boolean): Argv;
  /** @param given what yargs has read, and `refuseRepeated` has let through. @throws OptionError */
  run(given: { readonly [name: string]: unknown }): void | Promise<void>;
  /** @param args behind the command. @returns undefined where yargs has to read them. @throws OptionError */
  readPlain(args: readonly string[]): (() => void | Promise<void>) | undefined;
}

type Example = readonly [line: string, describe: string];

interface Definition<Options extends OptionTable, Positionals extends OptionTable> {
  readonly options: Options;
  readonly positionals: Positionals;
  readonly examples: readonly Example[];
  readonly run: (given: Given<Options & Positionals>) => void | Promise<void>;
}

export function defineCommand<const Options extends OptionTable, const Positionals extends OptionTable>({
  options,
  positionals,
  examples,
  run,
}: Definition<Options, Positionals>): Command {
  return {
    options,
    positionals,
    examples,
    addTo(yargs, forHelp) {
      addPositionals(addOptions(yargs, options, forHelp), positionals);
      for (const [line, describe] of examples) yargs.example(line, describe);
      return yargs;
    },
    run: (given) => run(readGiven({ ...options, ...positionals }, given)),
    readPlain(args) {
      const given = readPlain(options, positionals, args);
      return given && (() => run(given));
    },
  };
}
