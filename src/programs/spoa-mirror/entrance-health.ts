/** The health of the entrance, judged once a second: log lines about connections that are refused or fail. */
import type { AgentStats } from '../../spoa/counters.ts';
import type { Entrance } from './entrance.ts';
import { Episode, seconds } from './episode.ts';
import type { Log } from './log-file.ts';

/** The remedy for handshake failures that a configuration causes; the others have OpenSSL's own words. */
const REASONS: { readonly [reason: string]: string } = {
  'not-tls': "what came is no TLS, HAProxy's server line needs ssl",
  timeout: 'it took too long',
  'too-many': 'more came at a time than can be served',
  closed: 'the other side closed the connection',
  'split-hello': 'its first record does not have the ClientHello as a whole',
  'unsupported-protocol': 'TLS 1.2 is the least',
  'peer-did-not-return-a-certificate': "no client certificate came, HAProxy's server line needs crt",
  'tlsv1-alert-unknown-ca': 'HAProxy does not trust --tls-cert, its ca-file needs who signed it',
};

export class EntranceHealth {
  readonly #entrance: Entrance;
  readonly #crowding: Episode;
  readonly #strangers: Episode;
  readonly #handshakes: Episode;
  #max = 0;
  /** The number of failed handshakes by reason, and the reason of the latest. */
  readonly #failed = new Map<string, number>();
  #lastReason = '';

  constructor(entrance: Entrance, log: Log) {
    this.#entrance = entrance;
    this.#crowding = new Episode({
      began: ([, refused, gaveWay]) =>
        log(`more connections than the ${this.#max} there is room for: ${refused} turned away, ${gaveWay} gave way`),
      ended: ([, refused, gaveWay], ms) =>
        log(
          `there is room for connections again; in ${seconds(ms)} ${refused} were turned away and ${gaveWay} gave way`,
        ),
    });
    this.#strangers = new Episode({
      began: ([count]) => log(`${count} connections turned away, --allow does not name ${entrance.lastNotAllowed}`),
      ended: ([count], ms) =>
        log(
          `nobody comes any more whom --allow does not name; in ${seconds(ms)} ${count} connections were turned away`,
        ),
    });
    this.#handshakes = new Episode({
      began: ([count]) => log(`${count} TLS handshakes of HAProxy's side failed, the last one: ${this.#why}`),
      ended: ([count], ms) =>
        log(`TLS handshakes fail no more; in ${seconds(ms)} ${count} failed, the last one: ${this.#why}`),
    });
  }

  get #why(): string {
    const words = REASONS[this.#lastReason];
    return words === undefined ? this.#lastReason : `${words} (${this.#lastReason})`;
  }

  /** @param nowMs of a clock that never goes back */
  observe(stats: AgentStats, nowMs: number): void {
    const { connectionsRefused, connectionsGaveWay, connectionsMax, tlsHandshakesFailed } = stats;
    this.#max = connectionsMax;
    const crowded = connectionsRefused + connectionsGaveWay;
    this.#crowding.observe([crowded, connectionsRefused, connectionsGaveWay], nowMs);
    this.#strangers.observe([this.#entrance.notAllowed], nowMs);
    for (const [reason, count] of Object.entries(tlsHandshakesFailed)) {
      if (count <= (this.#failed.get(reason) ?? 0)) continue;
      this.#failed.set(reason, count);
      this.#lastReason = reason;
    }
    const failed = Object.values(tlsHandshakesFailed).reduce((sum, count) => sum + count, 0);
    this.#handshakes.observe([failed], nowMs);
  }
}
