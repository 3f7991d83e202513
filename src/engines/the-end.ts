/** Answers with a last row that says so: what breaks behind a row, without a word, is not taken for the end. */
import type { Engine, EngineRow, Parameters } from './engine.ts';
import { EngineError } from './errors.ts';

/** What the first column of that row is, a whole number of 32 bits: no other one has it. */
export const THE_END = 2 ** 31 - 1;

/** A statement with that row. @param last its values @param order begins with the first column */
export function withEnd(sql: string, last: readonly string[], order: string): string {
  return `SELECT * FROM (${sql} UNION ALL SELECT ${last.join(', ')}) AS answer ORDER BY ${order}`;
}

/** The rows of such a statement, without the last one. Throws EngineError, also in the middle. */
export async function* rowsToTheEnd(engine: Engine, sql: string, given: Parameters): AsyncGenerator<EngineRow, void> {
  const { rows } = await engine.query(sql, given);
  let hasEnded = false;
  for await (const row of rows) {
    hasEnded = Number(row[0]) === THE_END;
    if (!hasEnded) yield row;
  }
  if (!hasEnded) throw cutShort(engine);
}

export function cutShort({ shown }: Engine): EngineError {
  return new EngineError('engine-answer', `${shown}: the answer stops in the middle`);
}
