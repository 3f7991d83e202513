/**
 * Between the socket of a connection and node's HTTP/2, which reads whatever it is given at once, keeps each origin of each
 * ORIGIN frame for good, and answers every PING.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ReceivedFrames, SentFrames } from './frame-bounds.ts';

/** A budget of time for reading what servers send. */
export interface ReadingTime {
  /** @returns whether there is time left for more, after a read that took from one moment to the other */
  spend(fromMs: number, toMs: number): boolean;
  /** Calls back when there is time again. */
  wait(resume: () => void): void;
}

/** A stream over the socket: end, errors and close are the socket's; a flood is an error `http2-flood`. */
export class FrameGate extends Duplex {
  readonly #socket: Socket;
  readonly #reading: ReadingTime | undefined;
  readonly #received = new ReceivedFrames();
  readonly #sent = new SentFrames();
  #isResting = false;
  /** How long writing took while a piece was read: windows and requests, of which servers cause no more than they have credit for. */
  #writingMs = 0;
  /** True when the socket has ended and this stream has not yet. */
  #isEnding = false;

  /** @param reading what reading may take, where others wait for this thread */
  constructor(socket: Socket, reading: ReadingTime | undefined) {
    super();
    this.#socket = socket;
    this.#reading = reading;
    this.on('resume', () => this.#pump());
    socket.on('readable', () => this.#pump());
    socket.on('end', () => {
      this.#isEnding = true;
      this.#pump();
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => {
      // After an end there may be bytes that are not read yet.
      if (!this.#isEnding) this.destroy();
    });
  }

  /** Passes on what there is, while it is read: each piece is used before `push` returns, so its time is known. */
  #pump(): void {
    while (!this.#isResting && !this.destroyed && this.readableFlowing === true) {
      const piece = this.#next();
      if (piece === undefined) return;
      this.#writingMs = 0;
      const fromMs = performance.now();
      this.push(piece);
      if (this.#reading?.spend(fromMs + this.#writingMs, performance.now()) === false) this.#rest(this.#reading);
    }
  }

  #rest(reading: ReadingTime): void {
    this.#isResting = true;
    reading.wait(() => {
      this.#isResting = false;
      this.#pump();
    });
  }

  #next(): Buffer | undefined {
    try {
      for (;;) {
        const piece = this.#received.next();
        if (piece !== undefined) return piece;
        const bytes: Buffer | null = this.#socket.read();
        if (bytes === null) break;
        this.#received.push(bytes);
      }
      if (this.#isEnding) this.push(null);
    } catch (error) {
      this.destroy(error as Error);
    }
    return undefined;
  }

  override _read(): void {
    // The socket says when there is something.
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const fromMs = performance.now();
    this.#received.grant(this.#sent.push(bytes));
    this.#socket.write(bytes, done);
    this.#writingMs += performance.now() - fromMs;
  }

  override _writev(parts: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const bytes = Buffer.concat(parts.map(({ chunk }) => chunk));
    this._write(bytes, 'latin1', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
