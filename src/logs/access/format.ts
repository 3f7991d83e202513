import type { AccessFormatName, AccessRecord, LoggedAnswer } from '../access-record.ts';
import type { LineHeader } from '../record.ts';
import type { AccessClock } from './clock.ts';

/** A log format, ready to read lines with. It keeps nothing of a line but caches: one serves one reader at a time. */
export interface AccessFormat {
  readonly name: AccessFormatName;
  /** A description for people: `httplog + %ID %rt`. */
  readonly description: string;
  /** Where each value stands, for telling formats apart that have one description; undefined where that is enough. */
  readonly layout?: string;
  /** The log's name of a time that is not read because its unit is not known; undefined when there was none. */
  readonly unknownTime?: string | undefined;
  /** Fields of a line that was just read which were not, with their values: where an id may stand. Absent: nothing is known. */
  unread?(line: string, start: number): Iterable<readonly [field: string, value: string]>;
  /**
   * Reads the message that begins at `start` of a line; undefined when it has another format. Texts of the record may
   * be slices of the line: who keeps them keeps the line.
   */
  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | LoggedAnswer | undefined;
  /**
   * Reads the line that is bytes[start, end), without its newline, as `read` would read its text; undefined where that has to be
   * asked. Its record has an id, and is no answer.
   */
  readBytes?(bytes: Buffer, start: number, end: number, clock: AccessClock): AccessRecord | undefined;
}
