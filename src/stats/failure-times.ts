/** Counts of things and of those that failed, over the whole of a log and, second by second, in its last minute. */
import { LastMinute } from './last-minute.ts';
import type { Ending } from './outage.ts';
import { Timeline, type TimelineState } from './timeline.ts';

export interface FailureTimesState {
  readonly timeline: TimelineState | null;
  readonly lastMinute: readonly number[];
  /** How many had no time, and how many of them failed; absent without any. */
  readonly untimed?: readonly [count: number, errors: number];
}

export class FailureTimes {
  readonly timeline = new Timeline();
  readonly lastMinute = new LastMinute();
  /** Events without a time: their order relative to the others is not known. */
  readonly untimed = { count: 0, errors: 0 };

  add(timeMs: number, failed: boolean, times = 1): void {
    this.timeline.add(timeMs, times, failed);
    this.lastMinute.add(timeMs, times, failed ? times : 0);
  }

  addUntimed(failed: boolean): void {
    this.untimed.count += 1;
    if (failed) this.untimed.errors += 1;
  }

  /** The end of the timeline; undefined when nothing came. */
  get ending(): Ending | undefined {
    const timeline = this.timeline.toState();
    return timeline && { timeline, lastMinute: this.lastMinute };
  }

  toState(): FailureTimesState {
    const { count, errors } = this.untimed;
    return {
      timeline: this.timeline.toState() ?? null,
      lastMinute: this.lastMinute.toState(),
      ...(count > 0 && { untimed: [count, errors] }),
    };
  }

  merge({ timeline, lastMinute, untimed: [count, errors] = [0, 0] }: FailureTimesState): void {
    this.untimed.count += count;
    this.untimed.errors += errors;
    this.timeline.merge(timeline ?? undefined);
    this.lastMinute.merge(lastMinute);
  }
}
