import { Backoff } from './backoff.ts';
import { HANDSHAKES } from './handshake-pace.ts';
import { type ConnectionOwner, Http1Connection, PIPELINE_DEPTH, type Route } from './http1-connection.ts';
import { failAll, failWaiting, type Job, type MirrorClient, type Work } from './job.ts';
import { LocalEnds } from './network.ts';
import type { Settings } from './options.ts';
import { proxyHeaderLines } from './proxy-headers.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';
import type { Target } from './target.ts';
import { TlsBackoff } from './tls-backoff.ts';

/** The client of HTTP/1.1 over TCP or TLS, directly or through a proxy. */
export class Http1Client implements MirrorClient, ConnectionOwner {
  readonly settings: Settings;
  readonly #route: Route;
  readonly #work: Work;
  readonly #locals: LocalEnds;
  readonly #backoff = new Backoff();
  readonly #all = new Set<Http1Connection>();
  /** Proven connections with nothing on their way; the one used last is used next, so that the others can end. */
  readonly #idle: Http1Connection[] = [];
  /** Requests that go out again, each as the first one of a new connection. */
  readonly #resends: Job[] = [];
  /** True when the last connection that had a chance to stay open did. */
  #keepsAlive = false;
  #connecting = 0;
  #destroyed = false;
  /** True as long as requests may go behind one another: never again once the mirror sent what is not HTTP. */
  #mayPipeline: boolean;
  /** True when connections begin with a TLS handshake. */
  readonly #isSecure: boolean;
  readonly #openLater = () => this.#openWanted();

  constructor(target: Target, settings: Settings, work: Work) {
    this.settings = settings;
    this.#mayPipeline = settings.pipelining;
    this.#route = routeOf(target, settings);
    this.#isSecure = target.secure;
    this.#work = work;
    this.#locals = new LocalEnds(settings);
  }

  get connections(): number {
    return this.#all.size;
  }

  pump(): void {
    while (this.#work.waiting > 0) {
      const connection = this.#idle.pop();
      if (connection === undefined) break;
      if (connection.isIdle) this.#fill(connection);
    }
    this.#openWanted();
  }

  /** Sends what fits on the connection: one request, or several that may go behind one another. */
  #fill(connection: Http1Connection): void {
    const jobs: Job[] = [];
    const room = (this.#mayPipeline ? PIPELINE_DEPTH : 1) - connection.inFlight.length;
    while (jobs.length < room) {
      const next = this.#work.peek();
      if (next === undefined) break;
      const isFirst = jobs.length === 0 && connection.inFlight.length === 0;
      if (!isFirst && !(next.repeatable && connection.canPipeline)) break;
      jobs.push(this.#work.take() as Job);
      if (!next.repeatable || next.request.method === 'HEAD' || !connection.proven) break;
    }
    if (jobs.length > 0) connection.send(jobs);
    else if (connection.inFlight.length === 0) this.#idle.push(connection);
  }

  /** Opens as many connections as there is work for; a single one while the mirror cannot be reached. */
  #openWanted(): void {
    const { waiting } = this.#work;
    if (this.#destroyed || (waiting === 0 && this.#resends.length === 0)) return;
    const nowMs = performance.now();
    if (this.#backoff.failing && (this.#connecting > 0 || !this.#backoff.mayTry(nowMs))) return;
    // A resend needs a new connection even when there are as many as there may be: an unused one makes room for it.
    if (this.#isCrowded) this.#idle.shift()?.abort('closed', nowMs);
    const perConnection =
      this.#mayPipeline && this.#keepsAlive && this.#work.peek()?.repeatable === true ? PIPELINE_DEPTH : 1;
    const wanted = this.#resends.length + Math.ceil(waiting / perConnection) - this.#connecting;
    const room = this.#locals.connections - this.#all.size;
    for (let i = Math.min(wanted, room, this.#backoff.failing ? 1 : room); i > 0; i--) {
      if (this.#isSecure && this.#mustWait) return;
      if (this.#isSecure && !HANDSHAKES.mayBegin(this.#openLater)) return;
      this.#open(nowMs);
    }
  }

  /** True while TLS to the destination costs too much; the timer of the destination asks again. */
  get #mustWait(): boolean {
    const { tlsBackoff } = this.#route.way;
    return tlsBackoff.waitMs > 0 || (tlsBackoff.isSuspect && this.#all.size > 0);
  }

  #open(nowMs: number): void {
    this.#connecting++;
    this.#all.add(new Http1Connection(this, this.#route, this.#locals.next(), nowMs));
  }

  onOpen(connection: Http1Connection): void {
    this.#connecting--;
    this.#locals.succeeded();
    this.#backoff.succeeded();
    const again = this.#resends.shift();
    if (again === undefined) {
      this.#fill(connection);
      return;
    }
    this.#work.resent();
    connection.send([again]);
  }

  onRoom(connection: Http1Connection, nowMs: number): void {
    this.#keepsAlive = true;
    if (!this.#isCrowded) this.#fill(connection);
    else if (connection.inFlight.length === 0) connection.abort('closed', nowMs);
  }

  /** True when requests that go out again wait for a new connection and there is no room for one. */
  get #isCrowded(): boolean {
    return this.#resends.length > this.#connecting && this.#all.size >= this.#locals.connections;
  }

  onAnswer(job: Job, status: number, nowMs: number): void {
    this.#work.answered(job, status, nowMs);
  }

  onLost(job: Job, code: OutcomeCode, untouched: boolean, nowMs: number): void {
    if (this.#destroyed || !untouched || !job.repeatable || job.attempts > 1) {
      this.#work.failed(job, code, nowMs);
      return;
    }
    this.#resends.push(job);
  }

  onConnectFailed(connection: Http1Connection, code: ConnectCode, nowMs: number): void {
    this.#connecting--;
    this.#all.delete(connection);
    if (this.#locals.mayTryNext(code)) {
      this.#openWanted();
      return;
    }
    this.#backoff.failed(nowMs);
    if (this.#all.size > 0) return;
    // Nothing is open or about to be, so nothing would take these before the next attempt.
    failAll(this.#resends, this.#work, code, nowMs);
    failWaiting(this.#work, code, nowMs);
  }

  onClosed(connection: Http1Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (!connection.proven) this.#keepsAlive = false;
    if (!this.#destroyed) this.pump();
  }

  onProtocolError(): void {
    if (!this.#mayPipeline) return;
    this.#mayPipeline = false;
    this.#work.misbehaved();
  }

  tick(nowMs: number): void {
    for (const connection of this.#all) connection.tick(nowMs);
    // They were sent once, and their time counts from then on.
    while (nowMs - (this.#resends[0]?.sentMs ?? nowMs) > this.settings.totalTimeoutMs) {
      this.#work.failed(this.#resends.shift() as Job, 'timeout', nowMs);
    }
  }

  destroy(code: OutcomeCode): void {
    this.#destroyed = true;
    const nowMs = performance.now();
    failAll(this.#resends, this.#work, code, nowMs);
    for (const connection of [...this.#all]) connection.abort(code, nowMs);
    this.#all.clear();
  }
}

/** The route to a destination. Behind a proxy requests name the whole URL, RFC 9112 section 3.2.2. */
export function routeOf(target: Target, { proxy, tls }: Settings): Route {
  const through = target.proxy;
  const { hostname, port, host, prefix, secure, tlsBackoff = new TlsBackoff() } = target;
  const own = {
    way: {
      hostname,
      port,
      secure: secure ? { serverName: serverName(hostname), session: undefined } : undefined,
      tls,
      tlsBackoff,
    },
    direct: { host, pathPrefix: prefix, asteriskPath: '*', headers: '' },
  };
  if (through === undefined) return { ...own.direct, way: { ...own.way, tunnel: undefined } };
  const headers = proxyHeaderLines(through, proxy);
  if (secure) {
    return { ...own.direct, way: { ...own.way, tunnel: { proxy: through, target, headers } } };
  }
  const hostOfProxy = through.hostname.replace(/^\[|\]$/g, '');
  return {
    way: {
      hostname: hostOfProxy,
      port: Number(through.port) || 80,
      secure: undefined,
      tunnel: undefined,
      tls,
      tlsBackoff,
    },
    host,
    pathPrefix: target.origin + prefix,
    // Without a path it means the server as a whole.
    asteriskPath: target.origin,
    headers,
  };
}

/** The server name for TLS, which an address does not have: RFC 6066, section 3. */
function serverName(hostname: string): string {
  return /^[\d.]+$|:/.test(hostname) ? '' : hostname;
}
