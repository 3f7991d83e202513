/** Clients of HAProxy: single requests to the byte, and a load of many. */
import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { until } from '../until.ts';
import { type HttpMessage, MessageReader } from './http-messages.ts';

/** One connection, one request after the other. */
class Connection {
  /** It has carried an answer and may be closed by HAProxy at any moment. */
  used = false;
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  #answered: ((answer: HttpMessage) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      // 100 Continue only says that the real one is to come.
      for (const answer of this.#reader.push(chunk)) if (statusOf(answer) >= 200) this.#answered?.(answer);
    });
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('closed without an answer')));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === 'open';
  }

  async send(request: string | Buffer): Promise<HttpMessage> {
    const bytes = Buffer.from(request as string, 'latin1');
    this.#reader.bodiless = bytes.toString('latin1', 0, 5) === 'HEAD ';
    const answer = await new Promise<HttpMessage>((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(bytes);
    });
    this.used = true;
    if (answer.headers.some(([name, value]) => name === 'connection' && value === 'close')) this.close();
    return answer;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Sends these bytes on a connection of their own and waits for the answer. */
export async function exchange(port: number, request: string | Buffer): Promise<HttpMessage> {
  const connection = await Connection.open(port);
  try {
    return await connection.send(request);
  } finally {
    connection.close();
  }
}

export function statusOf({ startLine }: HttpMessage): number {
  return Number(startLine.split(' ')[1]);
}

/** Several HTTP/2 requests at once on one connection, without TLS: their statuses. */
export async function exchangeHttp2(
  port: number,
  requests: readonly { readonly headers: OutgoingHttpHeaders; readonly body?: Buffer }[],
): Promise<number[]> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  try {
    return await Promise.all(
      requests.map(async ({ headers, body }) => {
        const stream = session.request(headers, { endStream: body === undefined });
        if (body !== undefined) stream.end(body);
        const [answered] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
        stream.resume();
        await once(stream, 'end');
        return answered[':status'] ?? 0;
      }),
    );
  } finally {
    session.close();
  }
}

/** Clients that send one request after the other until they are told to stop. Each has a path of its own. */
export class Load {
  answered = 0;
  /** What any client got instead of a 200. */
  readonly failures: string[] = [];
  #sent = 0;
  #running = true;
  readonly #port: number;
  readonly #keepAlive: boolean;
  readonly #name: string;
  readonly #clients: Promise<void>[];

  /** With keep-alive each client has one connection, otherwise one for each request. Paths begin with the name. */
  constructor(t: TestContext, port: number, { name = 'load', clients = 4, keepAlive = false } = {}) {
    // A test that fails in between does not get as far as to stop them.
    t.after(() => {
      this.#running = false;
    });
    this.#port = port;
    this.#keepAlive = keepAlive;
    this.#name = name;
    this.#clients = Array.from({ length: clients }, () => this.#run());
  }

  /** Waits for that many more answers, or for the first failure. */
  async goOn(count: number): Promise<void> {
    const wanted = this.answered + count;
    await until(`${wanted} answers`, () => this.answered >= wanted || this.failures.length > 0);
  }

  /** Waits until all have their last answer: how many requests were sent. */
  async stop(): Promise<number> {
    this.#running = false;
    await Promise.all(this.#clients);
    return this.#sent;
  }

  async #run(): Promise<void> {
    let connection: Connection | undefined;
    while (this.#running) {
      const path = `/${this.#name}/${this.#sent++}?of=many`;
      const request = `GET ${path} HTTP/1.1\r\nHost: load.example\r\nAccept: */*\r\n\r\n`;
      try {
        if (!connection?.isOpen) connection = await Connection.open(this.#port);
        const status = statusOf(await this.#send(connection, request));
        if (status === 200) this.answered++;
        else this.failures.push(`${path}: ${status}`);
      } catch (error) {
        this.failures.push(`${path}: ${(error as Error).message}`);
        break;
      }
      if (!this.#keepAlive) connection?.close();
    }
    connection?.close();
  }

  /** A connection that was idle may be closed just as a request goes out; every client sends that again (RFC 9112, 9.3.1). */
  async #send(connection: Connection, request: string): Promise<HttpMessage> {
    try {
      return await connection.send(request);
    } catch (error) {
      if (!connection.used) throw error;
      return await exchange(this.#port, request);
    }
  }
}
