/** Reads what `--save` wrote. A state is a file like any other: everything in it is checked before it is used. */
import { MAX_OTHER_TIMES, type TallyState } from '../logs/tally.ts';
import { BUCKET_COUNT, bucketOf } from '../sketch/buckets.ts';
import { COARSE_BUCKETS } from '../sketch/coarse-histogram.ts';
import type { HistogramState } from '../sketch/histogram.ts';
import { FailurePattern } from '../status/patterns.ts';
import type { Run } from './counter-runs.ts';
import { type GroupState, MAX_FAILURE_TIMES } from './group-tally.ts';
import { DIMENSIONS } from './grouping.ts';
import type { HistoryState, HistoryStepState } from './history.ts';
import { OTHER_CODE } from './history.ts';
import { CELLS } from './last-minute.ts';
import { MAX_MIRROR_FAILURES, MIRROR_KINDS, type MirrorHistoryState } from './mirror-history.ts';
import type { MirrorTallyState } from './mirror-tally.ts';
import { RECENT_KEPT } from './recent-events.ts';
import { type SavedState, STATE_SCHEMA } from './state.ts';
import { historySeconds, MAX_HISTORY_STEPS, MAX_WIDTH } from './step-grid.ts';
import { MAX_STEPS, type TimelineState } from './timeline.ts';

export class StateError extends Error {
  override readonly name = 'StateError';
  readonly code = 'bad-state';
}

/** Throws StateError (bad-state). */
export function parseState(text: string): SavedState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StateError('it is not JSON');
  }
  const schema = isObject(value) ? value.schema : undefined;
  if (schema !== STATE_SCHEMA) throw new StateError(`it is not a saved state (${STATE_SCHEMA})`);
  const problem = findProblem(value, STATE, '');
  if (problem !== undefined) throw new StateError(`${problem.slice(1)} is not what a saved state has there`);
  return value as SavedState;
}

const ADDS_UP = Symbol('adds up');
type Check = (value: unknown) => boolean;
type Expected = Check | Shape | Unless | readonly [Shape];
interface Shape {
  readonly [key: string]: Expected;
  /** Whether the numbers of an object that has the shape agree with each other. */
  readonly [ADDS_UP]?: Check;
}

/** A shape, or nothing at all. */
class Unless {
  readonly nothing: null | undefined;
  readonly shape: Shape;

  constructor(nothing: null | undefined, shape: Shape) {
    this.nothing = nothing;
    this.shape = shape;
  }
}

/** The largest count or sum: up to here numbers are exact, and nothing that was ever logged is more. */
const MOST = 2 ** 53;
const isNumber: Check = (value) => typeof value === 'number' && Math.abs(value) <= MOST;
const isSum: Check = (value) => isNumber(value) && (value as number) >= 0;
const isCount: Check = (value) => isSum(value) && Number.isInteger(value);
const isNullOrNumber: Check = (value) => value === null || isNumber(value);
/** The range of a Date. */
const isTime: Check = (value) => isNumber(value) && Math.abs(value as number) <= 8.64e15;
const isNullOrTime: Check = (value) => value === null || isTime(value);
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isPair =
  (first: Check, second: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);
const isOptional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const optional = (shape: Shape): Unless => new Unless(undefined, shape);
const nullOr = (shape: Shape): Unless => new Unless(null, shape);

/** Flat: a bucket, then `stride` counts, again and again. */
const isSparse =
  (stride: number, buckets = BUCKET_COUNT): Check =>
  (value) =>
    isListOf(isCount)(value) &&
    (value as number[]).length % (stride + 1) === 0 &&
    (value as number[]).every((number, i, all) => {
      return i % (stride + 1) !== 0 || (number < buckets && number > (all[i - stride - 1] ?? -1));
    });

const HISTOGRAM: Shape = {
  count: isCount,
  interrupted: isCount,
  sum: isSum,
  min: isCount,
  max: isCount,
  buckets: isSparse(1),
  [ADDS_UP]: (value) => {
    const { count, sum, min, max, buckets } = value as HistogramState;
    if (total(buckets.filter((_, i) => i % 2 === 1)) !== count) return false;
    if (count === 0) return sum === 0 && min === 0 && max === 0;
    const isBetween = min <= max && sum >= min * count && sum <= max * count;
    return isBetween && buckets[0] === bucketOf(min) && buckets.at(-2) === bucketOf(max);
  },
};

const isSteps =
  (check: Check): Check =>
  (value) =>
    isListOf(check)(value) && (value as unknown[]).length <= MAX_STEPS;

const TIMELINE: Shape = {
  widthLog2: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 40,
  first: Number.isInteger,
  counts: isSteps(isCount),
  errors: isSteps(isCount),
  firstErrors: isSteps(isNullOrTime),
  lastErrors: isSteps(isNullOrTime),
  [ADDS_UP]: (value) => {
    const { counts, errors, firstErrors, lastErrors } = value as TimelineState;
    const isAligned = [errors, firstErrors, lastErrors].every(({ length }) => length === counts.length);
    return isAligned && counts.every((count, i) => (errors[i] as number) <= count);
  },
};

/** The times of both ends of its steps have to be valid too. */
const isTimeline: Check = (value) => {
  if (value === null) return true;
  if (findProblem(value, TIMELINE, '') !== undefined) return false;
  const timeline = value as TimelineState;
  const widthMs = 2 ** timeline.widthLog2 * 1000;
  return isTime(timeline.first * widthMs) && isTime((timeline.first + MAX_STEPS) * widthMs);
};

const isLastMinute: Check = (value) =>
  isListOf(isNumber)(value) &&
  (value as number[]).length <= 3 * CELLS &&
  (value as number[]).every((number, i, all) => {
    if (i % 3 === 0) return true;
    return number >= 0 && (i % 3 === 1 || number <= (all[i - 1] as number));
  });

/** Whether the first time is not after the last one. */
const isInOrder = (first: number | null, last: number | null) => first === null || last === null || first <= last;

const PATTERNS: ReadonlySet<unknown> = new Set(Object.values(FailurePattern));

const FAILURE_TIMES: Shape = {
  timeline: isTimeline,
  lastMinute: isLastMinute,
  untimed: isOptional(isPair(isCount, isCount)),
};

const SATURATION: Shape = { minIdles: isCount, maxApplets: isCount, maxSending: isCount, maxWaiting: isCount };

const GROUP: Shape = {
  count: isCount,
  errors: isCount,
  uncounted: isCount,
  slow: isCount,
  statuses: [{ st: isCount, count: isCount, first: isNullOrTime, last: isNullOrTime }],
  [ADDS_UP]: (value) => {
    const { count, errors, uncounted, slow, statuses, patterns, timeline } = value as GroupState;
    const successes = total(statuses.filter(({ st }) => st === 0).map((status) => status.count));
    return (
      count === total(statuses.map((status) => status.count)) + uncounted &&
      errors === count - successes &&
      slow <= successes &&
      total(patterns.map(([, failures]) => failures)) <= errors &&
      total(timeline?.counts ?? []) <= count &&
      statuses.every(({ first, last }) => isInOrder(first, last))
    );
  },
  patterns: isListOf(isPair((value) => PATTERNS.has(value), isCount)),
  reqT: HISTOGRAM,
  qT: HISTOGRAM,
  wT: HISTOGRAM,
  resT: HISTOGRAM,
  pT: HISTOGRAM,
  tail: isSparse(5),
  saturation: nullOr(SATURATION),
  timeline: isTimeline,
  lastMinute: isOptional(isLastMinute),
  slowTimes: optional(FAILURE_TIMES),
  failureTimes: isOptional(
    (value) =>
      isListOf(isPair(isText, (time) => time !== null && isTimeline(time)))(value) &&
      (value as unknown[]).length <= MAX_FAILURE_TIMES,
  ),
};

const HISTORY_STEP: Shape = {
  at: Number.isInteger,
  count: isCount,
  errors: isCount,
  codes: (value) =>
    isListOf(isNumber)(value) &&
    (value as number[]).length % 2 === 0 &&
    (value as number[]).every((number, i) => isCount(number) || (i % 2 === 0 && number === OTHER_CODE)),
  pT: isSparse(1, COARSE_BUCKETS),
  phases: isOptional((value) => isListOf(isSum)(value) && (value as number[]).length === 5),
  saturation: optional(SATURATION),
  [ADDS_UP]: (value) => {
    const { count, errors, codes, pT, phases } = value as HistoryStepState;
    const counts = (flat: readonly number[]) => total(flat.filter((_, i) => i % 2 === 1));
    return errors <= count && counts(codes) === errors && counts(pT) <= count && (phases?.[0] ?? 0) <= count;
  },
};

const isWidth: Check = (value) => isCount(value) && (value as number) <= MAX_WIDTH;

/** Whether steps are few enough, of times that there are, and in their order. */
const isGrid: Check = (value) => {
  const { width, steps } = value as Pick<HistoryState, 'width'> & {
    readonly steps: readonly { readonly at: number }[];
  };
  const ms = historySeconds(width) * 1000;
  return (
    steps.length <= MAX_HISTORY_STEPS &&
    steps.every(({ at }, i) => isTime(at * ms) && at > (steps[i - 1]?.at ?? Number.NEGATIVE_INFINITY))
  );
};

const HISTORY: Shape = { width: isWidth, steps: [HISTORY_STEP], [ADDS_UP]: isGrid };

const MIRROR_HISTORY: Shape = {
  width: isWidth,
  failures: (value) => isListOf(isText)(value) && (value as unknown[]).length <= MAX_MIRROR_FAILURES,
  steps: [
    {
      at: Number.isInteger,
      kinds: (value) => isListOf(isCount)(value) && (value as unknown[]).length === MIRROR_KINDS.length,
      failures: (value) => isListOf(isNumber)(value) && (value as unknown[]).length % 2 === 0,
      latency: isSparse(1, COARSE_BUCKETS),
    },
  ],
  [ADDS_UP]: (value) => {
    const { failures: names, steps } = value as MirrorHistoryState;
    return (
      isGrid(value) &&
      steps.every(({ kinds, failures, latency }) => {
        const [places, counts] = [failures.filter((_, i) => i % 2 === 0), failures.filter((_, i) => i % 2 === 1)];
        return (
          places.every((place) => place === OTHER_CODE || (isCount(place) && place < names.length)) &&
          counts.every(isCount) &&
          total(counts) <= total(kinds) &&
          total(latency.filter((_, i) => i % 2 === 1)) <= total(kinds)
        );
      })
    );
  },
};

const OWN_LINES: Shape = {
  servers: [
    {
      name: isText,
      host: isOptional(isText),
      isUp: isFlag,
      since: isNullOrTime,
      reason: (value) => value === null || isText(value),
      left: isNullOrNumber,
      downSince: isNullOrTime,
    },
  ],
  stops: isCount,
  lastStop: isNullOrTime,
};

/** Whether no more failed than came. */
const hasFewerErrors: Check = (value) => {
  const { count, errors } = value as { readonly count: number; readonly errors: number };
  return errors <= count;
};

const SOURCE: Shape = {
  count: isCount,
  errors: isCount,
  [ADDS_UP]: hasFewerErrors,
  failedSum: isOptional(isNumber),
  seen: optional({ events: isCount, sum: isNumber }),
  counters: {
    runs: [
      {
        first: isNumber,
        second: isNullOrNumber,
        min: isNullOrNumber,
        max: isNumber,
        minErrors: isNumber,
        maxErrors: isNumber,
        time: isNullOrTime,
        paused: isFlag,
        older: isFlag,
        [ADDS_UP]: (value) => {
          const { first, min, max, minErrors, maxErrors } = value as Run;
          return (
            Math.min(first, min ?? first, minErrors) >= 0 &&
            Math.max(first, min ?? first) <= max &&
            minErrors <= maxErrors
          );
        },
      },
    ],
    overflow: isFlag,
    last: isNumber,
    lastTime: isNullOrTime,
  },
  firstTime: isNullOrTime,
  lastTime: isNullOrTime,
  lastFailure: isOptional(isNullOrTime),
  clockSteps: isCount,
  largestClockStepMs: isCount,
};

const isRecent =
  (check: Check): Check =>
  (value) =>
    isListOf(check)(value) && (value as unknown[]).length <= RECENT_KEPT;

const RECENT: Shape = {
  times: isRecent(isNullOrTime),
  failed: isRecent((value) => value === 0 || value === 1),
  latest: isNullOrTime,
};

const MIRROR: Shape = {
  files: isListOf(isText),
  lines: isCount,
  unread: isCount,
  filtered: isCount,
  destinations: [
    {
      destination: isText,
      tally: {
        requests: isCount,
        statuses: [{ status: isCount, count: isCount, first: isNullOrTime, last: isNullOrTime }],
        errors: [{ error: isText, count: isCount, first: isNullOrTime, last: isNullOrTime }],
        requestBytes: isCount,
        responseBytes: isCount,
        latency: HISTOGRAM,
        firstByte: HISTOGRAM,
        troubles: { failed: FAILURE_TIMES, refused: FAILURE_TIMES, slow: FAILURE_TIMES, dropped: FAILURE_TIMES },
        recent: optional(RECENT),
        sentCut: optional({ count: isCount, refused: isCount }),
        from: isNullOrTime,
        to: isNullOrTime,
        [ADDS_UP]: (value) => {
          const { requests, statuses, errors, latency, from, to } = value as MirrorTallyState;
          const answered = total(statuses.map(({ count }) => count));
          return (
            requests === answered + total(errors.map(({ count }) => count)) &&
            latency.count <= answered &&
            isInOrder(from, to) &&
            [...statuses, ...errors].every(({ first, last }) => isInOrder(first, last))
          );
        },
      },
    },
  ],
  history: optional(MIRROR_HISTORY),
};

const HOST: Shape = { host: isText, count: isCount, last: isNullOrTime };

const TRAFFIC: Shape = {
  since: isCount,
  last: isNullOrTime,
  hosts: isOptional((value) => findProblemAt(value, [HOST], '') === undefined),
  stopped: isOptional(isNullOrTime),
};

const isLongest: Check = (value) => isListOf(isCount)(value) && (value as number[]).length === 3;

const STREAM: Shape = {
  host: isOptional(isText),
  agent: isText,
  total: isCount,
  count: isCount,
  lead: isCount,
  span: isCount,
  since: isCount,
  runs: isLongest,
  firstTime: isNullOrTime,
  lastTime: isNullOrTime,
  gaps: isLongest,
  forwardMs: isCount,
  seconds: isCount,
};

const STREAMS: Shape = { read: isCount, streams: [STREAM], overflowed: isFlag };

const TALLY: Shape = {
  bytes: isCount,
  lines: isCount,
  overlong: isCount,
  other: isCount,
  malformed: isCount,
  spoofed: isCount,
  messages: isListOf(isPair(isText, isCount)),
  otherTimes: isOptional((value) => isListOf(isTime)(value) && (value as unknown[]).length <= MAX_OTHER_TIMES),
  headerNotRead: isOptional(isCount),
  unreadHeader: isOptional(isText),
  traffic: optional(TRAFFIC),
  own: optional(OWN_LINES),
};

/** Whether a value is the counts of lines that a tally gives. */
export function isTallyState(value: unknown): value is TallyState {
  return findProblem(value, TALLY, '') === undefined;
}

const STATE: Shape = {
  files: isListOf(isText),
  notices: [{ code: isText, message: isText }],
  tally: TALLY,
  mirror: optional(MIRROR),
  aggregate: {
    by: (value) =>
      isListOf((item) => (DIMENSIONS as readonly unknown[]).includes(item))(value) && (value as string[]).length > 0,
    filtered: isCount,
    duplicates: isOptional(isCount),
    unchecked: isOptional(isCount),
    undecided: isCount,
    from: isNullOrTime,
    groups: [
      {
        key: {
          agent: isOptional(isText),
          type: isOptional((value) => value === 'EVENT' || value === 'GROUP'),
          name: isOptional(isText),
          host: isOptional(isText),
          pid: isOptional(isCount),
          st: isOptional(isCount),
          other: isOptional(isFlag),
        },
        tally: GROUP,
      },
    ],
    sources: [{ key: { host: isOptional(isText), pid: isOptional(isCount), agent: isText }, tally: SOURCE }],
    sourcesOverflowed: isFlag,
    streams: optional(STREAMS),
    recent: optional(RECENT),
    otherAgents: isOptional(isListOf(isText)),
    series: nullOr({
      widthMs: (value) => isNumber(value) && (value as number) >= 1,
      windows: [{ start: isNullOrTime, count: isCount, errors: isCount, pT: HISTOGRAM, [ADDS_UP]: hasFewerErrors }],
      otherFrom: isNullOrTime,
    }),
    history: optional(HISTORY),
  },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path of the first value that is not as the shape says. */
function findProblem(value: unknown, shape: Shape, path: string): string | undefined {
  if (!isObject(value)) return path || '.state';
  for (const [key, expected] of Object.entries(shape)) {
    const problem = findProblemAt(value[key], expected, `${path}.${key}`);
    if (problem !== undefined) return problem;
  }
  return shape[ADDS_UP]?.(value) === false ? `${path || '.state'}, whose numbers do not add up,` : undefined;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function findProblemAt(value: unknown, expected: Expected, path: string): string | undefined {
  if (typeof expected === 'function') return expected(value) ? undefined : path;
  if (expected instanceof Unless)
    return value === expected.nothing ? undefined : findProblem(value, expected.shape, path);
  if (!Array.isArray(expected)) return findProblem(value, expected as Shape, path);
  if (!Array.isArray(value)) return path;
  for (const [i, item] of value.entries()) {
    const problem = findProblem(item, expected[0] as Shape, `${path}[${i}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
