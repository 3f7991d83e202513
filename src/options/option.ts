/**
 * An option, told once: from its entry come the parser, the default, the help, the man page, the completions and the type of
 * what was given. Both programs have tables of these, and each its front ends: `plain.ts` and `yargs.ts`, and `getopt.ts` for what the C
 * agent takes.
 */
import type { AnyKind } from './kinds.ts';

export interface Option {
  /** What its value is: how that is read, written and completed. */
  readonly kind: AnyKind;
  /** One letter. */
  readonly short?: string;
  /** Another long name of the same. */
  readonly also?: string;
  /** What a value is called in the help, where the kind has no better word. */
  readonly value?: string;
  /** One phrase. */
  readonly help: string;
  /** A heading in the help. */
  readonly group?: string;
  readonly hidden?: true;
  /** It may be given several times, and means all of its values. */
  readonly repeatable?: true;
  /** One takes all arguments up to the next option. */
  readonly greedy?: true;
  /** What holds without it. */
  readonly default?: unknown;
  /** The same, where not the parser but whoever uses the value fills it in. */
  readonly implied?: unknown;
  /** The same in words, where it is no value of the option. */
  readonly otherwise?: string;
  /** A command does not begin without it. */
  readonly required?: true;
  /** A value without what only this program is to know, for where others can read it. */
  readonly shown?: (value: string) => string;
}

/** By long name. */
export type OptionTable = { readonly [name: string]: Option };

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

type One<Entry> = Entry extends { readonly kind: { readonly parse: (...of: never) => infer Value } } ? Value : never;

type ValueOf<Entry> = Entry extends { readonly kind: { readonly isList: true } }
  ? One<Entry>
  : Entry extends { readonly repeatable: true }
    ? readonly One<Entry>[]
    : One<Entry>;

type IsPresent =
  | { readonly default: unknown }
  | { readonly required: true }
  | { readonly kind: { readonly name: 'flag' } };

/** What the options of a table say, under their names in camel case. */
export type Given<Table> = {
  readonly [Name in keyof Table as Table[Name] extends IsPresent ? CamelCase<Name> : never]: ValueOf<Table[Name]>;
} & {
  readonly [Name in keyof Table as Table[Name] extends IsPresent ? never : CamelCase<Name>]?:
    | ValueOf<Table[Name]>
    | undefined;
};

/** A default is a value of its option. */
type WithDefaults<Table> = {
  readonly [Name in keyof Table]: {
    readonly default?: ValueOf<Table[Name]>;
    readonly implied?: ValueOf<Table[Name]>;
  };
};

/** A table as it stands, with its types looked at. */
export function optionTable<const Table extends OptionTable>(table: Table & WithDefaults<Table>): Table {
  return table;
}

export function isFlag({ kind }: Option): boolean {
  return kind.name === 'flag';
}

/** Values of a list, and of one that may be given again, are one row. */
export function isMany({ kind, repeatable }: Option): boolean {
  return repeatable === true || kind.isList === true;
}

/** What stands for the value in a usage line; nothing for a flag. */
export function placeholderOf({ kind, value }: Option): string {
  return value ?? kind.placeholder;
}

/** What holds without the option, as it would be written, or in words. */
export function defaultText({
  kind,
  implied,
  default: value = implied,
  otherwise,
  repeatable,
}: Option): string | undefined {
  if (value === undefined) return otherwise;
  return repeatable === true && kind.isList !== true
    ? (value as readonly unknown[]).map((each) => writeDefault(kind, each)).join(',')
    : writeDefault(kind, value);
}

/** Writes a default as it would be given. `optionTable` has checked that the value is one of its kind. */
export function writeDefault(kind: AnyKind, value: unknown): string {
  return kind.format(value as never);
}

/** `keep-duplicates` → `keepDuplicates`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What the texts that were given for one option mean. @throws OptionError */
export function readValues(option: Option, name: string, texts: readonly string[]): unknown {
  const values = texts.map((text) => option.kind.parse(text, name));
  if (option.kind.isList === true) return values.flat();
  return option.repeatable === true ? values : values.at(-1);
}

/** A table without some of its options. */
export function optionsWithout<const Table extends OptionTable, const Name extends keyof Table>(
  table: Table,
  names: readonly Name[],
): Omit<Table, Name> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name as Name))) as Omit<
    Table,
    Name
  >;
}
