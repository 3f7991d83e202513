/**
 * One SPOE event as numbers, the form in which both parsers hand it to the statistics: no object and no string is
 * made for a line that is not printed. A batch is a run of rows in one buffer.
 *
 * The layout is shared with scanner/assembly/index.ts, which writes it.
 */
import { classifyFailure, type FailurePattern } from '../status/patterns.ts';
import type { Names } from './names.ts';

export const ROW_BYTES = 96;
export const ROW_INTS = ROW_BYTES / 4;
export const ROW_FLOATS = ROW_BYTES / 8;

/** Index of each 32-bit word in a row. Status and gauges are unsigned: read them with `>>> 0`. */
export const Int = {
  key: 0,
  origin: 1,
  status: 2,
  flags: 3,
  reqT: 4,
  qT: 5,
  wT: 6,
  resT: 7,
  pT: 8,
  idles: 9,
  applets: 10,
  sending: 11,
  waiting: 12,
  /** The number of events the line stands for. */
  repeat: 13,
  /** Unsigned, as status. */
  sid: 14,
  /** The date and time of a header without year and zone, as it is written (packStamp); 0 for any other time. */
  stamp: 15,
  /** The bits of nb_error, then nb_processed above the 53 that their floats have, 11 each; with RowFlag.wide only. */
  high: 22,
  /** Where the line begins in the batch's `input`; says nothing without that. */
  line: 23,
} as const;

/** Index of each 64-bit float in a row. */
export const Float = {
  /** Epoch ms; NO_TIME for a line without one. */
  time: 8,
  /** nb_processed and nb_error modulo 2^53: only their differences are used, and those stay exact. */
  processed: 9,
  errors: 10,
} as const;

export const NO_TIME = Number.NEGATIVE_INFINITY;

/** The time of the row at float `float`; NaN without one: it is neither before nor after anything. */
export function timeOf(floats: Float64Array, float: number): number {
  const time = floats[float + Float.time] as number;
  return time === NO_TIME ? Number.NaN : time;
}

/** Month, day, hour, minute and second of an RFC 3164 time in 26 bits: the same text is the same number. */
export function packStamp(month: number, day: number, hour: number, minute: number, second: number): number {
  return (month << 22) | (day << 17) | (hour << 12) | (minute << 6) | second;
}

/** The time that packStamp packed. */
export function unpackStamp(stamp: number) {
  return {
    kind: 'local' as const,
    month: stamp >> 22,
    day: (stamp >> 17) & 31,
    hour: (stamp >> 12) & 31,
    minute: (stamp >> 6) & 63,
    second: stamp & 63,
    ms: 0,
  };
}

export const RowFlag = {
  /** The line carries reqT … resT and the gauges (HAProxy <= 3.0). */
  phases: 1,
  /** The scanner has counted timers and gauges in the cell of the row's key. */
  counted: 2,
  /** The same event came before (SeenEvents). */
  repeated: 4,
  /** A counter is 2^53 or more (Int.high). Only the plain path writes such a row. */
  wide: 8,
} as const;

/** What the code and the phases of the row at word `int` say together; undefined when the code alone says as much. */
export function failureOf(ints: Int32Array, int: number): FailurePattern | undefined {
  return classifyFailure(
    (ints[int + Int.status] as number) >>> 0,
    ((ints[int + Int.flags] as number) & RowFlag.phases) !== 0,
    ints[int + Int.reqT] as number,
    ints[int + Int.qT] as number,
    ints[int + Int.wT] as number,
    ints[int + Int.resT] as number,
    ints[int + Int.pT] as number,
  );
}

/**
 * Memory in which the scanner itself counts the timers and gauges of lines whose timers are all below 512 ms: the
 * order of lines does not matter to them, and counting where the numbers are read saves most of the work.
 */
export interface Cell {
  readonly number: number;
  /** Lines per ms. */
  readonly reqT: Float64Array;
  readonly qT: Float64Array;
  readonly wT: Float64Array;
  readonly resT: Float64Array;
  readonly pT: Float64Array;
  /** Five numbers for each ms of pT: lines, then the sums of reqT, qT, wT and resT. */
  readonly tail: Float64Array;
  /** Lowest idles, highest applets, sending and waiting; Infinity and -1 at first. */
  readonly gauges: Float64Array;
}

export interface CellMemory {
  /** A new cell, or undefined when all are taken. */
  allocate(): Cell | undefined;
  /** Makes the scanner count the lines of this key in the cell from now on. */
  bind(key: number, cell: Cell): void;
}

/** Numbers of one route, one source and one stream in RowSums; as bytes in scanner/assembly/index.ts. */
export const ROUTE_SUMS = 2;
export const SOURCE_SUMS = 10;
export const STREAM_SUMS = 6;

/**
 * Sums of rows of one moment, made where the rows are: of successes whose timers a cell has, only the number and the
 * range of their counters are still to be counted, and a sum of many costs as much as a row. Who takes a sum sets its first
 * number, the events, to 0. One scanner is bound by one taker, who has all its batches.
 */
export interface RowSums {
  /** Routes, sources and streams that there is room for, each. */
  readonly most: number;
  /** Two numbers a route: events, and how many of them were slow; who takes it sets both to 0. */
  readonly routes: Float64Array;
  /**
   * Ten numbers a source: events; nb_processed and nb_error of the first event; those of the second; the lowest and highest
   * nb_processed, and of nb_error, from the second on; the last nb_processed.
   */
  readonly sources: Float64Array;
  /** Six numbers a stream: events, the first and the last by their place among the rows summed, from 1, and their three longest steps, the longest first; 1 where none is longer. */
  readonly streams: Float64Array;
  /**
   * The rows that `sum` went over and that add more than what it has summed up: where their places end in here, how many of the
   * rows were repeated, then the first word of each row. Of a repeated one nothing is summed up, of others all but their timers
   * and whether they failed.
   */
  readonly others: Int32Array;
  /** Sums up rows of this origin and key from now on, under numbers below `most`. */
  bind(origin: number, key: number, route: number, source: number, stream: number): void;
  /** Sums up rows from byte `start` on as long as they are of one time, and gives their number. A success above `slowMs` is slow. */
  sum(start: number, count: number, slowMs: number): number;
  /** The first of the last rows among which `wanted` are not repeated; 0 when there are not so many. */
  lastCounting(start: number, count: number, wanted: number): number;
}

/** Rows in one buffer; functions that take one of them take this and the index of its first word. */
export interface Rows {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
  /** What key and origin numbers stand for. */
  readonly names: Names;
}

export interface RowBatch extends Rows {
  /** Byte offset of the first row in both arrays' buffer. */
  readonly start: number;
  readonly count: number;
  /** Memory of cells; absent where each line comes as a row only. */
  readonly cells?: CellMemory;
  /** Sums of rows that are in cells; absent without those. */
  readonly sums?: RowSums;
  /** The bytes that the rows were read from, until the batch was taken; absent where lines come one by one. */
  readonly input?: Buffer;
}
