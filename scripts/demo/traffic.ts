import type { Cleanup } from './cleanup.ts';
import { type ClientRequest, makeRequest } from './requests.ts';

const TICK_MS = 10;

/** Clients who come at a steady rate and wait for nobody: what is slow piles up, as in production. */
export class Traffic {
  started = 0;
  readonly #timer: NodeJS.Timeout;

  /** `send` begins a request. */
  constructor(perSecond: number, send: (request: ClientRequest) => void, cleanup: Cleanup) {
    const beginMs = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - beginMs) / 1000) * perSecond;
      while (this.started < due) send(makeRequest(this.started++));
    }, TICK_MS);
    cleanup.add(() => this.stop());
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
