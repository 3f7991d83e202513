/**
 * OTLP over gRPC: unary calls on one HTTP/2 connection (grpc/doc/PROTOCOL-HTTP2.md). @grpc/grpc-js is the server in the
 * tests and not the client here: it reports a refused certificate as `unavailable`, like a collector that restarts, and
 * one of these is to be reported at once while the other is to be waited for.
 */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { openSession, openSocket } from '../http2/client-session.ts';
import type { Answer, Transport } from './answer.ts';
import type { Signal } from './batch.ts';
import { codeOfHttpStatus, type GrpcResponse, readGrpcAnswer } from './grpc-answer.ts';
import { readNetworkError } from './network-errors.ts';
import type { SignalSettings } from './settings.ts';

const PATHS: { readonly [signal in Signal]: string } = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};
/** Whether the message is compressed, then its length. */
const FRAME_BYTES = 5;
const MAX_ANSWER_BYTES = 64 * 1024;
const OTHER_PROTOCOL = 'OTLP/HTTP listens on port 4318: --protocol http/protobuf; gRPC on 4317';
const GZIP_LEVEL = 1;
const NO_ERROR = 0;
const CANCEL = 8;

const compress = promisify(gzip) as (bytes: Uint8Array, options: { level: number }) => Promise<Buffer>;

export class GrpcTransport implements Transport {
  readonly endpoint: string;
  readonly #signal: Signal;
  readonly #settings: SignalSettings;
  readonly #headers: Record<string, string>;
  /** The one that takes calls, and those that only end. */
  #session: ClientHttp2Session | undefined;
  readonly #sessions = new Set<ClientHttp2Session>();
  /** Sessions that have a connection. */
  readonly #open = new WeakSet<ClientHttp2Session>();
  #reached = false;

  constructor(signal: Signal, settings: SignalSettings) {
    const { url, timeoutMs, headers, userAgent, gzip: isCompressed } = settings;
    this.endpoint = url.origin;
    this.#signal = signal;
    this.#settings = settings;
    this.#headers = {
      ':method': 'POST',
      ':path': PATHS[signal],
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': userAgent,
      'grpc-timeout': `${Math.min(timeoutMs, 99_999_999)}m`,
      ...(isCompressed && { 'grpc-encoding': 'gzip' }),
      ...Object.fromEntries(headers),
    };
  }

  async send(request: Uint8Array, withinMs: number): Promise<Answer> {
    const timeoutMs = Math.max(1, Math.ceil(Math.min(withinMs, this.#settings.timeoutMs)));
    const isCompressed = this.#settings.gzip;
    const message = isCompressed ? await compress(request, { level: GZIP_LEVEL }) : request;
    const head = Buffer.alloc(FRAME_BYTES);
    head[0] = isCompressed ? 1 : 0;
    head.writeUInt32BE(message.length, 1);
    try {
      const response = await this.#call(head, message, timeoutMs);
      this.#reached = true;
      return readGrpcAnswer(response, this.#signal);
    } catch (error) {
      return readNetworkError(error, this.#reached, OTHER_PROTOCOL);
    }
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
  }

  /** The open connection, or a new one. What goes wrong with it ends its calls. */
  #connect(): ClientHttp2Session {
    const known = this.#session;
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const { url, tls } = this.#settings;
    const socket = openSocket(url, tls);
    const session = openSession(url.origin, socket);
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.#open.add(session));
    // Every call on its way listens.
    session.setMaxListeners(0);
    const forget = () => this.#forget(session);
    session.on('error', forget);
    session.on('close', () => {
      forget();
      this.#sessions.delete(session);
    });
    // The collector ends this connection: calls on their way are answered, others go to a new one.
    session.on('goaway', (code: number) => {
      forget();
      if (code === NO_ERROR) session.close();
    });
    this.#session = session;
    this.#sessions.add(session);
    return session;
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  #call(head: Buffer, message: Uint8Array, timeoutMs: number): Promise<GrpcResponse> {
    return new Promise((resolve, reject) => {
      const session = this.#connect();
      const stream = session.request(this.#headers);
      const timer = setTimeout(() => {
        reject(new Error(`no answer within ${timeoutMs} ms`));
        stream.close(CANCEL);
        // A collector that broke the rules, or gives no room for a call, would leave the next one waiting as well.
        this.#forget(session);
        if (!this.#open.has(session) || stream.pending) session.destroy();
        else session.close();
      }, timeoutMs);
      const response = new ResponseReader(stream);
      // The connection's error says more than the stream's, which only says that there was one.
      const onSessionError = (error: Error) => reject(error);
      session.once('error', onSessionError);
      stream.on('error', (error) => setImmediate(() => reject(error)));
      stream.on('close', () => {
        clearTimeout(timer);
        setImmediate(() => {
          session.off('error', onSessionError);
          if (stream.rstCode !== NO_ERROR && !response.hasStatus)
            reject(new Error(`the call was reset (HTTP/2 code ${stream.rstCode})`));
          else if (!response.hasHead) reject(new Error('the connection was closed'));
          else resolve(response.result());
        });
      });
      stream.write(head);
      stream.end(message);
    });
  }
}

/** Gathers what a call answers, bounded. */
class ResponseReader {
  #head: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders = {};
  #body: Buffer[] = [];
  #bytes = 0;

  constructor(stream: ClientHttp2Stream) {
    stream.on('response', (headers) => {
      this.#head = headers;
    });
    stream.on('trailers', (trailers) => {
      this.#trailers = trailers;
    });
    stream.on('data', (part: Buffer) => {
      if (this.#bytes >= MAX_ANSWER_BYTES) return;
      this.#bytes += part.length;
      this.#body.push(part);
    });
  }

  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  get hasStatus(): boolean {
    return this.#field('grpc-status') !== undefined;
  }

  result(): GrpcResponse {
    const status = this.#field('grpc-status');
    const http = Number(this.#head?.[':status'] ?? 200);
    const details = this.#field('grpc-status-details-bin');
    const message = decodeMessage(this.#field('grpc-message') ?? '');
    return {
      status: status === undefined ? (http === 200 ? undefined : codeOfHttpStatus(http)) : Number(status),
      message: status === undefined && http !== 200 ? `HTTP ${http}` : message,
      details: details === undefined ? undefined : Buffer.from(details, 'base64'),
      body: Buffer.concat(this.#body).subarray(FRAME_BYTES),
    };
  }

  /** A field of the trailers, or, for an answer without a message, of the head. */
  #field(name: string): string | undefined {
    const value = this.#trailers[name] ?? this.#head?.[name];
    return typeof value === 'string' ? value : undefined;
  }
}

function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
