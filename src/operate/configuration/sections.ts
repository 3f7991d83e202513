/** Statements of haproxy.cfg → its sections, and the proxies with what they inherit. */
import { SECTIONS } from './grammar.ts';
import { Settings } from './settings.ts';
import { beginsWith, knownWord, type Statement } from './statements.ts';

interface Section {
  readonly kind: string;
  readonly header: Statement;
  readonly statements: Statement[];
}

export type ProxyKind = 'frontend' | 'backend' | 'listen';

/** `frontend`, `backend` or `listen`. */
export class ProxySection {
  readonly kind: ProxyKind;
  /** Undefined where it is not known. */
  readonly name: string | undefined;
  readonly header: Statement;
  readonly own: readonly Statement[];
  /** Lines of `defaults`. */
  readonly inherited: readonly Statement[];
  readonly #isComplete: boolean;
  #settings: Settings | undefined;

  constructor(kind: ProxyKind, header: Statement, own: readonly Statement[], inherited: Inherited) {
    this.kind = kind;
    this.name = knownWord(header, 1);
    this.header = header;
    this.own = own;
    this.inherited = inherited.statements;
    this.#isComplete = inherited.isComplete;
  }

  /** Its own lines behind those of `defaults`. Made when asked for: most proxies have nothing to do with mirroring. */
  get settings(): Settings {
    this.#settings ??= new Settings([...this.inherited, ...this.own], this.#isComplete);
    return this.#settings;
  }
}

export interface Sections {
  readonly global: Settings;
  /** Whether there is a section `global` at all: a part of a configuration need not have one. */
  readonly hasGlobal: boolean;
  readonly proxies: readonly ProxySection[];
  /** Sections "from" a name that no defaults above them have. */
  readonly withoutDefaults: readonly { readonly header: Statement; readonly name: string }[];
  /** `backend` and `listen` sections by name; undefined for those whose name is not known. */
  readonly backends: ReadonlyMap<string | undefined, readonly ProxySection[]>;
}

/** Keywords of one or two words that begin no section, however they are indented. */
const NO_SECTIONS =
  /^(balance|bind|cookie|daemon|default_backend|description|disabled|enabled|fullconn|group|hash-type|id|log|maxconn|mode|no|option|retries|stats|timeout|user)$/;

/**
 * A section that no list knows: its first line is not indented where the lines of the sections are, and the next one is. Without
 * this its lines would be taken for those of the section above.
 */
function isUnknownSection(statement: Statement, section: Section | undefined, next: Statement | undefined): boolean {
  const { words, isIndented } = statement;
  if (section === undefined || isIndented || words.length > 2 || next?.isIndented !== true) return false;
  const isIndenting = !section.header.isIndented && section.statements.some((line) => line.isIndented);
  return isIndenting && /^[a-z][a-z0-9_-]*$/.test(words[0] as string) && !NO_SECTIONS.test(words[0] as string);
}

function splitSections(statements: readonly Statement[]): Section[] {
  const sections: Section[] = [];
  for (const [i, statement] of statements.entries()) {
    const kind = knownWord(statement, 0) ?? '';
    const section = sections.at(-1);
    if (SECTIONS.has(kind)) sections.push({ kind, header: statement, statements: [] });
    else if (isUnknownSection(statement, section, statements[i + 1]))
      sections.push({ kind: 'unknown', header: statement, statements: [] });
    else section?.statements.push(statement);
  }
  return sections;
}

/** Lines that a proxy gets from `defaults`, the oldest first. */
interface Inherited {
  readonly statements: readonly Statement[];
  readonly isComplete: boolean;
}

const NOTHING: Inherited = { statements: [], isComplete: true };
/** A `defaults` section is not known, or may not be read. */
const UNSURE: Inherited = { statements: [], isComplete: false };

/** More lines than that are inherited by nobody who writes them by hand, and a chain may double. */
const MOST_INHERITED = 20_000;

export function readSections(files: readonly (readonly Statement[])[]): Sections {
  const sections = files.flatMap(splitSections);
  const named = new Map<string, Inherited>();
  let latest = NOTHING;
  const proxies: ProxySection[] = [];
  const withoutDefaults: { header: Statement; name: string }[] = [];
  for (const { kind, header, statements } of sections) {
    const { name, from } = readHeader(header);
    if (from?.name !== undefined && !named.has(from.name)) withoutDefaults.push({ header, name: from.name });
    if (kind === 'defaults') {
      const base = from === undefined ? NOTHING : (from.name !== undefined && named.get(from.name)) || UNSURE;
      const own = header.isCertain ? { statements, isComplete: base.isComplete } : UNSURE;
      const all = [...base.statements, ...own.statements];
      latest = { statements: all.slice(0, MOST_INHERITED), isComplete: own.isComplete && all.length <= MOST_INHERITED };
      if (name !== undefined) named.set(name, latest);
    } else if (kind === 'frontend' || kind === 'backend' || kind === 'listen') {
      const base = from === undefined ? latest : (from.name !== undefined && named.get(from.name)) || UNSURE;
      const own = header.isCertain ? statements : statements.map((line) => ({ ...line, isCertain: false }));
      proxies.push(new ProxySection(kind, header, own, base));
    }
  }
  const backends = new Map<string | undefined, ProxySection[]>();
  for (const proxy of proxies.filter(({ kind }) => kind !== 'frontend')) {
    const others = backends.get(proxy.name);
    if (others === undefined) backends.set(proxy.name, [proxy]);
    else others.push(proxy);
  }
  const globals = sections.filter(({ kind }) => kind === 'global');
  return {
    global: new Settings(globals.flatMap(({ statements }) => statements)),
    hasGlobal: globals.length > 0,
    proxies,
    withoutDefaults,
    backends,
  };
}

/** `KIND [NAME] [from NAME]` */
function readHeader(header: Statement): { name: string | undefined; from?: { name: string | undefined } } {
  const at = header.words.indexOf('from', 1);
  const name = at === 1 ? undefined : knownWord(header, 1);
  return at < 0 ? { name } : { name, from: { name: knownWord(header, at + 1) } };
}

/** Undefined where it is not known. */
export function modeOf({ settings }: ProxySection): string | undefined {
  const { statement, values, isKnown } = settings.last('mode');
  if (!isKnown) return undefined;
  return statement === undefined ? 'tcp' : values[0];
}

/** Whether any proxy says so: which of them a request comes through is not known. */
export function isSaidSomewhere(sections: Sections, ...words: readonly string[]): boolean {
  const answers = said.get(sections) ?? new Map<string, boolean>();
  said.set(sections, answers);
  const key = words.join(' ');
  const known = answers.get(key);
  if (known !== undefined) return known;
  const blocks = new Set(sections.proxies.flatMap(({ own, inherited }) => [own, inherited]));
  const is = [...blocks].some((lines) => lines.some((line) => beginsWith(line, words)));
  answers.set(key, is);
  return is;
}

/** Every engine asks, and every proxy has to be looked at. */
const said = new WeakMap<Sections, Map<string, boolean>>();
