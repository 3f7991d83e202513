/** The rows of a comparison, part by part, into collections: as if the lines of both sides had been read, those of a part alone. */
import type { Collection } from '../diff/collection.ts';
import { addLine } from '../diff/sides.ts';
import type { EventType } from '../logs/record.ts';
import { type LoadedRequest, readMirror, readProduction } from './loaded-requests.ts';
import type { LoadedRun } from './loaded-run.ts';

type Row = readonly unknown[];

/** Rows by part, file and line, as they would have been read (run-rows.ts of the engines). */
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
      for await (const row of cursors.production.take(part)) feed.addProduction(row);
      for await (const row of cursors.spoe.take(part)) feed.addSpoe(row);
      await merge(
        { rows: cursors.mirror.take(part), add: (row) => feed.addMirror(row) },
        { rows: cursors.answers.take(part), add: (row) => feed.addAnswer(row) },
      );
      yield collection;
    }
  } finally {
    await Promise.allSettled(Object.values(cursors).map((cursor) => cursor.close()));
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
  async *take(part: number): AsyncGenerator<Row> {
    for (let taken = 0; ; taken++) {
      if (taken % SOME === 0) this.#signal.throwIfAborted();
      if (this.#next === undefined) {
        const { value, done } = await this.#rows.next();
        if (done) return;
        this.#next = value as Row;
      }
      if ((this.#next[0] as number) > part) return;
      const row = this.#next;
      this.#next = undefined;
      yield row;
    }
  }

  async close(): Promise<void> {
    await this.#rows.return(undefined);
  }
}

const SOME = 4096;

interface Merged {
  readonly rows: AsyncGenerator<Row>;
  readonly add: (row: Row) => void;
}

/** Adds the rows of two streams in one order: by file and line. */
async function merge(one: Merged, other: Merged): Promise<void> {
  let [a, b] = [await one.rows.next(), await other.rows.next()];
  while (!a.done || !b.done) {
    if (b.done || (!a.done && isBefore(a.value, b.value))) {
      one.add(a.value);
      a = await one.rows.next();
    } else {
      other.add(b.value);
      b = await other.rows.next();
    }
  }
}

function isBefore(a: Row, b: Row): boolean {
  return (a[1] as number) - (b[1] as number) < 0 || (a[1] === b[1] && (a[2] as number) <= (b[2] as number));
}

class Feed {
  readonly #collection: Collection;
  readonly #options: PartsOptions;

  constructor(collection: Collection, options: PartsOptions) {
    this.#collection = collection;
    this.#options = options;
  }

  addProduction(row: Row): void {
    const loaded = readProduction(row, (file) => this.#options.run.hostOf(file));
    this.#add(loaded, ({ record, lineHash, file }) => this.#collection.addProduction(record, lineHash, file));
  }

  addMirror(row: Row): void {
    this.#add(readMirror(row), ({ record, lineHash, file }) => this.#collection.addMirror(record, lineHash, file));
  }

  addAnswer(row: Row): void {
    const [, fileNumber, , uniqueId, answer] = row as [number, number, number, string, string];
    const file = this.#options.run.files[fileNumber - 1];
    if (file?.role !== 'mirror') return;
    this.#collection.addAnswer('mirror', { kind: 'answer', timeMs: Number.NaN, uniqueId, answer });
    if (this.#options.counts) file.answersRead++;
  }

  addSpoe(row: Row): void {
    const { run, agent, counts } = this.#options;
    const [, file, , host, pid, sid, of, type, name, st, lineHash, isFirst] = row;
    const known = run.files[(file as number) - 1];
    if (known === undefined) return;
    const event = {
      agent: of as string,
      type: type as EventType,
      name: name as string,
      sid: sid as number,
      st: st as number,
    };
    const header = { host: (host as string) || run.hostOf(file as number), pid: pid as number };
    if (isFirst !== 1) {
      this.#collection.addSpoeAgain(event, header);
      return;
    }
    const added = this.#collection.addSpoe(event, header, lineHash as number);
    if (!counts) return;
    known.add(added);
    if (event.agent === agent) known.agentLines++;
  }

  #add(loaded: LoadedRequest, add: (loaded: LoadedRequest) => ReturnType<Collection['addProduction']>): void {
    const { run, counts } = this.#options;
    const file = run.files[loaded.file - 1];
    if (file === undefined) return;
    const added = add(loaded);
    if (!counts) return;
    file.add(added);
    addLine(file.content, loaded.lineHash);
  }
}
