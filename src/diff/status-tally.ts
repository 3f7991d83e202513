/** Pairs without an error on either side whose class of status changed. */
import { deniesAccess, grantsAccess, REDIRECT, rankOf } from './status-class.ts';
import { Transitions } from './transitions.ts';

export type StatusChange = 'worse' | 'better' | 'even';

export class StatusTally {
  worse = 0;
  better = 0;
  accessGranted = 0;
  accessDenied = 0;
  /** Whatever the mirror answered, production's was a redirect or an error of the client's. */
  unsuccessful = 0;
  /** Those for the worse, and those that grant access. */
  readonly transitions: Transitions;

  /** @param maxTransitions that are told apart */
  constructor(maxTransitions?: number) {
    this.transitions = new Transitions(maxTransitions);
  }

  /**
   * Counts a pair neither side of which is an error.
   *
   * @param isBodiless nobody asked for a body
   */
  add(before: number, after: number, isBodiless = false): StatusChange {
    const rankBefore = rankOf(before, isBodiless);
    if (rankBefore !== undefined && rankBefore >= REDIRECT) this.unsuccessful++;
    if (before === after) return 'even';
    const rankAfter = rankOf(after, isBodiless);
    const granted = deniesAccess(before) && grantsAccess(after);
    if (granted) this.accessGranted++;
    else if (deniesAccess(after) && grantsAccess(before)) this.accessDenied++;
    const rise = rankBefore === undefined || rankAfter === undefined ? 0 : rankAfter - rankBefore;
    if (rise > 0 || granted) this.transitions.add(String(before), String(after));
    if (rise > 0) this.worse++;
    else if (rise < 0) this.better++;
    return rise > 0 ? 'worse' : rise < 0 ? 'better' : 'even';
  }

  merge(other: StatusTally): void {
    this.worse += other.worse;
    this.better += other.better;
    this.accessGranted += other.accessGranted;
    this.accessDenied += other.accessDenied;
    this.unsuccessful += other.unsuccessful;
    this.transitions.merge(other.transitions);
  }
}
