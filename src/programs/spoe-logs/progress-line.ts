/** One line on a terminal while a long run goes on, drawn again and again, and gone at its end. */
import { regularSize } from '../../logs/regions.ts';

const REDRAW_MS = 250;
/** The time before the first line: a shorter run needs none. */
const FIRST_MS = 1000;
const CLEAR_LINE = '\r\x1b[K';

/** How far the reading has come. */
export interface ReadProgress {
  readonly bytes: number;
  /** The bytes in all; undefined where the end is not known: a pipe, gzip, a followed file. */
  readonly totalBytes: number | undefined;
  readonly seconds: number;
}

/** `of`: what was read, of how much; `left`: how long the rest will take, where that is known. */
export function renderRead({ bytes, totalBytes, seconds }: ReadProgress): {
  readonly of: string;
  readonly left: string;
} {
  const mebibytes = (count: number) => `${(count / 1024 / 1024).toFixed(1)} MiB`;
  if (totalBytes === undefined || totalBytes === 0 || bytes === 0) return { of: mebibytes(bytes), left: '' };
  return {
    of: `${mebibytes(bytes)} of ${mebibytes(totalBytes)} (${Math.floor((bytes / totalBytes) * 100)} %)`,
    left: ` · ETA ${Math.ceil((seconds * (totalBytes - bytes)) / bytes)} s`,
  };
}

/** Bytes of all files, undefined where one of them is no plain file. */
export function totalSize(paths: readonly string[]): number | undefined {
  const sizes = paths.map(regularSize);
  return sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

export class ProgressLine {
  readonly #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  /** Draws on standard error, if that is a terminal. @param render the line after so many seconds */
  constructor(render: (seconds: number) => string) {
    if (process.stderr.isTTY !== true) return;
    const started = performance.now();
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - started) / 1000;
      if (seconds * 1000 < FIRST_MS) return;
      const most = Math.max(20, (process.stderr.columns ?? 80) - 1);
      process.stderr.write(`${CLEAR_LINE}${render(seconds).slice(0, most)}`);
      this.#drawn = true;
    }, REDRAW_MS);
    this.#timer.unref();
  }

  /** Removes the line. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#drawn) process.stderr.write(CLEAR_LINE);
    this.#drawn = false;
  }
}
