/** What lines of both sides are recognised by. Shared by both, so that the same text is the same number. */
import type { AccessRecord } from '../logs/access/access-record.ts';
import { doubles, integers } from './column.ts';
import { TextTable } from './text-table.ts';

/** The three things a request may be known by, as numbers; NO_KEY where a line does not tell. */
export const NO_KEY = -1;

/** Processes that HAProxy may have had, over all hosts; each is a number below this. */
const MAX_PROCESSES = 2 ** 20;
const SIDS = 2 ** 32;

export class Identities {
  readonly uniqueIds = new TextTable();
  readonly traceIds = new TextTable();
  readonly #processes = new TextTable();

  /**
   * One number for (host, pid, sid). Never of a sid alone: every process has the same ones. A mirror's record knows no
   * host, so both sides have a number without it as well.
   */
  stream(host: string, pid: number, sid: number): number {
    if (pid < 0 || sid < 0) return NO_KEY;
    const process = this.#processes.intern(`${pid} ${host}`);
    return process >= MAX_PROCESSES ? NO_KEY : process * SIDS + (sid % SIDS);
  }

  /** `lb1[713] 42` */
  describeStream(stream: number): string {
    if (stream === NO_KEY) return '';
    const [pid = '', host = ''] = this.#processes.text(Math.floor(stream / SIDS)).split(' ');
    return `${host}[${pid}] ${stream % SIDS}`;
  }
}

/** The keys of all lines of one side. */
export class KeyColumns {
  readonly uniqueId = integers();
  readonly traceId = integers();
  readonly stream = doubles();
  /** Of pid and sid without the host. */
  readonly hostless = doubles();
  readonly #identities: Identities;

  constructor(identities: Identities) {
    this.#identities = identities;
  }

  push({ uniqueId, traceId, host, pid, sid }: AccessRecord): void {
    const { uniqueIds, traceIds } = this.#identities;
    this.uniqueId.push(uniqueIds.intern(uniqueId));
    this.traceId.push(traceIds.intern(traceId));
    this.stream.push(this.#identities.stream(host, pid, sid));
    this.hostless.push(host === '' ? this.stream.at(this.stream.length - 1) : this.#identities.stream('', pid, sid));
  }
  /** Numbers of texts are below it, on both sides. */
  tableSize(column: 'uniqueId' | 'traceId'): number {
    return this.#identities[column === 'uniqueId' ? 'uniqueIds' : 'traceIds'].size;
  }

  /** For people: the unique id, else the trace, else process and stream; empty when a line has none of them. */
  describe(row: number): string {
    const { uniqueIds, traceIds } = this.#identities;
    const text = uniqueIds.text(this.uniqueId.at(row)) || traceIds.text(this.traceId.at(row));
    return text || this.#identities.describeStream(this.stream.at(row));
  }

  traceOf(row: number): string {
    return this.#identities.traceIds.text(this.traceId.at(row));
  }
}
