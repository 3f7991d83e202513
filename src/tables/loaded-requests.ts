/** Rows of a comparison back into what a scanner makes of the lines that they are of. */
import { contentTypeOf, RequestFlag } from '../diff/request-values.ts';
import type { AccessRecord } from '../logs/access-record.ts';

/** A value as an engine has it: null for none. */
type Cell = unknown;

const FIRST_OF_SIDE = 20;

export interface LoadedRequest {
  /** Number of the file, from 1; 0 for one that is none of the run. */
  readonly file: number;
  readonly line: number;
  readonly lineHash: number;
  readonly record: AccessRecord;
}

/** @param row as run-rows.ts of the engines has them @param hostOf by the number of the file the host of lines that name none */
export function readProduction(row: readonly Cell[], hostOf: (file: number) => string): LoadedRequest {
  const flags = row[FIRST_OF_SIDE] as number;
  return readRequest(row, hostOf, {
    termination: row[FIRST_OF_SIDE + 1] as string,
    malformed: (flags & RequestFlag.malformed) !== 0,
    noServer: (flags & RequestFlag.answeredByProxy) !== 0,
    error: '',
  });
}

/** @param row likewise */
export function readMirror(row: readonly Cell[]): LoadedRequest {
  const answer = row[FIRST_OF_SIDE + 2] as string;
  return readRequest(row, () => '', {
    // It is in no column: what it would say is in `error`, and that it tells a line from others.
    termination: row[19] === 1 ? '-' : '',
    malformed: false,
    noServer: false,
    error: row[FIRST_OF_SIDE] as string,
    destination: row[FIRST_OF_SIDE + 1] as string,
    ...(answer !== '' && { answer }),
  });
}

type OfSide = Pick<AccessRecord, 'termination' | 'malformed' | 'noServer' | 'error' | 'destination' | 'answer'>;

function readRequest(row: readonly Cell[], hostOf: (file: number) => string, ofSide: OfSide): LoadedRequest {
  const file = row[1] as number;
  const time = row[3] as number;
  const contentType = contentTypeOf(row[17] as string);
  const record: AccessRecord = {
    // The beginning of 1970 is no time (request-part.ts).
    timeMs: time === 0 ? Number.NaN : time,
    host: (row[4] as string) || hostOf(file),
    pid: row[5] as number,
    sid: row[6] as number,
    uniqueId: row[7] as string,
    traceId: row[8] as string,
    spanId: row[9] as string,
    method: row[10] as string,
    target: row[11] as string,
    status: row[12] as number,
    firstByteMs: numberOf(row[13], Number.NaN),
    totalMs: numberOf(row[14], Number.NaN),
    responseBytes: numberOf(row[15], -1),
    sentBytes: numberOf(row[16], -1),
    ...(contentType !== undefined && { contentType }),
    ...ofSide,
  };
  return { file, line: row[2] as number, lineHash: row[18] as number, record };
}

function numberOf(value: Cell, absent: number): number {
  return typeof value === 'number' ? value : absent;
}
