import type { Address } from './agent.ts';
import type { Cleanup } from './cleanup.ts';
import { SpopConnection } from './spop-connection.ts';

/** As the configuration of a real HAProxy says here: `option spop-check`, and `check fall 2 rise 1`. */
const FALL = 2;

/** Asks the agent at an interval whether it is there, by a HELLO that says it is a health check. */
export class HealthCheck {
  isUp = true;
  readonly #address: Address;
  readonly #intervalMs: number;
  #failed = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(address: Address, intervalMs: number, cleanup: Pick<Cleanup, 'add'>) {
    this.#address = address;
    this.#intervalMs = intervalMs;
    this.#timer = setInterval(() => void this.#check(), intervalMs);
    cleanup.add(() => clearInterval(this.#timer));
  }

  async #check(): Promise<void> {
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
