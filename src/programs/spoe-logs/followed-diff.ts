/** Both sides of a comparison as they grow, and the report on them at any time: what `diff --follow` and `serve` share. */
import { FollowedSides, type FollowTurns } from '../../diff/followed-sides.ts';
import { LiveDiff, type LiveDiffOptions } from '../../diff/live-diff.ts';
import type { DiffReport, Warning } from '../../diff/model.ts';
import { readingWarnings } from '../../diff/reading-warnings.ts';
import type { Side } from '../../diff/sides.ts';
import type { Problem } from '../../logs/input-errors.ts';
import type { DiffArguments } from './diff-options.ts';
import { refuseSides } from './diff-refusals.ts';
import type { DiffSetup } from './diff-setup.ts';
import { openGivenSides } from './diff-sides.ts';
import type { LogOptions } from './log-options.ts';

const UNREAD: Warning = {
  code: 'stopped-early',
  message: 'it was stopped before all of what the files hold was read: the report is about their beginnings',
};

export class FollowedDiff {
  readonly live: LiveDiff;
  readonly #given: DiffArguments;
  readonly #setup: DiffSetup;
  readonly #followed: FollowedSides;
  readonly #sides: readonly Side[];

  /** Throws CliError, AccessFormatError. */
  constructor(given: DiffArguments, setup: DiffSetup, options: Pick<LiveDiffOptions, 'onSettled'> = {}) {
    const { settings, since, until, showQueries } = setup.report;
    this.#given = given;
    this.#setup = setup;
    this.live = new LiveDiff({
      ...setup.comparing,
      ...options,
      settings,
      showQueries,
      graceMs: given.grace,
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    });
    this.#followed = new FollowedSides(this.live);
    this.#sides = openGivenSides(given, this.#followed.sink);
  }

  /** Files that could not be followed any more. */
  get problems(): readonly Problem[] {
    return this.#followed.problems;
  }

  /** Paths that are not there yet. */
  get awaited(): readonly string[] {
    return this.#followed.awaited;
  }

  /** Everything that is there is read, and no file is waited for. */
  get isCaughtUp(): boolean {
    return this.#followed.isCaughtUp;
  }

  /** Lines read so far of each side, by which it is seen that one grows. */
  get lines(): { readonly production: number; readonly mirror: number } {
    const linesOf = (role: string) =>
      this.#sides
        .filter((side) => side.role === role)
        .reduce((sum, { scanner }) => sum + scanner.inputs.reduce((lines, { counts }) => lines + counts.lines, 0), 0);
    return { production: linesOf('production'), mirror: linesOf('mirror') };
  }

  /** Follows until the signal or until nothing can be followed. */
  async follow(options: LogOptions, turns: FollowTurns): Promise<void> {
    await this.#followed.follow(this.#sides, options, turns);
  }

  /** Counts what has waited: the reading is over. Where the logs go on, what was just asked may be answered yet. */
  settle(): void {
    const { isOpen, isCaughtUp } = this.#followed;
    if (isOpen) this.live.settlePairs(isCaughtUp ? Date.now() - this.#given.grace : Number.NEGATIVE_INFINITY);
    else this.live.settleAll();
  }

  /** The report on what was counted so far. @throws DiffError `unknown-destination`, CliError for sides that are exchanged or the same */
  report(): DiffReport {
    const now = this.#sides.map((side) => this.#followed.describe(side));
    refuseSides(this.#given, now);
    const inputs = now.flatMap((side) => side.inputs);
    const warnings = [
      ...(this.#followed.isCutShort ? [UNREAD] : []),
      ...this.awaited.map((path) => ({
        code: 'not-there-yet',
        message: `${path} is not there yet: what is in it is waited for`,
      })),
      ...readingWarnings(now, this.live.idsWithoutPair),
    ];
    const report = this.live.report({ ...this.#setup.report, inputs, warnings });
    return this.#given.timestamp ? { ...report, generatedAt: new Date().toISOString() } : report;
  }
}
