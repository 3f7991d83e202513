/** What a section says, where a later line goes before an earlier one. */
import type { Truth } from './condition.ts';
import { beginsWith, knownWord, type Statement } from './statements.ts';

/** What a keyword is set to. */
export interface Setting {
  /** The line that decides; undefined where none does. */
  readonly statement: Statement | undefined;
  /** The words behind the keyword; undefined where one is not known. */
  readonly values: readonly (string | undefined)[];
  /** False where a line may or may not be read, or a section that is inherited from cannot be told. */
  readonly isKnown: boolean;
}

export class Settings {
  /** In the order in which they count: what is inherited first. */
  readonly statements: readonly Statement[];
  readonly #isComplete: boolean;
  /** By first word: a proxy may have as many lines as a file can hold. */
  #index: Map<string, Statement[]> | undefined;

  /** @param isComplete false where more may be inherited */
  constructor(statements: readonly Statement[], isComplete = true) {
    this.statements = statements;
    this.#isComplete = isComplete;
  }

  /** Statements that begin with these words, certain or not. */
  all(...words: readonly string[]): Statement[] {
    this.#index ??= indexed(this.statements);
    return (this.#index.get(words[0] as string) ?? []).filter((statement) => beginsWith(statement, words));
  }

  last(...words: readonly string[]): Setting {
    const all = this.all(...words);
    const decides = all.findLast(({ isCertain }) => isCertain);
    const isKnown = all.at(-1) === decides && (decides !== undefined || this.#isComplete);
    const values = decides?.words.slice(words.length).map((_, i) => knownWord(decides, i + words.length)) ?? [];
    return { statement: decides, values, isKnown };
  }

  /** Undefined where it cannot be told. */
  option(name: string): { readonly isSet: Truth; readonly statement: Statement | undefined } {
    const yes = this.all('option', name).at(-1);
    const no = this.all('no', 'option', name).at(-1);
    const last = no === undefined || (yes !== undefined && this.#isBehind(yes, no)) ? yes : no;
    if (last === undefined) return { isSet: this.#isComplete ? false : undefined, statement: undefined };
    return { isSet: last.isCertain ? last.words[0] === 'option' : undefined, statement: last };
  }

  #isBehind(a: Statement, b: Statement): boolean {
    return this.statements.lastIndexOf(a) > this.statements.lastIndexOf(b);
  }

  /** `log` lines that count: those behind the last `no log`. */
  get logs(): { readonly lines: readonly Statement[]; readonly isKnown: boolean } {
    const flushes = this.all('no', 'log');
    const last = flushes.findLast(({ isCertain }) => isCertain);
    const flush = last === undefined ? -1 : this.statements.lastIndexOf(last);
    const behind = flush < 0 ? this.all('log') : this.statements.slice(flush + 1);
    const lines = behind.filter((line) => beginsWith(line, ['log']));
    const mayFlush = flushes.some(({ isCertain }) => !isCertain);
    const isKnown =
      !mayFlush && (this.#isComplete || flush >= 0) && lines.every((line) => line.isCertain && line.unknown.size === 0);
    return { lines, isKnown };
  }
}

function indexed(statements: readonly Statement[]): Map<string, Statement[]> {
  const index = new Map<string, Statement[]>();
  for (const statement of statements) {
    const word = statement.words[0] as string;
    const lines = index.get(word);
    if (lines === undefined) index.set(word, [statement]);
    else lines.push(statement);
  }
  return index;
}
