/** What HAProxy logs: the socket of a syslog server, and nothing between it and the lines. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { until } from '../until.ts';

/**
 * Datagrams do get lost when nobody reads them in time. Here who reads them also sends the requests they tell of, each
 * client after its last answer, so never more than a few wait. (Into a file or a pipe HAProxy itself would drop lines
 * whenever two of its threads write at once.)
 */
export class HaproxyLog {
  readonly port: number;
  readonly lines: string[] = [];
  /** Where the lines go as well, as a syslog server puts them; none at first. May be changed at any time: a rotation. */
  file: string | undefined;

  static async open(t: TestContext): Promise<HaproxyLog> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    t.after(() => socket.close());
    const log = new HaproxyLog(socket.address().port);
    socket.on('message', (datagram) => log.#take(datagram.toString('latin1').trimEnd()));
    return log;
  }

  private constructor(port: number) {
    this.port = port;
  }

  #take(line: string): void {
    this.lines.push(line);
    if (this.file !== undefined) appendFileSync(this.file, `${line}\n`, 'latin1');
  }

  async says(pattern: RegExp): Promise<void> {
    await until(`HAProxy logs ${pattern}`, () => this.lines.some((line) => pattern.test(line)));
  }
}
