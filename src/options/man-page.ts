/** A manual page in roff, by the macros of man(7), from tables of options and what a program says of itself. */
import { defaultText, isFlag, type Option, type OptionTable, placeholderOf } from './option.ts';

export interface ManPage {
  readonly name: string;
  readonly section: 1 | 8;
  /** What it is of, and its version: `spoe-logs 0.1.0`. */
  readonly source: string;
  /** One phrase. */
  readonly summary: string;
  /** Lines as they are typed; what is in capitals stands for something. */
  readonly synopsis: readonly string[];
  readonly description: readonly string[];
  /** Before the options. */
  readonly commands?: ManSection['entries'];
  /** With a heading where there are several. */
  readonly options: readonly OptionGroup[];
  /** Further sections, in their order, behind the options. */
  readonly sections: readonly ManSection[];
  readonly examples: readonly (readonly [line: string, describe: string])[];
  readonly seeAlso: readonly (readonly [name: string, section: number])[];
}

export interface OptionGroup {
  readonly heading?: string;
  readonly options: OptionTable;
}

export interface ManSection {
  readonly heading: string;
  readonly entries: readonly (readonly [term: string, text: string])[];
}

export function renderManPage(page: ManPage): string {
  const {
    name,
    section,
    source,
    summary,
    synopsis,
    description,
    commands = [],
    options,
    sections,
    examples,
    seeAlso,
  } = page;
  const lines = [
    `.TH ${quoted(name.toUpperCase())} ${section} "" ${quoted(source)} "Traffic mirroring with HAProxy"`,
    // Names of options are not to be broken, nor blanks put between words.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escapeRoff(name)} \\- ${escapeRoff(summary)}`,
    '.SH SYNOPSIS',
    '.nf',
    ...synopsis.map((line) => synopsisLine(line)),
    '.fi',
    '.SH DESCRIPTION',
    ...description.flatMap((text, i) => [...(i === 0 ? [] : ['.PP']), inline(text)]),
    ...(commands.length === 0 ? [] : ['.SH COMMANDS', ...renderEntries(commands)]),
    '.SH OPTIONS',
    ...options.flatMap(renderGroup),
    ...renderValues(options),
    ...sections.flatMap(({ heading, entries }) => [`.SH ${escapeRoff(heading)}`, ...renderEntries(entries)]),
    '.SH EXAMPLES',
    ...examples.flatMap(([line, describe], i) => [
      ...(i === 0 ? [] : ['.PP']),
      inline(describe.endsWith('?') ? capital(describe) : `${capital(describe)}:`),
      '.PP',
      '.RS 4',
      '.EX',
      guarded(escapeRoff(line)),
      '.EE',
      '.RE',
    ]),
    '.SH SEE ALSO',
    seeAlso.map(([other, number]) => `${bold(other)}(${number})`).join(',\n'),
  ];
  return `.\\" Made from the tables of options. Do not edit.\n${lines.join('\n')}\n`;
}

function renderGroup({ heading, options }: OptionGroup): string[] {
  const shown = Object.entries(options).filter(([, { hidden }]) => hidden !== true);
  return [
    ...(heading === undefined ? [] : [`.SS ${quoted(heading.replace(/:$/, ''))}`]),
    ...shown.flatMap(([name, option]) => ['.TP', names(name, option), inline(describe(option))]),
  ];
}

function names(name: string, option: Option): string {
  const { short, also, greedy } = option;
  const value = isFlag(option) ? '' : italic(placeholderOf(option));
  const long = [name, ...(also === undefined ? [] : [also])].map((each) => {
    if (value === '') return bold(`--${each}`);
    return greedy ? `${bold(`--${each}`)} ${value}...` : `${bold(`--${each}`)}=${value}`;
  });
  const letter = short === undefined ? [] : [bold(`-${short}`) + (value && ` ${value}`)];
  return [...letter, ...long].join(', ');
}

function describe(option: Option): string {
  const { kind, help, repeatable } = option;
  const words = (kind.words ?? []).filter((word) => !help.includes(word));
  const otherwise = defaultText(option);
  return [
    sentence(help, kind.words),
    ...(words.length === 0 ? [] : [`${WORDS[kind.name] ?? 'Such as'} ${(kind.words ?? []).join(', ')}.`]),
    ...(kind.isList && !help.includes(',') ? ['Several with commas between.'] : []),
    ...(repeatable && !/repeat/.test(help) ? ['May be repeated.'] : []),
    ...(otherwise === undefined ? [] : [`Default: ${otherwise.replaceAll('"', '')}.`]),
  ].join(' ');
}

const WORDS: { readonly [kind: string]: string } = {
  choice: 'One of',
  special: 'One of',
  list: 'Any of',
  threshold: 'About',
};

/** A phrase of the help as a sentence; a first word that is a value, or no word, stays as it is. */
function sentence(help: string, words: readonly string[] = []): string {
  const first = /^[a-z]+(?=[ ,'])/.exec(help)?.[0];
  const begin = first !== undefined && !words.includes(first) ? capital(help) : help;
  return /[.?!]$/.test(begin) ? begin : `${begin}.`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** How values are written, for kinds of them that need words. */
function renderValues(groups: readonly OptionGroup[]): string[] {
  const options = groups.flatMap((group) => Object.values(group.options)).filter(({ hidden }) => hidden !== true);
  const found = new Map<string, string[]>();
  for (const { kind } of options) {
    if (kind.grammar === undefined) continue;
    const placeholders = found.get(kind.grammar) ?? [];
    found.set(kind.grammar, [...new Set([...placeholders, kind.placeholder])]);
  }
  if (found.size === 0) return [];
  const entries = [...found].flatMap(([grammar, placeholders]) => [
    '.TP',
    placeholders.map(italic).join(', '),
    inline(sentence(grammar)),
  ]);
  return ['.SH VALUES', ...entries];
}

function renderEntries(entries: ManSection['entries']): string[] {
  return entries.flatMap(([term, text]) => ['.TP', bold(term), inline(text)]);
}

/** Words in capitals, and what is between them and a bracket, stand for something; all else is typed so. */
function synopsisLine(line: string): string {
  const parts = line.split(/([A-Z][A-Z:]*(?:\.\.\.)?|[[\]{}|]|\.\.\.)/);
  return guarded(
    parts
      .map((part, i) => {
        if (i % 2 === 0) return part.trim() === '' ? part : part.replace(/\S+/g, (word) => bold(word));
        return /^[A-Z]/.test(part) ? italic(part.replace('...', '')) + (part.endsWith('...') ? '...' : '') : part;
      })
      .join(''),
  );
}

function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${escapeRoff(text)}\\fR`;
}

const OPTION = /(?<![\w-])(--[a-z][a-z0-9-]*|-[A-Za-z])(?![\w-])/;

/** A text whose options are bold. */
function inline(text: string): string {
  const parts = text.split(OPTION).map((part, i) => (i % 2 === 1 ? bold(part) : escapeRoff(part)));
  return guarded(parts.join(''));
}

const ESCAPES: { readonly [character: string]: string } = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

/** A text in which nothing is roff's. What is not ASCII is named by its number; newlines are blanks. */
function escapeRoff(text: string): string {
  return [...text.replace(/\s+/g, ' ')]
    .map((character) => {
      const code = character.codePointAt(0) as number;
      if (code > 0x7e) return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
      return code < 0x20 || code === 0x7f ? '' : (ESCAPES[character] ?? character);
    })
    .join('');
}

/** A dot at the beginning of a line is a request; of an escaped text no quote is. */
function guarded(line: string): string {
  return line.startsWith('.') ? `\\&${line}` : line;
}

/** An argument of a macro. */
function quoted(text: string): string {
  return `"${escapeRoff(text)}"`;
}
