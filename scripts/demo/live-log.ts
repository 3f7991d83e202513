/**
 * HAProxy's log while it is written: each line goes to `spoe-logs summarize` and is kept, and so is the event of a request for
 * the account.
 */
import type { Writable } from 'node:stream';
import { parseLine } from '../../src/logs/line.ts';
import type { ParsedLine } from '../../src/logs/record.ts';

/** Whose line it is, what came of the event, and when it began. */
export interface LoggedEvent {
  readonly id: string;
  readonly st: number;
  readonly pT: number;
  readonly beganMs: number;
}

const REQUEST_EVENT = 'on-frontend-http-request';

export class LiveLog {
  /** One for each request that was handed over, or should have been. */
  readonly events: LoggedEvent[] = [];
  /** All of them, for the minute at most that the demo takes. */
  readonly lines: string[] = [];
  #output: Writable | undefined;

  /** Lines are for this stream from now on. */
  sendTo(output: Writable): void {
    this.#output = output;
  }

  /** Takes a line without its newline. */
  write(line: string): void {
    const parsed = parseLine(line);
    // The event of an answer is one more of a request that has had its own.
    if (parsed.kind === 'event' && parsed.event.name === REQUEST_EVENT) this.events.push(eventOf(parsed));
    this.lines.push(line);
    if (this.#output?.writable) this.#output.write(`${line}\n`);
  }
}

function eventOf({ header, event }: Extract<ParsedLine, { kind: 'event' }>): LoggedEvent {
  const { sid, st, pT } = event;
  // Both HAProxies write RFC 5424.
  const endedMs = header.time?.kind === 'absolute' ? header.time.epochMs : Number.NaN;
  return { id: requestId(header.pid, sid), st, pT, beganMs: endedMs - pT };
}

/** A request, by what its line says. */
function requestId(pid: number | undefined, sid: number): string {
  return `${pid}/${sid}`;
}

/** The same of a unique-id, which ends with sid and pid in hex: `%rt:%pid` with `%{+X}o`. */
export function requestIdOf(uniqueId = ''): string | undefined {
  const [, sid, pid] = /_([0-9A-F]+):([0-9A-F]+)$/.exec(uniqueId) ?? [];
  return pid === undefined || sid === undefined
    ? undefined
    : requestId(Number.parseInt(pid, 16), Number.parseInt(sid, 16));
}
