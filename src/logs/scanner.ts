import type { TimeResolver } from './time.ts';

/** Finds SPOE events in blocks of whole lines. The fast and the plain scanner give the same rows and tallies. */
export interface BlockScanner {
  /** Where the caller puts the bytes. */
  readonly input: Buffer;
  /** Of a longer line, without NULs, only the beginning is read; 64 KiB where it is not said. */
  readonly maxLineBytes?: number;
  /** Scans input[start, end), which ends with a newline. */
  scan(start: number, end: number): void;
  /**
   * Scans a line at the end of an input that had no newline: input[start, end), to which one was added. Such a line may go on one day;
   * without this it is a line like others.
   */
  scanUnfinished?(start: number, end: number): void;
  /** Continues with the times of another file. */
  setTimes(times: TimeResolver): void;
}
