/** What the mirror answered, as columns: every line of it, retried requests included. */
import type { AccessRecord } from '../logs/access/access-record.ts';
import { doubles, integers, shorts } from './column.ts';
import { type Identities, KeyColumns } from './identity.ts';
import { boundedTarget, refuseTooMany } from './production.ts';
import { boundedDuration, boundedMoment, boundedStatus } from './record-values.ts';
import { TextTable } from './text-table.ts';

export class MirrorAnswers {
  readonly keys: KeyColumns;
  readonly time = doubles();
  readonly status = shorts();
  /** Number in `errors`; NO_TEXT without one. */
  readonly error = integers();
  readonly firstByteMs = doubles();
  readonly totalMs = doubles();
  readonly target = integers();
  readonly method = integers();
  /** What tells two lines apart that say the same moment: hash of the line. */
  readonly lineHash = doubles();
  readonly targets: TextTable;
  readonly methods: TextTable;
  readonly errors = new TextTable();
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

  add(record: AccessRecord, lineHash: number): void {
    refuseTooMany(this.size, this.#maxRequests, 'the mirror');
    this.keys.push(record);
    this.time.push(boundedMoment(record.timeMs));
    this.status.push(boundedStatus(record.status));
    this.error.push(this.errors.intern(errorOf(record)));
    this.firstByteMs.push(boundedDuration(record.firstByteMs));
    this.totalMs.push(boundedDuration(record.totalMs));
    this.target.push(this.targets.intern(boundedTarget(record.target)));
    this.method.push(this.methods.intern(record.method));
    this.lineHash.push(lineHash);
  }
}

/** A proxy in front of the mirror says with S or s that the mirror failed, whatever status went out. */
export function errorOf({ error, status, termination }: AccessRecord): string {
  if (error !== '') return error;
  if (/^[Ss]/.test(termination)) return `termination ${termination}`;
  return boundedStatus(status) < 0 ? 'no-status' : '';
}
