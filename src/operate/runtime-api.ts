/**
 * HAProxy's Runtime API (management.txt, 9.3): one command a connection. The sending half is closed behind the command, so
 * that the answer ends with the connection on a worker's socket and on the master's (which otherwise waits for more).
 */
import { connect } from 'node:net';
import { OperateError } from './operate-error.ts';

/** Where it listens, as `stats socket` has it. */
export type RuntimeAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface RuntimeApiOptions {
  /** For one command, from connecting to the last byte, ms. */
  readonly timeoutMs?: number;
  /** An answer that is longer is none. */
  readonly maxBytes?: number;
}

/** A process that has maps of its own. */
export interface Worker {
  /** Before each command, where the master passes it on: `@!123 `. */
  readonly prefix: string;
  /** Undefined on a socket of the worker itself. */
  readonly pid: number | undefined;
  /** It was replaced by a reload, and still serves connections of before. */
  readonly isOld: boolean;
}

const TIMEOUT_MS = 2000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Of an answer that is shown. */
const SHOWN = 120;

/** `/path`, `unix@/path`, `unix:/path`, `ipv4@127.0.0.1:9999`, `ipv6@[::1]:9999`, `host:9999`, `:9999`, `9999`. Throws OperateError. */
export function parseRuntimeAddress(text: string): RuntimeAddress {
  const bad = (why: string) =>
    new OperateError('bad-address', `cannot read --socket ${JSON.stringify(text)}: ${why}`, EXAMPLES);
  const path = /^(?:unix[@:])?([^@]*\/.*)$/s.exec(text)?.[1] ?? /^unix[@:](.+)$/s.exec(text)?.[1];
  if (path !== undefined) {
    // The kernel's sockaddr_un; Node cuts what is longer without a word.
    if (Buffer.byteLength(path) > 107) throw bad('a path of a socket has at most 107 bytes');
    return { path };
  }
  const family = /^(\w+)@/.exec(text)?.[1];
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6')
    throw bad(`${family}@ addresses cannot be reached from outside`);
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]*)):)?(\d{1,5})$/.exec(text.replace(/^ipv[46]@/, '')) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) throw bad('it is neither a path nor HOST:PORT');
  const host = bracketed ?? plain ?? '';
  return { host: host === '' || host === '*' ? '127.0.0.1' : host, port };
}

const EXAMPLES = 'write /run/haproxy/admin.sock or 127.0.0.1:9999, as "stats socket" has it';

export function describeAddress(address: RuntimeAddress): string {
  if ('path' in address) return address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** A word of a command: HAProxy takes what follows a backslash as it stands. */
export function escapeWord(word: string): string {
  if (word === '' || /[\p{Cc}]/u.test(word))
    throw new OperateError(
      'bad-map',
      `a command cannot hold ${JSON.stringify(word)}`,
      'write a name without control characters',
    );
  return word.replace(/[\\ ;]/g, '\\$&');
}

export class RuntimeApi {
  readonly address: RuntimeAddress;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;

  constructor(address: RuntimeAddress, { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES }: RuntimeApiOptions = {}) {
    this.address = address;
    this.#timeoutMs = timeoutMs;
    this.#maxBytes = maxBytes;
  }

  get where(): string {
    return describeAddress(this.address);
  }

  /**
   * The processes behind the socket: one without a prefix on a worker's socket; on the master's each worker, also those
   * that a reload has replaced and that still serve. Throws OperateError.
   */
  async workers(): Promise<readonly Worker[]> {
    const answer = await this.#exchange('show proc');
    if (!answer.startsWith('#<PID>')) {
      this.#refuseOthers(answer);
      return [{ prefix: '', pid: undefined, isOld: false }];
    }
    const workers: Worker[] = [];
    let section = '';
    for (const line of answer.split('\n')) {
      section = /^# (.+)$/.exec(line)?.[1]?.trim() ?? section;
      const pid = /^(\d{1,10})\s+worker\b/.exec(line)?.[1];
      if (pid !== undefined) workers.push({ prefix: `@!${pid} `, pid: Number(pid), isOld: section === 'old workers' });
    }
    if (!workers.some(({ isOld }) => !isOld))
      throw new OperateError(
        'not-runtime-api',
        `the master at ${this.where} has no worker`,
        'look at its log: a worker that does not start is told there',
      );
    return workers;
  }

  /** The answer to one command, without the empty line at its end. Throws OperateError. */
  async ask(command: string, { prefix }: Pick<Worker, 'prefix'> = { prefix: '' }): Promise<string> {
    const answer = await this.#exchange(`${prefix}${command}`);
    if (/^Permission denied\b/.test(answer))
      throw new OperateError(
        'no-permission',
        `${this.where} refuses ${JSON.stringify(command.slice(0, SHOWN))}: permission denied`,
        'use a stats socket with "level admin"',
      );
    return answer;
  }

  #refuseOthers(answer: string): void {
    if (/^(Unknown command|Permission denied)/.test(answer)) return;
    throw new OperateError(
      'not-runtime-api',
      `what listens at ${this.where} is no Runtime API of HAProxy: it answers ${JSON.stringify(answer.slice(0, SHOWN))}`,
      EXAMPLES,
    );
  }

  #exchange(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const socket = connect({ ...this.address, allowHalfOpen: true });
      const end = (settle: () => void) => {
        clearTimeout(timer);
        socket.destroy();
        settle();
      };
      const fail = (error: OperateError) => end(() => reject(error));
      const timer = setTimeout(() => fail(this.#silent(length)), this.#timeoutMs);
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > this.#maxBytes) fail(this.#tooLong());
      });
      socket.on('end', () => end(() => resolve(Buffer.concat(chunks).toString('utf8').replace(/\n+$/, ''))));
      socket.on('error', (error) => fail(this.#unreachable(error)));
      socket.end(`${command}\n`);
    });
  }

  #silent(received: number): OperateError {
    const what = received === 0 ? 'does not answer' : 'does not end its answer';
    return new OperateError(
      'no-answer',
      `${this.where} ${what} within ${this.#timeoutMs} ms`,
      'is HAProxy stopped or overloaded? --timeout waits longer',
    );
  }

  #tooLong(): OperateError {
    const message = `the answer of ${this.where} is longer than ${this.#maxBytes} bytes`;
    return new OperateError('answer-too-long', message, 'use a map of its own for the switch');
  }

  #unreachable(error: NodeJS.ErrnoException): OperateError {
    const { where } = this;
    switch (error.code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return new OperateError(
          'no-socket',
          `there is no socket ${where}`,
          'name the one of "stats socket" in haproxy.cfg',
        );
      case 'EACCES':
      case 'EPERM':
        return new OperateError(
          'no-permission',
          `no permission to use ${where}`,
          'run as a user of its group ("stats socket … mode 660 group haproxy")',
        );
      case 'ECONNREFUSED':
      case 'ENOTSOCK':
        return new OperateError(
          'not-listening',
          `nothing listens at ${where}`,
          'is HAProxy running, and is this its "stats socket"?',
        );
      default:
        return new OperateError(
          'unreachable',
          `cannot reach ${where}: ${error.code ?? error.message}`,
          'check address and network',
        );
    }
  }
}
