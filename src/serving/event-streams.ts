/**
 * Server-sent events (HTML Living Standard, 9.2) for a bounded number of clients. An event only says that something is new: a
 * client that does not read gets none until it does, then the last one, and is left after a while.
 */
import type { ServerResponse } from 'node:http';
import { SAFE_HEADERS } from './answers.ts';

export interface StreamCounts {
  /** Clients that were turned away: there are too many. */
  streamsRefused: number;
  /** Clients that were left: they did not read. */
  streamsLeft: number;
  /** Events that a client which did not read has not got. */
  eventsDropped: number;
}

/** A comment keeps proxies from ending a stream on which nothing comes, and finds out who is gone. */
const BEAT_MS = 15_000;
/** A client that has not read for so many beats is left. */
const MOST_MISSED = 4;
/** The time after which a browser asks again, ms. */
const RETRY_MS = 3_000;

interface Stream {
  /** The last event that waits for the client to read. */
  waiting: string | undefined;
  missed: number;
}

export class EventStreams {
  readonly #most: number;
  readonly #counts: StreamCounts;
  readonly #streams = new Map<ServerResponse, Stream>();
  readonly #beat: NodeJS.Timeout;
  #last: string | undefined;

  /** @param beatMs the interval of comments */
  constructor(most: number, counts: StreamCounts, beatMs = BEAT_MS) {
    this.#most = most;
    this.#counts = counts;
    this.#beat = setInterval(() => this.#beatAll(), beatMs).unref();
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Begins a stream, with the last event; false when there are too many. */
  open(response: ServerResponse, onClose: () => void): boolean {
    if (this.#streams.size >= this.#most) {
      this.#counts.streamsRefused++;
      return false;
    }
    const stream: Stream = { waiting: undefined, missed: 0 };
    this.#streams.set(response, stream);
    response.on('drain', () => {
      stream.missed = 0;
      const { waiting } = stream;
      stream.waiting = undefined;
      if (waiting !== undefined) response.write(waiting);
    });
    response.on('error', () => undefined);
    response.once('close', () => {
      this.#streams.delete(response);
      onClose();
    });
    response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream', connection: 'close' });
    response.write(`retry: ${RETRY_MS}\n\n${this.#last ?? ''}`);
    return true;
  }

  /** Tells all of them. @param data JSON, in one line */
  tell(event: string, data: string): void {
    const text = `event: ${event}\ndata: ${data}\n\n`;
    this.#last = text;
    for (const [response, stream] of this.#streams) {
      if (!response.writableNeedDrain) {
        response.write(text);
        continue;
      }
      if (stream.waiting !== undefined) this.#counts.eventsDropped++;
      stream.waiting = text;
    }
  }

  /** Ends all streams, and takes none any more. */
  end(): void {
    clearInterval(this.#beat);
    for (const response of this.#streams.keys()) response.end();
  }

  #beatAll(): void {
    for (const [response, stream] of this.#streams) {
      if (!response.writableNeedDrain) {
        response.write(':\n\n');
        continue;
      }
      stream.missed++;
      if (stream.missed < MOST_MISSED) continue;
      this.#counts.streamsLeft++;
      response.destroy();
    }
  }
}
