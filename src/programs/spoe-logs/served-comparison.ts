/** The comparison that `serve` keeps: both sides as they grow, and a verdict on them that may be asked for at any time. */
import type { DiffReport } from '../../diff/model.ts';
import type { Arrived, Circumstances, StandingVerdict } from '../../diff/standing-verdict.ts';
import { StandingVerdicts } from '../../diff/standing-verdict.ts';
import { EXIT_CODES } from '../../diff/verdict.ts';
import { Kept } from '../../serving/kept.ts';
import type { DiffArguments } from './diff-options.ts';
import { type DiffSetup, readDiffSetup } from './diff-setup.ts';
import { FollowedDiff } from './followed-diff.ts';
import type { LogOptions } from './log-options.ts';
import { reportAwaited, reportGivenUp } from './report-reading.ts';
import type { ServedLogs } from './served-logs.ts';

/** The most often that lines and pairs are counted to see whether they grew. */
const NOTE_MS = 200;
/** The share of the time that making reports may take while the logs grow. */
const REPORT_SHARE = 0.1;
/** A report for who asks is not older than that. */
const FRESH_MS = 1_000;
/** The FAIL that stays must not depend on whether anybody asked in time. */
const LOOK_MS = 5_000;

/** A report, or why there is none. */
interface Made {
  readonly report: DiffReport | undefined;
  readonly why: string;
}

/** Ms of a clock that nobody sets. */
export type Clock = () => number;

export class ServedComparison {
  readonly sinceMs: number;
  readonly maxAgeMs: number;
  /** Grows with whatever is read. */
  version = 0;
  readonly #options: LogOptions;
  readonly #followed: FollowedDiff;
  readonly #verdicts: StandingVerdicts;
  readonly #logs: ServedLogs;
  readonly #now: Clock;
  readonly #wall: Clock;
  readonly #kept: Kept<Made>;
  readonly #graceMs: number;
  readonly #growth = { production: new Growth(), mirror: new Growth() };
  /** Of each destination of the mirror. */
  readonly #pairs = new Map<string, Growth>();
  /**
   * One sentence for each path that was rotated too fast. What was written to the lost file is missing in all that is counted
   * since, and nothing that comes later makes up for it: until the next start there is no PASS.
   */
  readonly #lost = new Set<string>();
  #state = '';
  #notedMs = Number.NEGATIVE_INFINITY;
  #caughtUpMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param logs what is known of mirroring itself. Throws CliError, DiffError, AccessFormatError */
  constructor(
    given: DiffArguments,
    options: LogOptions,
    maxAgeMs: number,
    logs: ServedLogs,
    { now = () => performance.now(), wall = Date.now }: { readonly now?: Clock; readonly wall?: Clock } = {},
  ) {
    const setup: DiffSetup = readDiffSetup(given, options);
    this.#options = options;
    this.sinceMs = options.filter.since ?? Number.NEGATIVE_INFINITY;
    this.maxAgeMs = maxAgeMs;
    this.#followed = new FollowedDiff(given, setup);
    this.#verdicts = new StandingVerdicts(maxAgeMs);
    this.#logs = logs;
    this.#now = now;
    this.#wall = wall;
    this.#graceMs = given.grace;
    this.#kept = new Kept({ version: () => this.version, make: () => this.#tryReport(), share: REPORT_SHARE, now });
  }

  get problems(): FollowedDiff['problems'] {
    return this.#followed.problems;
  }

  /** Follows both sides until the signal or until none can be followed. */
  async follow(signal: AbortSignal): Promise<void> {
    this.#timer = setInterval(() => this.verdict({ freshMs: LOOK_MS }), LOOK_MS).unref();
    try {
      await this.#followed.follow(this.#options, {
        signal,
        onTurn: () => this.#note(),
        onAwaited: reportAwaited,
        onGivenUp: (path) => {
          this.#lost.add(`${path} was rotated faster than it was read: lines are lost`);
          reportGivenUp(path);
        },
      });
    } finally {
      clearInterval(this.#timer);
    }
    // Nothing comes any more, and that is not well.
    if (!signal.aborted) this.#caughtUpMs = undefined;
  }

  /** The report on what was counted so far, with the verdict as it stands; undefined as long as none can be made. */
  report(): DiffReport | undefined {
    const { report } = this.#kept.get(FRESH_MS).value;
    if (report === undefined) return undefined;
    const { status, reasons } = this.verdict();
    return { ...report, verdict: { ...report.verdict, status, exitCode: EXIT_CODES[status], reasons } };
  }

  /** The version that the report was made of. */
  get reportVersion(): number {
    return this.#kept.get(FRESH_MS).version;
  }

  get servedVersion(): number {
    return this.#kept.versionFor(FRESH_MS);
  }

  /** Why there is no report. */
  get whyNoReport(): string {
    return this.#kept.get(FRESH_MS).value.why;
  }

  /**
   * The verdict as it stands now.
   * @param freshMs the age from which on its report is made anew
   * @param askedSinceMs a PASS or FAIL of requests that are older is none for who asks: epoch ms
   */
  verdict({ freshMs = FRESH_MS, askedSinceMs }: { freshMs?: number; askedSinceMs?: number } = {}): StandingVerdict {
    const { report, why } = this.#kept.get(freshMs).value;
    const circumstances = { ...this.#circumstances(), askedSinceMs };
    return report === undefined
      ? this.#verdicts.unknown(why, circumstances)
      : this.#verdicts.look(report, circumstances);
  }

  #tryReport(): Made {
    try {
      return { report: this.#followed.report(), why: '' };
    } catch (error) {
      // A destination that comes with the next line; sides that turn out to be exchanged, or one and the same.
      const { message, hint } = error as { message: string; hint?: string };
      return { report: undefined, why: hint === undefined ? message : `${message} (${hint})` };
    }
  }

  /** Notes what has grown since. */
  #note(): void {
    const now = this.#now();
    if (this.#followed.isCaughtUp) this.#caughtUpMs = now;
    if (now - this.#notedMs < NOTE_MS) return;
    this.#notedMs = now;
    const { lines, live } = this.#followed;
    const { waiting, paired } = live;
    const state = JSON.stringify([lines, waiting, [...paired.values()], this.#followed.awaited]);
    if (state !== this.#state) this.version++;
    this.#state = state;
    this.#growth.production.note(lines.production, now);
    this.#growth.mirror.note(lines.mirror, now);
    for (const [destination, pairs] of paired) {
      const growth = this.#pairs.get(destination) ?? new Growth();
      growth.note(pairs, now);
      this.#pairs.set(destination, growth);
    }
  }

  #circumstances(): Circumstances {
    const now = this.#now();
    const { live, awaited, problems } = this.#followed;
    const { arrived, oldestDestination } = this.#arrived(now);
    return {
      nowMs: this.#wall(),
      clockMs: now,
      graceMs: this.#graceMs,
      arrived,
      oldestDestination,
      latestPairMs: live.latestPairMs,
      caughtUp: this.#caughtUpMs === undefined ? null : now - this.#caughtUpMs,
      troubles: [
        ...new Set([...problems, ...this.#logs.problems].map(({ message }) => message)),
        ...awaited.map((path) => `${path} is not there yet`),
        ...this.#lost,
      ],
      mirroring: this.#mirroring(),
      sinceMs: this.sinceMs,
      leftOut: live.filtered,
    };
  }

  /**
   * What is known of mirroring itself. That it pauses is no doubt before --max-age: until then the ages of pairs and sides
   * say the same.
   */
  #mirroring(): Circumstances['mirroring'] {
    const { verdict, mirror } = this.#logs.summary();
    const { eventMs, requestMs } = this.#logs.ages;
    const isFresh = [eventMs, requestMs].every((age) => age === undefined || (age !== null && age <= this.maxAgeMs));
    return verdict.status === 'unknown' && isFresh && verdict.unread === undefined
      ? undefined
      : { ...verdict, isUnanswered: mirror !== undefined && mirror.total.failed > mirror.total.answered };
  }

  #arrived(now: number): { readonly arrived: Arrived; readonly oldestDestination: string | undefined } {
    const age = ({ atMs }: Growth) => (atMs === undefined ? null : now - atMs);
    // What never came is older than anything.
    const inOrder = [...this.#pairs]
      .map(([name, growth]) => ({ name, age: age(growth) }))
      .sort((a, b) => (b.age ?? Number.MAX_VALUE) - (a.age ?? Number.MAX_VALUE));
    const [oldest] = inOrder;
    return {
      arrived: {
        production: age(this.#growth.production),
        mirror: age(this.#growth.mirror),
        pair: oldest?.age ?? null,
      },
      oldestDestination: inOrder.length > 1 ? oldest?.name : undefined,
    };
  }
}

/** Something counted that grows, and when it did last. */
class Growth {
  atMs: number | undefined;
  #count = 0;

  note(count: number, nowMs: number): void {
    if (count !== this.#count) this.atMs = nowMs;
    this.#count = count;
  }
}
