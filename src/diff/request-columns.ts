/** What is kept of a request of either side, as columns: a million of them take some hundred megabytes at most. */
import type { AccessRecord } from '../logs/access-record.ts';
import { doubles, integers, shorts } from './column.ts';
import { DiffError } from './errors.ts';
import { type Identities, KeyColumns } from './identity.ts';
import { boundedDuration, boundedMoment, boundedStatus } from './record-values.ts';
import type { TextTable } from './text-table.ts';

/** Of a request target; what is beyond it is not kept for samples. */
const MAX_TARGET = 256;

/** Tables of both sides. */
export interface RequestTexts {
  readonly targets: TextTable;
  readonly methods: TextTable;
}

/** How many requests a side may have, over all its columns. */
export class RequestLimit {
  readonly #side: string;
  readonly #most: number;
  #used = 0;

  constructor(side: string, most: number) {
    this.#side = side;
    this.#most = most;
  }

  /** @throws DiffError `too-many-requests` */
  use(): void {
    if (this.#used++ < this.#most) return;
    throw new DiffError(
      'too-many-requests',
      `more than ${this.#most} requests of ${this.#side}`,
      'compare a shorter time with --since and --until, or raise --max-requests',
    );
  }
}

export class RequestColumns {
  readonly keys: KeyColumns;
  /** Epoch ms; NaN without. */
  readonly time = doubles();
  readonly status = shorts();
  /** ms, -1 as HAProxy logs it, NaN where the format has none. */
  readonly firstByteMs = doubles();
  readonly totalMs = doubles();
  /** Number in `targets`. */
  readonly target = integers();
  readonly method = integers();
  readonly targets: TextTable;
  readonly methods: TextTable;
  readonly #limit: RequestLimit;

  constructor(identities: Identities, texts: RequestTexts, limit: RequestLimit) {
    this.keys = new KeyColumns(identities);
    this.targets = texts.targets;
    this.methods = texts.methods;
    this.#limit = limit;
  }

  get size(): number {
    return this.time.length;
  }

  /** @throws DiffError `too-many-requests` */
  protected push(record: AccessRecord): void {
    this.#limit.use();
    this.keys.push(record);
    this.time.push(boundedMoment(record.timeMs));
    this.status.push(boundedStatus(record.status));
    this.firstByteMs.push(boundedDuration(record.firstByteMs));
    this.totalMs.push(boundedDuration(record.totalMs));
    this.target.push(this.targets.intern(boundedTarget(record.target)));
    this.method.push(this.methods.intern(record.method));
  }
}

export function boundedTarget(target: string): string {
  return target.length <= MAX_TARGET ? target : `${target.slice(0, MAX_TARGET)}…`;
}
