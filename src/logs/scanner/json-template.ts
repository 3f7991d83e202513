/**
 * What a line of a shipper looks like, so that the scanner knows the next one: the texts that stand in each of its lines, and
 * between them the time, HAProxy's line, and what differs without a meaning (an offset, a cursor). assembly/index.ts reads it.
 */
import type { MemberRoles } from '../json-line.ts';

/** Kinds of parts, as in assembly/index.ts. */
const Part = { end: 0, text: 1, string: 2, number: 3, iso: 4, epoch: 5, event: 6 } as const;
type PartKind = (typeof Part)[keyof typeof Part];

/** HAProxy's line in the text of its member: where its header's text begins behind priority and time, and where its marker. */
export interface InnerLine {
  readonly originStart: number;
  readonly markerStart: number;
  /** Its header has a time, which is that of the line. */
  readonly isTimed: boolean;
}

/** A member that is a text, a number or a word, by where it is in the line. */
interface Member {
  readonly path: string;
  /** Of the value; of a text without its quotes. */
  readonly start: number;
  readonly end: number;
  readonly isText: boolean;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const EPOCH = /^([1-9]\d{9}|[1-9]\d{12}|[1-9]\d{15})(?:\.\d{1,6})?$/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const SECONDS_DIGITS = 10;
const MICROSECONDS_DIGITS = 16;

/**
 * The parts of a template for `line`, an object of JSON in latin1; undefined where the scanner could not know such a line by it.
 */
export function templateOf(line: string, roles: MemberRoles, inner: InnerLine): Buffer | undefined {
  const members = membersOf(line);
  const message = members?.find(
    ({ start, end, isText }) => isText && start <= inner.markerStart && inner.markerStart < end,
  );
  if (members === undefined || message?.path !== roles.message) return undefined;
  const parts: Buffer[] = [];
  let written = 0;
  const add = (kind: PartKind, start: number, end: number, length = 0) => {
    if (start > written)
      parts.push(partOf(Part.text, start - written), Buffer.from(line.slice(written, start), 'latin1'));
    parts.push(partOf(kind, length));
    written = end;
  };
  for (const member of members) {
    const { path, start, end, isText } = member;
    const value = line.slice(start, end);
    if (member === message) {
      const { originStart, markerStart } = inner;
      add(Part.event, start, end, markerStart - originStart);
      parts.push(Buffer.from(line.slice(originStart, markerStart), 'latin1'));
    } else if (path === roles.time && !inner.isTimed) {
      const digits = EPOCH.exec(value)?.[1]?.length;
      if (isText && ISO.test(value)) add(Part.iso, start, end);
      else if (digits !== undefined && isEpochOf(path, value, digits)) add(Part.epoch, start, end, digits);
      else return undefined;
    } else if (roles.isFree(path) || (path === roles.time && inner.isTimed)) {
      if (isText) add(Part.string, start, end);
      else if (NUMBER.test(value)) add(Part.number, start, end);
    }
  }
  const rest = line.slice(written).trimEnd();
  return Buffer.concat([...parts, partOf(Part.text, rest.length), Buffer.from(rest, 'latin1'), partOf(Part.end, 0)]);
}

/** journald counts microseconds, whatever their number looks like; decimals are read of seconds alone. */
function isEpochOf(path: string, value: string, digits: number): boolean {
  if (value.includes('.') && digits !== SECONDS_DIGITS) return false;
  return digits === MICROSECONDS_DIGITS || !path.includes('REALTIME');
}

function partOf(kind: PartKind, length: number): Buffer {
  const part = Buffer.alloc(4);
  part.writeUInt16LE(kind);
  part.writeUInt16LE(length, 2);
  return part;
}

const SPACES = /[ \t]*/y;
const TEXT = /"((?:[^"\\]|\\.)*)"/y;
const WORD = /[^\s,\]}]+/y;

/**
 * The members of valid JSON, those of objects in it too, in their order; undefined where two have one path, or a name has an
 * escape in it: which of them counts is not worked out here.
 */
function membersOf(line: string): readonly Member[] | undefined {
  const members: Member[] = [];
  const paths = new Set<string>();
  let at = 0;
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    at = found === null ? Number.NaN : pattern.lastIndex;
    return found;
  };
  const value = (path: string): boolean => {
    skip(SPACES);
    const start = at;
    switch (line[at]) {
      case '{':
        return object(path);
      case '[':
        return list(path);
      case '"':
        if (skip(TEXT) === null) return false;
        members.push({ path, start: start + 1, end: at - 1, isText: true });
        return true;
      default:
        if (skip(WORD) === null) return false;
        members.push({ path, start, end: at, isText: false });
        return true;
    }
  };
  const object = (path: string): boolean => {
    do {
      at += 1;
      skip(SPACES);
      if (line[at] === '}') break;
      const name = skip(TEXT)?.[1];
      const own = path === '' ? name : `${path}.${name}`;
      if (name === undefined || own === undefined || name.includes('\\') || paths.has(own)) return false;
      paths.add(own);
      skip(SPACES);
      if (line[at] !== ':') return false;
      at += 1;
      if (!value(own)) return false;
      skip(SPACES);
    } while (line[at] === ',');
    if (line[at] !== '}') return false;
    at += 1;
    return true;
  };
  /** What is in a list has no path of its own: it stands as it is. */
  const list = (path: string): boolean => {
    const before = members.length;
    do {
      at += 1;
      skip(SPACES);
      if (line[at] === ']') break;
      if (!value(`${path}[]`)) return false;
      skip(SPACES);
    } while (line[at] === ',');
    members.length = before;
    if (line[at] !== ']') return false;
    at += 1;
    return true;
  };
  return object('') ? members : undefined;
}
