/**
 * Bounds what a peer can make TLS itself do. OpenSSL bounds empty records and warnings; it bounds neither the certificates of a
 * handshake, up to 100 kB of them, nor session tickets and updates of keys, and none of these gives anybody here a turn while
 * they are read. So it is found out afterwards, from the bytes that were no data, and what was found keeps the peer from
 * doing it again soon: TlsBackoff.
 */
import type { TLSSocket } from 'node:tls';
import type { TlsBackoff } from './tls-backoff.ts';

/** A moment in milliseconds of both clocks; processor time is that of the whole process. */
interface Moment {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const LOOK_MS = 50;
/** A look that comes so late, with the processor busy as long, has a cause. */
const LATE_MS = 25;
/** Certificates are 2 to 8 kB as a rule, a list of authorities asked for another 10: less is not what makes a look late. */
const MAX_HANDSHAKE_BYTES = 16 * 1024;
/** The smallest answers of HTTP/2 are half as long as the record around them; there may be more than that, and some more. */
const OVERHEAD_RATIO = 4;
const MAX_OVERHEAD_BYTES = 64 * 1024;
/** Servers give 1 to 4; the most that one of them can be told to give is 10. */
const MAX_TICKETS = 16;

/** The error of a flood of TLS messages; it becomes the outcome 'tls'. */
class TlsFlood extends Error {
  override readonly name = 'TlsFlood';
  readonly code = 'ERR_TLS_FLOOD';

  constructor() {
    super('messages of TLS without data and without end');
  }
}

/** Counts the bytes of a connection as they are on the wire; those of the socket are without TLS. */
interface Wire {
  readonly bytesRead?: number | undefined;
}

/** A connection, and its byte counts at the last look. */
interface Watched {
  readonly socket: TLSSocket;
  readonly tlsBackoff: TlsBackoff;
  wire: Wire | undefined;
  wireBytes: number;
  isSecured: boolean;
  /** The byte counts at the end of the handshake. */
  wireBefore: number;
  plainBefore: number;
}

export class TlsWatch {
  readonly #clock: () => Moment;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #last: Moment = { wallMs: 0, cpuMs: 0 };

  constructor(clock: () => Moment = readClock) {
    this.#clock = clock;
  }

  /** Watches the socket from before the handshake to its end. */
  watch(socket: TLSSocket, tlsBackoff: TlsBackoff): void {
    const watched: Watched = {
      socket,
      tlsBackoff,
      wire: wireOf(socket),
      wireBytes: 0,
      isSecured: false,
      wireBefore: 0,
      plainBefore: 0,
    };
    if (this.#timer === undefined) {
      this.#last = this.#clock();
      this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    }
    this.#watched.add(watched);
    let tickets = 0;
    // Each of several addresses that are tried has a connection of its own.
    socket.on('connect', () => {
      watched.wire = wireOf(socket);
    });
    // The listener runs before the certificates are judged, which may be the end of the connection.
    socket.prependOnceListener('secure', () => {
      this.#look();
      watched.isSecured = true;
      watched.wireBefore = watched.wireBytes;
      watched.plainBefore = socket.bytesRead;
    });
    socket.on('session', () => {
      tickets += 1;
      if (tickets === MAX_TICKETS + 1) end(watched, 0);
    });
    socket.on('error', () => this.#look());
    socket.on('close', () => {
      this.#watched.delete(watched);
      if (this.#watched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  #look(): void {
    const now = this.#clock();
    const lateMs = Math.min(now.wallMs - this.#last.wallMs - LOOK_MS, now.cpuMs - this.#last.cpuMs);
    this.#last = now;
    for (const watched of this.#watched) {
      const before = watched.wireBytes;
      watched.wireBytes = watched.wire?.bytesRead ?? before;
      if (watched.isSecured) judgeOverhead(watched, Math.max(0, lateMs));
      else if (lateMs >= LATE_MS && watched.wireBytes > before && watched.wireBytes > MAX_HANDSHAKE_BYTES)
        watched.tlsBackoff.costly(Math.round(lateMs));
    }
  }
}

function judgeOverhead(watched: Watched, lateMs: number): void {
  const { socket, wireBytes, wireBefore, plainBefore } = watched;
  const plain = socket.bytesRead - plainBefore;
  const overhead = wireBytes - wireBefore - plain;
  if (overhead > MAX_OVERHEAD_BYTES + OVERHEAD_RATIO * plain) end(watched, lateMs);
}

function end({ socket, tlsBackoff }: Watched, costMs: number): void {
  if (socket.destroyed) return;
  tlsBackoff.flooded(costMs);
  socket.destroy(new TlsFlood());
}

/** The socket below TLS, which Node shows nowhere else; without it nothing is found out and nothing is kept waiting. */
function wireOf(socket: TLSSocket): Wire | undefined {
  return (socket as { _handle?: { _parent?: Wire } | null })._handle?._parent;
}

function readClock(): Moment {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}

/** The watch for all destinations of the process. */
export const TLS_WATCH = new TlsWatch();
