/** What tests of the two paths share: a log that both read, and everything they must agree on. */
import assert from 'node:assert/strict';
import { FastScanner } from '../../../src/logs/fast-scanner.ts';
import { LineFeed } from '../../../src/logs/line-feed.ts';
import { Names } from '../../../src/logs/names.ts';
import { PlainScanner } from '../../../src/logs/plain-scanner.ts';
import { Float, Int, ROW_BYTES, type RowBatch, RowFlag } from '../../../src/logs/row.ts';
import { RowBuffer } from '../../../src/logs/row-buffer.ts';
import type { BlockScanner } from '../../../src/logs/scanner.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { TimeResolver } from '../../../src/logs/time.ts';

export const times = () => new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: Date.UTC(2026, 10, 23) });

/** Every row in words, and the tally: what two scanners must agree on. */
function scan(log: Buffer, create: (names: Names, tally: LineTally, sink: (batch: RowBatch) => void) => BlockScanner) {
  const names = new Names();
  const tally = new LineTally();
  const rows: object[] = [];
  const scanner = create(names, tally, (batch) => rows.push(...describeRows(batch)));
  const resolver = times();
  const feed = new LineFeed(scanner, tally, resolver);
  feed.push(log);
  feed.end();
  const { firstLocal, previousMs } = resolver;
  return { rows, tally: tally.toState(), times: { firstLocal, previousMs } };
}

/** Every row in words. */
export function describeRows({ ints, floats, start, count, names }: RowBatch): object[] {
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * ROW_BYTES;
    const int = (word: number) => ints[at / 4 + word] ?? Number.NaN;
    const phases = (int(Int.flags) & RowFlag.phases) !== 0;
    return {
      key: names.keys[int(Int.key)],
      origin: names.origins[int(Int.origin)],
      st: int(Int.status) >>> 0,
      pT: int(Int.pT),
      timers: phases ? [Int.reqT, Int.qT, Int.wT, Int.resT].map(int) : undefined,
      gauges: phases ? [Int.idles, Int.applets, Int.sending, Int.waiting].map((word) => int(word) >>> 0) : undefined,
      repeat: int(Int.repeat),
      sid: int(Int.sid) >>> 0,
      stamp: int(Int.stamp),
      time: floats[at / 8 + Float.time],
      processed: floats[at / 8 + Float.processed],
      errors: floats[at / 8 + Float.errors],
    };
  });
}

export function assertBothAgree(log: Buffer): ReturnType<typeof scan> {
  const fast = scan(log, (names, tally, sink) => new FastScanner(names, tally, times(), sink));
  const plain = scan(log, (names, tally, sink) => {
    const rows = new RowBuffer(names, sink);
    return new PlainScanner(tally, times(), (line) => rows.write(line));
  });
  // Row by row: showing how two long lists differ takes minutes.
  for (const [i, row] of fast.rows.entries()) assert.deepEqual(row, plain.rows[i]);
  assert.equal(fast.rows.length, plain.rows.length);
  assert.deepEqual(fast.tally, plain.tally);
  assert.deepEqual(fast.times, plain.times);
  return fast;
}
