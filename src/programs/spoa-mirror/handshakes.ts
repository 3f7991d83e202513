/**
 * The TLS handshakes of HAProxy's connections. A handshake takes one or two milliseconds of the event loop in which others wait for
 * their ACKs, so it begins when there is a turn for it, and not before its ClientHello is here as a whole: whoever holds that
 * back until many have begun could have all of them worked on at once.
 *
 *     hello ──ClientHello──▶ waiting ──turn, peers one after the other──▶ begun ──▶ done
 */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { HANDSHAKES, type HandshakePace } from '../../mirror/handshake-pace.ts';
import { countCode } from '../../spoa/counters.ts';
import { oldestOfMost } from '../../spoa/peers.ts';
import type { Handshaking } from '../../spoa/session-host.ts';

/** The certificate for HAProxy's connections; with a CA clients need a certificate of it. */
export interface ListenPem {
  readonly ca?: string;
  readonly cert: string;
  readonly key: string;
}

/** The most handshakes that have begun and wait for the client; one more ends another one. What they send may come all at once. */
const MAX_BEGUN = 32;

/** The heads of TLSPlaintext and Handshake (RFC 8446, 5.1 and 4): type, version, length; type, length. */
const HEAD_BYTES = 9;
const RECORD_HEAD_BYTES = 5;
const HANDSHAKE_HEAD_BYTES = 4;
const MAX_RECORD_BYTES = 2 ** 14;
const RECORD_OF_HANDSHAKE = 22;
const CLIENT_HELLO = 1;

interface Handshake {
  readonly raw: Socket;
  readonly peer: string;
  readonly sinceMs: number;
  readonly opened: (socket: Socket) => void;
  state: 'hello' | 'waiting' | 'begun' | 'done';
}

/** A server of Node for one handshake at a time, as its events do not say whose they are. It listens nowhere. */
interface HandshakeServer {
  readonly server: Server;
  handshake: Handshake | undefined;
}

export class Handshakes implements Handshaking {
  /** The number of failed handshakes by reason: names of this file, or of OpenSSL and Node in lower case. */
  readonly failures: { [reason: string]: number } = {};
  readonly #pace: HandshakePace;
  #options: TlsOptions;
  /** All handshakes in order of arrival. */
  readonly #all = new Set<Handshake>();
  /** The handshakes that wait, by peer, the next one first. */
  readonly #waiting = new Map<string, Set<Handshake>>();
  readonly #begun = new Set<Handshake>();
  #free: HandshakeServer[] = [];
  readonly #beginLater = (): void => this.#beginNext();

  /** @param pace gives the turns; by default it is shared with the handshakes of the mirror */
  constructor(pem: ListenPem, pace = HANDSHAKES) {
    this.#pace = pace;
    this.#options = serverOptions(pem);
  }

  /** Sets the certificate of handshakes that begin from now on. */
  renew(pem: ListenPem): void {
    this.#options = serverOptions(pem);
    this.#free = [];
  }

  /**
   * @param opened gets the socket of the connection when the handshake is done
   * @returns the function that gives it up, which is no failure
   */
  add(raw: Socket, peer: string, nowMs: number, opened: (socket: Socket) => void): () => void {
    const handshake: Handshake = { raw, peer, sinceMs: nowMs, opened, state: 'hello' };
    this.#all.add(handshake);
    this.#awaitHello(handshake);
    return () => {
      if (this.#finish(handshake)) raw.destroy();
    };
  }

  /** Ends handshakes that take longer than `timeoutMs`; it is called now and then. */
  sweep(nowMs: number, timeoutMs: number): void {
    for (const handshake of this.#all) {
      if (nowMs - handshake.sinceMs < timeoutMs) return;
      this.#fail(handshake, handshake.state === 'waiting' ? 'too-many' : 'timeout');
    }
  }

  #awaitHello(handshake: Handshake): void {
    const { raw } = handshake;
    let head: Buffer | undefined;
    const read = () => {
      head ??= take(raw, HEAD_BYTES);
      if (head === undefined) return;
      const length = recordLength(head);
      if (typeof length === 'string') {
        this.#fail(handshake, length);
        return;
      }
      const rest = take(raw, RECORD_HEAD_BYTES + length - HEAD_BYTES);
      if (rest === undefined) return;
      raw.off('readable', read).off('end', gone).off('error', gone);
      raw.unshift(Buffer.concat([head, rest]));
      this.#queue(handshake);
    };
    // A client that only looks whether the port is open is no failure.
    const gone = () => (raw.bytesRead > 0 ? this.#fail(handshake, 'closed') : this.#finish(handshake));
    raw.on('readable', read).on('end', gone).on('error', gone);
    raw.on('close', () => {
      if (handshake.state !== 'begun') this.#finish(handshake);
    });
  }

  #queue(handshake: Handshake): void {
    handshake.state = 'waiting';
    const { peer } = handshake;
    const others = this.#waiting.get(peer);
    if (others === undefined) this.#waiting.set(peer, new Set([handshake]));
    else others.add(handshake);
    this.#beginNext();
  }

  #beginNext(): void {
    while (this.#waiting.size > 0) {
      if (!this.#pace.mayBegin(this.#beginLater)) return;
      const [peer, [handshake]] = this.#waiting.entries().next().value as [string, Set<Handshake>];
      const others = this.#unqueue(handshake as Handshake);
      // Its peer is the last one now.
      if (others !== undefined && this.#waiting.delete(peer)) this.#waiting.set(peer, others);
      this.#begin(handshake as Handshake);
    }
  }

  #begin(handshake: Handshake): void {
    if (this.#begun.size >= MAX_BEGUN) {
      const begun = [...this.#begun];
      this.#fail(begun[oldestOfMost(begun)] as Handshake, 'too-many');
    }
    handshake.state = 'begun';
    this.#begun.add(handshake);
    const slot = this.#free.pop() ?? this.#newServer();
    slot.handshake = handshake;
    slot.server.emit('connection', handshake.raw);
  }

  #newServer(): HandshakeServer {
    const options = this.#options;
    const slot: HandshakeServer = { server: createServer(options), handshake: undefined };
    const leave = () => {
      const { handshake } = slot;
      slot.handshake = undefined;
      if (options === this.#options) this.#free.push(slot);
      return handshake as Handshake;
    };
    slot.server.on('secureConnection', (socket: TLSSocket) => {
      const handshake = leave();
      if (this.#finish(handshake)) handshake.opened(socket);
      else socket.destroy();
    });
    slot.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      socket.destroy();
      this.#fail(leave(), reasonOf(socket.authorizationError ? String(socket.authorizationError) : error.code));
    });
    return slot;
  }

  #fail(handshake: Handshake, reason: string): void {
    if (!this.#finish(handshake)) return;
    countCode(this.failures, reason);
    handshake.raw.destroy();
  }

  /** @returns true when it was not done yet */
  #finish(handshake: Handshake): boolean {
    if (handshake.state === 'done') return false;
    if (handshake.state === 'waiting') this.#unqueue(handshake);
    handshake.state = 'done';
    this.#all.delete(handshake);
    this.#begun.delete(handshake);
    return true;
  }

  /** @returns the others of its peer that wait, if there are any */
  #unqueue(handshake: Handshake): Set<Handshake> | undefined {
    const { peer } = handshake;
    const all = this.#waiting.get(peer);
    all?.delete(handshake);
    if (all?.size !== 0) return all;
    this.#waiting.delete(peer);
    return undefined;
  }
}

/**
 * The options of the server: only key exchanges whose work is done when the handshake begins; no renegotiation, which is a
 * handshake without a turn; no sessions to come back to: they would outlive certificates, and each worker would have its own.
 */
export function serverOptions({ cert, key, ca }: ListenPem): TlsOptions {
  return {
    cert,
    key,
    // Without --tls-ca none is trusted, rather than the many that Node trusts by itself.
    ca: ca ?? [],
    requestCert: ca !== undefined,
    rejectUnauthorized: ca !== undefined,
    minVersion: 'TLSv1.2',
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  };
}

/** Reads `count` bytes, or what there is when no more will come; undefined when they are not here yet. */
function take(socket: Socket, count: number): Buffer | undefined {
  if (count === 0) return Buffer.alloc(0);
  return socket.read(count) ?? undefined;
}

/** The length of the record a connection begins with; the reason of the failure where no whole ClientHello is in it. */
function recordLength(head: Buffer): number | 'not-tls' | 'split-hello' | 'closed' {
  if (head[0] !== RECORD_OF_HANDSHAKE || (head.length > 1 && head[1] !== 3)) return 'not-tls';
  if (head.length < HEAD_BYTES) return 'closed';
  if (head[RECORD_HEAD_BYTES] !== CLIENT_HELLO) return 'not-tls';
  const length = head.readUInt16BE(3);
  const helloLength = head.readUIntBE(6, 3);
  if (length > MAX_RECORD_BYTES || helloLength + HANDSHAKE_HEAD_BYTES > length) return 'split-hello';
  return length;
}

/** The reason for a code of Node: `unsupported-protocol` for ERR_SSL_UNSUPPORTED_PROTOCOL. */
function reasonOf(code: string | undefined): string {
  if (code === undefined) return 'other';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed';
  return code
    .replace(/^ERR_(?:SSL|TLS)_/, '')
    .replaceAll('_', '-')
    .toLowerCase();
}
