/** A connection to an agent, as cheap as it can be: HELLO by the project's codec, ACKs are only looked at. */
import { connect, type Socket } from 'node:net';
import { FrameType, readFrameHeader } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';
import { readAgentHello } from '../../src/spop/hello.ts';

const READ_BYTES = 64 * 1024;
const MAX_FRAME_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

export class SpopConnection {
  pipelining = false;
  closed = false;
  inFlight = 0;
  /** Numbers of the frames that go out with the next write. */
  readonly outgoing: number[] = [];
  /** The same of answers of production, and the numbers of their requests. */
  readonly answers: { readonly numbers: number[]; readonly requests: number[] } = { numbers: [], requests: [] };
  /** Called for each ACK, then once for what came with it. */
  onAck: (bytes: Buffer, at: number, nowMs: number) => void = () => {};
  onChunk = () => {};
  onDisconnect = () => {};
  /** Resolves when the agent has said HELLO. */
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  #rest: Buffer = NOTHING;
  #welcome = () => {};

  constructor(port: number, hello: Buffer) {
    // One buffer for all that is ever read.
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const callback = (length: number) => {
      this.#read(buffer, length);
      return true;
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    this.ready = new Promise((resolve, reject) => {
      this.#welcome = resolve;
      this.#socket.on('error', reject);
      this.#socket.on('close', () => {
        this.closed = true;
        reject(new Error('the agent closed the connection'));
      });
    });
    this.ready.catch(() => {});
    this.#socket.write(hello);
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  end(bytes: Buffer): void {
    this.#socket.end(bytes);
  }

  #read(chunk: Buffer, length: number): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk.subarray(0, length)]);
    const end = this.#rest.length === 0 ? length : bytes.length;
    const nowMs = performance.now();
    let at = 0;
    while (end - at >= 4) {
      const next = at + 4 + bytes.readUInt32BE(at);
      if (next > end) break;
      if (bytes[at + 4] === FrameType.ack) this.onAck(bytes, at + 4, nowMs);
      else this.#other(bytes.subarray(at, next));
      at = next;
    }
    // The buffer is used again for the next read.
    this.#rest = at === end ? NOTHING : Buffer.from(bytes.subarray(at, end));
    this.onChunk();
  }

  #other(bytes: Buffer): void {
    if (bytes[4] === FrameType.agentDisconnect) this.onDisconnect();
    if (bytes[4] !== FrameType.agentHello) return;
    new FrameReader(MAX_FRAME_BYTES, (frame) => {
      const { capabilities } = readAgentHello(readFrameHeader(frame), frame);
      this.pipelining = capabilities.includes('pipelining');
      this.#welcome();
    }).push(Buffer.from(bytes));
  }
}
