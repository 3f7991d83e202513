/**
 * Command lines in which nothing is to be interpreted: long options of the tables, each with its value, and operands. All
 * others, and whatever is wrong, are left to yargs, which takes as long as a small log to read. What both read, both read alike.
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
    if (!arg.startsWith('--')) {
      if (!PLAIN.test(arg)) return undefined;
      operands.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = arg.slice(2, equals < 0 ? undefined : equals);
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    const before = texts.get(name);
    if (option === undefined || option.greedy || (before !== undefined && !option.repeatable)) return undefined;
    if (isFlag(option)) {
      if (equals >= 0) return undefined;
      texts.set(name, []);
    } else {
      const text = equals < 0 ? args[++i] : arg.slice(equals + 1);
      if (text === undefined || !isPlain(option, text)) return undefined;
      if (before === undefined) texts.set(name, [text]);
      else before.push(text);
    }
  }
  const [positional] = Object.entries(positionals);
  if (positional === undefined) return operands.length === 0 ? texts : undefined;
  const [called, { required }] = positional;
  return required && operands.length === 0 ? undefined : texts.set(called, operands);
}

function isPlain({ kind }: Option, text: string): boolean {
  return kind.name === 'count' || kind.name === 'integer' ? PLAIN_NUMBER.test(text) : PLAIN.test(text);
}

function otherwise(option: Option): unknown {
  return isFlag(option) ? false : option.default;
}
