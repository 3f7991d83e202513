/** The counts of pairs of one route, or of all. */
import type { RequestKind } from './request-line.ts';

export class ErrorTally {
  bothOk = 0;
  newError = 0;
  fixedError = 0;
  bothError = 0;
  new4xx = 0;
  fixed4xx = 0;
  statusChanged = 0;
  ignored = 0;

  /** Pairs in the four cells. */
  get n(): number {
    return this.bothOk + this.newError + this.fixedError + this.bothError;
  }

  get productionErrors(): number {
    return this.fixedError + this.bothError;
  }

  get mirrorErrors(): number {
    return this.newError + this.bothError;
  }

  merge(other: ErrorTally): void {
    this.bothOk += other.bothOk;
    this.newError += other.newError;
    this.fixedError += other.fixedError;
    this.bothError += other.bothError;
    this.new4xx += other.new4xx;
    this.fixed4xx += other.fixed4xx;
    this.statusChanged += other.statusChanged;
    this.ignored += other.ignored;
  }

  add(outcome: RequestKind): void {
    switch (outcome) {
      case 'new_error':
        this.newError++;
        return;
      case 'fixed_error':
        this.fixedError++;
        return;
      case 'both_error':
        this.bothError++;
        return;
      case 'ignored':
        this.ignored++;
        return;
      case 'new_4xx':
        this.new4xx++;
        break;
      case 'fixed_4xx':
        this.fixed4xx++;
        break;
      default:
    }
    this.bothOk++;
    if (outcome !== 'same') this.statusChanged++;
  }
}
