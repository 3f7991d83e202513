/**
 * Writes parts one after another: first a row of spoe_loads says that it is begun, then come its rows, then another one says that it is
 * loaded. So what one part leaves out is in one that was begun before.
 */
import type { LoadCounts, LoaderOptions } from './loader.ts';
import type { LineCounts, PartRows, PartTask } from './part.ts';
import { RowWriter } from './row-writer.ts';
import { TABLES, type TableName } from './schema.ts';

/** A part while its lines are read. */
export interface OpenPart {
  readonly rows: PartRows;
  readonly task: PartTask;
  readonly firstLine: number;
  readonly counts: LineCounts;
  readonly openedMs: number;
  /** Number of the range in which it began. */
  readonly range: number;
}

/** All its lines were read. */
export interface ClosedPart extends OpenPart {
  readonly path: string;
  readonly loadId: string;
  readonly endLine: number;
}

class Stopped extends Error {}

export class PartWriter {
  readonly #options: LoaderOptions;
  readonly #counts: LoadCounts;
  #writing: Promise<void> = Promise.resolve();
  #pendingBytes = 0;
  #isStopped = false;
  #loadedAt = 0;

  /** @param counts where it says what became of rows */
  constructor(options: LoaderOptions, counts: LoadCounts) {
    this.#options = options;
    this.#counts = counts;
  }

  /** Waits while too much is on its way. */
  async room(): Promise<void> {
    const { target, limits } = this.#options;
    const most = target.isElsewhere ? limits.bytes : 0;
    while (this.#pendingBytes > most && !this.#isStopped) await this.#writing;
  }

  /** Waits until all is written that can be. */
  async finish(): Promise<void> {
    await this.#writing;
  }

  /** Writes it behind those that were delivered before. */
  deliver(part: ClosedPart): void {
    const { bytes } = part.rows;
    this.#pendingBytes += bytes;
    this.#writing = this.#writing.then(async () => {
      try {
        if (this.#isStopped) throw new Stopped();
        await this.#write(part);
        this.#counts.loaded += part.rows.rows;
        this.#counts.parts++;
      } catch (error) {
        this.#counts.failed += part.rows.rows;
        if (!(error instanceof Stopped)) {
          this.#isStopped = true;
          this.#options.onFault(error);
        }
      } finally {
        this.#pendingBytes -= bytes;
      }
    });
  }

  async #write(part: ClosedPart): Promise<void> {
    const { task, rows, loadId, firstLine, endLine } = part;
    const { reader, target } = this.#options;
    const tables = task.task === 'finish' ? unite(task.before.tables, reader.tables) : reader.tables.join(',');
    const version = task.task === 'finish' ? task.before.version : 1;
    if (task.task === 'load') await this.#writeLoad(part, 'begun', tables, version);
    for (const each of rows.parts(`${loadId}.${firstLine}-${endLine}`)) {
      const { retries } = await target.write(each);
      this.#counts.retried += retries;
    }
    await this.#writeLoad(part, 'loaded', tables, version + 1);
  }

  async #writeLoad(part: ClosedPart, state: string, tables: string, version: number): Promise<void> {
    const { rows, counts, loadId, firstLine, endLine, path } = part;
    const { target, run, role, host, now } = this.#options;
    // Files are in the order in which they were loaded, also where that took no time.
    const loadedAt = Math.max(now(), this.#loadedAt + 1);
    this.#loadedAt = loadedAt;
    const writer = new RowWriter();
    writer.record(TABLES.spoe_loads.columns, {
      ...{ load_id: loadId, first_line: firstLine, end_line: endLine, version, state, tables },
      ...{ left_out: rows.leftOut, digest: rows.digest, run, role, host, path },
      ...counts,
      ...{ rows: rows.rows, duplicates: rows.duplicates, untimed: rows.untimed },
      ...{ time_from: momentOf(rows.timeFrom), time_to: momentOf(rows.timeTo) },
      ...{ details: rows.details, loaded_at: loadedAt },
    });
    const { retries } = await target.write({
      table: 'spoe_loads',
      token: `${loadId}.${firstLine}.${version}`,
      partition: { dt: '', host: '' },
      body: writer.toBatch(),
    });
    this.#counts.retried += retries;
  }
}

function unite(tables: string, wanted: readonly TableName[]): string {
  return [...new Set([...tables.split(','), ...wanted])].join(',');
}

function momentOf(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}
