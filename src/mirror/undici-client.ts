import type { TLSSocket } from 'node:tls';
import type { buildConnector, Client, Dispatcher, Pool } from 'undici';
import { Backoff } from './backoff.ts';
import type { Job, MirrorClient, Work } from './job.ts';
import { LocalEnds } from './network.ts';
import type { Settings } from './options.ts';
import { proxyHeaderLines } from './proxy-headers.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';
import { joinPrefix } from './request-target.ts';
import type { Target } from './target.ts';
import { openTunnel } from './tunnel.ts';
import { type ExchangeOwner, UndiciExchange } from './undici-exchange.ts';

/** Streams at once on one HTTP/2 connection. */
const MAX_STREAMS = 100;
const MAX_HEAD_BYTES = 64 * 1024;
/**
 * Only with these methods undici has a body over HTTP/2. It breaks off with any other, and its queue with it: the next request
 * then ends the process. Those go over HTTP/1.1.
 */
const HTTP2_BODIES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * https://, HTTP/2 and https:// proxies, by undici, which is loaded when it is needed. It puts Host first,
 * content-length last and `connection: keep-alive` between; it never sends a request twice.
 */
export class UndiciClient implements MirrorClient, ExchangeOwner {
  readonly maxResponseBytes: number;
  readonly #target: Target;
  readonly #settings: Settings;
  readonly #work: Work;
  readonly #locals: LocalEnds;
  readonly #backoff = new Backoff();
  readonly #exchanges = new Set<UndiciExchange>();
  readonly #maxConnections: number;
  readonly #limit: number;
  #loading: Promise<void> | undefined;
  #makePool: ((http2: boolean) => Pool) | undefined;
  /** With HTTP/2, and without. */
  readonly #pools = new Map<boolean, Pool>();
  /** The mirror was offered HTTP/2 and chose HTTP/1.1. */
  #isHttp2Declined = false;
  #destroyed = false;

  constructor(target: Target, settings: Settings, work: Work) {
    this.maxResponseBytes = settings.maxResponseBytes;
    this.#target = target;
    this.#settings = settings;
    this.#work = work;
    this.#locals = new LocalEnds(settings);
    this.#maxConnections = Math.min(settings.connections, this.#locals.connections);
    this.#limit = this.#maxConnections * (settings.http2 ? MAX_STREAMS : 1);
  }

  get connections(): number {
    let connected = 0;
    for (const pool of this.#pools.values()) connected += pool.stats.connected;
    return connected;
  }

  pump(): void {
    if (this.#destroyed || this.#work.waiting === 0) return;
    if (this.#makePool === undefined) {
      this.#loading ??= this.#load();
      return;
    }
    while (this.#work.waiting > 0 && this.#exchanges.size < this.#limit) {
      if (this.#backoff.failing && (this.#exchanges.size > 0 || !this.#backoff.mayTry(performance.now()))) return;
      this.#dispatch(this.#work.take() as Job);
    }
  }

  async #load(): Promise<void> {
    const undici = await import('undici');
    if (this.#destroyed) return;
    const { idleTimeoutMs } = this.#settings;
    const connections = this.#maxConnections;
    this.#makePool = (http2) => {
      const pool = new undici.Pool(this.#target.origin, {
        connections,
        pipelining: http2 ? MAX_STREAMS : 1,
        allowH2: http2,
        connect: this.#connector(undici.buildConnector, http2),
        // Time limits are kept by `tick`.
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: Math.max(1, idleTimeoutMs),
        keepAliveMaxTimeout: Math.max(1, idleTimeoutMs),
        maxHeaderSize: MAX_HEAD_BYTES,
      });
      // What was given to it for HTTP/2 goes out one at a time then.
      pool.on('connect', (_origin, [, client]) => {
        if (this.#isHttp2Declined) (client as Client).pipelining = 1;
      });
      return pool;
    };
    this.pump();
  }

  /** The certificate is checked against the mirror's name, whatever Host says. */
  #connector(build: typeof buildConnector, http2: boolean): buildConnector.connector {
    const { tls, connectTimeoutMs, proxy: proxyOptions } = this.#settings;
    const { proxy, hostname } = this.#target;
    const options = {
      allowH2: http2,
      timeout: connectTimeoutMs,
      rejectUnauthorized: tls.insecure !== true,
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
    };
    const shared = build(options);
    return (given, connected) => {
      const callback: buildConnector.Callback = (...result) => {
        if (http2 && (result[1] as TLSSocket | null)?.alpnProtocol !== 'h2') this.#isHttp2Declined = result[1] !== null;
        connected(...result);
      };
      const { localAddress, localPort } = this.#locals.next();
      const own = { ...given, servername: serverName(hostname), localAddress: localAddress ?? null };
      if (proxy === undefined) {
        // A connector is made for one local port; without a range all connections share its TLS sessions.
        (localPort === undefined ? shared : build({ ...options, localPort } as buildConnector.BuildOptions))(
          own,
          callback,
        );
        return;
      }
      const headers = proxyHeaderLines(proxy, proxyOptions);
      const local = {
        ...(localAddress !== undefined && { localAddress }),
        ...(localPort !== undefined && { localPort }),
      };
      openTunnel({ proxy, target: this.#target, headers, tls, local, timeoutMs: connectTimeoutMs }).then(
        (socket) => (this.#target.secure ? shared({ ...own, httpSocket: socket }, callback) : callback(null, socket)),
        (error: Error) => callback(error, null),
      );
    };
  }

  #poolFor({ request: { method, body } }: Job): Pool {
    const http2 = this.#settings.http2 && !this.#isHttp2Declined && (body === undefined || HTTP2_BODIES.has(method));
    const pool = this.#pools.get(http2) ?? (this.#makePool as (http2: boolean) => Pool)(http2);
    this.#pools.set(http2, pool);
    return pool;
  }

  #dispatch(job: Job): void {
    const exchange = new UndiciExchange(job, this);
    this.#exchanges.add(exchange);
    const { method, path, body } = job.request;
    const { prefix, hostname } = this.#target;
    const options = {
      method,
      path: joinPrefix(prefix, path),
      headers: this.#headers(job),
      body: body ?? null,
      // Nothing goes behind it on an HTTP/1 connection; a HEAD that says so would block its connection for good.
      blocking: method !== 'HEAD',
      idempotent: job.repeatable,
      // undici ends a connection after HEAD unless it is told not to.
      reset: false,
      // Else it follows Host, and every other Host would be a new connection; what goes over the wire is the connector's.
      servername: hostname,
    };
    try {
      // undici refuses to say it.
      if (path === '*') exchange.giveUp('invalid-path');
      else this.#poolFor(job).dispatch(options as Dispatcher.DispatchOptions, exchange);
    } catch (error) {
      exchange.onResponseError(undefined, error as Error);
    }
  }

  #headers({ request: { headers, hasHost, host }, trace }: Job): string[] {
    const list = hasHost ? [] : ['host', host ?? this.#target.host];
    for (const line of headers.split('\r\n')) {
      const colon = line.indexOf(': ');
      if (colon > 0) list.push(line.slice(0, colon), line.slice(colon + 2));
    }
    const traceparent = trace?.leaves();
    if (traceparent !== undefined) list.push('traceparent', traceparent);
    return list;
  }

  onStarted(): void {
    this.#backoff.succeeded();
  }

  onAnswered(exchange: UndiciExchange, status: number): void {
    this.#exchanges.delete(exchange);
    this.#work.answered(exchange.job, status, performance.now());
    queueMicrotask(() => this.pump());
  }

  onFailed(exchange: UndiciExchange, code: OutcomeCode): void {
    this.#exchanges.delete(exchange);
    this.#work.failed(exchange.job, code, performance.now());
    queueMicrotask(() => this.pump());
  }

  onNotConnected(exchange: UndiciExchange, code: ConnectCode): void {
    const nowMs = performance.now();
    this.#exchanges.delete(exchange);
    this.#work.failed(exchange.job, code, nowMs);
    this.#backoff.failed(nowMs);
    if (this.connections > 0) return;
    // Nothing is open, so nothing would take these before the next attempt.
    for (let job = this.#work.take(); job !== undefined; job = this.#work.take()) this.#work.failed(job, code, nowMs);
  }

  tick(nowMs: number): void {
    const { headersTimeoutMs, totalTimeoutMs } = this.#settings;
    for (const exchange of this.#exchanges) exchange.tick(nowMs, headersTimeoutMs, totalTimeoutMs);
  }

  destroy(code: OutcomeCode): void {
    this.#destroyed = true;
    for (const exchange of [...this.#exchanges]) exchange.giveUp(code);
    for (const pool of this.#pools.values()) pool.destroy().catch(() => {});
  }
}

/** An address has none: RFC 6066, section 3. */
function serverName(hostname: string): string {
  return /^[\d.]+$|:/.test(hostname) ? '' : hostname;
}
