/** What lines of both sides are recognised by. Shared by both, so that the same text is the same number. */
import type { AccessRecord } from '../../../logs/access-record.ts';
import { doubles, integers, LateColumn } from '../../column.ts';
import { FewNumbers } from '../../packed-column.ts';
import type { TextNumbers } from '../../request-batch.ts';
import { samplingRank } from '../../sampling-rank.ts';
import { NO_TEXT, TextTable } from '../../text-table.ts';
import { describeStream, type IdKind, isCount, NO_KEY, SIDS, spanOf } from '../ids.ts';

/** Processes that HAProxy may have had, over all hosts; each is a number below this. */
const MAX_PROCESSES = 2 ** 20;

export class RequestIds {
  readonly uniqueIds = new TextTable();
  readonly traceIds = new TextTable();
  /** By host, then by pid: the number of the process. */
  readonly #processes = new Map<string, Map<number, number>>();
  readonly #names: { readonly host: string; readonly pid: number }[] = [];
  /** By number of the process that of the same pid without its host, once it is asked for. */
  readonly #hostless: number[] = [];

  /**
   * One number for (host, pid, sid). Never of a sid alone: every process has the same ones. A mirror's record knows no
   * host, so both sides have a number without it as well.
   */
  stream(host: string, pid: number, sid: number): number {
    return streamOf(this.processOf(host, pid), sid);
  }

  /** NO_KEY for what is no pid. */
  processOf(host: string, pid: number): number {
    if (!isCount(pid)) return NO_KEY;
    let ofHost = this.#processes.get(host);
    const known = ofHost?.get(pid);
    if (known !== undefined) return known;
    const number = this.#names.length;
    if (number === MAX_PROCESSES) return NO_KEY;
    if (ofHost === undefined) {
      ofHost = new Map();
      this.#processes.set(host, ofHost);
    }
    ofHost.set(pid, number);
    this.#names.push({ host, pid });
    return number;
  }

  /** The number of a stream without its host; NO_KEY for none. */
  hostless(stream: number): number {
    if (stream === NO_KEY) return NO_KEY;
    const number = Math.floor(stream / SIDS);
    const process = this.#hostless[number] ?? this.processOf('', (this.#names[number] as { readonly pid: number }).pid);
    this.#hostless[number] = process;
    return streamOf(process, stream % SIDS);
  }

  /** The numbers of a line's ids. */
  numbersOf({
    uniqueId,
    traceId,
    spanId,
  }: Pick<AccessRecord, 'uniqueId' | 'traceId' | 'spanId'>): Omit<TextNumbers, 'target'> {
    return {
      uniqueId: this.uniqueIds.intern(uniqueId),
      traceId: this.traceIds.intern(traceId),
      span: spanOf(traceId, spanId),
    };
  }

  /** No line comes any more: gives up the memory that finds ids. */
  close(): void {
    this.uniqueIds.close();
    this.traceIds.close();
  }

  /** Whether a line of any side is known by it. */
  has(id: string): boolean {
    return this.uniqueIds.has(id) || this.traceIds.has(id);
  }

  /** Empty without one. */
  describeStream(stream: number): string {
    const name = stream === NO_KEY ? undefined : this.#names[Math.floor(stream / SIDS)];
    return name === undefined ? '' : describeStream(name.host, name.pid, stream % SIDS);
  }
}

/** Streams as the number of their process, of which there are few, and theirs: six bytes a row. */
class Streams {
  readonly #processes = new FewNumbers();
  /** Below SIDS, as 32 bits with a sign. */
  readonly #sids = integers();

  get length(): number {
    return this.#sids.length;
  }

  /** @param stream NO_KEY for none */
  push(stream: number): void {
    this.#processes.push(Math.floor(stream / SIDS));
    this.#sids.push((stream % SIDS) | 0);
  }

  at(row: number): number {
    const process = this.#processes.at(row);
    return process < 0 ? NO_KEY : process * SIDS + (this.#sids.at(row) >>> 0);
  }
}

function streamOf(processNumber: number, sid: number): number {
  return processNumber === NO_KEY || !isCount(sid) || sid >= SIDS ? NO_KEY : processNumber * SIDS + sid;
}

/** The keys of all lines of one side. */
export class KeyColumns {
  readonly uniqueId = integers();
  readonly traceId = new LateColumn(integers(), NO_TEXT);
  readonly stream = new Streams();
  /** Made of trace and parent id together; the column is as long as the last line that has both. */
  readonly #spans = doubles();
  readonly #requestIds: RequestIds;
  /** The process of the line before: most lines are of the same one. */
  #host = '';
  #pid = -1;
  #process = NO_KEY;

  constructor(requestIds: RequestIds) {
    this.#requestIds = requestIds;
  }

  /** @param texts numbers of its ids */
  push(
    { host, pid, sid }: Pick<AccessRecord, 'host' | 'pid' | 'sid'>,
    { uniqueId, traceId, span }: Omit<TextNumbers, 'target'>,
  ): void {
    if (pid !== this.#pid || host !== this.#host) this.#changeProcess(host, pid);
    const row = this.uniqueId.length;
    this.uniqueId.push(uniqueId);
    this.traceId.set(row, traceId);
    this.stream.push(streamOf(this.#process, sid));
    if (span !== NO_KEY) this.#pushSpan(row, span);
  }

  /** Most logs have none: the column begins with the first. */
  #pushSpan(row: number, span: number): void {
    while (this.#spans.length < row) this.#spans.push(NO_KEY);
    this.#spans.push(span);
  }

  /** The stream of a row, made of pid and sid without the host. */
  hostlessAt(row: number): number {
    return this.#requestIds.hostless(this.stream.at(row));
  }

  /** A number for trace and parent id. */
  spanAt(row: number): number {
    return row < this.#spans.length ? this.#spans.at(row) : NO_KEY;
  }

  #changeProcess(host: string, pid: number): void {
    this.#host = host;
    this.#pid = pid;
    this.#process = this.#requestIds.processOf(host, pid);
  }

  /** Numbers of texts are below it, on both sides. */
  tableSize(column: 'uniqueId' | 'traceId'): number {
    return this.#requestIds[column === 'uniqueId' ? 'uniqueIds' : 'traceIds'].size;
  }

  /** For people: the unique id, else the trace, else process and stream; empty when a line has none of them. */
  describe(row: number): string {
    const { uniqueIds, traceIds } = this.#requestIds;
    const text = uniqueIds.text(this.uniqueId.at(row)) || traceIds.text(this.traceId.at(row));
    return text || this.#requestIds.describeStream(this.stream.at(row));
  }

  /** What it is paired by. */
  keyText(row: number, kind: IdKind): string {
    if (kind === 'unique-id') return this.#requestIds.uniqueIds.text(this.uniqueId.at(row));
    if (kind === 'span') return `${this.traceOf(row)} ${this.spanAt(row)}`;
    return kind === 'trace' ? this.traceOf(row) : this.#requestIds.describeStream(this.stream.at(row));
  }

  /** The samplingRank of its keyText. */
  keyRank(row: number, kind: IdKind, seed: number): number {
    const { uniqueIds } = this.#requestIds;
    return kind === 'unique-id'
      ? uniqueIds.rankOf(this.uniqueId.at(row), seed)
      : samplingRank(this.keyText(row, kind), seed);
  }

  traceOf(row: number): string {
    return this.#requestIds.traceIds.text(this.traceId.at(row));
  }
}
