/** A file of a configuration → its statements: words, conditional blocks decided, variables replaced. */
import { type Circumstances, evaluate, not, type Truth } from './condition.ts';
import { splitWords } from './words.ts';

/** Where something stands. */
export interface Place {
  /** As it was named. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface Statement extends Place {
  /** At least one. `no option x` has its `no`. */
  readonly words: readonly string[];
  /** Which of the words are not known: a variable that is not set here. */
  readonly unknown: ReadonlySet<number>;
  /** False within an `.if` that only HAProxy can decide. */
  readonly isCertain: boolean;
  readonly isIndented: boolean;
  /** Of an SPOE file: the name in the `[brackets]` above it; undefined before the first. */
  readonly scope: string | undefined;
}

/** A line that HAProxy refuses. */
export interface Refusal extends Place {
  readonly why: string;
}

/** An `.if` or `.elif` whose condition is not known here. */
export interface Undecided extends Place {
  readonly condition: string;
}

export interface Statements {
  readonly statements: readonly Statement[];
  /** Scopes with the line that begins each. */
  readonly scopes: ReadonlyMap<string, Place>;
  readonly refusals: readonly Refusal[];
  readonly undecided: readonly Undecided[];
}

/** The word at `index`; undefined where there is none, or it is not known. */
export function knownWord({ words, unknown }: Statement, index: number): string | undefined {
  return unknown.has(index) ? undefined : words[index];
}

/** Whether it begins with these words, all of them known. */
export function beginsWith(statement: Statement, words: readonly string[]): boolean {
  return words.every((word, i) => knownWord(statement, i) === word);
}

/** One level of `.if`. */
interface Block {
  /** Of the branch that is read. */
  branch: Truth;
  /** Whether one of the branches so far was taken. */
  taken: Truth;
  /** Of its `.if`. */
  readonly line: number;
  hasElse: boolean;
}

const SCOPE = /^[ \t]*\[([^\]]*)\][ \t]*(?:#.*)?$/;

export function readStatements(file: string, text: string, circumstances: Circumstances): Statements {
  const reader = new StatementReader(file, circumstances);
  const lines = text.split('\n');
  // HAProxy takes the CR of a line for white space.
  for (const [i, line] of lines.entries()) reader.read(line.replace(/\r$/, ''), i + 1);
  return reader.end(lines.length, lines.at(-1) !== '');
}

class StatementReader {
  readonly #file: string;
  readonly #circumstances: Circumstances;
  readonly #statements: Statement[] = [];
  readonly #scopes = new Map<string, Place>();
  readonly #refusals: Refusal[] = [];
  readonly #undecided: Undecided[] = [];
  readonly #blocks: Block[] = [];
  #scope: string | undefined;
  #section = '';

  constructor(file: string, circumstances: Circumstances) {
    this.#file = file;
    this.#circumstances = circumstances;
  }

  /** @param isCut whether the last line has no line feed */
  end(line: number, isCut: boolean): Statements {
    if (isCut) this.#refuse(line, 'the last line has no line feed: the file may have been cut');
    for (const block of this.#blocks) this.#refuse(block.line, '.if without .endif');
    return {
      statements: this.#statements,
      scopes: this.#scopes,
      refusals: this.#refusals,
      undecided: this.#undecided,
    };
  }

  read(text: string, line: number): void {
    const scope = SCOPE.exec(text)?.[1];
    if (scope !== undefined) {
      this.#scope = scope;
      if (!this.#scopes.has(scope)) this.#scopes.set(scope, { file: this.#file, line });
      return;
    }
    const { environment } = this.#circumstances;
    environment.setPlace(this.#file, line, this.#section);
    const { words, unknown, refusal } = splitWords(text, environment);
    // HAProxy refuses it in a block that is skipped, too.
    if (refusal !== undefined) this.#refuse(line, refusal);
    const [first] = words;
    if (first === undefined || this.#readDirective(first, words, unknown, line)) return;
    const isRead = this.#isRead();
    if (isRead === false) return;
    const isCertain = isRead === true;
    if (/env$/.test(first) && unknown.size === 0) environment.apply(words, isCertain);
    const isIndented = /^[ \t]/.test(text);
    if (!isIndented) this.#section = words[1] ?? first;
    this.#statements.push({ file: this.#file, line, words, unknown, isCertain, isIndented, scope: this.#scope });
  }

  #refuse(line: number, why: string): void {
    this.#refusals.push({ file: this.#file, line, why });
  }

  #isRead(): Truth {
    const branches = this.#blocks.map(({ branch }) => branch);
    return branches.includes(false) ? false : branches.includes(undefined) ? undefined : true;
  }

  /** Whether it is one of those that begin with a dot. */
  #readDirective(first: string, words: readonly string[], unknown: ReadonlySet<number>, line: number): boolean {
    if (first === '.if') {
      const branch = this.#decide(words, unknown, line);
      this.#blocks.push({ branch, taken: branch, line, hasElse: false });
      return true;
    }
    const block = this.#blocks.at(-1);
    if (first === '.endif') {
      if (this.#blocks.pop() === undefined) this.#refuse(line, '.endif without .if');
    } else if (first === '.elif' || first === '.else') {
      if (block === undefined || block.hasElse) {
        this.#refuse(line, block === undefined ? `${first} without .if` : `${first} behind .else`);
        return true;
      }
      block.hasElse = first === '.else';
      const own = first === '.else' ? true : block.taken === true ? false : this.#decide(words, unknown, line);
      const isFree = not(block.taken);
      block.branch = own === false || isFree === false ? false : own === true && isFree === true ? true : undefined;
      block.taken = block.taken === true || own === true ? true : block.taken === false ? own : undefined;
    } else return /^\.(diag|notice|warning|alert)$/.test(first);
    return true;
  }

  #decide(words: readonly string[], unknown: ReadonlySet<number>, line: number): Truth {
    const condition = words.slice(1).join(' ');
    const truth = unknown.size > 0 ? undefined : evaluate(condition, this.#circumstances);
    // What stands in a block that is skipped is not asked for.
    if (truth === undefined && this.#isRead() !== false) this.#undecided.push({ file: this.#file, line, condition });
    return truth;
  }
}
