/** A rule of --ignore-field: which differences of answers are no news. */
import { DiffError } from '../../errors.ts';
import { PatternError, PlacePattern } from './place-pattern.ts';
import { JsonPath, type Step } from './place-steps.ts';

export interface FieldRule {
  /** As it was given. */
  readonly text: string;
  /** Undefined is any. */
  readonly method: string | undefined;
  /** A route or a path; undefined is any. */
  readonly path: string | undefined;
  /** @param steps undefined for a place that is none in a document */
  readonly covers: (place: string, steps: readonly Step[] | undefined) => boolean;
  /** A kind of difference; undefined is any. */
  readonly kind: string | undefined;
}

const MAX_LENGTH = 1_000;
const PREFIX = /^(?:([A-Za-z]+|\*) +)?(?:(\/\S*|\*) +)?(?=\S)/;
/** RFC 9110, section 5.6.2. */
const HEADER = /^header +([!#$%&'*+.^_`|~0-9A-Za-z-]+)$/i;
/** In it a slash stands in a class or behind a backslash, or it would be the end. */
const PATTERN = /^\/((?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+)\/(i?)$/s;
const HINT =
  "write '$.price', '$..request_id', 'header x-cache', '/_at$/', '$.price value' or 'GET /orders/{id} $.price'";

/** Places that are no header and not in a document. */
const WORDS: readonly string[] = ['status', 'content-type', 'length', 'body'];

/** @param kinds of differences @throws DiffError `bad-field-rule` */
export function parseFieldRule(given: string, kinds: readonly string[]): FieldRule {
  const text = given.trim();
  if (text.length > MAX_LENGTH) throw bad(text, `it is longer than ${MAX_LENGTH} characters`);
  const [prefix = '', method, path] = PREFIX.exec(text) ?? [];
  const rest = text.slice(prefix.length);
  const found =
    readPlace(text, text, kinds) ?? (prefix === '' ? undefined : { ...readPlace(text, rest, kinds), method, path });
  if (found?.covers === undefined) throw bad(text);
  const { covers, kind } = found;
  return {
    text,
    method: method === undefined || !('method' in found) || method === '*' ? undefined : method.toUpperCase(),
    path: !('path' in found) || path === '*' ? undefined : path,
    covers,
    kind,
  };
}

type Selection = Pick<FieldRule, 'covers' | 'kind'>;

/** A place, or a place and a kind: `header missing` is a header of that name. */
function readPlace(rule: string, text: string, kinds: readonly string[]): Selection | undefined {
  const whole = readCovering(rule, text);
  if (whole !== undefined) return { covers: whole, kind: undefined };
  const end = text.lastIndexOf(' ');
  const kind = text.slice(end + 1);
  const covers = end > 0 && kinds.includes(kind) ? readCovering(rule, text.slice(0, end).trimEnd()) : undefined;
  return covers && { covers, kind };
}

function readCovering(rule: string, text: string): FieldRule['covers'] | undefined {
  if (WORDS.includes(text)) return (place) => place === text;
  const header = HEADER.exec(text);
  if (header !== null) {
    const wanted = `header ${(header[1] as string).toLowerCase()}`;
    return (place) => place === wanted;
  }
  const path = JsonPath.parse(text);
  if (path !== undefined) return (_, steps) => steps !== undefined && path.covers(steps);
  const pattern = PATTERN.exec(text);
  if (pattern === null) return undefined;
  try {
    const compiled = new PlacePattern(pattern[1] as string, pattern[2]);
    return (place) => compiled.test(place);
  } catch (error) {
    if (error instanceof PatternError) throw bad(rule, error.message);
    throw error;
  }
}

function bad(text: string, reason?: string): DiffError {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return new DiffError('bad-field-rule', `cannot read --ignore-field ${shown}${reason ? `: ${reason}` : ''}`, HINT);
}
