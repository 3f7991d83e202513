/** The requests of production, as columns: a million of them take some hundred megabytes at most. */
import type { AccessRecord } from '../logs/access/access-record.ts';
import { bytes, doubles, integers, shorts } from './column.ts';
import { DiffError } from './errors.ts';
import { type Identities, KeyColumns } from './identity.ts';
import { boundedDuration, boundedMoment, boundedStatus } from './record-values.ts';
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

/** Of a request target; what is beyond it is not kept for samples. */
const MAX_TARGET = 256;

export class ProductionRequests {
  readonly keys: KeyColumns;
  /** Epoch ms; NaN without. */
  readonly time = doubles();
  readonly status = shorts();
  readonly flags = bytes();
  /** Tr and Ta: ms, -1, NaN. */
  readonly firstByteMs = doubles();
  readonly totalMs = doubles();
  /** Number in `targets`. */
  readonly target = integers();
  readonly method = integers();
  readonly termination = integers();
  readonly targets: TextTable;
  readonly methods: TextTable;
  readonly terminations = new TextTable();
  readonly #maxRequests: number;

  constructor(identities: Identities, texts: { targets: TextTable; methods: TextTable }, maxRequests: number) {
    this.keys = new KeyColumns(identities);
    this.targets = texts.targets;
    this.methods = texts.methods;
    this.#maxRequests = maxRequests;
  }

  get size(): number {
    return this.time.length;
  }

  add(record: AccessRecord): void {
    refuseTooMany(this.size, this.#maxRequests, 'production');
    this.keys.push(record);
    this.time.push(boundedMoment(record.timeMs));
    this.status.push(boundedStatus(record.status));
    this.flags.push(flagsOf(record));
    this.firstByteMs.push(boundedDuration(record.firstByteMs));
    this.totalMs.push(boundedDuration(record.totalMs));
    this.target.push(this.targets.intern(boundedTarget(record.target)));
    this.method.push(this.methods.intern(record.method));
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

export function boundedTarget(target: string): string {
  return target.length <= MAX_TARGET ? target : `${target.slice(0, MAX_TARGET)}…`;
}

export function refuseTooMany(size: number, max: number, side: string): void {
  if (size < max) return;
  throw new DiffError(
    'too-many-requests',
    `more than ${max} requests of ${side}`,
    'compare a shorter time with --since and --until, or raise --max-requests',
  );
}
