/** Logs of one JSON object per line. */

import type { AccessReadOptions } from '../access-options.ts';
import type { AccessFormatName, AccessRecord } from '../access-record.ts';
import type { LineHeader } from '../record.ts';
import { flattenJson } from '../unread-ids.ts';
import type { AccessClock } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { findJsonKey, HAPROXY_KEYS, isForeign, normalKey } from './json-keys.ts';
import { findMarks, HAPROXY_MARK, NUMERIC_TS, readTime } from './json-times.ts';
import { JsonWalker, type Member } from './json-walk.ts';
import { type Durations, type Notation, RecordBuilder } from './record-builder.ts';
import { Positions, Slot } from './slots.ts';
import { decodeEscapes } from './unescape.ts';

export class JsonFormat implements AccessFormat {
  readonly name: AccessFormatName;
  readonly description: string;
  readonly #walker: JsonWalker;
  readonly #builder: RecordBuilder;
  readonly #positions = new Positions();

  constructor(name: AccessFormatName, description: string, keys: ReadonlyMap<string, Slot>, notation: Notation) {
    this.name = name;
    this.description = description;
    this.#walker = new JsonWalker((path) => ({ slot: keys.get(path) ?? Slot.none, rank: 0, marks: 0 }));
    this.#builder = new RecordBuilder(notation);
  }

  unread(line: string, start: number): Iterable<readonly [field: string, value: string]> {
    return flattenJson(line.slice(start));
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    if (!this.#walker.walk(line, start, this.#positions)) return undefined;
    return this.#builder.build(line, this.#positions, header, clock);
  }
}

/** JSON whose members are known by name (json-keys.ts). */
export class AliasedJsonFormat implements AccessFormat {
  readonly name: 'haproxy-json' | 'json';
  readonly description: string;
  unknownTime: string | undefined;
  readonly #walker: JsonWalker;
  readonly #builder: RecordBuilder;
  readonly #positions = new Positions();
  readonly #options: AccessReadOptions;
  #isHaproxy = false;

  constructor(name: 'haproxy-json' | 'json', options: AccessReadOptions = {}) {
    this.name = name;
    this.description = name === 'json' ? 'JSON lines' : 'JSON lines of HAProxy';
    this.#options = options;
    this.#walker = new JsonWalker((path) => this.#member(path));
    this.#builder = new RecordBuilder({
      escape: 'json',
      isTimeOptional: true,
      ...(name === 'haproxy-json' && { innerEscape: 'haproxy' }),
    });
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    const positions = this.#positions;
    if (!this.#walker.walk(line, start, positions)) return undefined;
    // This is not asked for every line: keys are looked up when they are new.
    if (this.name === 'haproxy-json' && !this.#isHaproxy) return undefined;
    if (!hasRequest(positions)) return undefined;
    const marks = this.#marks(line, positions);
    settle(line, positions, this.#walker);
    // An application tells of errors that were answered: with a status there was an answer.
    if (positions.has(Slot.status) && positions.has(Slot.error) && /^"?[1-9]/.test(positions.text(line, Slot.status)))
      positions.unset(Slot.error);
    return this.#builder.build(line, positions, header, clock, this.#durations(line, positions, marks));
  }

  unread(line: string, start: number): Iterable<readonly [field: string, value: string]> {
    return flattenJson(line.slice(start));
  }

  #member(path: string): Member {
    const name = normalKey(path);
    const isHaproxy = HAPROXY_KEYS.test(name) && !isForeign(path);
    if (isHaproxy) this.#isHaproxy = true;
    const marks = isForeign(path) ? 0 : findMarks(path) | (isHaproxy ? HAPROXY_MARK : 0);
    const { idField } = this.#options;
    if (idField !== undefined && isField(name, normalKey(idField))) return { slot: Slot.id, rank: 0, marks };
    const { slot, rank } = findJsonKey(path) ?? { slot: Slot.none, rank: 0 };
    return idField !== undefined && slot === Slot.id ? { slot: Slot.none, rank: 0, marks } : { slot, rank, marks };
  }

  #marks(line: string, positions: Positions): number {
    const isNumeric = positions.has(Slot.ts) && /^\d+(?:\.\d+)?$/.test(positions.text(line, Slot.ts));
    const isQuoted = line.charCodeAt((positions.starts[Slot.ts] as number) - 1) === QUOTE;
    return this.#walker.marks | (isNumeric && !isQuoted ? NUMERIC_TS : 0);
  }

  #durations(line: string, positions: Positions, marks: number): Durations {
    return {
      firstByteMs: this.#duration(line, positions, Slot.firstByte, marks),
      totalMs: this.#duration(line, positions, Slot.duration, marks),
    };
  }

  #duration(line: string, positions: Positions, slot: Slot, marks: number): number {
    if (!positions.has(slot)) return Number.NaN;
    const path = this.#walker.pathOf(slot);
    const text = decodeEscapes(positions.text(line, slot), 'json');
    const ms = readTime(path, text, marks, this.#options.latencyUnit);
    if (ms === undefined) this.unknownTime ??= path;
    return ms ?? Number.NaN;
  }
}

const QUOTE = 0x22;

/** `req.id` is that, and `data.req.id` too; so is `X-Unique-Id` in any object. */
function isField(name: string, wanted: string): boolean {
  return name === wanted || name.endsWith(`.${wanted}`);
}

/** Programs log much in JSON: a status alone is no request. */
function hasRequest(positions: Positions): boolean {
  const { request, target, path, method, id } = Slot;
  return [request, target, path, method, id].some((slot) => positions.has(slot));
}

const TERMINATION = /^[A-Za-z-]{2,4}$/;

/** Names that mean two things, by what stands there. */
function settle(line: string, positions: Positions, walker: JsonWalker): void {
  const move = (from: Slot, choose: (text: string) => Slot) => {
    if (!positions.has(from)) return;
    const to = choose(positions.text(line, from));
    if (to === from) return;
    if (to !== Slot.none && !positions.has(to)) {
      positions.set(to, positions.starts[from] as number, positions.ends[from] as number);
      walker.rename(from, to);
    }
    positions.unset(from);
  };
  move(Slot.ts, (text) => (TERMINATION.test(text) ? Slot.termination : Slot.anyTime));
  move(Slot.termination, (text) => (TERMINATION.test(text) ? Slot.termination : Slot.none));
  // %Tr, or %tr.
  move(Slot.tr, (text) => (/^[+-]?\d+$/.test(text) ? Slot.firstByte : Slot.anyTime));
  // `request_time` is a length of nginx's, and a date of API Gateway's.
  move(Slot.duration, (text) => (/^\[?\d\d\/[A-Z][a-z][a-z]\/\d{4}:/.test(text) ? Slot.anyTime : Slot.duration));
  // %rt; or nginx's $request_time, which has decimals.
  move(Slot.rt, (text) => (/^\d+$/.test(text) ? Slot.sid : Slot.duration));
  // `"request": "/x"` beside a method of its own, `"uri": "GET /x HTTP/1.1"` without one.
  move(Slot.request, (text) => (text.includes(' ') || text.startsWith('<') ? Slot.request : Slot.target));
  move(Slot.target, (text) => (/^[A-Z]+ \S/.test(text) ? Slot.request : Slot.target));
}
