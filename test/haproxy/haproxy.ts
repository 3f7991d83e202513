/** Real HAProxies: where they are, how one is started, reloaded and asked. */
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Child } from '../child.ts';
import { until } from '../until.ts';

export const SERIES = ['2.6', '3.0', '3.2'] as const;
export type Series = (typeof SERIES)[number];

const FOLDER = process.env.SPOE_LOGS_HAPROXIES ?? '';

export function programOf(series: Series): string {
  return join(FOLDER, series, 'haproxy');
}

/** For `skip` of a test: false, or what to do about it. */
export function missing(series: Series): string | false {
  if (FOLDER !== '' && existsSync(programOf(series))) return false;
  return `no HAProxy ${series}: scripts/install-haproxy.sh DIR, then SPOE_LOGS_HAPROXIES=DIR`;
}

/** Where it lives. */
interface Home {
  /** For both files, and for `command.sock`, which haproxy.cfg has to name. */
  readonly folder: string;
  readonly frontPort: number;
  readonly http2Port: number;
}

/** haproxy.cfg, and `spoe.cfg` beside it. */
interface Texts {
  readonly haproxy: string;
  readonly spoe: string;
}

export class Haproxy {
  readonly frontPort: number;
  readonly http2Port: number;
  readonly #child: Child;
  readonly #folder: string;
  readonly #hasMaster: boolean;

  /** As a master with a worker, and a socket of its own, when it is to be reloaded. */
  constructor(series: Series, { folder, frontPort, http2Port }: Home, texts: Texts, reloadable: boolean) {
    this.frontPort = frontPort;
    this.http2Port = http2Port;
    this.#folder = folder;
    this.#hasMaster = reloadable;
    writeFileSync(join(folder, 'haproxy.cfg'), texts.haproxy);
    writeFileSync(join(folder, 'spoe.cfg'), texts.spoe);
    const mode = reloadable ? ['-W', '-db', '-S', join(folder, 'master.sock')] : ['-db'];
    this.#child = new Child(programOf(series), [...mode, '-f', join(folder, 'haproxy.cfg')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async ready(): Promise<void> {
    await until('HAProxy answers', () => this.command('show info'));
    // A signal that comes before the master waits for one is lost.
    if (this.#hasMaster) await until('its master answers', () => this.command('show proc; quit', 'master.sock'));
  }

  /** A command of the runtime API, and what it says. */
  command(command: string, name = 'command.sock'): Promise<string> {
    const { isOver, said } = this.#child;
    if (isOver) throw new Error(`HAProxy ended: ${said}`);
    return new Promise((resolve, reject) => {
      const socket = connect({ path: join(this.#folder, name) });
      let text = '';
      socket.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      socket.on('error', reject);
      socket.on('end', () => resolve(text));
      socket.write(`${command}\n`);
    });
  }

  /** Of the process that works, not of its master. */
  async pid(): Promise<number> {
    return Number(/^Pid: (\d+)$/m.exec(await this.command('show info'))?.[1]);
  }

  /** A new worker takes over; the old one, whose pid is the result, finishes what it has. */
  async reload(): Promise<number> {
    const before = await this.pid();
    this.#child.child.kill('SIGUSR2');
    await until('another HAProxy process answers', async () => (await this.pid()) !== before);
    return before;
  }

  /** At once. */
  async stop(): Promise<void> {
    await this.#child.end();
  }
}
