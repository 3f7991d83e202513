/** How many things came and how many of them failed, over the whole of a log and, second by second, in its last minute. */
import { LastMinute } from './last-minute.ts';
import type { Ending } from './outage.ts';
import { Timeline, type TimelineState } from './timeline.ts';

export interface FailureTimesState {
  readonly timeline: TimelineState | null;
  readonly lastMinute: readonly number[];
}

export class FailureTimes {
  readonly timeline = new Timeline();
  readonly lastMinute = new LastMinute();

  add(timeMs: number, failed: boolean, times = 1): void {
    this.timeline.add(timeMs, times, failed);
    this.lastMinute.add(timeMs, times, failed ? times : 0);
  }

  /** Undefined when nothing came. */
  get ending(): Ending | undefined {
    const timeline = this.timeline.toState();
    return timeline && { timeline, lastMinute: this.lastMinute };
  }

  toState(): FailureTimesState {
    return { timeline: this.timeline.toState() ?? null, lastMinute: this.lastMinute.toState() };
  }

  merge({ timeline, lastMinute }: FailureTimesState): void {
    this.timeline.merge(timeline ?? undefined);
    this.lastMinute.merge(lastMinute);
  }
}
