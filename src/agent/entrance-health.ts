/** Whether whoever wants to connect can, judged once a second: lines of the log for what an operator has to know. */
import type { AgentStats } from './counters.ts';
import type { Entrance } from './entrance.ts';
import { Episode, seconds } from './episode.ts';
import type { Log } from './log-file.ts';

export class EntranceHealth {
  readonly #entrance: Entrance;
  readonly #crowding: Episode;
  readonly #strangers: Episode;
  #max = 0;

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
  }

  /** @param nowMs of a clock that never goes back */
  observe({ connectionsRefused, connectionsGaveWay, connectionsMax }: AgentStats, nowMs: number): void {
    this.#max = connectionsMax;
    const crowded = connectionsRefused + connectionsGaveWay;
    this.#crowding.observe([crowded, connectionsRefused, connectionsGaveWay], nowMs);
    this.#strangers.observe([this.#entrance.notAllowed], nowMs);
  }
}
