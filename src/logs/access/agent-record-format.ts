/** The record file of our agent (docs/schemas/agent-record.schema.json). */

import type { AccessReadOptions } from '../access-options.ts';
import type { AccessRecord, LoggedAnswer } from '../access-record.ts';
import type { LineHeader } from '../record.ts';
import type { AccessClock } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { JsonWalker } from './json-walk.ts';
import { RecordBuilder } from './record-builder.ts';
import { Positions, SLOTS, Slot } from './slots.ts';
import { decodeEscapes } from './unescape.ts';
import { UsualRecords } from './usual-records.ts';

const KEYS: Readonly<Record<string, Slot>> = {
  ts: Slot.isoTime,
  method: Slot.method,
  path: Slot.target,
  status: Slot.status,
  ttfb_ms: Slot.firstByteMs,
  latency_ms: Slot.activeMs,
  unique_id: Slot.id,
  traceparent: Slot.trace,
  sid: Slot.sid,
  pid: Slot.pid,
  error: Slot.error,
  trace_id: Slot.trace,
  stream_id: Slot.streamId,
  frame_id: Slot.frameId,
  attempts: Slot.attempts,
  destination: Slot.destination,
  message: Slot.message,
  request_bytes: Slot.requestBytes,
  response_bytes: Slot.responseBytes,
  kind: Slot.kind,
  answer: Slot.answer,
  truncated: Slot.truncated,
};

/** Every record of a request has these, and no other log has all of them. */
const MARKS = [Slot.streamId, Slot.frameId, Slot.attempts, Slot.isoTime, Slot.target, Slot.method];

export class AgentRecordFormat implements AccessFormat {
  readonly name = 'agent-jsonl';
  readonly description = 'record of spoa-mirror';
  readonly #walker: JsonWalker;
  readonly #builder = new RecordBuilder({ escape: 'json' });
  readonly #positions = new Positions();
  readonly #usual = new UsualRecords(SLOTS);

  constructor({ idField }: AccessReadOptions = {}) {
    const slotOf = (path: string) => {
      if (path === idField) return Slot.id;
      const slot = Object.hasOwn(KEYS, path) ? KEYS[path] : undefined;
      return slot === undefined || (slot === Slot.id && idField !== undefined) ? Slot.none : slot;
    };
    this.#walker = new JsonWalker((path) => ({ slot: slotOf(path), rank: 0, marks: 0 }));
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | LoggedAnswer | undefined {
    const positions = this.#positions;
    if (!this.#walker.walk(line, start, positions)) return undefined;
    if (positions.has(Slot.kind)) return this.#readAnswer(line, clock);
    for (const mark of MARKS) if (!positions.has(mark)) return undefined;
    // A record with neither a status nor an error is invalid, and the builder refuses it.
    const record = this.#builder.build(line, positions, header, clock);
    if (record === undefined) return undefined;
    // A line that is a record and nothing else.
    if (start === 0 && header.host === undefined && header.pid === undefined) this.#learn(line, record);
    const isSentCut = positions.has(Slot.truncated) && positions.text(line, Slot.attempts) !== '0';
    if (!isSentCut && !positions.has(Slot.answer)) return record;
    return {
      ...record,
      ...(positions.has(Slot.answer) && { answer: positions.text(line, Slot.answer) }),
      ...(isSentCut && { isSentCut }),
    };
  }

  readBytes(bytes: Buffer, start: number, end: number, clock: AccessClock): AccessRecord | undefined {
    return this.#usual.read(bytes, start, end, clock);
  }

  #learn(line: string, record: AccessRecord): void {
    const { truncated, answer, span } = Slot;
    if ([truncated, answer, span].every((slot) => !this.#positions.has(slot)))
      this.#usual.learn(line, this.#positions, record);
  }

  /** A line that is of no mirrored request says so by its kind: `production`, and none that is known besides. */
  #readAnswer(line: string, clock: AccessClock): LoggedAnswer | undefined {
    const positions = this.#positions;
    if (positions.text(line, Slot.kind) !== 'production' || !positions.has(Slot.answer)) return undefined;
    if (!positions.has(Slot.isoTime)) return undefined;
    const uniqueId = decodeEscapes(positions.text(line, Slot.id), 'json');
    const timeMs = clock.iso(line, positions.starts[Slot.isoTime] as number, positions.ends[Slot.isoTime] as number);
    if (uniqueId === '' || Number.isNaN(timeMs)) return undefined;
    return { kind: 'answer', timeMs, uniqueId, answer: positions.text(line, Slot.answer) };
  }
}
