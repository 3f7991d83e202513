/**
 * SPOE lines as bytes: those of one process in one second begin alike, up to the number of the stream. The first that is read as
 * text teaches its beginning, and of the next ones only what stands behind it becomes a text.
 */
import type { EventReader } from '../event-reader.ts';
import type { LineHeader, SpoeEvent } from '../record.ts';
import { MARKER } from '../spoe-line.ts';
import { isPrintable, type SharedText, sharedEnd, sharedText } from './shared-text.ts';

/** One for each event of each process whose lines alternate. */
const ENTRIES = 16;
/** The numbers of an event are shorter. */
const LONGEST_REST = 160;
/** `SPOE` as bytes. */
const MARK = 0x454f_5053;

interface Entry {
  readonly text: SharedText;
  /** Where the message begins in it. */
  readonly messageStart: number;
  readonly header: LineHeader;
  readonly event: Pick<SpoeEvent, 'agent' | 'type' | 'name'>;
}

export class UsualSpoe {
  readonly #entries: Entry[] = [];
  readonly #events: EventReader;
  #oldest = 0;

  constructor(events: EventReader) {
    this.#events = events;
  }

  /** The event of the line bytes[start, end), and its header; undefined for a line that has to be read as text. */
  read(
    bytes: Buffer,
    view: DataView,
    start: number,
    end: number,
  ): { readonly header: LineHeader; readonly event: SpoeEvent } | undefined {
    for (const { text, messageStart, header, event: known } of this.#entries) {
      const at = start + messageStart;
      // Most lines of a log are no SPOE lines, and these are of other processes.
      if (at + MARKER.length > end || view.getInt32(at, true) !== MARK) continue;
      const rest = sharedEnd(text, view, start, end);
      if (rest < 0 || end - rest > LONGEST_REST) continue;
      const event = this.#events.readRest(bytes.toString('latin1', rest, end), known);
      return event === undefined ? undefined : { header, event };
    }
    return undefined;
  }

  /** A line that was read as text: its message begins at `messageStart`. */
  learn(line: string, messageStart: number, header: LineHeader, { agent, type, name }: SpoeEvent): void {
    // As header-cache.ts has it: such a header is the same whatever stands behind it.
    if (header.process === undefined || header.time === undefined || line[messageStart - 1] !== ' ') return;
    const text = `${line.slice(0, messageStart)}${MARKER} [${agent}] <${type}:${name}> sid=`;
    // A line of JSON or of a list may hold several.
    if (!line.startsWith(text) || !isPrintable(text) || /^[[{]/.test(text)) return;
    const entry = { text: sharedText(text), messageStart, header, event: { agent, type, name } };
    this.#entries[this.#placeOf(entry)] = entry;
  }

  /** That of the same event of the same process, whose second is over; else the oldest. */
  #placeOf({ header, event }: Entry): number {
    const same = this.#entries.findIndex(
      (other) =>
        other.header.pid === header.pid &&
        other.header.host === header.host &&
        other.header.process === header.process &&
        other.event.name === event.name &&
        other.event.type === event.type &&
        other.event.agent === event.agent,
    );
    if (same >= 0) return same;
    const place = this.#oldest;
    this.#oldest = (place + 1) % ENTRIES;
    return place;
  }
}
