/**
 * The health of each destination of the mirror, judged once a second from the counters that are there anyway: one
 * judge for all workers, so that a mirror that begins or ceases to fail is one line of the log, whoever asked it.
 */
import type { DestinationStats, MirrorStats } from '../../mirror/statistics.ts';
import { isFailure, isNeverSent, isRefusal } from '../../status/mirror-errors.ts';
import { Episode, Patience, seconds } from './episode.ts';
import type { Log } from './log-file.ts';

/** The interval at which `observe` is called. */
export const OBSERVE_MS = 1_000;

/** The numbers of the newest outcomes, and of the newest observations, that are looked at. */
const ENOUGH_OUTCOMES = 10;
const MAX_STEPS = 30;
/** The share of failures from which a destination fails, and the one below which it answers again. */
const BEGIN_SHARE = 0.2;
const END_SHARE = 0.05;
const MIN_FAILURES = 3;
/** The time, together with twice its usual time, after which a destination with requests under way answers nothing. */
const SILENT_MS = 2_000;
const USUAL_TIMES = 2;
/** The agent's own error codes that tell about the way to the mirror: a mirror that is too slow, a host without free ports. */
const OF_THE_WAY: readonly string[] = ['queue-timeout', 'local-address'];

/** The number of answers that tell whether -u leads to the application at all. */
const FIRST_ANSWERS = 20;

interface Counts {
  readonly answered: number;
  /** Failures by status of 5xx or by error code. */
  readonly failures: ReadonlyMap<string, number>;
}

interface Step extends Counts {
  readonly failed: number;
}

/** The outage of a destination that fails at present. */
interface Failing {
  readonly sinceMs: number;
  failed: number;
  answered: number;
  readonly reasons: Map<string, number>;
  /** Good answers since the last failure, and the time of the first. */
  streak: number;
  goodSinceMs: number;
}

/** The silence of a destination that was reported to answer nothing. */
interface Silence {
  readonly sinceMs: number;
  /** The most requests that waited. */
  waited: number;
  /** The time since when it answers again. */
  calmSinceMs: number | undefined;
}

export class DestinationHealth {
  readonly #name: string;
  readonly #log: Log;
  #last: Counts = { answered: 0, failures: new Map() };
  /** The newest observations with an outcome, oldest first. */
  #steps: Step[] = [];
  #everAnswered = false;
  #failing: Failing | undefined;
  #silentSinceMs: number | undefined;
  #isSilent = false;
  #silence: Silence | undefined;
  #waiting = 0;
  readonly #patience = { failing: new Patience(0), silence: new Patience(0) };
  readonly #dropping: Episode;
  #isAddressJudged = false;

  constructor(name: string, log: Log) {
    this.#name = name;
    this.#log = log;
    this.#dropping = new Episode({
      began: ([dropped, all]) => log(`the queue for ${name} is full: ${dropped} of ${all} requests dropped`),
      ended: ([dropped, all], ms) =>
        log(`the queue for ${name} drops no more; in ${seconds(ms)} ${dropped} of ${all} requests were dropped`),
    });
  }

  /** @param nowMs of a clock that never goes back */
  observe(stats: DestinationStats, nowMs: number): void {
    const counts = countsOf(stats);
    const step = difference(counts, this.#last);
    this.#last = counts;
    this.#observeSilence(stats, step, nowMs);
    this.#observeDrops(stats, nowMs);
    this.#judgeAddress(stats);
    if (step.answered + step.failed === 0) return;
    this.#remember(step);
    if (step.answered > 0) this.#everAnswered = true;
    if (this.#failing === undefined) this.#mayBegin(nowMs);
    else this.#mayEnd(this.#failing, step, nowMs);
  }

  /** The reason why it cannot be relied on; undefined while it answers some requests. */
  get unready(): string | undefined {
    if (this.#isSilent) return `${this.#name} answers nothing, ${this.#waiting} requests wait`;
    const { answered, failed, reasons } = sumOf(this.#steps);
    if (this.#failing === undefined || answered > END_SHARE * (answered + failed)) return undefined;
    return `${this.#name} fails: ${describe(failed, answered + failed, reasons)}`;
  }

  #observeDrops({ errors, mirrored }: DestinationStats, nowMs: number): void {
    const dropped = errors['dropped-queue-full'] ?? 0;
    const all = mirrored + Object.values(errors).reduce((sum, count = 0) => sum + count, 0);
    this.#dropping.observe([dropped, all], nowMs);
  }

  /** Reports once that none of the first answers is a 2xx: so answers an address that is wrong in its path or host. */
  #judgeAddress({ mirrored, statuses }: DestinationStats): void {
    if (this.#isAddressJudged || mirrored < FIRST_ANSWERS) return;
    this.#isAddressJudged = true;
    const counts = Object.entries(statuses).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (!counts.every(([status]) => isRefusal(Number(status)))) return;
    const named = counts.slice(0, MAX_REASONS).map(([status, count]) => `${status} ${count}`);
    this.#log(
      `${this.#name} answered none of the first ${mirrored} requests with 2xx (${named.join(', ')}): check the path of -u, --host-header and credentials`,
    );
  }

  #remember(step: Step): void {
    this.#steps.push(step);
    const excess = () => sumOf(this.#steps.slice(1));
    while (this.#steps.length > 1 && (this.#steps.length > MAX_STEPS || total(excess()) >= ENOUGH_OUTCOMES)) {
      this.#steps.shift();
    }
  }

  #mayBegin(nowMs: number): void {
    const { answered, failed, reasons } = sumOf(this.#steps);
    const isEnough = failed >= MIN_FAILURES && failed >= BEGIN_SHARE * (answered + failed);
    // A wrong address is said at the first request; one failure of a mirror that did answer is not an outage.
    if (!isEnough && (this.#everAnswered || failed === 0)) return;
    this.#patience.failing.begun(nowMs);
    this.#failing = { sinceMs: nowMs, failed, answered, reasons, streak: 0, goodSinceMs: nowMs };
    this.#log(`${this.#name} fails: ${describe(failed, answered + failed, reasons)}`);
  }

  #mayEnd(failing: Failing, step: Step, nowMs: number): void {
    failing.failed += step.failed;
    failing.answered += step.answered;
    for (const [reason, count] of step.failures)
      failing.reasons.set(reason, (failing.reasons.get(reason) ?? 0) + count);
    const isGood = step.failed <= END_SHARE * (step.answered + step.failed);
    if (!isGood || failing.streak === 0) failing.goodSinceMs = nowMs;
    failing.streak = isGood ? failing.streak + step.answered : 0;
    if (failing.streak < MIN_FAILURES || !this.#patience.failing.isOver(failing.goodSinceMs, nowMs)) return;
    const { sinceMs, failed, answered, reasons } = failing;
    const outage = describe(failed, failed + answered, reasons);
    this.#log(`${this.#name} answers again; in ${seconds(nowMs - sinceMs)} it failed ${outage}`);
    this.#failing = undefined;
    this.#steps = [step];
    this.#patience.failing.ended(nowMs);
  }

  #observeSilence(stats: DestinationStats, step: Step, nowMs: number): void {
    const { inFlight, queued, mirrored, latency } = stats;
    this.#waiting = inFlight + queued;
    const isAsked = this.#waiting > 0;
    if (!isAsked || step.answered + step.failed > 0) {
      this.#isSilent = this.#isSilent && isAsked && step.answered === 0;
      this.#silentSinceMs = isAsked ? nowMs : undefined;
    } else {
      this.#silentSinceMs ??= nowMs;
      const usualMs = mirrored > 0 ? latency.sumMs / mirrored : 0;
      this.#isSilent ||= nowMs - this.#silentSinceMs >= Math.max(SILENT_MS, USUAL_TIMES * usualMs);
    }
    if (this.#silence !== undefined) this.#maySpeak(this.#silence, step, nowMs);
    // Requests that time out one after the other are an outage that was said already.
    else if (this.#isSilent && this.#failing === undefined) this.#fallSilent(nowMs);
  }

  #fallSilent(nowMs: number): void {
    this.#patience.silence.begun(nowMs);
    this.#silence = { sinceMs: nowMs, waited: this.#waiting, calmSinceMs: undefined };
    this.#log(`${this.#name} answers nothing: ${this.#waiting} requests wait`);
  }

  #maySpeak(silence: Silence, { answered }: Step, nowMs: number): void {
    if (this.#isSilent) {
      silence.waited = Math.max(silence.waited, this.#waiting);
      silence.calmSinceMs = undefined;
    } else if (answered > 0) silence.calmSinceMs ??= nowMs;
    // What ends an outage ends this, too, and is said then.
    const isFailing = this.#failing !== undefined;
    const { calmSinceMs } = silence;
    if (!isFailing && (calmSinceMs === undefined || !this.#patience.silence.isOver(calmSinceMs, nowMs))) return;
    this.#silence = undefined;
    this.#patience.silence.ended(nowMs);
    if (isFailing) return;
    const time = seconds(nowMs - silence.sinceMs);
    this.#log(`${this.#name} answers again; in ${time} up to ${silence.waited} requests waited`);
  }
}

/** The health of all destinations. */
export class MirrorHealth {
  readonly #log: Log;
  readonly #way: string;
  readonly #destinations = new Map<string, DestinationHealth>();

  /** @param proxy the proxy that requests go through: a failure may be its fault */
  constructor(log: Log, proxy?: string) {
    this.#log = log;
    this.#way = proxy === undefined ? '' : ` through the proxy ${proxy}`;
  }

  observe(stats: MirrorStats | null, nowMs: number): void {
    for (const each of stats?.destinations ?? []) {
      let health = this.#destinations.get(each.destination);
      if (health === undefined) {
        health = new DestinationHealth(`${each.destination}${this.#way}`, this.#log);
        this.#destinations.set(each.destination, health);
      }
      health.observe(each, nowMs);
    }
  }

  get unready(): string[] {
    return [...this.#destinations.values()].flatMap(({ unready }) => unready ?? []);
  }
}

function countsOf({ mirrored, statuses, errors }: DestinationStats): Counts {
  const failures = new Map<string, number>();
  let failedAnswers = 0;
  for (const [status, count] of Object.entries(statuses)) {
    if (!isFailure(Number(status))) continue;
    failures.set(status, count);
    failedAnswers += count;
  }
  for (const [code, count = 0] of Object.entries(errors))
    if (!isNeverSent(code) || OF_THE_WAY.includes(code)) failures.set(code, count);
  return { answered: mirrored - failedAnswers, failures };
}

/** The growth of the counters. Those of a worker that died may be missing for a moment: less than before counts as none. */
function difference(now: Counts, before: Counts): Step {
  const failures = new Map<string, number>();
  let failed = 0;
  for (const [reason, count] of now.failures) {
    const more = count - (before.failures.get(reason) ?? 0);
    if (more <= 0) continue;
    failures.set(reason, more);
    failed += more;
  }
  return { answered: Math.max(0, now.answered - before.answered), failed, failures };
}

function sumOf(steps: readonly Step[]): { answered: number; failed: number; reasons: Map<string, number> } {
  const sum = { answered: 0, failed: 0, reasons: new Map<string, number>() };
  for (const { answered, failed, failures } of steps) {
    sum.answered += answered;
    sum.failed += failed;
    for (const [reason, count] of failures) sum.reasons.set(reason, (sum.reasons.get(reason) ?? 0) + count);
  }
  return sum;
}

function total({ answered, failed }: { readonly answered: number; readonly failed: number }): number {
  return answered + failed;
}

/** The most reasons that are named; there are few statuses, but a mirror may send any. */
const MAX_REASONS = 4;

/** The failures as `35 of 40 requests (connect-refused 30, 503 5)`. */
function describe(failed: number, all: number, reasons: ReadonlyMap<string, number>): string {
  const sorted = [...reasons].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const named = sorted.slice(0, MAX_REASONS).map(([reason, count]) => `${reason} ${count}`);
  const rest = sorted.slice(MAX_REASONS).reduce((sum, [, count]) => sum + count, 0);
  if (rest > 0) named.push(`others ${rest}`);
  return `${failed} of ${all} requests (${named.join(', ')})`;
}
