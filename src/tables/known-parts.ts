/** Finds again what was loaded of a file: by what it begins with, in the rows of spoe_loads. */
import { TablesError } from './errors.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { PartTask } from './part.ts';
import type { TableName } from './schema.ts';
import type { LoadedPart, RowTarget } from './target.ts';

export interface KnownFile {
  readonly loadId: string;
  /** From its first line on, without a gap. */
  readonly parts: readonly LoadedPart[];
}

/** With a new file each hour this is eleven years. */
const MOST_FILES = 100_000;

export class KnownParts {
  readonly #target: RowTarget;
  readonly #mostFiles: number;
  /** load_id and path of files that begin as what was loaded, and go on as another file. */
  readonly #others = new Set<string>();
  /** By load_id, the path of the file that it is of: two files that begin alike are two. */
  readonly #claims = new Map<string, string>();

  constructor(target: RowTarget, mostFiles = MOST_FILES) {
    this.#target = target;
    this.#mostFiles = mostFiles;
  }

  /**
   * The parts of the file at this path, which has its load_id from now on. Throws what the engine throws.
   *
   * @throws TablesError `too-many-files`
   */
  async find(fingerprint: Fingerprint, path: string): Promise<KnownFile> {
    if (this.#claims.size + this.#others.size >= this.#mostFiles)
      throw new TablesError(
        'too-many-files',
        `more than ${this.#mostFiles} files were loaded by this command`,
        'begin it again: it goes on where it was',
      );
    const known = (await this.#target.loaded(fingerprint.prefix)).filter(
      ({ loadId }) => fingerprint.variantOf(loadId) !== undefined,
    );
    for (let variant = 1; ; variant++) {
      const planned = known.filter(({ loadId }) => fingerprint.variantOf(loadId) === variant);
      const loadId = planned[0]?.loadId ?? fingerprint.id(variant);
      const isOther = this.#others.has(`${loadId} ${path}`) || (this.#claims.get(loadId) ?? path) !== path;
      if (isOther) continue;
      this.#claims.set(loadId, path);
      return { loadId, parts: contiguous(planned.filter((part) => part.loadId === loadId)) };
    }
  }

  /** The file at this path is not the one that it began as. */
  isAnother(loadId: string, path: string): void {
    this.#others.add(`${loadId} ${path}`);
    this.#claims.delete(loadId);
  }

  /** Another file may have it. */
  release(loadId: string): void {
    this.#claims.delete(loadId);
  }
}

/** The parts from the first line on, without a gap. */
function contiguous(parts: readonly LoadedPart[]): readonly LoadedPart[] {
  const sorted = [...parts].sort((a, b) => a.firstLine - b.firstLine);
  let line = 0;
  const found: LoadedPart[] = [];
  for (const part of sorted) {
    if (part.firstLine !== line || part.endLine <= line) break;
    found.push(part);
    line = part.endLine;
  }
  return found;
}

/** What is done with the lines of a part that is known. */
export function taskOf(before: LoadedPart, wanted: readonly TableName[], isRemembering: boolean): PartTask {
  const there = before.tables.split(',');
  const missing = wanted.filter((table) => !there.includes(table));
  if (isRemembering || (before.state === 'loaded' && missing.length === 0)) return { task: 'remember', before };
  const tables = before.state === 'loaded' ? missing : [...new Set([...there, ...wanted])];
  return { task: 'finish', before, tables };
}
