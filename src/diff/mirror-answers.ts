/** What one destination of the mirror answered: every line of it, retried requests included. */
import type { AccessRecord } from '../logs/access-record.ts';
import { isNeverSent } from '../status/mirror-errors.ts';
import { doubles, integers } from './column.ts';
import { boundedStatus } from './record-values.ts';
import { RequestColumns } from './request-columns.ts';
import { NO_TEXT, TextTable } from './text-table.ts';

export class MirrorAnswers extends RequestColumns {
  /** Number in `errors`; NO_TEXT without one. */
  readonly error = integers();
  /** What tells two lines apart that say the same moment: hash of the line. */
  readonly lineHash = doubles();
  /** Number of the file the line is from: lines of one file are in their order. */
  readonly input = integers();
  readonly errors = new TextTable();
  /** By number in `errors`. */
  readonly #dropped: boolean[] = [];

  /** @throws DiffError `too-many-requests` */
  add(record: AccessRecord, lineHash: number, input: number): void {
    this.push(record);
    this.error.push(this.errors.intern(errorOf(record)));
    this.lineHash.push(lineHash);
    this.input.push(input);
  }

  /** The request never reached the mirror. */
  isDropped(row: number): boolean {
    const error = this.error.at(row);
    if (error === NO_TEXT) return false;
    for (let i = this.#dropped.length; i <= error; i++) this.#dropped.push(isNeverSent(this.errors.text(i)));
    return this.#dropped[error] as boolean;
  }

  /** What tells which of two lines about one request counts. */
  lineAt(row: number): { readonly isDropped: boolean; readonly lineHash: number } {
    return { isDropped: this.isDropped(row), lineHash: this.lineHash.at(row) };
  }

  /** Empty without one. */
  errorOf(row: number): string {
    return this.errors.text(this.error.at(row));
  }
}

/** A proxy in front of the mirror says with S or s that the mirror failed, whatever status went out. */
export function errorOf({ error, status, termination }: AccessRecord): string {
  if (error !== '') return error;
  if (/^[Ss]/.test(termination)) return `termination ${termination}`;
  return boundedStatus(status) < 0 ? 'no-status' : '';
}
