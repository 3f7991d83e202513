/**
 * Command lines in which nothing is to be interpreted: long options of the tables, each with its value, letters of flags, and
 * operands. All others, and whatever is wrong, are left to yargs, which takes as long as a small log to read. What both read,
 * both read alike.
 */
import { readOne } from './given.ts';
import { camelCase, type Given, isFlag, type Option, type OptionTable } from './option.ts';

/** A text that yargs would not take for anything else: no dash, no quotes, none of the words that it knows. */
const PLAIN = /^(?!(?:true|false|help|version)$)[^-'"`\s][^'"`]*$/;
/** A number as it writes it itself. */
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/**
 * @param positionals one entry at most, which takes all operands
 * @returns undefined where the command line is not plain
 * @throws OptionError that names its option
 */
export function readPlain<Options extends OptionTable, Positionals extends OptionTable>(
  options: Options,
  positionals: Positionals,
  args: readonly string[],
): Given<Options & Positionals> | undefined {
  const texts = findTexts(options, positionals, args);
  if (texts === undefined) return undefined;
  const given = Object.entries({ ...options, ...positionals }).map(([name, option]) => {
    const value = texts.get(name);
    return [camelCase(name), value === undefined ? otherwise(option) : readOne(name, option, isFlag(option) || value)];
  });
  // The kinds of the tables have read it, as in `readGiven`.
  return Object.fromEntries(given) as Given<Options & Positionals>;
}

/** By the names of the tables. */
function findTexts(
  options: OptionTable,
  positionals: OptionTable,
  args: readonly string[],
): ReadonlyMap<string, readonly string[]> | undefined {
  const texts = new Map<string, string[]>();
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-')) {
      if (!PLAIN.test(arg)) return undefined;
      operands.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = arg.startsWith('--') ? arg.slice(2, equals < 0 ? undefined : equals) : nameOfFlag(options, arg);
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    const before = texts.get(name);
    if (option === undefined || (before !== undefined && !option.repeatable)) return undefined;
    const given: (string | undefined)[] = [];
    if (equals >= 0) given.push(arg.slice(equals + 1));
    else if (!isFlag(option)) given.push(args[++i]);
    while (option.greedy && args[i + 1]?.startsWith('-') === false) given.push(args[++i]);
    if (!given.every((text): text is string => text !== undefined && isPlain(option, text))) return undefined;
    texts.set(name, before === undefined ? given : [...before, ...given]);
  }
  const [positional] = Object.entries(positionals);
  if (positional === undefined) return operands.length === 0 ? texts : undefined;
  const [called, { required }] = positional;
  return required && operands.length === 0 ? undefined : texts.set(called, operands);
}

/** The long name of a flag that is given as its letter alone; empty for anything else. */
function nameOfFlag(options: OptionTable, arg: string): string {
  const [name = ''] =
    Object.entries(options).find(
      ([, option]) => isFlag(option) && option.short !== undefined && arg === `-${option.short}`,
    ) ?? [];
  return name;
}

function isPlain(option: Option, text: string): boolean {
  const { kind } = option;
  if (isFlag(option)) return false;
  return kind.name === 'count' || kind.name === 'integer' ? PLAIN_NUMBER.test(text) : PLAIN.test(text);
}

function otherwise(option: Option): unknown {
  return isFlag(option) ? false : option.default;
}
