/**
 * Which spans an event becomes, and what they say: a CLIENT span that ends at the time of the line and lasts pT, and one
 * INTERNAL child for each phase that ended, one after the other from its start.
 */
import type { Names } from '../logs/names.ts';
import { Float, failureOf, Int, RowFlag, type Rows } from '../logs/row.ts';
import { describeStatus } from '../status/describe.ts';
import { describePattern } from '../status/patterns.ts';
import { PHASES, SpanName, Spoe } from './attribute-names.ts';
import { writeSpanId, writeTraceId } from './identity.ts';
import {
  type AttributeBlock,
  type AttributeName,
  type SpanIds,
  SpanKind,
  type SpanWriter,
  type Term,
} from './span-writer.ts';

export type SpanDetail = 'full' | 'compact';

/** Codes of agents are unbounded: what was prepared for a status is forgotten when there are more of them. */
const MAX_STATUS = 1024;
const SECOND_MS = 1000;

interface KeyTerms {
  readonly name: Term;
  readonly block: AttributeBlock;
}

interface StatusTerms {
  readonly block: AttributeBlock;
  /** Descriptions by failure pattern; '' is the code alone. The map is empty for success. */
  readonly descriptions: Map<string, Term>;
}

export class SpanLayout {
  readonly #writer: SpanWriter;
  readonly #onSpan: () => void;
  readonly #detail: SpanDetail;
  readonly #ids: SpanIds = {
    trace: new Int32Array(4),
    span: new Int32Array(2),
    parent: new Int32Array(2),
    isRoot: true,
  };
  #names: Names | undefined;
  #keys: KeyTerms[] = [];
  #status = new Map<number, StatusTerms>();
  readonly #phases: readonly Term[];
  readonly #sid: AttributeName;
  readonly #repeatCount: AttributeName;
  readonly #durations: readonly AttributeName[];
  readonly #processing: AttributeName;
  readonly #gauges: readonly AttributeName[];
  readonly #processed: AttributeName;

  /** `onSpan` is called after each span. */
  constructor(writer: SpanWriter, detail: SpanDetail, onSpan: () => void = () => {}) {
    this.#writer = writer;
    this.#onSpan = onSpan;
    this.#detail = detail;
    this.#phases = PHASES.map((phase) => writer.term(SpanName[phase]));
    this.#sid = writer.name(Spoe.sid);
    this.#repeatCount = writer.name(Spoe.repeatCount);
    this.#processing = writer.name(Spoe.processingDuration);
    this.#durations = [
      writer.name(Spoe.requestDuration),
      writer.name(Spoe.queueDuration),
      writer.name(Spoe.waitingDuration),
      writer.name(Spoe.responseDuration),
    ];
    this.#gauges = [
      writer.name(Spoe.idles),
      writer.name(Spoe.applets),
      writer.name(Spoe.sending),
      writer.name(Spoe.waiting),
    ];
    this.#processed = writer.name(Spoe.processed);
  }

  /** How many spans the row at word `int` becomes. */
  count(ints: Int32Array, int: number): number {
    if (this.#detail === 'compact' || ((ints[int + Int.flags] as number) & RowFlag.phases) === 0) return 1;
    let spans = 1;
    for (let phase = 0; phase < PHASES.length; phase++) if ((ints[int + Int.reqT + phase] as number) >= 0) spans += 1;
    return spans;
  }

  /** Writes the spans of the n-th event with the identity at word `identity` of `rows.ints`; `endMs` is its time, epoch ms. */
  write(rows: Rows, int: number, identity: number, occurrence: number, endMs: number): void {
    const { ints, names } = rows;
    if (names !== this.#names) this.#forget(names);
    const ids = this.#ids;
    writeTraceId(ints, identity, occurrence, ids.trace, 0);
    const totalMs = Math.max(0, ints[int + Int.pT] as number);
    const startMs = endMs - totalMs;
    this.#writeEvent(rows, int, startMs, endMs);
    if (this.#detail === 'compact' || ((ints[int + Int.flags] as number) & RowFlag.phases) === 0) return;
    ids.parent[0] = ids.span[0] as number;
    ids.parent[1] = ids.span[1] as number;
    ids.isRoot = false;
    let at = startMs;
    for (let phase = 0; phase < PHASES.length; phase++) {
      const ms = ints[int + Int.reqT + phase] as number;
      if (ms < 0) continue;
      writeSpanId(ids.trace, 0, phase + 1, ids.span, 0);
      this.#writer.begin(ids, this.#phases[phase] as Term, SpanKind.internal, at, at + ms);
      this.#writer.end(undefined);
      this.#onSpan();
      at += ms;
    }
  }

  #writeEvent({ ints, floats, names }: Rows, int: number, startMs: number, endMs: number): void {
    const writer = this.#writer;
    const ids = this.#ids;
    const { name, block } = this.#keyTerms(ints[int + Int.key] as number, names);
    const status = this.#statusTerms((ints[int + Int.status] as number) >>> 0);
    ids.isRoot = true;
    writeSpanId(ids.trace, 0, 0, ids.span, 0);
    writer.begin(ids, name, SpanKind.client, startMs, endMs);
    writer.addBlock(block);
    writer.addInteger(this.#sid, (ints[int + Int.sid] as number) >>> 0);
    writer.addBlock(status.block);
    writer.addDouble(this.#processing, (endMs - startMs) / SECOND_MS);
    if (((ints[int + Int.flags] as number) & RowFlag.phases) !== 0) {
      for (let i = 0; i < 4; i++) {
        const ms = ints[int + Int.reqT + i] as number;
        if (ms >= 0) writer.addDouble(this.#durations[i] as AttributeName, ms / SECOND_MS);
      }
      for (let i = 0; i < 4; i++)
        writer.addInteger(this.#gauges[i] as AttributeName, (ints[int + Int.idles + i] as number) >>> 0);
    }
    writer.addInteger(this.#processed, floats[(int >> 1) + Float.processed] as number);
    const times = ints[int + Int.repeat] as number;
    if (times > 1) writer.addInteger(this.#repeatCount, times);
    writer.end(this.#describe(status, ints, int));
    this.#onSpan();
  }

  #forget(names: Names): void {
    this.#names = names;
    this.#keys = [];
  }

  #keyTerms(key: number, names: Names): KeyTerms {
    const known = this.#keys[key];
    if (known !== undefined) return known;
    const { agent, type, name } = names.keys[key] ?? { agent: '', type: 'EVENT', name: '' };
    const made: KeyTerms = {
      name: this.#writer.term(`${SpanName.event}${name}`),
      block: this.#writer.block([
        [Spoe.agent, { text: agent }],
        [Spoe.event, { text: name }],
        [Spoe.type, { text: type }],
      ]),
    };
    this.#keys[key] = made;
    return made;
  }

  #statusTerms(st: number): StatusTerms {
    const known = this.#status.get(st);
    if (known !== undefined) return known;
    if (this.#status.size >= MAX_STATUS) this.#status.clear();
    const { name, origin } = describeStatus(st);
    const made: StatusTerms = {
      block: this.#writer.block([
        [Spoe.statusCode, { integer: st }],
        [Spoe.statusName, { text: name }],
        [Spoe.statusOrigin, { text: origin }],
        ...(st === 0 ? [] : [[Spoe.errorType, { text: name }] as const]),
      ]),
      descriptions: new Map(),
    };
    this.#status.set(st, made);
    return made;
  }

  /** The failure in words; the whole line may say more than the code. Undefined for success. */
  #describe({ descriptions }: StatusTerms, ints: Int32Array, int: number): Term | undefined {
    const st = (ints[int + Int.status] as number) >>> 0;
    if (st === 0) return undefined;
    const pattern = failureOf(ints, int);
    const known = descriptions.get(pattern ?? '');
    if (known !== undefined) return known;
    const made = this.#writer.term(pattern === undefined ? meaningOf(st) : describePattern(pattern).message);
    descriptions.set(pattern ?? '', made);
    return made;
  }
}

/** The code itself is an attribute: a description with it would be another one for each code of an agent. */
function meaningOf(st: number): string {
  const { name, meaning } = describeStatus(st);
  return name === 'agent-defined' ? 'agent-defined code' : meaning;
}
