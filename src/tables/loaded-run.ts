/** A comparison that was loaded: its files as spoe_loads has them, and what a report says of them. */
import type { Added } from '../diff/collection.ts';
import type { InputReport } from '../diff/model.ts';
import { describeInput, type InputContent, newContent, type SideFacts } from '../diff/sides.ts';
import type { AccessCounts } from '../logs/access-scanner.ts';
import type { UnreadId } from '../logs/unread-ids.ts';
import { TablesError } from './errors.ts';
import type { RequestRole } from './request-part.ts';
import type { RequestDetails } from './request-reader.ts';

/** A row of spoe_loads. */
export interface LoadRow {
  readonly load_id: string;
  readonly first_line: number;
  readonly state: string;
  readonly role: string;
  readonly host: string;
  readonly path: string;
  readonly rows: number;
  readonly details: string;
  /** Epoch ms. */
  readonly loaded_at: number;
}

/** In the order in which a report has them. */
const ROLES: readonly RequestRole[] = ['production', 'spoe', 'mirror'];

/** A file of a run, with all of its parts. */
export class RunFile {
  readonly loadId: string;
  readonly role: RequestRole;
  readonly host: string;
  /** Rows of requests and SPOE lines that were loaded, and those that were read. */
  readonly rows: number;
  read = 0;
  /** Answers of production in the record of a mirror, likewise. */
  readonly answers: number;
  answersRead = 0;
  duplicates = 0;
  agentLines = 0;
  readonly content: InputContent = newContent();
  readonly path: string;
  readonly #details: readonly RequestDetails[];
  readonly loadedAt: number;

  /** @param parts of one file, at least one. @throws TablesError */
  constructor(parts: readonly LoadRow[]) {
    const ordered = [...parts].sort((a, b) => a.first_line - b.first_line);
    const [first, last] = [ordered[0], ordered.at(-1)] as [LoadRow, LoadRow];
    const begun = ordered.find(({ state }) => state !== 'loaded');
    if (begun !== undefined)
      throw new TablesError(
        'run-incomplete',
        `${begun.path} is loaded in part: lines from ${begun.first_line} on were begun and not finished`,
        'load it again with the same command: it goes on there',
      );
    this.loadId = first.load_id;
    this.role = first.role as RequestRole;
    this.host = first.host;
    this.path = last.path;
    this.rows = ordered.reduce((sum, { rows }) => sum + rows, 0);
    this.loadedAt = Math.min(...ordered.map(({ loaded_at }) => loaded_at));
    this.#details = ordered.map(({ details, path }) => readDetails(details, path));
    const answers = this.#details.reduce((sum, { counts }) => sum + counts.answers, 0);
    // Where production's own log has some nobody asks for them.
    this.answers = this.role === 'mirror' ? answers : 0;
  }

  get order(): number {
    return this.#details[0]?.order ?? 0;
  }

  /** Counts a row that was read. */
  add(added: Added): void {
    this.read++;
    if (added === 'duplicate') this.duplicates++;
  }

  get input(): InputReport {
    const { role, path: name, duplicates } = this;
    const counts = addCounts(this.#details.map((each) => each.counts));
    const found = this.#details.find(({ format }) => format !== undefined);
    const format = found && { name: found.format as InputReport['format'], description: found.description ?? '' };
    return describeInput(role, { name, format, counts }, duplicates);
  }

  get unread() {
    const ids: readonly UnreadId[] = this.#details.flatMap(({ unreadIds = [] }) => unreadIds);
    const time = this.#details.find(({ unknownTime }) => unknownTime !== undefined)?.unknownTime;
    return { role: this.role, path: this.path, ids, time };
  }
}

/** @throws TablesError */
function readDetails(details: string, path: string): RequestDetails {
  try {
    const read = JSON.parse(details) as RequestDetails;
    if (typeof read.counts.lines === 'number') return read;
  } catch {
    // Said below.
  }
  throw new TablesError(
    'bad-run',
    `what spoe_loads has of ${path} is not to be read`,
    'load the run again, under another name',
  );
}

function addCounts(parts: readonly AccessCounts[]): AccessCounts {
  const sum: Record<string, number> = {};
  for (const part of parts) for (const [kind, count] of Object.entries(part)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum as unknown as AccessCounts;
}

export class LoadedRun {
  /** In the order of a report; their numbers in rows begin with 1. */
  readonly files: readonly RunFile[];
  readonly name: string;
  readonly #hosts: readonly string[];

  /** @param rows those of the run. @throws TablesError */
  constructor(name: string, rows: readonly LoadRow[]) {
    this.name = name;
    const parts = new Map<string, LoadRow[]>();
    for (const row of rows) {
      const known = parts.get(row.load_id);
      if (known === undefined) parts.set(row.load_id, [row]);
      else known.push(row);
    }
    this.files = [...parts.values()]
      .map((own) => new RunFile(own))
      .sort(
        (a, b) =>
          ROLES.indexOf(a.role) - ROLES.indexOf(b.role) ||
          a.loadedAt - b.loadedAt ||
          a.order - b.order ||
          (a.loadId < b.loadId ? -1 : 1),
      );
    this.#hosts = [...new Set(this.files.filter(({ role }) => role !== 'mirror').map(({ host }) => host))];
  }

  /** Rows that are to be read of a side. */
  rowsOf(role: RequestRole): number {
    return this.files.reduce((sum, file) => (file.role === role ? sum + file.rows : sum), 0);
  }

  /** Whether the mirror's records have answers of production. */
  get hasAnswers(): boolean {
    return this.files.some(({ answers }) => answers > 0);
  }

  /** By file a number for its host; all the same where there is one alone. */
  get hostNumbers(): readonly number[] {
    return this.files.map(({ host }) => (this.#hosts.length < 2 ? 0 : this.#hosts.indexOf(host) + 1));
  }

  /** The host of lines that name none: where they were loaded from, if that tells two apart. Files by themselves do not say it. */
  hostOf(file: number): string {
    return this.#hosts.length < 2 ? '' : (this.files[file - 1]?.host ?? '');
  }

  /** Rows of a file were lost on the way, or were never there. @throws TablesError */
  requireWhole(): void {
    const lacking = this.files.find((file) => file.rows !== file.read || file.answers !== file.answersRead);
    if (lacking === undefined) return;
    const { path } = lacking;
    const [rows, read] = [lacking.rows + lacking.answers, lacking.read + lacking.answersRead];
    throw new TablesError(
      'run-incomplete',
      `of ${rows} rows of ${path} that were loaded ${read} are there`,
      'they may be past the days that are kept, or on a replica that lags: load the run again, under another name',
    );
  }

  /** As if the files had been read. */
  get facts(): SideFacts[] {
    return ROLES.map((role) => this.files.filter((file) => file.role === role))
      .filter((files) => files.length > 0)
      .map((files) => ({
        inputs: files.map(({ input }) => input),
        agentLines: files.reduce((sum, { agentLines }) => sum + agentLines, 0),
        contents: new Map(files.map(({ path, content }) => [path, content])),
        unread: files.map(({ unread }) => unread),
      }));
  }
}
