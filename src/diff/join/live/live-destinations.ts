/** The tallies of each destination of the mirror, which all requests of production go into. */
import type { Comparison } from '../../../answers/differences.ts';
import { DestinationNames } from '../destination-names.ts';
import type { Answers } from './answers.ts';
import type { JoinOutput, JoinResult } from './join.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';
import type { LiveTally } from './live-tally.ts';

/** How production's version answered a request once more, and which destination that was; -1 for none of them. */
export type NoiseOfRequest = (
  request: WaitingRequest,
  answers: JoinResult['answers'],
) => { readonly noise: Comparison | undefined; readonly ofDestination: number };

export class LiveDestinations implements JoinOutput {
  readonly names = new DestinationNames();
  readonly #tallies: LiveTally[] = [];
  readonly #make: (number: number) => LiveTally;
  readonly #noise: NoiseOfRequest;
  /** By number of the destination: requests that were counted before its first line came. */
  readonly #countedBefore: number[] = [0];
  /** Noise of other requests so far, which a destination has as well whose first line comes later. */
  #otherNoise: LiveTally | undefined;

  /** @param make tallies of the destination with that number @param noise asked once for each request */
  constructor(make: (number: number) => LiveTally, noise: NoiseOfRequest) {
    this.#make = make;
    this.#noise = noise;
    // What is settled before the first line of the mirror came goes to the destination which that is of.
    this.#tallies.push(make(0));
  }

  /** By number of the destination; at least one. */
  get all(): readonly LiveTally[] {
    return this.#tallies;
  }

  /** Empty for lines that name none. */
  nameOf(number: number): string {
    return this.names.names[number] ?? '';
  }

  numberOf(destination: string | undefined): number {
    const number = this.names.numberOf(destination);
    while (this.#tallies.length <= number) {
      const tallies = this.#make(this.#tallies.length);
      if (this.#otherNoise !== undefined) tallies.copyNoise(this.#otherNoise);
      this.#tallies.push(tallies);
      this.#countedBefore.push((this.#tallies[0] as LiveTally).tally.requests);
    }
    return number;
  }

  /** A line of it has the time to the first byte. */
  hasFirstByte(number: number): void {
    const tallies = this.#tallies[number];
    if (tallies !== undefined) tallies.measures.mirrorHasFirstByte = true;
  }

  countedBefore(tallies: LiveTally): number {
    return this.#countedBefore[this.#tallies.indexOf(tallies)] as number;
  }

  announcePair(request: WaitingRequest, answers: JoinResult['answers']): void {
    answers.forEach((each, number) => {
      if (each?.answer !== undefined) this.#tallies[number]?.announcePair(request);
    });
  }

  settleRequest(request: WaitingRequest, { hasKey, isAmbiguous, answers }: JoinResult): void {
    const found = this.#noise(request, answers);
    this.#tallies.forEach((tallies, number) => {
      const noise = found.ofDestination === number ? undefined : found.noise;
      tallies.settleRequest(request, { hasKey, isAmbiguous, answers: answers[number], noise });
    });
  }

  settleUnknown(answers: JoinResult['answers']): void {
    this.#count(answers, ({ tally }, { counted }) => {
      tally.mirrorOnly.unknownId += counted;
    });
  }

  settleAttempts(answers: JoinResult['answers']): void {
    this.#count(answers, ({ tally }, { attempts }) => {
      if (attempts > 1) tally.mirrorOnly.retriedIds++;
    });
  }

  settleStrays(answers: JoinResult['answers']): void {
    this.#count(answers, ({ strays }, { all }) => {
      for (const answer of all) strays.add(answer);
    });
  }

  settleNoise(answer: WaitingAnswer, compared: Comparison): void {
    this.#otherNoise ??= this.#make(-1);
    for (const tallies of [this.#otherNoise, ...this.#tallies]) tallies.settleNoise(answer, compared);
  }

  settleUnpairedRequest(request: WaitingRequest): void {
    for (const tallies of this.#tallies) tallies.settleUnpairedRequest(request);
  }

  settleUnpairedAnswer(answer: WaitingAnswer, isCounted: boolean): void {
    this.#tallies[answer.destination]?.settleUnpairedAnswer(answer, isCounted);
  }

  settleAnswerWithoutId(answer: WaitingAnswer): void {
    this.#tallies[answer.destination]?.settleAnswerWithoutId(answer);
  }

  #count(answers: JoinResult['answers'], count: (tallies: LiveTally, answers: Answers) => void): void {
    answers.forEach((each, number) => {
      if (each !== undefined) count(this.#tallies[number] as LiveTally, each);
    });
  }
}
