import { type LookupAddress, lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

/** The time for which connections that are opened together share one lookup of the name. */
const FRESH_MS = 1_000;

type Done = Parameters<LookupFunction>[2];

/**
 * The addresses of one name, for the sockets that go there. A name is looked up anew for a connection that is opened more than
 * a second after the last look, so that a mirror may move. Connections begin at its addresses in turn.
 *
 * At most one question is on its way: the system answers in few threads, which the record and the log need as well.
 */
export class Addresses {
  readonly #localAddress: string | undefined;
  readonly #lookUp: typeof lookUp;
  readonly #nowMs: () => number;
  #found: readonly LookupAddress[] = [];
  #foundMs = Number.NEGATIVE_INFINITY;
  #waiting: Done[] | undefined;
  #turn = 0;

  /**
   * @param localAddress where connections come from: an address of another family does not lead anywhere from there
   * @param ask as `dns.lookup`
   */
  constructor(localAddress?: string, ask = lookUp, nowMs = () => performance.now()) {
    this.#localAddress = localAddress;
    this.#lookUp = ask;
    this.#nowMs = nowMs;
  }

  /** The function for the option `lookup` of a socket. */
  readonly lookup: LookupFunction = (hostname, { all }, done) => {
    const give: Done = (error, found) => {
      if (error !== null) {
        done(error, all === true ? [] : '');
        return;
      }
      const inTurn = this.#inTurn(found as LookupAddress[]);
      const first = inTurn[0] as LookupAddress;
      if (all === true) done(null, inTurn);
      else done(null, first.address, first.family);
    };
    if (this.#nowMs() - this.#foundMs < FRESH_MS) {
      // A socket is not ready for the callback before its constructor has returned.
      queueMicrotask(() => give(null, [...this.#found]));
      return;
    }
    if (this.#waiting !== undefined) {
      this.#waiting.push(give);
      return;
    }
    this.#waiting = [give];
    this.#ask(hostname);
  };

  #ask(hostname: string): void {
    this.#lookUp(hostname, { all: true }, (failure, found = []) => {
      const error = failure ?? (found.length === 0 ? nowhere(hostname) : null);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      if (error === null) {
        this.#found = this.#usable(found);
        this.#foundMs = this.#nowMs();
      }
      for (const done of waiting) done(error, this.#found.slice());
    });
  }

  #usable(found: readonly LookupAddress[]): readonly LookupAddress[] {
    const family = isIP(this.#localAddress ?? '');
    const alike = found.filter((one) => family === 0 || one.family === family);
    return alike.length > 0 ? alike : found;
  }

  #inTurn(found: readonly LookupAddress[]): LookupAddress[] {
    const start = this.#turn++ % found.length;
    return [...found.slice(start), ...found.slice(0, start)];
  }
}

/** As the system says it of a name without an address. */
function nowhere(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
}
