/** One HTTP/2 connection to a mirror. Whatever it sends ends requests, or the connection, and nothing else. */
import { type ClientHttp2Session, type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { openSession } from '../http2/client-session.ts';
import { FloodError } from '../http2/errors.ts';
import type { Job } from './job.ts';
import type { Settings } from './options.ts';
import { READING } from './reading-budget.ts';
import type { OutcomeCode } from './record.ts';
import { MAX_FIELDS } from './response-head.ts';

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_NO_ERROR } = constants;

/** The most streams at once, where the mirror allows as many. */
const MAX_STREAMS = 100;
/** A connection that is silent for so long with requests on it is sent a PING, and has as long to answer. */
const SILENT_MS = 2_000;
/** The most interim responses to a request: more have no purpose. */
const MAX_INTERIM = 100;

/** The pool a session belongs to, which receives the outcomes of its requests. */
export interface SessionOwner {
  readonly settings: Settings;
  onAnswer(job: Job, status: number): void;
  /** @param untouched true when the mirror has not processed it */
  onLost(job: Job, code: OutcomeCode, untouched: boolean): void;
  /** Called when there is room for another request, or the connection is gone. */
  onChange(session: Http2Session): void;
}

/** One request and its stream. It ends once, whatever the stream still reports. */
interface Exchange {
  readonly job: Job;
  readonly stream: ClientHttp2Stream;
  status: number;
  interim: number;
  /** Header fields of all its blocks: interim answers, the answer, trailers. */
  fields: number;
}

export class Http2Session {
  readonly bornMs = performance.now();
  /** True once the connection has ended. */
  isGone = false;
  /** True once a request on it was answered. */
  hasAnswered = false;
  readonly #owner: SessionOwner;
  readonly #session: ClientHttp2Session;
  readonly #exchanges = new Set<Exchange>();
  /** The last stream of GOAWAY: those after it were not processed. */
  #lastStream = Number.POSITIVE_INFINITY;
  #isClosing = false;
  #heardMs = performance.now();
  #isPinging = false;
  #usedMs = performance.now();

  constructor(origin: string, socket: TLSSocket, owner: SessionOwner) {
    this.#owner = owner;
    this.#session = openSession(origin, socket, READING);
    // Each stream reports its own error.
    this.#session.on('error', () => this.retire());
    this.#session.on('frameError', () => this.retire());
    this.#session.on('goaway', (_code, lastStream) => {
      this.#lastStream = Math.min(this.#lastStream, lastStream);
      this.retire();
    });
    this.#session.on('remoteSettings', () => owner.onChange(this));
    this.#session.on('close', () => {
      this.isGone = true;
      for (const exchange of [...this.#exchanges]) this.#lose(exchange, 'closed', false);
      owner.onChange(this);
    });
  }

  /** The number of requests that may be sent now. */
  get room(): number {
    if (this.#isClosing || this.isGone || this.#session.destroyed || this.#session.closed) return 0;
    const { maxConcurrentStreams = MAX_STREAMS } = this.#session.remoteSettings ?? {};
    return Math.max(0, Math.min(MAX_STREAMS, maxConcurrentStreams) - this.#exchanges.size);
  }

  get idleSinceMs(): number {
    return this.#exchanges.size > 0 ? Number.POSITIVE_INFINITY : this.#usedMs;
  }

  /** Accepts no more requests and ends with the last one. */
  retire(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (!this.#session.destroyed) this.#session.close();
    this.#owner.onChange(this);
  }

  send(job: Job, headers: OutgoingHttpHeaders): void {
    const { body } = job.request;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(headers, { endStream: body === undefined });
    } catch (error) {
      // The session ended a moment ago; or a header is none that HTTP/2 can carry.
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const isOfSession = /^ERR_HTTP2_(?:INVALID_SESSION|GOAWAY_SESSION|OUT_OF_STREAMS|STREAM_CANCEL)$/.test(code);
      if (isOfSession) this.retire();
      this.#owner.onLost(job, isOfSession ? 'closed' : 'invalid-header', isOfSession);
      return;
    }
    job.attempts += 1;
    job.answer?.release();
    job.sentMs = performance.now();
    if (this.#exchanges.size === 0) this.#heardMs = job.sentMs;
    const exchange: Exchange = { job, stream, status: 0, interim: 0, fields: 0 };
    this.#exchanges.add(exchange);
    this.#watch(exchange);
    if (body !== undefined) stream.end(body);
  }

  #watch(exchange: Exchange): void {
    const { stream, job } = exchange;
    stream.on('headers', (_fields, _flags, lines?: string[]) => {
      exchange.interim += 1;
      this.#count(exchange, lines);
    });
    stream.on('trailers', (_fields, _flags, lines?: string[]) => this.#count(exchange, lines));
    stream.on('response', (fields, _flags, lines?: string[]) => {
      this.#count(exchange, lines);
      this.#heardMs = performance.now();
      if (job.firstByteMs === 0) job.firstByteMs = this.#heardMs;
      exchange.status = Number(fields[':status']);
      // One that was given up is no longer this stream's: it may be on its way again.
      if (this.#exchanges.has(exchange)) job.answer?.fields(lines ?? []);
    });
    stream.on('data', (chunk: Buffer) => this.#read(exchange, chunk));
    stream.on('end', () => {
      if (exchange.status === 0) return;
      // What the mirror or the end of the connection cut off ends as well.
      if (stream.rstCode === NGHTTP2_NO_ERROR && this.#exchanges.has(exchange)) job.answer?.end();
      this.#answer(exchange);
    });
    stream.on('error', (error) => {
      if (error instanceof FloodError || isRefusedByLibrary(error)) this.#lose(exchange, 'protocol-error', false);
    });
    stream.on('close', () => {
      if (exchange.status > 0 && stream.rstCode === NGHTTP2_NO_ERROR) this.#answer(exchange);
      else this.#lose(exchange, this.#codeOf(stream), this.#isUntouched(stream));
    });
  }

  #codeOf({ rstCode }: ClientHttp2Stream): OutcomeCode {
    if (this.#session.destroyed) return 'closed';
    return rstCode === NGHTTP2_NO_ERROR || rstCode === NGHTTP2_REFUSED_STREAM ? 'closed' : 'reset';
  }

  #isUntouched(stream: ClientHttp2Stream): boolean {
    return stream.rstCode === NGHTTP2_REFUSED_STREAM || (stream.id ?? 0) > this.#lastStream;
  }

  /** @param lines the fields of one block: a name, its value, the next name */
  #count(exchange: Exchange, lines: readonly string[] = []): void {
    exchange.fields += lines.length / 2;
    if (!this.#exchanges.has(exchange) || (exchange.interim <= MAX_INTERIM && exchange.fields <= MAX_FIELDS)) return;
    this.#lose(exchange, 'protocol-error', false);
    // What is on its way already would all be read.
    this.destroy('closed');
  }

  #read(exchange: Exchange, chunk: Buffer): void {
    if (!this.#exchanges.has(exchange)) return;
    this.#heardMs = performance.now();
    const { job, stream } = exchange;
    job.responseBytes += chunk.length;
    job.answer?.data(chunk, 0, chunk.length);
    if (job.responseBytes <= this.#owner.settings.maxResponseBytes) return;
    this.#answer(exchange);
    stream.close(NGHTTP2_CANCEL);
  }

  #answer(exchange: Exchange): void {
    if (!this.#end(exchange)) return;
    this.hasAnswered = true;
    this.#owner.onAnswer(exchange.job, exchange.status);
  }

  #lose(exchange: Exchange, code: OutcomeCode, untouched: boolean): void {
    if (this.#end(exchange)) this.#owner.onLost(exchange.job, code, untouched);
  }

  #end(exchange: Exchange): boolean {
    if (!this.#exchanges.delete(exchange)) return false;
    this.#usedMs = performance.now();
    return true;
  }

  #giveUp(exchange: Exchange, code: OutcomeCode): void {
    this.#lose(exchange, code, false);
    exchange.stream.close(NGHTTP2_CANCEL);
    this.#owner.onChange(this);
  }

  /**
   * A peer that broke the rules of HTTP/2 is read no more, and nothing says so: its requests would wait until their time is
   * over, and new ones would join them.
   */
  #watchSilence(nowMs: number): void {
    if (this.#exchanges.size === 0 || this.#session.destroyed || nowMs - this.#heardMs < SILENT_MS) return;
    if (this.#isPinging) {
      this.destroy('closed');
      return;
    }
    this.#isPinging = true;
    this.#heardMs = nowMs;
    this.#session.ping((error) => {
      this.#isPinging = false;
      if (error === null) this.#heardMs = performance.now();
    });
  }

  tick(nowMs: number): void {
    const { headersTimeoutMs, totalTimeoutMs } = this.#owner.settings;
    for (const exchange of [...this.#exchanges]) {
      const { firstByteMs, sentMs } = exchange.job;
      const elapsedMs = nowMs - sentMs;
      const isLate = firstByteMs === 0 && elapsedMs > headersTimeoutMs;
      if (isLate || elapsedMs > totalTimeoutMs) this.#giveUp(exchange, 'timeout');
    }
    this.#watchSilence(nowMs);
  }

  destroy(code: OutcomeCode): void {
    for (const exchange of [...this.#exchanges]) this.#lose(exchange, code, false);
    this.#isClosing = true;
    this.#session.destroy();
  }
}

/** Whether nghttp2 itself found that the peer breaks the protocol, as by a flood that it counts before the gate does. */
function isRefusedByLibrary(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_HTTP2_ERROR';
}
