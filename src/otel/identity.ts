/**
 * What a line is, as 128 bits that do not depend on when, where, or with which other lines it is read: host, pid, time
 * as logged, agent, event, sid, st, timers, nb_error and nb_processed.
 *
 * The time as logged: an RFC 3164 time without the year and zone that had to be found for it, so that neither --tz, nor
 * --year, nor the age of a file changes ids; any other time as the moment it states.
 */
import type { Names } from '../logs/names.ts';
import { Float, Int, RowFlag, type Rows, timeOf } from '../logs/row.ts';
import { hashText, hashWords } from './murmur3.ts';

/** 32-bit words of a trace id. */
export const ID_WORDS = 4;

const INPUT_WORDS = 24;
/** Changes when the ids of the same line have to become others, and only then. */
const SEED = 0x5350_0001 | 0;
const OCCURRENCE_SEED = 0x5350_0002 | 0;
const SPAN_SEED = 0x5350_0003 | 0;
const TWO_32 = 2 ** 32;

export class EventHasher {
  readonly #words = new Int32Array(INPUT_WORDS);
  #names: Names | undefined;
  #origins: Int32Array[] = [];
  #keys: Int32Array[] = [];

  /** Writes four words, the identity of the row at word `int`, to `into` at `at`. */
  write(rows: Rows, int: number, into: Int32Array, at: number): void {
    const { ints, floats, names } = rows;
    if (names !== this.#names) this.#forget(names);
    const words = this.#words;
    const float = int >> 1;
    words.set(this.#originOf(ints[int + Int.origin] as number, names), 0);
    words.set(this.#keyOf(ints[int + Int.key] as number, names), 4);
    this.#writeTime(ints[int + Int.stamp] as number, timeOf(floats, float));
    words[10] = ints[int + Int.sid] as number;
    words[11] = ints[int + Int.status] as number;
    const phases = ((ints[int + Int.flags] as number) & RowFlag.phases) !== 0;
    words[12] = phases ? 1 : 0;
    words[13] = phases ? (ints[int + Int.reqT] as number) : 0;
    words[14] = phases ? (ints[int + Int.qT] as number) : 0;
    words[15] = phases ? (ints[int + Int.wT] as number) : 0;
    words[16] = phases ? (ints[int + Int.resT] as number) : 0;
    words[17] = ints[int + Int.pT] as number;
    this.#writeFloat(18, floats[float + Float.errors] as number);
    this.#writeFloat(20, floats[float + Float.processed] as number);
    hashWords(words, INPUT_WORDS, SEED, into, at);
  }

  #writeTime(stamp: number, timeMs: number): void {
    const known = Number.isNaN(timeMs) ? -1 : timeMs;
    if (stamp === 0) this.#writeFloat(8, known);
    else {
      this.#words[8] = stamp;
      this.#words[9] = ((known % 1000) + 1000) % 1000;
    }
  }

  /** An integer below 2^53 as two words. */
  #writeFloat(at: number, value: number): void {
    this.#words[at] = (value % TWO_32) | 0;
    this.#words[at + 1] = Math.floor(value / TWO_32) | 0;
  }

  #forget(names: Names): void {
    this.#names = names;
    this.#origins = [];
    this.#keys = [];
  }

  #originOf(origin: number, names: Names): Int32Array {
    const known = this.#origins[origin];
    if (known !== undefined) return known;
    const { host, pid } = names.origins[origin] ?? { host: undefined, pid: undefined };
    const made = hashText(JSON.stringify([host ?? null, pid ?? null]));
    this.#origins[origin] = made;
    return made;
  }

  #keyOf(key: number, names: Names): Int32Array {
    const known = this.#keys[key];
    if (known !== undefined) return known;
    const { agent, type, name } = names.keys[key] ?? { agent: '', type: 'EVENT', name: '' };
    const made = hashText(JSON.stringify([agent, type, name]));
    this.#keys[key] = made;
    return made;
  }
}

/** Memory that the two functions below use within one call: they are called for each span. */
const scratch = new Int32Array(8);

/**
 * Writes the trace id (four words) of the n-th line with this identity, from 0 on, to `into` at `at`. The first one's
 * is the identity itself, so that an event whose line stands once does not depend on others.
 */
export function writeTraceId(from: Int32Array, fromAt: number, occurrence: number, into: Int32Array, at: number): void {
  for (let i = 0; i < ID_WORDS; i++) into[at + i] = from[fromAt + i] as number;
  if (occurrence > 0) {
    scratch.set(into.subarray(at, at + ID_WORDS));
    scratch[4] = occurrence;
    hashWords(scratch, 8, OCCURRENCE_SEED, into, at);
  }
  // An id of zeros is invalid (W3C Trace Context).
  if (((into[at] as number) | (into[at + 1] as number) | (into[at + 2] as number) | (into[at + 3] as number)) === 0)
    into[at] = 1;
}

const spanInput = new Int32Array(8);
const spanOutput = new Int32Array(4);

/** Writes the span id (two words) of one span of the trace, each hashed on its own. 0 is the event's span. */
export function writeSpanId(trace: Int32Array, traceAt: number, span: number, into: Int32Array, at: number): void {
  for (let i = 0; i < ID_WORDS; i++) spanInput[i] = trace[traceAt + i] as number;
  spanInput[4] = span;
  hashWords(spanInput, 8, SPAN_SEED, spanOutput, 0);
  const high = spanOutput[0] as number;
  const low = spanOutput[1] as number;
  into[at] = high === 0 && low === 0 ? 1 : high;
  into[at + 1] = low;
}
