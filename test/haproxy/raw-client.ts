/** A client that sends bytes and keeps what comes, to the byte, and how it ended. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawClient {
  /** One character a byte. */
  text = '';
  isOver = false;
  readonly #socket: Socket;
  readonly #listeners = new Set<() => void>();

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.text += text;
      this.#tell();
    });
    // However HAProxy closes, closed is closed.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isOver = true;
      this.#tell();
    });
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  leave(): void {
    this.#socket.destroy();
  }

  /** Waits for so many of `text`: false when the connection is over before they came. */
  async sees(text: string, times = 1): Promise<boolean> {
    const isSeen = () => this.text.split(text).length > times;
    while (!isSeen() && !this.isOver) await this.#change();
    return isSeen();
  }

  async over(): Promise<void> {
    while (!this.isOver) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
