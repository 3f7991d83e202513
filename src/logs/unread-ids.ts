/** Finds fields that may hold ids and that no option names. */

import { type AccessClock, anyClock } from './access/clock.ts';
import type { AccessFormat } from './access/format.ts';
import { AccessLineReader } from './access/line-reader.ts';
import { type AccessRecord, isAnswer, type LoggedAnswer } from './access-record.ts';
import type { LineHeader } from './record.ts';

/** A field that is not read and has another value on each line. */
export interface UnreadId {
  /** The name of the field, as AccessReadOptions.idField takes it. */
  readonly field: string;
  /** Values of the first lines, at most 200: whether they are ids of the other side is for a comparison with it to say. */
  readonly values: readonly string[];
}

const MAX_FIELDS = 32;
/** Most fields of one line; a client may send many headers. */
const MAX_COLUMNS = 512;
const VALUE = /^[!-~]{6,200}$/;
/** Numbers, addresses, paths, times, versions: they differ from line to line, and are no ids. */
export const NO_ID =
  /^(?:[+-]?[\d.,/]{1,15}|\d+(?:\.\d+){3}(?::\d+)?|\[.*|\/.*|https?:.*|\d{4}-\d\d-\d\dT?.*|.*\d\d:\d\d:\d\d.*|(?:.*\/)?(?:TLS|SSL)v.*|[\d.]+(?:ns|us|ms|s))$/;
/** The part of the values that have to be different. */
const MIN_DISTINCT = 0.9;

/** Fields of lines that `format` reads; those with the most values first. */
export function findUnreadIds(format: AccessFormat, lines: readonly string[]): readonly UnreadId[] {
  if (format.unread === undefined) return [];
  const probe = new Probe(format);
  const reader = new AccessLineReader(probe, anyClock());
  for (const line of lines) reader.read(line);
  return [...probe.columns]
    .filter(([, values]) => values.length > 1 || /\d.{15}|.{15}\d/.test(values[0] ?? ''))
    .filter(([, values]) => new Set(values).size >= values.length * MIN_DISTINCT)
    .sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
    .slice(0, MAX_FIELDS)
    .map(([field, values]) => ({ field, values }));
}

/** Reads as its format does, and keeps what that does not read. */
class Probe implements AccessFormat {
  readonly name;
  readonly description = '';
  readonly columns = new Map<string, string[]>();
  readonly #format: AccessFormat;

  constructor(format: AccessFormat) {
    this.name = format.name;
    this.#format = format;
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | LoggedAnswer | undefined {
    const record = this.#format.read(line, start, header, clock);
    if (record === undefined || isAnswer(record)) return record;
    for (const [field, value] of this.#format.unread?.(line, start) ?? []) {
      if (!VALUE.test(value) || NO_ID.test(value) || value === record.uniqueId || value === record.target) continue;
      const values = this.columns.get(field);
      if (values !== undefined) values.push(value);
      else if (this.columns.size < MAX_COLUMNS) this.columns.set(field, [value]);
    }
    return record;
  }
}

const MAX_DEPTH = 8;
const MAX_MEMBERS = 300;

/** The texts of an object of JSON and of those in it, by their paths; a list of one text is that text. */
export function flattenJson(json: string): readonly (readonly [path: string, text: string])[] {
  const members: [string, string][] = [];
  const visit = (value: unknown, path: string, depth: number) => {
    if (members.length >= MAX_MEMBERS) return;
    const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof single === 'string' || typeof single === 'number') members.push([path, String(single)]);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < MAX_DEPTH)
      for (const [key, inner] of Object.entries(value)) visit(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  try {
    visit(JSON.parse(json), '', 0);
  } catch {
    return [];
  }
  return members;
}
