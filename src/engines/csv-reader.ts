/** CSV (RFC 4180) as the program duckdb writes it, in pieces as they come: rows of texts. */

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const MAX_ROW_BYTES = 64 * 1024 * 1024;

export class CsvReader {
  /** Of the row that is not finished yet: whole lines are read at once. */
  #held: Buffer = Buffer.alloc(0);

  /** The rows that are finished with this piece. Throws an error where one is too long. */
  *read(piece: Uint8Array): Generator<string[], void> {
    const bytes = Buffer.concat([this.#held, piece]);
    let from = 0;
    let isQuoted = false;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === QUOTE) isQuoted = !isQuoted;
      else if (bytes[at] === NEWLINE && !isQuoted) {
        yield cellsOf(bytes.subarray(from, bytes[at - 1] === RETURN ? at - 1 : at));
        from = at + 1;
      }
    }
    this.#held = bytes.subarray(from);
    if (this.#held.length > MAX_ROW_BYTES) throw new Error(`a row is longer than ${MAX_ROW_BYTES} bytes`);
  }
}

function cellsOf(row: Buffer): string[] {
  const cells: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at <= row.length; at++) {
    if (row[at] === QUOTE) isQuoted = !isQuoted;
    else if (at === row.length || (row[at] === COMMA && !isQuoted)) {
      const cell = row.toString('utf8', from, at);
      cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
      from = at + 1;
    }
  }
  return cells;
}
