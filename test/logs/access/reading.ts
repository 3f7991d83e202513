/** What the tests of this folder read lines with. */
import { readFileSync } from 'node:fs';
import { AccessClock } from '../../../src/logs/access/clock.ts';
import type { AccessFormat } from '../../../src/logs/access/format.ts';
import { AccessLineReader } from '../../../src/logs/access/line-reader.ts';
import { type AccessRecord, isAnswer } from '../../../src/logs/access-record.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { TimeResolver } from '../../../src/logs/time.ts';
import type { Zone } from '../../../src/logs/zone.ts';

const FIXTURES = new URL('../../../fixtures/logs/', import.meta.url);
const UTC: Zone = { offsetMinutes: 0 };
const NOW = Date.UTC(2026, 10, 24);

export function utcTimes(zone: Zone = UTC): TimeResolver {
  return new TimeResolver({ zone, referenceMs: NOW });
}

/** Lines of fixtures/logs/NAME. */
export function linesOf(name: string): string[] {
  return readFileSync(new URL(name, FIXTURES), 'utf8').split('\n').slice(0, -1);
}

/** A reader of one format; a text is compiled. */
export function readerOf(format: AccessFormat | string, zone: Zone = UTC): (line: string) => AccessRecord | undefined {
  const compiled = typeof format === 'string' ? compileFormat(format) : format;
  const reader = new AccessLineReader(compiled, new AccessClock(utcTimes(zone)));
  return (line) => {
    const record = reader.read(line);
    return record === undefined || isAnswer(record) ? undefined : record;
  };
}

export function readOne(format: AccessFormat | string, line: string): AccessRecord {
  const record = readerOf(format)(line);
  if (record === undefined) throw new Error(`not read: ${line}`);
  return record;
}

/** `200 GET /x ---- 1/2 id sid pid`, with what is not there left out: for tables of what lines say. */
export function summaryOf(record: AccessRecord | undefined): string {
  if (record === undefined) return 'unparsed';
  const { status, method, target, termination, firstByteMs, totalMs, uniqueId, sid, malformed, noServer } = record;
  const shown = target.length > 60 ? `${target.slice(0, 8)}…${target.length}` : target;
  return [
    status,
    malformed ? 'malformed' : `${method} ${shown}`,
    termination,
    noServer ? 'no-server' : '',
    Number.isNaN(totalMs) ? '' : `${firstByteMs}/${totalMs}`,
    sid < 0 ? '' : `#${sid}`,
    uniqueId,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
