/** The full-screen view of `summarize`: what it is fed with while lines are read, and what is drawn of it. */
import { MIRROR_KINDS } from '../../cockpit/charts.ts';
import { ageText, type SummaryMoment, summaryPicture } from '../../cockpit/summary-picture.ts';
import type { PresentAges } from '../../report/screen-verdict.ts';
import type { Dimension } from '../../stats/grouping.ts';
import { LiveDetail } from '../../stats/live-detail.ts';
import type { MirroredRequest } from '../../stats/mirror-tally.ts';
import type { Summary } from '../../stats/model.ts';
import { TimeCells } from '../../stats/time-cells.ts';
import { isNeverSent } from '../../status/mirror-errors.ts';
import { Cockpit, openKeys } from './cockpit.ts';
import type { Interruption } from './interrupt.ts';

export interface SummaryCockpitOptions {
  readonly by: readonly Dimension[];
  readonly interruption: Interruption;
  readonly present: () => { readonly summary: Summary; readonly ages: PresentAges };
}

const NO_ANSWER = MIRROR_KINDS.indexOf('no answer');
const NOT_SENT = MIRROR_KINDS.indexOf('not sent');
/** The class of a status that is none: of 1xx to 5xx the nearest. */
const LAST_CLASS = MIRROR_KINDS.indexOf('5xx');

/** What is counted for the view beside the summary. */
export class SummaryWatch {
  readonly detail = new LiveDetail();
  readonly mirror = new TimeCells();

  readonly addRequest = ({ timeMs, status, error, totalMs }: MirroredRequest): void => {
    const isAnswer = error === '' && status >= 0;
    const kind = isAnswer
      ? Math.max(0, Math.min(LAST_CLASS, Math.floor(status / 100) - 1))
      : isNeverSent(error)
        ? NOT_SENT
        : NO_ANSWER;
    const now = Date.now();
    const time = Number.isFinite(timeMs) ? Math.min(timeMs, now) : now;
    this.mirror.add(time, kind, isAnswer && totalMs >= 0 ? Math.round(totalMs) : -1, 1);
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
      const { mirror } = watch;
      const view = watch.detail.view(still);
      const hasMirror = mirror.newestMs > Number.NEGATIVE_INFINITY;
      const edgeMs = view.edgeMs ?? (hasMirror ? Date.now() : undefined);
      return {
        ...present(),
        detail: { ...view, edgeMs },
        resetMs,
        ...(hasMirror && { mirror: { cells: still ? mirror.snapshot() : mirror } }),
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
