import { SpopConnection } from './spop-connection.mjs';

/** As the configuration of a real HAProxy says here: `option spop-check`, and `check fall 2 rise 1`. */
const FALL = 2;

/** Asks the agent at an interval whether it is there, by a HELLO that says it is a health check. */
export class HealthCheck {
  isUp = true;
  #address;
  #intervalMs;
  #failed = 0;
  #timer;

  constructor(address, intervalMs, cleanup) {
    this.#address = address;
    this.#intervalMs = intervalMs;
    this.#timer = setInterval(() => void this.#check(), intervalMs);
    cleanup.add(() => clearInterval(this.#timer));
  }

  async #check() {
    try {
      const connection = await SpopConnection.open(this.#address, { healthcheck: true }, this.#intervalMs);
      connection.close();
      this.#failed = 0;
    } catch {
      this.#failed++;
    }
    this.isUp = this.#failed < FALL;
  }
}
