/** Lines of both sides as records, and the options both comparisons are made with. */
import type { Collection } from '../../../../src/diff/collection.ts';
import { readGates } from '../../../../src/diff/gates.ts';
import type { LiveDiff } from '../../../../src/diff/live-diff.ts';
import type { DiffSettings } from '../../../../src/diff/model.ts';
import type { ReportOptions } from '../../../../src/diff/report.ts';
import { parseErrorStatuses, parseIgnoreRule, type Rules } from '../../../../src/diff/rules.ts';
import type { AccessRecord } from '../../../../src/logs/access-record.ts';
import { SETTINGS } from '../../records.ts';

export const START = Date.UTC(2026, 10, 22, 7);

const REQUEST: AccessRecord = {
  timeMs: START,
  method: 'GET',
  target: '/',
  malformed: false,
  status: 200,
  termination: '----',
  noServer: false,
  firstByteMs: 5,
  totalMs: 10,
  uniqueId: '',
  traceId: '',
  sid: -1,
  pid: -1,
  host: '',
  error: '',
};

export function record(values: Partial<AccessRecord>): AccessRecord {
  return { ...REQUEST, ...values };
}

export function settingsWith(values: Partial<DiffSettings> = {}): DiffSettings {
  return { ...SETTINGS, ...values };
}

export function rulesOf({ errors, ignore, mirrorDuplicates }: DiffSettings): Rules {
  return { errorStatuses: parseErrorStatuses(errors), ignored: ignore.map(parseIgnoreRule), mirrorDuplicates };
}

export function reportOptions(settings: DiffSettings): ReportOptions {
  return { settings, inputs: [], gates: readGates([], []), version: '0', showQueries: false };
}

/** A line of any of the three logs, without its hash. */
export type Line =
  | { readonly side: 'production' | 'mirror'; readonly record: AccessRecord }
  | { readonly side: 'noise'; readonly record: AccessRecord }
  /** What the record of the mirror or of the noise keeps of an answer of production. */
  | { readonly side: 'answer'; readonly of: 'mirror' | 'noise'; readonly uniqueId: string; readonly answer: string }
  | {
      readonly side: 'spoe';
      readonly host: string;
      readonly pid: number;
      readonly sid: number;
      readonly st: number;
      readonly event?: string;
    };

/** @param hash of the line: the same one is the same line */
export function feed(diff: Collection | LiveDiff, line: Line, hash: number, nowMs: number, input = 0): void {
  if (line.side === 'production') diff.addProduction(line.record, hash, input, nowMs);
  else if (line.side === 'mirror') diff.addMirror(line.record, hash, input, nowMs);
  else if (line.side === 'noise') diff.addNoise(line.record, hash, input, nowMs);
  else if (line.side === 'answer') {
    const { of, uniqueId, answer } = line;
    diff.addAnswer(of, { kind: 'answer', timeMs: START, uniqueId, answer });
  } else {
    const { sid, st, host, pid, event: name = 'EVENT:on-frontend' } = line as Extract<Line, { side: 'spoe' }>;
    const [type, event] = name.split(':') as ['EVENT' | 'GROUP', string];
    const values = { agent: 'mirror', name: event, sid, st, pT: 1, nbError: 0, nbProcessed: 1 };
    diff.addSpoe({ ...values, type }, { ...(host !== '' && { host }), pid }, hash, nowMs);
  }
}
