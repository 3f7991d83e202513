/** What answers of whole records differ by: numbers in columns, a few tens of bytes a pair, that a thread can hand over. */
import { BODY_STATES, type BodyState } from '../answers/answer.ts';
import { BODY_COMPARISONS, type BodyComparison, type Difference } from '../answers/differences.ts';
import type { AccessRecord, LoggedAnswer } from '../logs/access-record.ts';
import { integers, shorts } from './column.ts';
import { AnswerJoin, type ComparedAnswers } from './join/answer-join.ts';
import { DifferenceTable } from './join/difference-table.ts';

/** Stands for the number of an answer where a line has none. */
export const NO_ANSWER = -1;
/** Stands for where the comparison of an answer begins that met none of production's. */
const ALONE = -1;

/** Prints that wait: of 100,000 answers and more. */
const MAX_BYTES = 256 * 1024 * 1024;
/** All lists together, 512 MiB. What comes then is as if it had met none. */
const MAX_LISTED = 2 ** 28;

/** The comparisons, as plain data. */
export interface AnswersRead {
  /** By number of the answer: where its comparison begins in `lists`. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** Of each comparison: how many differences there are, what became of the bodies, and the differences by number. */
  readonly lists: Int16Array<ArrayBuffer>;
  readonly differences: readonly Difference[];
  /** Answers, of either side, whose other one did not come, or came when they were given up. */
  readonly unjoined: number;
  /** Differences that were one too many to be told apart. */
  readonly beyond: number;
  /** Headers and fields that any of them has; undefined where there are more than are told apart. */
  readonly places: readonly string[] | undefined;
}

/** Reads the answers of one record after the other. */
export class AnswerReader {
  readonly #starts = integers();
  readonly #lists = shorts();
  readonly #table = new DifferenceTable();
  readonly #join: AnswerJoin<number>;
  #beyond = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#join = new AnswerJoin({ maxBytes, onCompared: (number, compared) => this.#keep(number, compared) });
  }

  addProduction({ uniqueId, answer }: LoggedAnswer): void {
    this.#join.addProduction(uniqueId, answer);
  }

  /** The number of the answer of a line of the mirror; NO_ANSWER where it has none, or nothing to join it by. */
  addMirror(record: AccessRecord): number {
    const { uniqueId, answer = '' } = record;
    if (answer === '' || uniqueId === '') return NO_ANSWER;
    const number = this.#starts.length;
    this.#starts.push(ALONE);
    this.#join.addMirror(uniqueId, answer, number);
    return number;
  }

  get read(): AnswersRead {
    return {
      starts: this.#starts.values.slice(0, this.#starts.length),
      lists: this.#lists.values.slice(0, this.#lists.length),
      differences: this.#table.known,
      unjoined: this.#join.givenUp + this.#join.alone,
      beyond: this.#beyond,
      places: this.#join.places.all,
    };
  }

  #keep(number: number, { differences, body, states }: ComparedAnswers): void {
    const lists = this.#lists;
    if (lists.length >= MAX_LISTED) {
      this.#beyond += differences.length;
      return;
    }
    const start = lists.length;
    lists.push(0);
    lists.push(codeOf(body, states));
    let count = 0;
    for (const difference of differences) {
      const known = this.#table.numberOf(difference);
      if (known === undefined) this.#beyond++;
      else {
        lists.push(known);
        count++;
      }
    }
    lists.values[start] = count;
    this.#starts.values[number] = start;
  }
}

/** Body and states as one number below 2^15. */
function codeOf(body: BodyComparison, { production, mirror }: ComparedAnswers['states']): number {
  const states = BODY_STATES.indexOf(production) * BODY_STATES.length + BODY_STATES.indexOf(mirror);
  return states * BODY_COMPARISONS.length + BODY_COMPARISONS.indexOf(body);
}

/** Comparisons by the number of the mirror's answer. */
export class AnswerComparisons {
  readonly unjoined: number;
  readonly beyond: number;
  readonly places: readonly string[] | undefined;
  readonly #starts: Int32Array;
  readonly #lists: Int16Array;
  readonly #differences: readonly Difference[];

  constructor({ starts, lists, differences, unjoined, beyond, places }: AnswersRead) {
    this.unjoined = unjoined;
    this.beyond = beyond;
    this.places = places;
    this.#starts = starts;
    this.#lists = lists;
    this.#differences = differences;
  }

  /** How many answers of the mirror there are. */
  get size(): number {
    return this.#starts.length;
  }

  /** Undefined where production's answer is not known. @param number NO_ANSWER for none */
  at(number: number): ComparedAnswers | undefined {
    const start = number === NO_ANSWER ? ALONE : (this.#starts[number] as number);
    if (start === ALONE) return undefined;
    const code = this.#lists[start + 1] as number;
    const states = Math.floor(code / BODY_COMPARISONS.length);
    const end = start + 2 + (this.#lists[start] as number);
    const differences: Difference[] = [];
    for (let at = start + 2; at < end; at++)
      differences.push(this.#differences[this.#lists[at] as number] as Difference);
    return {
      differences,
      body: BODY_COMPARISONS[code % BODY_COMPARISONS.length] as BodyComparison,
      states: {
        production: stateAt(Math.floor(states / BODY_STATES.length)),
        mirror: stateAt(states % BODY_STATES.length),
      },
    };
  }
}

function stateAt(index: number): BodyState {
  return BODY_STATES[index] as BodyState;
}
