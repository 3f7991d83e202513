/** HAProxy's log while it is written: each line goes to `spoe-logs summarize`, its event is kept for the account. */
import { parseLine } from '../../dist/lib/index.js';

export class LiveLog {
  /** One for each SPOE line: whose it is, what came of it, when it began. */
  events = [];
  #output;

  /** Lines are for this stream from now on. */
  sendTo(output) {
    this.#output = output;
  }

  /** Takes a line without its newline. */
  write(line) {
    const parsed = parseLine(line);
    if (parsed.kind === 'event') this.events.push(eventOf(parsed));
    if (this.#output?.writable) this.#output.write(`${line}\n`);
  }
}

function eventOf({ header, event }) {
  const { sid, st, pT } = event;
  return { id: requestId(header.pid, sid), st, pT, beganMs: header.time.epochMs - pT };
}

/** A request, by what its line says. */
function requestId(pid, sid) {
  return `${pid}/${sid}`;
}

/** The same of a unique-id, which ends with sid and pid in hex: `%rt:%pid` with `%{+X}o`. */
export function requestIdOf(uniqueId = '') {
  const [, sid, pid] = /_([0-9A-F]+):([0-9A-F]+)$/.exec(uniqueId) ?? [];
  return sid === undefined ? undefined : requestId(Number.parseInt(pid, 16), Number.parseInt(sid, 16));
}
