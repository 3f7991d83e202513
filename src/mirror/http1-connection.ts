import { type Dialled, dial, type Way } from './dialing.ts';
import type { Job } from './job.ts';
import { brokenCode, connectCode, type LocalEnd } from './network.ts';
import type { Settings } from './options.ts';
import { READING } from './reading-budget.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';
import { ResponseParser, type ResponseSink } from './response-parser.ts';

/** The way to the peer, and what goes into a request for it. */
export interface Route {
  readonly way: Way;
  /** The Host header of requests that have none. */
  readonly host: string;
  /** The text before each path: the destination's prefix; behind a proxy, the whole origin. */
  readonly pathPrefix: string;
  /** The request target for `*`, which has no prefix. */
  readonly asteriskPath: string;
  /** Header lines for the proxy. */
  readonly headers: string;
}

/** The pool a connection belongs to. */
export interface ConnectionOwner {
  readonly settings: Settings;
  onOpen(connection: Http1Connection): void;
  onConnectFailed(connection: Http1Connection, code: ConnectCode, nowMs: number): void;
  /** Called when a request can be written: nothing is on its way, or little of what may be written behind one another. */
  onRoom(connection: Http1Connection, nowMs: number): void;
  onAnswer(job: Job, status: number, nowMs: number): void;
  /** Called for each request whose connection ended: `untouched` when it may have been lost to a close that crossed with it. */
  onLost(job: Job, code: OutcomeCode, untouched: boolean, nowMs: number): void;
  onClosed(connection: Http1Connection): void;
  /** Called when what came is not HTTP, or answers no request. */
  onProtocolError(): void;
}

/** The most requests that are written behind one another. */
export const PIPELINE_DEPTH = 8;
/** How many times more than wanted is read of an answer that others stand behind. */
const PATIENCE = 4;
/** More requests are written when so few are left on their way. */
const LOW_WATER = 2;

/** One connection to a mirror: requests go in in the order in which their responses come out. */
export class Http1Connection implements ResponseSink {
  readonly #owner: ConnectionOwner;
  readonly #route: Route;
  readonly #socket: Dialled;
  readonly inFlight: Job[] = [];
  readonly onHead = (head: Buffer, start: number, end: number) => this.inFlight[0]?.answer?.head(head, start, end);
  readonly onData = (bytes: Buffer, start: number, end: number) => this.inFlight[0]?.answer?.data(bytes, start, end);
  readonly #parser = new ResponseParser(this);
  /** A response has come and left the connection open: it may be reused, so a close may cross with a request. */
  proven = false;
  opened = false;
  /** True once nothing may be written to it any more. */
  ended = false;
  #sinceMs: number;
  #nowMs = 0;
  readonly #bornMs: number;
  #closed = false;

  constructor(owner: ConnectionOwner, route: Route, local: LocalEnd, nowMs: number) {
    this.#owner = owner;
    this.#route = route;
    this.#sinceMs = nowMs;
    this.#bornMs = nowMs;
    this.#socket = dial(route.way, local, owner.settings.connectTimeoutMs, {
      ready: () => this.#onConnect(),
      read: (bytes, count) => this.#onRead(bytes, count),
      failed: (error) => this.#onError(error),
      ended: () => this.#onEnd(),
      closed: () => this.#onClose('closed'),
    });
  }

  get isIdle(): boolean {
    return this.opened && !this.ended && this.inFlight.length === 0;
  }

  /** True when a request that may go behind others finds room. */
  get canPipeline(): boolean {
    const last = this.inFlight[this.inFlight.length - 1];
    // Whether a body follows the answer to HEAD is for some servers a matter of taste.
    const isOpenEnded = last !== undefined && (!last.repeatable || last.request.method === 'HEAD');
    return !this.ended && this.proven && this.inFlight.length < PIPELINE_DEPTH && !isOpenEnded;
  }

  /** Writes the requests with as few system calls as there are bodies. */
  send(jobs: readonly Job[]): void {
    const nowMs = performance.now();
    if (this.inFlight.length === 0) this.#sinceMs = nowMs;
    const socket = this.#socket;
    let text = '';
    socket.cork();
    for (const job of jobs) {
      job.attempts++;
      job.answer?.release();
      job.sentMs = nowMs;
      this.inFlight.push(job);
      text += this.#head(job);
      const { body } = job.request;
      if (body === undefined) continue;
      socket.write(text, 'latin1');
      socket.write(body);
      text = '';
    }
    if (text !== '') socket.write(text, 'latin1');
    socket.uncork();
  }

  #head({ request: { method, path, headers, hasHost, host }, trace }: Job): string {
    const { pathPrefix, asteriskPath, host: ownHost, headers: extra } = this.#route;
    const target = path === '*' ? asteriskPath : pathPrefix + path;
    const hostLine = hasHost ? '' : `host: ${host ?? ownHost}\r\n`;
    const traceparent = trace?.leaves();
    const traceLine = traceparent === undefined ? '' : `traceparent: ${traceparent}\r\n`;
    return `${method} ${target} HTTP/1.1\r\n${hostLine}${headers}${traceLine}${extra}\r\n`;
  }

  #onConnect(): void {
    if (this.ended) return;
    this.opened = true;
    this.#sinceMs = performance.now();
    this.#owner.onOpen(this);
  }

  #onRead(bytes: Buffer, count: number): boolean {
    if (this.ended) return false;
    this.#nowMs = performance.now();
    if (!this.#parser.push(bytes, count)) this.abort('protocol-error', this.#nowMs);
    else if (!this.ended && this.inFlight.length <= LOW_WATER && this.#parser.isIdle) this.#offerRoom();
    if (READING.spend(this.#nowMs, performance.now())) return true;
    READING.wait(() => this.#socket.resume());
    return false;
  }

  /** True for a connection so old that the mirror's name may lead elsewhere by now: it takes no more requests. */
  #offerRoom(): void {
    if (!this.#isAged) this.#owner.onRoom(this, this.#nowMs);
    else if (this.inFlight.length === 0) this.abort('closed', this.#nowMs);
  }

  get #isAged(): boolean {
    const { connectionAgeMs } = this.#owner.settings;
    return connectionAgeMs > 0 && this.#nowMs - this.#bornMs >= connectionAgeMs;
  }

  onStart(): boolean {
    const job = this.inFlight[0];
    if (job === undefined) {
      // An answer to nothing: whatever it is, it must not become the answer to the next request.
      this.abort('protocol-error', this.#nowMs);
      return false;
    }
    job.firstByteMs = this.#nowMs;
    return true;
  }

  isHead(): boolean {
    return this.inFlight[0]?.request.method === 'HEAD';
  }

  onBody(bytes: number): boolean {
    const job = this.inFlight[0] as Job;
    job.responseBytes += bytes;
    // With others behind it some more is read: they may be at work already, and have to be asked again elsewhere.
    const patience = this.inFlight.length > 1 ? PATIENCE : 1;
    if (job.responseBytes <= patience * this.#owner.settings.maxResponseBytes) return true;
    this.inFlight.shift();
    this.#owner.onAnswer(job, this.#parser.status, this.#nowMs);
    this.abort('closed', this.#nowMs);
    return false;
  }

  onResponse(status: number, keepAlive: boolean): boolean {
    const job = this.inFlight.shift() as Job;
    job.answer?.end();
    this.#sinceMs = this.#nowMs;
    this.#owner.onAnswer(job, status, this.#nowMs);
    if (this.ended) return false;
    if (keepAlive) {
      this.proven = true;
      return true;
    }
    this.abort('closed', this.#nowMs);
    return false;
  }

  #onEnd(): void {
    if (this.ended) return;
    this.#nowMs = performance.now();
    this.#parser.end();
    this.abort('closed', this.#nowMs);
  }

  #onError(error: unknown): void {
    if (this.ended) return;
    const nowMs = performance.now();
    if (this.opened) this.abort(brokenCode(error), nowMs);
    else this.#connectFailed(connectCode(error), nowMs);
  }

  #connectFailed(code: ConnectCode, nowMs: number): void {
    this.ended = true;
    this.#socket.destroy();
    this.#owner.onConnectFailed(this, code, nowMs);
  }

  #onClose(code: OutcomeCode): void {
    if (!this.ended) this.abort(code, performance.now());
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.onClosed(this);
  }

  /**
   * The connection is at its end: the first request on its way fails with `code`. A peer that closed it says that it
   * leaves the rest untouched; when it is given up here for another reason than nonsense, they may be at work.
   */
  abort(code: OutcomeCode, nowMs: number): void {
    if (this.ended) return;
    this.ended = true;
    this.#socket.destroy();
    if (code === 'protocol-error') this.#owner.onProtocolError();
    const byPeer = code === 'closed' || code === 'reset';
    for (const [i, job] of this.inFlight.splice(0).entries()) {
      // What is not HTTP may belong to the answer before: the request that waited for its own is innocent.
      const untouched = this.proven && (code === 'protocol-error' || (byPeer && (i > 0 || job.firstByteMs === 0)));
      this.#owner.onLost(job, i > 0 ? 'closed' : code, untouched, nowMs);
    }
    this.#onClose(code);
  }

  /** Enforces the limits: connecting, headers, the whole response, lying idle. */
  tick(nowMs: number): void {
    if (this.ended) return;
    const { connectTimeoutMs, headersTimeoutMs, totalTimeoutMs, idleTimeoutMs } = this.#owner.settings;
    const elapsedMs = nowMs - this.#sinceMs;
    const job = this.inFlight[0];
    if (!this.opened) {
      if (elapsedMs > connectTimeoutMs) this.#connectFailed('connect-timeout', nowMs);
    } else if (job === undefined) {
      if (elapsedMs > idleTimeoutMs) this.abort('closed', nowMs);
    } else if (elapsedMs > totalTimeoutMs || (job.firstByteMs === 0 && elapsedMs > headersTimeoutMs)) {
      this.abort('timeout', nowMs);
    }
  }
}
