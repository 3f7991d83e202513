/** HAProxy's end of a connection to an agent: HELLO, then NOTIFY and ACK, until one of them says DISCONNECT. */
import { connect } from 'node:net';
import {
  ByteWriter,
  FrameReader,
  FrameType,
  readAck,
  readAgentDisconnect,
  readAgentHello,
  readFrameHeader,
  writeHaproxyDisconnect,
  writeHaproxyHello,
} from './spop-codec.mjs';

/** What HAProxy offers: its buffer without its reserve. */
const MAX_FRAME_SIZE = 16_380;
/** SPOP's code for a connection that ended without a word. */
const IO_ERROR = 1;

export class SpopConnection {
  /** Called with the stream-id of each NOTIFY that was acknowledged. */
  onAck = () => {};
  /** Called once, with SPOP's code: the agent's own, or that of an I/O error. */
  onEnd = () => {};
  #socket;
  #writer = new ByteWriter();
  #greeted;
  #code = IO_ERROR;

  /**
   * `hello`: what differs from one connection to the next. Rejected when the agent is not there or does not answer in
   * time.
   */
  static async open(address, hello, timeoutMs) {
    const connection = new SpopConnection(address);
    const timer = setTimeout(() => connection.close(), timeoutMs);
    try {
      const greeted = new Promise((resolve, reject) => {
        connection.#greeted = resolve;
        connection.onEnd = (code) => reject(new Error(`no HELLO from the agent, code ${code}`));
      });
      connection.#write(writeHaproxyHello, {
        supportedVersions: ['2.0'],
        maxFrameSize: MAX_FRAME_SIZE,
        capabilities: [],
        healthcheck: false,
        ...hello,
      });
      await greeted;
      return connection;
    } finally {
      clearTimeout(timer);
    }
  }

  constructor(address) {
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

  #read(frame) {
    const header = readFrameHeader(frame);
    if (header.type === FrameType.agentHello) {
      const { maxFrameSize } = readAgentHello(header, frame);
      this.#writer.maxFrameSize = maxFrameSize;
      this.#greeted();
    } else if (header.type === FrameType.ack) {
      readAck(frame); // The actions of a mirror's ACK: there are none, but they have to be well formed.
      this.onAck(header.streamId);
    } else if (header.type === FrameType.agentDisconnect) {
      this.#code = readAgentDisconnect(header, frame).statusCode;
      this.close();
    }
  }

  #write(writeFrame, ...values) {
    writeFrame(this.#writer, ...values);
    this.send(this.#writer.take());
  }

  /** Sends bytes of whole frames. */
  send(bytes) {
    this.#socket.write(bytes);
  }

  /** As HAProxy ends one: says so, and hangs up. */
  disconnect() {
    this.#write(writeHaproxyDisconnect, { statusCode: 0, message: 'normal' });
    this.#socket.end();
  }

  close() {
    this.#socket.destroy();
  }
}
