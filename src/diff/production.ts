/** The requests of production. */
import type { AccessRecord } from '../logs/access/access-record.ts';
import { bytes, integers } from './column.ts';
import type { Identities } from './identity.ts';
import { RequestColumns, type RequestTexts } from './request-columns.ts';
import { TextTable } from './text-table.ts';

/** Bits of `flags`. */
export const Flag = {
  malformed: 1,
  /** The client went away before there was a response. */
  clientAbort: 2,
  /** HAProxy answered itself. */
  answeredByProxy: 4,
  /** The termination state says that the server failed. */
  serverFailed: 8,
} as const;

/** What could not have been mirrored, or not with the same outcome. */
export const NOT_COMPARABLE = Flag.malformed | Flag.clientAbort | Flag.answeredByProxy;

export class ProductionRequests extends RequestColumns {
  readonly flags = bytes();
  readonly termination = integers();
  readonly terminations = new TextTable();

  constructor(identities: Identities, texts: RequestTexts, maxRequests: number) {
    super('production', identities, texts, maxRequests);
  }

  /** @throws DiffError `too-many-requests` */
  add(record: AccessRecord): void {
    this.push(record);
    this.flags.push(flagsOf(record));
    this.termination.push(this.terminations.intern(record.termination));
  }
}

/** Bits of `Flag`. */
export function flagsOf(record: AccessRecord): number {
  const cause = record.termination.charAt(0);
  const byServer = cause === 'S' || cause === 's';
  const byClient = cause === 'C' || cause === 'c';
  return (
    (record.malformed ? Flag.malformed : 0) |
    // Where a format has no Tr (it is NaN then), nobody can tell that there was no response.
    (byClient && record.firstByteMs === -1 ? Flag.clientAbort : 0) |
    (record.noServer && !byServer ? Flag.answeredByProxy : 0) |
    (byServer ? Flag.serverFailed : 0)
  );
}
