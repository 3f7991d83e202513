/** How busy the event loop of this process is. */
import { performance } from 'node:perf_hooks';

/** The least time over which it is measured, so that whoever asks in between changes nothing. */
const LEAST_MS = 800;

export class LoadMeter {
  #since = performance.eventLoopUtilization();
  #busy = 0;

  /** The part of the time, 0 to 1, over about the last second. */
  measure(): number {
    const now = performance.eventLoopUtilization();
    const { active, idle, utilization } = performance.eventLoopUtilization(now, this.#since);
    if (active + idle < LEAST_MS) return this.#busy;
    this.#since = now;
    this.#busy = utilization;
    return utilization;
  }
}
