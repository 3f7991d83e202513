import type { OutgoingHttpHeaders } from 'node:http2';
import { Backoff } from './backoff.ts';
import { dialHttp2, type SecureWay } from './dialing.ts';
import { HANDSHAKES } from './handshake-pace.ts';
import { Http1Client, routeOf } from './http1-client.ts';
import type { Route } from './http1-connection.ts';
import { Http2Session, http2Fields, type SessionOwner } from './http2-session.ts';
import type { Job, MirrorClient, Work } from './job.ts';
import { connectCode, LocalEnds } from './network.ts';
import type { Settings } from './options.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';
import { joinPrefix } from './request-target.ts';
import type { Target } from './target.ts';

/** HTTP/2 over TLS, directly or through a proxy; HTTP/1.1 from the moment on at which the mirror chooses that. */
export class Http2Client implements MirrorClient, SessionOwner {
  readonly maxResponseBytes: number;
  readonly #target: Target;
  readonly #settings: Settings;
  readonly #work: Work;
  readonly #route: Route;
  readonly #locals: LocalEnds;
  readonly #maxConnections: number;
  readonly #backoff = new Backoff();
  readonly #sessions = new Set<Http2Session>();
  /** Those that go out again, which the mirror has not looked at. */
  readonly #resends: Job[] = [];
  readonly #ending = new AbortController();
  readonly #pumpLater = () => this.pump();
  #connecting = 0;
  #localFailures = 0;
  /** The mirror was offered HTTP/2 and chose HTTP/1.1. */
  #http1: Http1Client | undefined;

  constructor(target: Target, settings: Settings, work: Work) {
    this.maxResponseBytes = settings.maxResponseBytes;
    this.#target = target;
    this.#settings = settings;
    this.#work = work;
    this.#route = routeOf(target, settings);
    this.#locals = new LocalEnds(settings);
    this.#maxConnections = Math.min(settings.connections, this.#locals.connections);
  }

  get connections(): number {
    return this.#http1?.connections ?? this.#sessions.size + this.#connecting;
  }

  pump(): void {
    if (this.#http1 !== undefined) {
      this.#http1.pump();
      return;
    }
    if (this.#ending.signal.aborted) return;
    for (const session of this.#sessions) {
      for (let room = session.room; room > 0; room--) {
        const job = this.#resends[0] === undefined ? this.#work.take() : this.#resend();
        if (job === undefined) return;
        session.send(job, this.#fieldsOf(job));
      }
    }
    this.#openWanted();
  }

  #resend(): Job | undefined {
    const job = this.#resends.shift();
    if (job !== undefined && job.attempts > 0) this.#work.resent();
    return job;
  }

  /** One connection takes many requests: another one is opened when all are full. */
  #openWanted(): void {
    const wanted = this.#work.waiting + this.#resends.length;
    if (wanted === 0 || this.#connecting > 0 || this.#sessions.size >= this.#maxConnections) return;
    if (this.#backoff.failing && !this.#backoff.mayTry(performance.now())) return;
    if (this.#ending.signal.aborted || !HANDSHAKES.mayBegin(this.#pumpLater)) return;
    this.#connecting += 1;
    void this.#open();
  }

  async #open(): Promise<void> {
    const { connectTimeoutMs } = this.#settings;
    const { signal } = this.#ending;
    const { way } = this.#route;
    try {
      const socket = await dialHttp2(way, way.secure as SecureWay, this.#locals.next(), connectTimeoutMs, signal);
      this.#connecting -= 1;
      this.#localFailures = 0;
      if (socket.alpnProtocol === 'h2') this.#sessions.add(new Http2Session(this.#target.origin, socket, this));
      else {
        socket.destroy();
        this.#useHttp1();
      }
    } catch (error) {
      this.#connecting -= 1;
      this.#onConnectFailed(connectCode(error));
    }
    this.pump();
  }

  #useHttp1(): void {
    this.#http1 = new Http1Client(this.#target, this.#settings, this.#work);
    const nowMs = performance.now();
    for (const job of this.#resends.splice(0)) this.#work.failed(job, 'closed', nowMs);
  }

  #onConnectFailed(code: ConnectCode): void {
    // A port that is taken says nothing about the mirror: the next one of the range may be free.
    if (code === 'local-address' && ++this.#localFailures < this.#locals.choices) return;
    this.#localFailures = 0;
    const nowMs = performance.now();
    this.#backoff.failed(nowMs);
    if (this.#sessions.size > 0) return;
    // Nothing is open, so nothing would take these before the next attempt.
    for (const job of this.#resends.splice(0)) this.#work.failed(job, code, nowMs);
    for (let job = this.#work.take(); job !== undefined; job = this.#work.take()) this.#work.failed(job, code, nowMs);
  }

  #fieldsOf({ request, trace }: Job): OutgoingHttpHeaders {
    const { method, path, headers, hasHost, host, body } = request;
    const fields = http2Fields(headers);
    const authority = hasHost ? (/^host: (.*)$/im.exec(headers)?.[1] ?? '') : (host ?? this.#target.host);
    const traceparent = trace?.leaves();
    return {
      ...fields,
      ...(body !== undefined && { 'content-length': String(body.length) }),
      ...(traceparent !== undefined && { traceparent }),
      ':method': method,
      ':scheme': 'https',
      ':authority': authority,
      ':path': path === '*' ? path : joinPrefix(this.#target.prefix, path),
    };
  }

  onAnswer(job: Job, status: number): void {
    this.#backoff.succeeded();
    this.#work.answered(job, status, performance.now());
    queueMicrotask(() => this.pump());
  }

  onLost(job: Job, code: OutcomeCode, untouched: boolean): void {
    const mayGoAgain = job.attempts === 0 || (job.repeatable && job.attempts === 1);
    if (untouched && mayGoAgain && !this.#ending.signal.aborted) this.#resends.push(job);
    else this.#work.failed(job, code, performance.now());
    queueMicrotask(() => this.pump());
  }

  onChange(session: Http2Session): void {
    // One that ended without an answer is as good as none that could be made.
    if (session.isGone && this.#sessions.delete(session) && !session.hasAnswered)
      this.#backoff.failed(performance.now());
    queueMicrotask(() => this.pump());
  }

  tick(nowMs: number): void {
    this.#http1?.tick(nowMs);
    const isLate = (job: Job | undefined) => nowMs - (job?.queuedMs ?? nowMs) > this.#settings.totalTimeoutMs;
    while (isLate(this.#resends[0])) this.#work.failed(this.#resends.shift() as Job, 'closed', nowMs);
    const { headersTimeoutMs, totalTimeoutMs, idleTimeoutMs, connectionAgeMs } = this.#settings;
    for (const session of [...this.#sessions]) {
      session.tick(nowMs, headersTimeoutMs, totalTimeoutMs);
      const isOld = connectionAgeMs > 0 && nowMs - session.bornMs >= connectionAgeMs;
      if (isOld || nowMs - session.idleSinceMs > idleTimeoutMs) session.retire();
    }
  }

  destroy(code: OutcomeCode): void {
    this.#ending.abort();
    this.#http1?.destroy(code);
    const nowMs = performance.now();
    for (const job of this.#resends.splice(0)) this.#work.failed(job, code, nowMs);
    for (const session of [...this.#sessions]) session.destroy(code);
    this.#sessions.clear();
  }
}
