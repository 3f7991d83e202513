/** The full-screen view of `summarize`: what it is fed with while lines are read, and what is drawn of it. */
import { ageText, type SummaryMoment, summaryPicture } from '../../cockpit/summary-picture.ts';
import type { PresentAges } from '../../report/screen-verdict.ts';
import type { Dimension } from '../../stats/grouping.ts';
import { AHEAD_MS, LiveDetail } from '../../stats/live-detail.ts';
import { isAnswered, mirrorKindOf } from '../../stats/mirror-history.ts';
import { MirrorLines } from '../../stats/mirror-lines.ts';
import type { RequestWatcher } from '../../stats/mirror-record.ts';
import type { Summary } from '../../stats/model.ts';
import { TimeCells } from '../../stats/time-cells.ts';
import { Cockpit, openKeys } from './cockpit.ts';
import type { Interruption } from './interrupt.ts';

export interface SummaryCockpitOptions {
  readonly by: readonly Dimension[];
  readonly interruption: Interruption;
  readonly present: () => { readonly summary: Summary; readonly ages: PresentAges };
}

/** What is counted for the view beside the summary. */
export class SummaryWatch {
  readonly detail = new LiveDetail();
  readonly mirror = new TimeCells();
  /** Undefined before the first request: its buffers are for who has a record. */
  lines: MirrorLines | undefined;
  /** Requests that are in no chart, as events are not: their times are later than this clock. */
  requestsAhead = 0;

  readonly addRequest: RequestWatcher = (request, destination, line) => {
    const { timeMs, totalMs } = request;
    const now = Date.now();
    const time = Number.isFinite(timeMs) ? Math.min(timeMs, now) : now;
    if (timeMs > now + AHEAD_MS) this.requestsAhead += 1;
    else
      this.mirror.add(time, mirrorKindOf(request), isAnswered(request) && totalMs >= 0 ? Math.round(totalMs) : -1, 1);
    this.lines ??= new MirrorLines();
    this.lines.add(request, destination, line);
  };
}

/** Opens the view; undefined where there is no terminal to read keys from. */
export function openSummaryCockpit(
  watch: SummaryWatch,
  { by, interruption, present }: SummaryCockpitOptions,
): Cockpit<SummaryMoment> | undefined {
  const keys = openKeys();
  if (keys === undefined) return undefined;
  let resetMs: number | undefined;
  const options = {
    mode: 'summary' as const,
    interruption,
    capture: (still: boolean): SummaryMoment => {
      const { mirror, lines, requestsAhead: ahead } = watch;
      const view = watch.detail.view(still);
      const edgeMs = view.edgeMs ?? (lines === undefined ? undefined : Date.now());
      return {
        ...present(),
        detail: { ...view, edgeMs },
        resetMs,
        ...(lines !== undefined && {
          mirror: { cells: still ? mirror.snapshot() : mirror, ahead, lines: lines.view(still) },
        }),
      };
    },
    picture: (
      moment: SummaryMoment,
      state: Parameters<typeof summaryPicture>[1],
      size: Omit<Parameters<typeof summaryPicture>[2], 'by'>,
    ) => summaryPicture(moment, state, { by, ...size }),
    brief: ({ summary, detail, ages }: SummaryMoment) => ({
      age: ageText(ages),
      verdict: summary.verdict.silence === undefined ? summary.verdict.status.toUpperCase() : 'SILENT',
      events: detail.events,
    }),
    reset: () => {
      watch.detail.reset();
      resetMs = Date.now();
    },
  };
  return new Cockpit(options, keys);
}
