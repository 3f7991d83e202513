/** The servers behind HAProxy and behind the agent: they keep every request as its bytes came. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type HttpMessage, MessageReader } from './http-messages.ts';

export interface Arrived extends HttpMessage {
  readonly method: string;
  readonly target: string;
}

/** What a server does with a request. */
export type Behaviour = (request: Arrived, socket: Socket) => void;

export const answer: Behaviour = ({ method }, socket) => {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${method === 'HEAD' ? '' : 'ok'}`);
};

/** The kernel sends RST. */
export const reset: Behaviour = (_request, socket) => {
  socket.resetAndDestroy();
};

export const keepSilent: Behaviour = () => {};

export class RecordingServer {
  readonly requests: Arrived[] = [];
  /** May be changed at any time. */
  behaviour: Behaviour = answer;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  /** On a free port of 127.0.0.1, until the test ends. */
  static async start(t: TestContext): Promise<RecordingServer> {
    const recorder = new RecordingServer();
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    t.after(() => recorder.close());
    return recorder;
  }

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    const reader = new MessageReader();
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#open.delete(socket));
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk)) {
        const [method = '', target = ''] = message.startLine.split(' ');
        const request = { ...message, method, target };
        this.requests.push(request);
        this.behaviour(request, socket);
      }
    });
  }
}
