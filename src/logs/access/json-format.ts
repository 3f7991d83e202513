/** Logs of one JSON object per line. */
import type { LineHeader } from '../record.ts';
import type { AccessFormatName, AccessRecord } from './access-record.ts';
import type { AccessClock } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { findJsonKey, HAPROXY_KEYS, normalKey } from './json-keys.ts';
import { JsonWalker } from './json-walk.ts';
import { type Notation, RecordBuilder } from './record-builder.ts';
import { Positions, Slot } from './slots.ts';

export class JsonFormat implements AccessFormat {
  readonly name: AccessFormatName;
  readonly description: string;
  readonly completeness = 'whole';
  readonly #walker: JsonWalker;
  readonly #builder: RecordBuilder;
  readonly #positions = new Positions();

  constructor(name: AccessFormatName, description: string, keys: ReadonlyMap<string, Slot>, notation: Notation) {
    this.name = name;
    this.description = description;
    this.#walker = new JsonWalker((path) => keys.get(path));
    this.#builder = new RecordBuilder(notation);
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
  readonly completeness = 'whole';
  readonly #walker: JsonWalker;
  readonly #builder: RecordBuilder;
  readonly #positions = new Positions();
  #isHaproxy = false;

  constructor(name: 'haproxy-json' | 'json') {
    this.name = name;
    this.description = name === 'json' ? 'JSON lines' : 'JSON lines of HAProxy';
    this.#walker = new JsonWalker((path) => {
      if (HAPROXY_KEYS.test(normalKey(path))) this.#isHaproxy = true;
      return findJsonKey(path);
    });
    this.#builder = new RecordBuilder({ escape: 'json', ...(name === 'haproxy-json' && { innerEscape: 'haproxy' }) });
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    const positions = this.#positions;
    if (!this.#walker.walk(line, start, positions)) return undefined;
    // Not of every line: keys are looked up when they are new.
    if (this.name === 'haproxy-json' && !this.#isHaproxy) return undefined;
    if (!describesRequest(positions)) return undefined;
    settle(line, positions);
    return this.#builder.build(line, positions, header, clock);
  }
}

/** Programs log much in JSON: a status alone is no request. */
function describesRequest(positions: Positions): boolean {
  const { request, target, path, method, id } = Slot;
  return [request, target, path, method, id].some((slot) => positions.has(slot));
}

const TERMINATION = /^[A-Za-z-]{2,4}$/;

/** Names that mean two things, by what stands there. */
function settle(line: string, positions: Positions): void {
  move(line, positions, Slot.ts, (text) => (TERMINATION.test(text) ? Slot.termination : Slot.anyTime));
  move(line, positions, Slot.termination, (text) => (TERMINATION.test(text) ? Slot.termination : Slot.none));
  move(line, positions, Slot.tr, (text) => (/^[+-]?\d+$/.test(text) ? Slot.firstByteMs : Slot.anyTime));
  move(line, positions, Slot.rt, (text) => (text.includes('.') ? Slot.totalSeconds : Slot.sid));
  move(line, positions, Slot.duration, (text) => (text.includes('.') ? Slot.totalSeconds : Slot.totalMs));
  // `"request": "/x"` beside a method of its own, `"uri": "GET /x HTTP/1.1"` without one.
  move(line, positions, Slot.request, (text) =>
    text.includes(' ') || text.startsWith('<') ? Slot.request : Slot.target,
  );
  move(line, positions, Slot.target, (text) => (/^[A-Z]+ \S/.test(text) ? Slot.request : Slot.target));
}

function move(line: string, positions: Positions, from: Slot, choose: (text: string) => Slot): void {
  if (!positions.has(from)) return;
  const to = choose(positions.text(line, from));
  if (to === from) return;
  if (to !== Slot.none && !positions.has(to))
    positions.set(to, positions.starts[from] as number, positions.ends[from] as number);
  positions.unset(from);
}
