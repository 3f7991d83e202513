/** One line on a terminal while a long export goes on: bytes, speed, what is on its way, how long it will take. */
import type { LineTally } from '../../logs/tally.ts';
import type { Pipeline } from '../../otel/pipeline.ts';
import { ProgressLine, type ReadProgress, renderRead, totalSize } from './progress-line.ts';

/** The model of the line; pure, so that it can be tested without a terminal. */
export interface ProgressModel extends ReadProgress {
  readonly lines: number;
  readonly spans: number;
  readonly inFlight: number;
}

export function renderProgress({ lines, spans, inFlight, ...read }: ProgressModel): string {
  const { of, left } = renderRead(read);
  const perSecond = (count: number) => Math.round(count / read.seconds).toLocaleString('en-US');
  return `${of} · ${perSecond(lines)} lines/s · ${perSecond(spans)} spans/s · ${inFlight} in flight${left}`;
}

/** Draws it on standard error, if that is a terminal. */
export function showExportProgress(paths: readonly string[], tally: LineTally, pipeline: Pipeline): ProgressLine {
  const totalBytes = totalSize(paths);
  return new ProgressLine((seconds) => {
    const { bytes, lines } = tally;
    const { inFlight, counts } = pipeline;
    return renderProgress({ bytes, totalBytes, lines, spans: counts.spans, inFlight, seconds });
  });
}
