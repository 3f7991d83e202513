/** What was given, as the table of options means it. */
import { OptionError } from './errors.ts';
import { camelCase, type Given, isFlag, type Option, type OptionTable, readValues } from './option.ts';

/** @param args what yargs has read, and `refuseRepeated` has let through. @throws OptionError that names its option */
export function readGiven<Table extends OptionTable>(table: Table, args: { readonly [name: string]: unknown }) {
  const given = Object.entries(table).map(([name, option]) => [camelCase(name), readOne(name, option, args[name])]);
  // The kinds of the table have read it: the one place where it gets its type.
  return Object.fromEntries(given) as Given<Table>;
}

/** @throws OptionError that names its option */
export function readOne(name: string, option: Option, value: unknown): unknown {
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
