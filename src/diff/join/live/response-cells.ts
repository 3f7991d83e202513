/** The mirror's answers while they wait for production's: what differs is put where the line of the mirror finds it. */
import type { AccessRecord, LoggedAnswer } from '../../../logs/access-record.ts';
import { AnswerJoin, type ComparedAnswers } from '../answer-join.ts';
import type { DifferenceTable } from '../difference-table.ts';

/** What waits in bytes: prints of some ten thousand answers. */
const MAX_BYTES = 32 * 1024 * 1024;

/** The answer of one line of the mirror. */
export interface ResponseCell {
  /** Undefined until production's answer comes. */
  compared: ComparedAnswers | undefined;
}

export class ResponseCells {
  /** Differences that were one too many to be told apart. */
  beyond = 0;
  /** Any answer came, of either side. */
  hasAnswers = false;
  readonly #table: DifferenceTable;
  readonly #join: AnswerJoin<ResponseCell>;

  /** @param table of all that is compared: what many pairs differ by is in memory once */
  constructor(table: DifferenceTable, maxBytes = MAX_BYTES) {
    this.#table = table;
    this.#join = new AnswerJoin({ maxBytes, onCompared: (cell, compared) => this.#keep(cell, compared) });
  }

  /** What waits, in bytes. */
  get bytes(): number {
    return this.#join.bytes;
  }

  /** Headers and fields that any answer has; undefined where there are more than are told apart. */
  get places(): readonly string[] | undefined {
    return this.#join.places.all;
  }

  addProduction({ uniqueId, answer }: LoggedAnswer): void {
    this.hasAnswers = true;
    this.#join.addProduction(uniqueId, answer);
  }

  /** Undefined for a line without an answer, or with nothing to join it by. */
  addMirror({ uniqueId, answer = '' }: AccessRecord): ResponseCell | undefined {
    if (answer === '' || uniqueId === '') return undefined;
    this.hasAnswers = true;
    const cell: ResponseCell = { compared: undefined };
    this.#join.addMirror(uniqueId, answer, cell);
    return cell;
  }

  /** @param isOver nothing more comes: what waits has met none */
  unjoined(isOver: boolean): number {
    return this.#join.givenUp + (isOver ? this.#join.alone : 0);
  }

  #keep(cell: ResponseCell, compared: ComparedAnswers): void {
    const differences = compared.differences.flatMap((difference) => {
      const number = this.#table.numberOf(difference);
      return number === undefined ? [] : [this.#table.at(number)];
    });
    this.beyond += compared.differences.length - differences.length;
    cell.compared = { ...compared, differences };
  }
}
