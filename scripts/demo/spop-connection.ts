/** HAProxy's end of a connection to an agent: HELLO, then NOTIFY and ACK, until one of them says DISCONNECT. */
import { connect, type Socket } from 'node:net';
import { readAck } from '../../src/spop/ack.ts';
import type { Action } from '../../src/spop/actions.ts';
import type { ByteReader } from '../../src/spop/byte-reader.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { readAgentDisconnect, writeHaproxyDisconnect } from '../../src/spop/disconnect.ts';
import { SpopStatus } from '../../src/spop/errors.ts';
import { FrameType, readFrameHeader } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';
import { type HaproxyHello, readAgentHello, writeHaproxyHello } from '../../src/spop/hello.ts';
import type { Address } from './agent.ts';

/** What HAProxy offers: its buffer without its reserve. */
const MAX_FRAME_SIZE = 16_380;

export class SpopConnection {
  /** Called with the stream-id and frame-id of each NOTIFY that was acknowledged, and with what HAProxy is asked to do. */
  onAck: (streamId: number, frameId: number, actions: readonly Action[]) => void = () => {};
  /** Called once, with SPOP's code: the agent's own, or that of an I/O error. */
  onEnd: (code: number) => void = () => {};
  readonly #socket: Socket;
  readonly #writer = new ByteWriter();
  #greeted = () => {};
  #code: number = SpopStatus.ioError;

  /**
   * `hello`: what differs from one connection to the next. Rejected when the agent is not there or does not answer in
   * time.
   */
  static async open(address: Address, hello: Partial<HaproxyHello>, timeoutMs: number): Promise<SpopConnection> {
    const connection = new SpopConnection(address);
    const timer = setTimeout(() => connection.close(), timeoutMs);
    try {
      const greeted = new Promise<void>((resolve, reject) => {
        connection.#greeted = resolve;
        connection.onEnd = (code) => reject(new Error(`no HELLO from the agent, code ${code}`));
      });
      writeHaproxyHello(connection.#writer, {
        supportedVersions: ['2.0'],
        maxFrameSize: MAX_FRAME_SIZE,
        capabilities: [],
        healthcheck: false,
        ...hello,
      });
      connection.send(connection.#writer.take());
      await greeted;
      return connection;
    } finally {
      clearTimeout(timer);
    }
  }

  constructor(address: Address) {
    const reader = new FrameReader(MAX_FRAME_SIZE, (frame) => this.#read(frame));
    this.#socket = connect({ ...address, noDelay: true });
    this.#socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch {
        this.close(); // Bytes that are no SPOP: there is nothing left to talk about.
      }
    });
    this.#socket.on('error', () => {}); // `close` follows.
    this.#socket.once('close', () => this.onEnd(this.#code));
  }

  #read(frame: ByteReader): void {
    const header = readFrameHeader(frame);
    if (header.type === FrameType.agentHello) {
      const { maxFrameSize } = readAgentHello(header, frame);
      this.#writer.maxFrameSize = maxFrameSize;
      this.#greeted();
    } else if (header.type === FrameType.ack) {
      this.onAck(Number(header.streamId), Number(header.frameId), readAck(frame));
    } else if (header.type === FrameType.agentDisconnect) {
      this.#code = readAgentDisconnect(header, frame).statusCode;
      this.close();
    }
  }

  /** Sends bytes of whole frames. */
  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** As HAProxy ends one: says so, and hangs up. */
  disconnect(): void {
    writeHaproxyDisconnect(this.#writer, { statusCode: SpopStatus.normal, message: 'normal' });
    this.send(this.#writer.take());
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }
}
