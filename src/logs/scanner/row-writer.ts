import type { Counter, HeaderTime, ParsedLine } from '../record.ts';
import { Float, Int, NO_TIME, packStamp, RowFlag, type Rows } from '../row.ts';

const LOW_BITS = 53n;
const LOW_53_BITS = (1n << LOW_BITS) - 1n;
/** The bits of a 64-bit counter above those. */
const HIGH_BITS = 11;

/** Writes an event as the row at byte offset `row`, with the numbers that `rows.names` gives its key and origin. */
export function writeRow(
  { ints, floats, names }: Rows,
  row: number,
  line: ParsedLine & { kind: 'event' },
  timeMs: number | undefined,
): void {
  const { event } = line;
  const int = row >> 2;
  const float = row >> 3;
  const phases = event.reqT !== undefined;
  ints[int + Int.key] = names.key(event.agent, event.type, event.name);
  ints[int + Int.origin] = names.origin(line.header);
  ints[int + Int.status] = event.st;
  ints[int + Int.flags] = phases ? RowFlag.phases : 0;
  if (typeof event.nbError === 'bigint' || typeof event.nbProcessed === 'bigint') {
    ints[int + Int.flags] = (ints[int + Int.flags] as number) | RowFlag.wide;
    ints[int + Int.high] = (high(event.nbError) << HIGH_BITS) | high(event.nbProcessed);
  }
  ints[int + Int.reqT] = bounded(event.reqT);
  ints[int + Int.qT] = bounded(event.qT);
  ints[int + Int.wT] = bounded(event.wT);
  ints[int + Int.resT] = bounded(event.resT);
  ints[int + Int.pT] = bounded(event.pT);
  ints[int + Int.idles] = event.idles ?? 0;
  ints[int + Int.applets] = event.applets ?? 0;
  ints[int + Int.sending] = event.nbSending ?? 0;
  ints[int + Int.waiting] = event.nbWaiting ?? 0;
  ints[int + Int.repeat] = line.repeat;
  ints[int + Int.sid] = event.sid;
  ints[int + Int.stamp] = stampOf(line.header.time);
  floats[float + Float.time] = timeMs ?? NO_TIME;
  floats[float + Float.processed] = low53(event.nbProcessed);
  floats[float + Float.errors] = low53(event.nbError);
}

function stampOf(time: HeaderTime | undefined): number {
  if (time?.kind !== 'local') return 0;
  return packStamp(time.month, time.day, time.hour, time.minute, time.second);
}

/** A timer of more than 24 days is shown as 24 days. */
function bounded(timer: number | undefined): number {
  return timer === undefined ? 0 : Math.min(timer, 0x7fffffff);
}

function high(counter: Counter): number {
  return typeof counter === 'number' ? 0 : Number(counter >> LOW_BITS);
}

function low53(counter: Counter): number {
  return typeof counter === 'number' ? counter : Number(counter & LOW_53_BITS);
}

/** All digits of nb_error and nb_processed of the row at word `int`. */
export function countersOf(ints: Int32Array, floats: Float64Array, int: number): readonly [Counter, Counter] {
  const float = int >> 1;
  const errors = floats[float + Float.errors] as number;
  const processed = floats[float + Float.processed] as number;
  if (((ints[int + Int.flags] as number) & RowFlag.wide) === 0) return [errors, processed];
  const bits = ints[int + Int.high] as number;
  return [whole(bits >>> HIGH_BITS, errors), whole(bits & ((1 << HIGH_BITS) - 1), processed)];
}

function whole(highBits: number, low: number): Counter {
  return highBits === 0 ? low : (BigInt(highBits) << LOW_BITS) | BigInt(low);
}
