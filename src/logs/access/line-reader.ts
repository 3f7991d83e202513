/** One line of a log, with whatever stands before and around its message → AccessRecord, or an answer of production. */

import type { AccessRecord, LoggedAnswer } from '../access-record.ts';
import { openJsonLine, openTableLine } from '../json-line.ts';
import type { LineHeader } from '../record.ts';
import { type AccessClock, scanLeadingTime } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { HeaderCache } from './header-cache.ts';

const NO_HEADER: LineHeader = {};
const BRACE = 0x7b;

export class AccessLineReader {
  readonly format: AccessFormat;
  readonly #clock: AccessClock;
  readonly #headers = new HeaderCache();

  constructor(format: AccessFormat, clock: AccessClock) {
    this.format = format;
    this.#clock = clock;
  }

  /** The same for bytes[start, end) of a line; undefined for one that has to be read as text. */
  readBytes(bytes: Buffer, start: number, end: number): AccessRecord | undefined {
    return this.format.readBytes?.(bytes, start, end, this.#clock);
  }

  /** `line` is without its newline, CRs at its end and NULs. Undefined when it is no line of the format. */
  read(line: string): AccessRecord | LoggedAnswer | undefined {
    if (line.charCodeAt(0) === BRACE)
      return this.format.read(line, 0, NO_HEADER, this.#clock) ?? this.#readWrapped(line);
    const { header, messageStart } = this.#headers.read(line);
    const record = this.#readMessage(line, messageStart, header);
    if (record !== undefined || messageStart === 0) return record ?? this.#readWrapped(line);
    // The apparent header may have been the beginning of the message: `$time_iso8601 $host app: …`.
    return this.#readWrapped(line) ?? this.format.read(line, 0, NO_HEADER, this.#clock);
  }

  #readMessage(line: string, start: number, header: LineHeader): AccessRecord | LoggedAnswer | undefined {
    const record = this.format.read(line, start, header, this.#clock);
    if (record !== undefined) return record;
    // HAProxy's `iso` and `timed` put nothing but a time before the message, which header.ts leaves there.
    const leading = scanLeadingTime(line, start);
    if (leading === undefined) return undefined;
    return this.format.read(line, leading.end, { time: leading.time, ...header }, this.#clock);
  }

  /** The message that a shipper put into JSON or a table. */
  #readWrapped(line: string): AccessRecord | LoggedAnswer | undefined {
    const [json] = (line.includes('{') ? openJsonLine(line) : undefined) ?? [];
    const opened = json === undefined || json.torn ? openTableLine(line) : json;
    if (opened === undefined || opened.torn || opened.message === '') return undefined;
    return this.#readMessage(opened.message, 0, opened.header);
  }
}
