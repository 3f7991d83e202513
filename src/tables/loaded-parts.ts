/** The rows of a comparison, part by part, into collections: as if the lines of both sides had been read, those of a part alone. */
import type { Collection } from '../diff/collection.ts';
import { addLine } from '../diff/sides.ts';
import type { LoggedAnswer } from '../logs/access-record.ts';
import type { EventType } from '../logs/record.ts';
import { type LoadedRequest, readMirror, readProduction } from './loaded-requests.ts';
import type { LoadedRun, RunFile } from './loaded-run.ts';

type Row = readonly unknown[];

/** Rows by part, in any order within one (run-rows.ts of the engines). */
export interface RunStreams {
  readonly production: AsyncGenerator<Row>;
  readonly mirror: AsyncGenerator<Row>;
  readonly answers: AsyncGenerator<Row>;
  readonly spoe: AsyncGenerator<Row>;
}

export interface PartsOptions {
  readonly parts: number;
  readonly run: LoadedRun;
  readonly create: () => Collection;
  /** The spoe-agent that mirrors. */
  readonly agent: string;
  /** What is read counts for the files of the run: once. */
  readonly counts: boolean;
  readonly signal: AbortSignal;
}

/** One collection a part. The signal's reason is thrown. */
export async function* readParts(streams: RunStreams, options: PartsOptions): AsyncGenerator<Collection> {
  const cursors = Object.fromEntries(
    Object.entries(streams).map(([name, rows]) => [name, new PartCursor(rows, options.signal)]),
  ) as unknown as { readonly [stream in keyof RunStreams]: PartCursor };
  try {
    for (let part = 0; part < options.parts; part++) {
      const collection = options.create();
      const feed = new Feed(collection, options);
      feed.addProduction(await cursors.production.take(part));
      feed.addSpoe(await cursors.spoe.take(part));
      feed.addMirror(await cursors.mirror.take(part), await cursors.answers.take(part));
      yield collection;
    }
  } finally {
    for (const cursor of Object.values(cursors)) await cursor.close();
  }
}

/** Rows that come ordered by part. */
class PartCursor {
  readonly #rows: AsyncGenerator<Row>;
  readonly #signal: AbortSignal;
  #next: Row | undefined;

  constructor(rows: AsyncGenerator<Row>, signal: AbortSignal) {
    this.#rows = rows;
    this.#signal = signal;
  }

  /** Those of a part. Rows of an earlier one are none that come. */
  async take(part: number): Promise<Row[]> {
    const taken: Row[] = [];
    for (;;) {
      if (this.#next === undefined) {
        const { value, done } = await this.#rows.next();
        if (done) break;
        this.#next = value;
      }
      if ((this.#next[0] as number) > part) break;
      taken.push(this.#next);
      this.#next = undefined;
      if (taken.length % SOME === 0) this.#signal.throwIfAborted();
    }
    this.#signal.throwIfAborted();
    return taken;
  }

  async close(): Promise<void> {
    await this.#rows.return(undefined);
  }
}

const SOME = 4096;

/** By file, then by line: as they would have been read. */
function inOrder<T extends { readonly file: number; readonly line: number }>(rows: T[]): T[] {
  return rows.sort((a, b) => a.file - b.file || a.line - b.line);
}

class Feed {
  readonly #collection: Collection;
  readonly #options: PartsOptions;

  constructor(collection: Collection, options: PartsOptions) {
    this.#collection = collection;
    this.#options = options;
  }

  addProduction(rows: readonly Row[]): void {
    const { run } = this.#options;
    const hostOf = (file: number) => run.hostOf(file);
    for (const loaded of inOrder(rows.map((row) => readProduction(row, hostOf)))) {
      this.#add(loaded, ({ record, lineHash, file }) => this.#collection.addProduction(record, lineHash, file));
    }
  }

  addMirror(rows: readonly Row[], answers: readonly Row[]): void {
    const { run } = this.#options;
    const mirror = rows.map((row) => ({ ...readMirror(row), answer: undefined }));
    const production = answers.map((row) => ({
      file: row[1] as number,
      line: row[2] as number,
      answer: { kind: 'answer', timeMs: Number.NaN, uniqueId: row[3] as string, answer: row[4] as string } as const,
    }));
    for (const each of inOrder([...mirror, ...production])) {
      if (each.answer === undefined)
        this.#add(each, ({ record, lineHash, file }) => this.#collection.addMirror(record, lineHash, file));
      else this.#addAnswer(run.files[each.file - 1], each.answer);
    }
  }

  addSpoe(rows: readonly Row[]): void {
    const { run, agent, counts } = this.#options;
    const lines = rows.map((row) => ({ file: row[1] as number, line: row[2] as number, row }));
    for (const { file, row } of inOrder(lines)) {
      const [, , , host, pid, sid, of, type, name, st, lineHash, isFirst] = row;
      const known = run.files[file - 1];
      if (known === undefined) continue;
      const event = {
        agent: of as string,
        type: type as EventType,
        name: name as string,
        sid: sid as number,
        st: st as number,
      };
      const header = { host: (host as string) || run.hostOf(file), pid: pid as number };
      if (isFirst !== 1) {
        this.#collection.addSpoeAgain(event, header);
        continue;
      }
      const added = this.#collection.addSpoe(event, header, lineHash as number);
      if (!counts) continue;
      known.add(added);
      if (event.agent === agent) known.agentLines++;
    }
  }

  #addAnswer(file: RunFile | undefined, answer: LoggedAnswer): void {
    if (file?.role !== 'mirror') return;
    this.#collection.addAnswer('mirror', answer);
    if (this.#options.counts) file.answersRead++;
  }

  #add(loaded: LoadedRequest, add: (loaded: LoadedRequest) => ReturnType<Collection['addProduction']>): void {
    const { run, counts } = this.#options;
    const file: RunFile | undefined = run.files[loaded.file - 1];
    if (file === undefined) return;
    const added = add(loaded);
    if (!counts) return;
    file.add(added);
    addLine(file.content, loaded.lineHash);
  }
}
