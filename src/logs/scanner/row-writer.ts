import type { Counter, HeaderTime, ParsedLine } from '../record.ts';
import { Flag, Float, Int, NO_TIME, packStamp } from '../row.ts';

const LOW_53_BITS = (1n << 53n) - 1n;

/** Writes an event as the row at byte offset `row`. */
export function writeRow(
  ints: Int32Array,
  floats: Float64Array,
  row: number,
  line: ParsedLine & { kind: 'event' },
  key: number,
  origin: number,
  timeMs: number | undefined,
): void {
  const { event } = line;
  const int = row >> 2;
  const float = row >> 3;
  const phases = event.reqT !== undefined;
  ints[int + Int.key] = key;
  ints[int + Int.origin] = origin;
  ints[int + Int.status] = event.st;
  ints[int + Int.flags] = phases ? Flag.phases : 0;
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

function low53(counter: Counter): number {
  return typeof counter === 'number' ? counter : Number(counter & LOW_53_BITS);
}
