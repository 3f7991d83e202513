/** What the mirror answered: every line of it, retried requests included. */
import type { AccessRecord } from '../logs/access/access-record.ts';
import { doubles, integers } from './column.ts';
import type { Identities } from './identity.ts';
import { boundedStatus } from './record-values.ts';
import { RequestColumns, type RequestTexts } from './request-columns.ts';
import { TextTable } from './text-table.ts';

export class MirrorAnswers extends RequestColumns {
  /** Number in `errors`; NO_TEXT without one. */
  readonly error = integers();
  /** What tells two lines apart that say the same moment: hash of the line. */
  readonly lineHash = doubles();
  readonly errors = new TextTable();

  constructor(identities: Identities, texts: RequestTexts, maxRequests: number) {
    super('the mirror', identities, texts, maxRequests);
  }

  /** @throws DiffError `too-many-requests` */
  add(record: AccessRecord, lineHash: number): void {
    this.push(record);
    this.error.push(this.errors.intern(errorOf(record)));
    this.lineHash.push(lineHash);
  }
}

/** A proxy in front of the mirror says with S or s that the mirror failed, whatever status went out. */
export function errorOf({ error, status, termination }: AccessRecord): string {
  if (error !== '') return error;
  if (/^[Ss]/.test(termination)) return `termination ${termination}`;
  return boundedStatus(status) < 0 ? 'no-status' : '';
}
