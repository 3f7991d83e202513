/** What became of rows so far, while a long load goes on: a line on a terminal, and elsewhere one a minute of a log that is followed. */
import type { LoadCounts } from '../../tables/loader.ts';
import { ProgressLine, type ReadProgress, renderRead, totalSize } from './progress-line.ts';
import { reportProblem } from './report-problem.ts';

/** A service has a journal: a line is there to be found later, not to be watched. */
const INTERIM_MS = 60_000;

/** Of all loads of one run together. */
export type LoadSoFar = Pick<LoadCounts, 'loaded' | 'already' | 'failed' | 'retried' | 'bytes'>;

export function addLoads(all: readonly LoadSoFar[]): LoadSoFar {
  const sum = (of: keyof LoadSoFar) => all.reduce((total, counts) => total + counts[of], 0);
  return {
    ...{ loaded: sum('loaded'), already: sum('already'), failed: sum('failed'), retried: sum('retried') },
    bytes: sum('bytes'),
  };
}

/** The model of the line; pure, so that it can be tested without a terminal. */
export function renderLoadProgress(counts: LoadSoFar, read: Omit<ReadProgress, 'bytes'>): string {
  const { of, left } = renderRead({ ...read, bytes: counts.bytes });
  return `${of} · ${renderOutcome(counts)}${left}`;
}

function renderOutcome({ loaded, already, failed, retried }: LoadSoFar): string {
  return `loaded ${loaded} · there before ${already} · failed ${failed} · retried ${retried}`;
}

export class LoadProgress {
  readonly #line: ProgressLine;
  readonly #interim: NodeJS.Timeout | undefined;

  /** @param counts what there is so far */
  constructor(paths: readonly string[], follow: boolean, counts: () => LoadSoFar) {
    const totalBytes = follow ? undefined : totalSize(paths);
    this.#line = new ProgressLine((seconds) => renderLoadProgress(counts(), { totalBytes, seconds }));
    if (!follow || process.stderr.isTTY === true) return;
    let before = renderOutcome(counts());
    this.#interim = setInterval(() => {
      const outcome = renderOutcome(counts());
      // A log in which nothing happens says nothing.
      if (outcome !== before) reportProblem({ message: `so far ${outcome}` });
      before = outcome;
    }, INTERIM_MS).unref();
  }

  stop(): void {
    this.#line.stop();
    clearInterval(this.#interim);
  }
}
