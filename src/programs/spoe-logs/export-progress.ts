/** One line on a terminal while a long export goes on: bytes, speed, what is on its way, how long it will take. */
import { regularSize } from '../../logs/regions.ts';
import type { LineTally } from '../../logs/tally.ts';
import type { Pipeline } from '../../otel/pipeline.ts';

const REDRAW_MS = 250;
/** The time before the first line: a shorter export needs none. */
const FIRST_MS = 1000;
const CLEAR_LINE = '\r\x1b[K';

/** The model of the line; pure, so that it can be tested without a terminal. */
export interface ProgressModel {
  readonly bytes: number;
  /** The bytes in all; undefined where the end is not known: a pipe, gzip, a followed file. */
  readonly totalBytes: number | undefined;
  readonly lines: number;
  readonly spans: number;
  readonly inFlight: number;
  readonly seconds: number;
}

export function renderProgress({ bytes, totalBytes, lines, spans, inFlight, seconds }: ProgressModel): string {
  const perSecond = (count: number) => `${Math.round(count / seconds).toLocaleString('en-US')}`;
  const mebibytes = (count: number) => `${(count / 1024 / 1024).toFixed(1)} MiB`;
  const isKnown = totalBytes !== undefined && totalBytes > 0 && bytes > 0;
  const of = isKnown ? ` of ${mebibytes(totalBytes)} (${Math.floor((bytes / totalBytes) * 100)} %)` : '';
  const left = isKnown ? ` · ETA ${Math.ceil((seconds * (totalBytes - bytes)) / bytes)} s` : '';
  return (
    `${mebibytes(bytes)}${of} · ${perSecond(lines)} lines/s · ${perSecond(spans)} spans/s · ` +
    `${inFlight} in flight${left}`
  );
}

export class ExportProgress {
  readonly #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  /** Draws on standard error, if that is a terminal. */
  constructor(paths: readonly string[], tally: LineTally, pipeline: Pipeline) {
    if (process.stderr.isTTY !== true) return;
    const sizes = paths.map(regularSize);
    const totalBytes = sizes.includes(undefined)
      ? undefined
      : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    const started = performance.now();
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - started) / 1000;
      if (seconds * 1000 < FIRST_MS) return;
      const { bytes, lines } = tally;
      const { inFlight, counts } = pipeline;
      const text = renderProgress({ bytes, totalBytes, lines, spans: counts.spans, inFlight, seconds });
      process.stderr.write(`${CLEAR_LINE}${text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
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
