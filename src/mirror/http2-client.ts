import type { OutgoingHttpHeaders } from 'node:http2';
import { Backoff } from './backoff.ts';
import { dialHttp2, type TlsWay } from './dialing.ts';
import { HANDSHAKES } from './handshake-pace.ts';
import { Http1Client, routeOf } from './http1-client.ts';
import { Http2Session, type SessionOwner } from './http2-session.ts';
import { failAll, failWaiting, type Job, type MirrorClient, type Work } from './job.ts';
import { connectCode, LocalEnds } from './network.ts';
import type { Settings } from './options.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';
import { joinPrefix } from './request-target.ts';
import type { Target } from './target.ts';

/** Headers about the connection of production's client: RFC 9113, section 8.2.2. */
const OF_A_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** A request costs some 0.3 ms of the event loop in which HAProxy waits for its ACKs: the rest of many goes out in later turns. */
const SENDING_MS = 1;

/** The client of HTTP/2 over TLS, directly or through a proxy; it uses HTTP/1.1 once the mirror has chosen that. */
export class Http2Client implements MirrorClient, SessionOwner {
  readonly settings: Settings;
  readonly #target: Target;
  readonly #work: Work;
  readonly #way: TlsWay;
  readonly #locals: LocalEnds;
  readonly #backoff = new Backoff();
  readonly #sessions = new Set<Http2Session>();
  /** Requests that go out again, as the mirror has not processed them. */
  readonly #resends: Job[] = [];
  readonly #ending = new AbortController();
  readonly #pumpLater = () => this.pump();
  #connecting = 0;
  /** True when this turn of the event loop has sent enough. */
  #isResting = false;
  /** True once the mirror was offered HTTP/2 and chose HTTP/1.1. */
  #http1: Http1Client | undefined;

  constructor(target: Target, settings: Settings, work: Work) {
    const { way } = routeOf(target, settings);
    if (way.secure === undefined) throw new TypeError('HTTP/2 is spoken over TLS alone');
    this.settings = settings;
    this.#target = target;
    this.#work = work;
    this.#way = { ...way, secure: way.secure };
    this.#locals = new LocalEnds(settings);
  }

  get connections(): number {
    return (this.#http1?.connections ?? 0) + this.#sessions.size + this.#connecting;
  }

  pump(): void {
    if (this.#http1 !== undefined) {
      this.#http1.pump();
      return;
    }
    if (this.#ending.signal.aborted || this.#isResting) return;
    const untilMs = performance.now() + SENDING_MS;
    for (const session of this.#sessions) {
      for (let room = session.room; room > 0; room--) {
        if (performance.now() > untilMs) {
          this.#rest();
          return;
        }
        const job = this.#resends.shift() ?? this.#work.take();
        if (job === undefined) return;
        if (job.attempts > 0) this.#work.resent();
        session.send(job, this.#fieldsOf(job));
      }
    }
    this.#openWanted();
  }

  #rest(): void {
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      this.pump();
    });
  }

  /** Opens another connection when all are full: each takes many requests. */
  #openWanted(): void {
    const wanted = this.#work.waiting + this.#resends.length;
    if (wanted === 0 || this.#connecting > 0 || this.#sessions.size >= this.#locals.connections) return;
    if (this.#backoff.failing && !this.#backoff.mayTry(performance.now())) return;
    if (this.#ending.signal.aborted || !HANDSHAKES.mayBegin(this.#pumpLater)) return;
    this.#connecting += 1;
    void this.#open();
  }

  async #open(): Promise<void> {
    const { connectTimeoutMs } = this.settings;
    try {
      const socket = await dialHttp2(this.#way, this.#locals.next(), connectTimeoutMs, this.#ending.signal);
      this.#connecting -= 1;
      this.#locals.succeeded();
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
    for (const session of this.#sessions) session.retire();
    this.#http1 = new Http1Client(this.#target, this.settings, this.#work);
    failAll(this.#resends, this.#work, 'closed', performance.now());
  }

  #onConnectFailed(code: ConnectCode): void {
    if (this.#locals.mayTryNext(code)) return;
    const nowMs = performance.now();
    this.#backoff.failed(nowMs);
    if (this.#sessions.size > 0) return;
    // Nothing is open, so nothing would take these before the next attempt.
    failAll(this.#resends, this.#work, code, nowMs);
    failWaiting(this.#work, code, nowMs);
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
    const { totalTimeoutMs, idleTimeoutMs, connectionAgeMs } = this.settings;
    // Some were never sent, so all are judged by when they came; the mirror did not look at any of them.
    while (nowMs - (this.#resends[0]?.queuedMs ?? nowMs) > totalTimeoutMs)
      this.#work.failed(this.#resends.shift() as Job, 'closed', nowMs);
    for (const session of [...this.#sessions]) {
      session.tick(nowMs);
      const isOld = connectionAgeMs > 0 && nowMs - session.bornMs >= connectionAgeMs;
      if (isOld || nowMs - session.idleSinceMs > idleTimeoutMs) session.retire();
    }
  }

  destroy(code: OutcomeCode): void {
    this.#ending.abort();
    this.#http1?.destroy(code);
    failAll(this.#resends, this.#work, code, performance.now());
    for (const session of [...this.#sessions]) session.destroy(code);
    this.#sessions.clear();
  }
}

/** Header lines of a message as HTTP/2 has them: lower case, and none that is about a connection. */
function http2Fields(lines: string): OutgoingHttpHeaders {
  const fields: { [name: string]: string | string[] } = Object.create(null);
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(': ');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (name === 'host' || OF_A_CONNECTION.has(name)) continue;
    const value = line.slice(colon + 2);
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else fields[name] = [known, value];
  }
  return fields;
}
