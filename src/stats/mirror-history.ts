/** What the mirror answered over time, step by step, of all destinations together: as history.ts is of events. */
import { CoarseHistogram } from '../sketch/coarse-histogram.ts';
import { isFailure, isNeverSent, SAMPLED_OUT } from '../status/mirror-errors.ts';
import { OTHER_CODE } from './history.ts';
import type { MirroredRequest } from './mirror-tally.ts';
import { historySeconds, type Mergeable, type Numbered, StepGrid } from './step-grid.ts';

/** What became of a request, in few words; `left out` by --max-rate. Statuses above 599 are no class, and count as failures. */
export const MIRROR_KINDS = ['left out', '1xx', '2xx', '3xx', '4xx', '5xx', 'no answer', 'not sent'] as const;
export type MirrorKind = (typeof MIRROR_KINDS)[number];

const [LEFT_OUT, FIRST_CLASS, LAST_CLASS] = [0, 1, MIRROR_KINDS.indexOf('5xx')] as const;
const [NO_ANSWER, NOT_SENT] = [MIRROR_KINDS.indexOf('no answer'), MIRROR_KINDS.indexOf('not sent')] as const;

type Outcome = Pick<MirroredRequest, 'status' | 'error'>;

/** Whether the mirror answered, with whatever status. */
export function isAnswered({ status, error }: Outcome): boolean {
  return error === '' && status >= 0;
}

/** A place in MIRROR_KINDS, where a class stands at its digit. */
export function mirrorKindOf(outcome: Outcome): number {
  if (isAnswered(outcome)) return Math.max(FIRST_CLASS, Math.min(LAST_CLASS, Math.floor(outcome.status / 100)));
  const { error } = outcome;
  if (error === SAMPLED_OUT) return LEFT_OUT;
  return isNeverSent(error) ? NOT_SENT : NO_ANSWER;
}

/** Different failures that are told apart; the others are counted together, as OTHER_CODE. */
export const MAX_MIRROR_FAILURES = 24;
/** A line with neither an answer nor an error. */
export const NO_STATUS = 'no-status';
/** Latencies are counted in µs: those of a mirror nearby are less than a ms. */
const PER_MS = 1000;

export interface MirrorHistoryStepState {
  /** The number of the step: it begins at × width seconds after the epoch. */
  readonly at: number;
  /** Requests of each of MIRROR_KINDS. */
  readonly kinds: readonly number[];
  /** Failures, flat: a place in the names of the whole, or OTHER_CODE, and a count. */
  readonly failures: readonly number[];
  /** Latency of answers in µs: the state of a CoarseHistogram. */
  readonly latency: readonly number[];
}

export interface MirrorHistoryState {
  readonly width: number;
  /** Names of failures: error codes, and statuses from 500 on. */
  readonly failures: readonly string[];
  readonly steps: readonly MirrorHistoryStepState[];
}

export class MirrorHistoryStep implements Mergeable<MirrorHistoryStepState> {
  readonly kinds = new Float64Array(MIRROR_KINDS.length);
  /** By place in the names of the history. */
  readonly failures = new Map<number, number>();
  readonly #latency = new CoarseHistogram();

  get count(): number {
    return this.kinds.reduce((sum, count) => sum + count, 0);
  }

  addKind(kind: number): void {
    this.kinds[kind] = (this.kinds[kind] as number) + 1;
  }

  addFailure(place: number, times: number): void {
    this.failures.set(place, (this.failures.get(place) ?? 0) + times);
  }

  addLatency(ms: number): void {
    if (ms >= 0) this.#latency.add(Math.round(ms * PER_MS), 1);
  }

  /** ms, within 3.2 %; null without an answer. */
  quantile(q: number): number | null {
    const found = this.#latency.quantile(q);
    return found === null ? null : found / PER_MS;
  }

  toState(at: number): MirrorHistoryStepState {
    return { at, kinds: [...this.kinds], failures: [...this.failures].flat(), latency: this.#latency.toState() };
  }

  merge({ kinds, failures, latency }: MirrorHistoryStepState): void {
    for (const [kind, count] of kinds.entries()) this.kinds[kind] = (this.kinds[kind] as number) + count;
    for (let i = 0; i + 1 < failures.length; i += 2) this.addFailure(failures[i] as number, failures[i + 1] as number);
    this.#latency.merge(latency);
  }
}

/** Merging is exact, unless there were more failures than are told apart. */
export class MirrorHistory {
  readonly #grid = new StepGrid<MirrorHistoryStep, MirrorHistoryStepState>(() => new MirrorHistoryStep());
  /** Names of failures, each at its place. */
  readonly failures: string[] = [];

  /** A request without a time has no place here. */
  add(request: MirroredRequest): void {
    const { timeMs, status, error } = request;
    if (Number.isNaN(timeMs)) return;
    const step = this.#grid.stepAt(timeMs);
    const isAnswer = isAnswered(request);
    step.addKind(mirrorKindOf(request));
    if (isAnswer) step.addLatency(request.totalMs);
    if (isAnswer ? isFailure(status) : error !== SAMPLED_OUT)
      step.addFailure(this.#placeOf(isAnswer ? String(status) : error || NO_STATUS), 1);
  }

  #placeOf(name: string): number {
    const known = this.failures.indexOf(name);
    if (known >= 0) return known;
    return this.failures.length >= MAX_MIRROR_FAILURES ? OTHER_CODE : this.failures.push(name) - 1;
  }

  /** The number of the width, see historySeconds. */
  get width(): number {
    return this.#grid.width;
  }

  /** Steps in order of time, by number. */
  steps(): Numbered<MirrorHistoryStep>[] {
    return this.#grid.steps();
  }

  toState(): MirrorHistoryState {
    const { width, steps } = this.#grid.toState();
    return { width, failures: [...this.failures], steps };
  }

  merge({ width, failures: names, steps }: MirrorHistoryState): void {
    const places = names.map((name) => this.#placeOf(name));
    this.#grid.widenTo(width);
    const widthMs = historySeconds(width) * 1000;
    for (const state of steps) {
      const failures = state.failures.map((value, i) =>
        i % 2 === 0 && value !== OTHER_CODE ? (places[value] as number) : value,
      );
      this.#grid.stepAt(state.at * widthMs).merge({ ...state, failures });
    }
  }
}
