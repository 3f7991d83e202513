import type { MirrorRecord, OutcomeCode } from '../mirror/record.ts';
import type { Log } from './log-file.ts';

/** What a mirror that is not there, or hangs, does to requests. */
const ABSENT: ReadonlySet<OutcomeCode> = new Set([
  'connect-refused',
  'connect-timeout',
  'dns',
  'unreachable',
  'proxy',
  'tls',
  'timeout',
]);

/** A line in the log when a mirror stops answering, and one when it answers again; never one for each request. */
export class Reachability {
  readonly #log: Log;
  readonly #absent = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  observe({ destination = 'the mirror', status, error }: MirrorRecord): void {
    if (status !== null) {
      if (this.#absent.size > 0 && this.#absent.delete(destination)) this.#log(`${destination} answers again`);
    } else if (error !== null && ABSENT.has(error) && !this.#absent.has(destination)) {
      this.#absent.add(destination);
      this.#log(`${destination} does not answer: ${error}`);
    }
  }
}
