/**
 * Names of fields: JSONPath as RFC 9535 normalizes it, except that plain members are written with a dot, that `[*]` stands for
 * every element of an array, and `{…}` for every member whose name is an id.
 */

import { MAX_PATH } from './answer.ts';

/** The whole document. */
export const ROOT_PATH = '$';
/** Any element of an array. */
export const ELEMENT = '[*]';
/** Any member whose name is an id: such a name is a value, and another one in each answer. */
export const ID_MEMBER = '.{…}';

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What ends a quoted name or looks like an element, what a terminal acts on, and halves of characters, which UTF-8 does not have. */
const UNSAFE = /['\\[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** What a member adds to the path of its object: `.name`, or `['a b']`. */
export function memberPiece(name: string): string {
  if (PLAIN_NAME.test(name)) return `.${name}`;
  const quoted = name.replace(UNSAFE, (character) =>
    character === "'" || character === '\\'
      ? `\\${character}`
      : Array.from(
          { length: character.length },
          (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
  return `['${quoted}']`;
}

/** A longer name is no name that somebody gave to a field. */
const MAX_NAME = 64;
/** An id has a digit, an address or a scheme in it: most names are done with this. */
const MAY_BE_ID = /[0-9@]|:\/\/|^[a-f]{16,}$/i;
const LETTER = /[\p{L}_$]/u;
const IDS: readonly RegExp[] = [
  // Times: numbers and dates have no letter at all.
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,]+(?:Z|[+-][0-9:]+)?$/i,
  // UUID.
  /^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i,
  // Hashes, ObjectId, trace ids.
  /^(?:0x)?[0-9a-f]{16,}$/i,
  // ULID.
  /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i,
  // Addresses of mail, and URLs.
  /^[^@\s]+@[^@\s]+$/,
  /^[a-z][a-z0-9+.-]*:\/\//i,
];
/** What stands before an id, as in `user_`, `cus_`, `urn:uuid:`, `item-`. */
const PREFIX = /^[A-Za-z][A-Za-z0-9]{0,15}[_:.-]/;
const MAX_PREFIXES = 3;
/** Behind a prefix, this many digits are an id: `order_2024` is a name, `order_20241` is none. */
const DIGITS_BEHIND = 5;
/** Letters and a number: SKU123456, ISIN. */
const LETTERS_AND_NUMBER = /^[A-Za-z]{1,8}[0-9]{6,}$/;
/** A token that a generator made has at least so many characters. */
const MIN_TOKEN = 14;

/** Whether the name of a member is an id. It depends on nothing but the name: both sides have to decide alike. */
export function isIdName(name: string): boolean {
  if (name.length > MAX_NAME) return true;
  if (!MAY_BE_ID.test(name)) return false;
  if (isNumber(name, 1) || isId(name) || LETTERS_AND_NUMBER.test(name)) return true;
  let behind = name;
  for (let i = 0; i < MAX_PREFIXES; i++) {
    const before = behind;
    behind = behind.replace(PREFIX, '');
    if (behind === before) return false;
    if (isNumber(behind, DIGITS_BEHIND) || (behind.length >= MIN_TOKEN && isId(behind))) return true;
  }
  return false;
}

/** Digits and what stands between them: numbers, dates, IPv4 addresses. */
function isNumber(name: string, least: number): boolean {
  return !LETTER.test(name) && shapeOf(name).digits >= least;
}

function isId(name: string): boolean {
  return IDS.some((id) => id.test(name)) || isRandomToken(name);
}

/**
 * Letters and digits by chance: nanoid, KSUID, base64url with capitals and small letters, cuid with one case. They take turns far more often
 * than in words that were put together, as `averageResponseTimeLast30Days`, and have no long run of letters, as `h264Level31MaxBitrate` has.
 */
function isRandomToken(name: string): boolean {
  if (name.length < MIN_TOKEN) return false;
  const { digits, small, capitals, marks, turns, run } = shapeOf(name);
  if (digits + small + capitals + marks !== name.length) return false;
  const share = turns / (name.length - 1);
  if (small > 0 && capitals > 0) return digits >= 2 && share >= 0.4 && run < 6;
  return marks === 0 && digits >= 3 && share >= 0.25 && run < 10;
}

interface NameShape {
  digits: number;
  small: number;
  capitals: number;
  /** `-` and `_`. */
  marks: number;
  /** How often it goes from one of these to another. */
  turns: number;
  /** The most letters of one case one after the other. */
  run: number;
}

function shapeOf(name: string): NameShape {
  const shape = { digits: 0, small: 0, capitals: 0, marks: 0, others: 0, turns: 0, run: 0 };
  let before: string | undefined;
  let run = 0;
  for (let i = 0; i < name.length; i++) {
    const now = classOf(name.charCodeAt(i));
    shape[now]++;
    if (before !== undefined && now !== before) shape.turns++;
    run = now === before ? run + 1 : 1;
    if (now === 'small' || now === 'capitals') shape.run = Math.max(shape.run, run);
    before = now;
  }
  return shape;
}

function classOf(code: number): 'digits' | 'small' | 'capitals' | 'marks' | 'others' {
  if (code >= 0x30 && code <= 0x39) return 'digits';
  if (code >= 0x61 && code <= 0x7a) return 'small';
  if (code >= 0x41 && code <= 0x5a) return 'capitals';
  return code === 0x2d || code === 0x5f ? 'marks' : 'others';
}

/** A member's name in brackets. */
export const QUOTED_NAME = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
const SELECTOR = new RegExp(
  String.raw`(\.\.)?(?:\.?(\*|\{(?:\u2026|\.\.\.)?\}|[^\s.[\]{}()*?@,:'"<>=!&|]+)|\[ *(?:(\*)|(${QUOTED_NAME})) *\])`,
  'suy',
);

/** A piece of a JSONPath. */
export interface Selector {
  /** `[*]`, `.*`, `{…}`, or a member by its name. */
  readonly kind: 'element' | 'any' | 'id' | 'member';
  /** Of a member. */
  readonly name: string;
  /** Behind `..`: here or anywhere below. */
  readonly isDeep: boolean;
}

/**
 * Takes apart a JSONPath (RFC 9535) of names and wildcards: no index, slice, filter or list, which a place cannot be told by. Undefined for
 * what is none.
 */
export function parseSelectors(text: string): Selector[] | undefined {
  if (!text.startsWith(ROOT_PATH)) return undefined;
  const selectors: Selector[] = [];
  for (let at = 1; at < text.length; at = SELECTOR.lastIndex) {
    SELECTOR.lastIndex = at;
    const match = SELECTOR.exec(text);
    if (match === null) return undefined;
    const [, deep, name, any, quoted] = match;
    // `$price`, and `$.a..` with nothing behind: a name has one dot in front of it, or two.
    if (deep === undefined && name !== undefined && text[at] !== '.') return undefined;
    if (deep !== undefined && text[at + 2] === '.') return undefined;
    selectors.push({
      kind: any !== undefined ? 'element' : name === '*' ? 'any' : name?.startsWith('{') ? 'id' : 'member',
      name: quoted !== undefined ? unquotedName(quoted) : (name ?? ''),
      isDeep: deep !== undefined,
    });
  }
  return selectors;
}

/** What a quoted name stands for. */
export function unquotedName(text: string): string {
  return text.slice(1, -1).replace(/\\(?:u([0-9A-Fa-f]{4})|([bfnrt])|(.))/gsu, (_, code, control, char) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return control === undefined ? char : (CONTROLS[control] as string);
  });
}

const CONTROLS: { readonly [letter: string]: string } = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A path of one place, however it is written, as it stands in a print: of `$["price"]` it is `$.price`. Undefined for what no place is called. */
export function parsePath(text: string): string | undefined {
  const selectors = parseSelectors(text);
  return selectors?.some(({ isDeep }) => isDeep) ? undefined : selectors && joined(selectors);
}

/** The same of a JSON pointer (RFC 6901), in which `*` is any element. */
export function parsePointer(text: string): string | undefined {
  const names = text.split('/').slice(1);
  return joined(
    names.map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      return { kind: name === '*' ? 'element' : name === '{…}' ? 'id' : 'member', name };
    }),
  );
}

function joined(selectors: readonly Omit<Selector, 'isDeep'>[]): string | undefined {
  let path = ROOT_PATH;
  for (const { kind, name } of selectors) {
    // A member whose name is an id is among the others of its kind.
    if (kind === 'any' || (kind === 'member' && isIdName(name))) return undefined;
    path += kind === 'element' ? ELEMENT : kind === 'id' ? ID_MEMBER : memberPiece(name);
  }
  return path.length <= MAX_PATH ? path : undefined;
}

/** The paths of the arrays around a path, the outermost first: of `$.items[*].tags[*]` these are `$.items` and `$.items[*].tags`. */
export function arraysAround(path: string): string[] {
  const arrays: string[] = [];
  for (let at = path.indexOf(ELEMENT); at >= 0; at = path.indexOf(ELEMENT, at + 1)) arrays.push(path.slice(0, at));
  return arrays;
}

/** What a path goes through, the outermost first: of `$.items[*].price` these are `$`, `$.items` and `$.items[*]`, and now and then a piece of a name. */
export function wayTo(path: string): string[] {
  const way: string[] = [];
  for (let i = 1; i < path.length; i++) if (path[i] === '.' || path[i] === '[') way.push(path.slice(0, i));
  return way;
}

/** Whether `path` stands for something inside of what one of `places` stands for. */
export function isBelow(path: string, places: ReadonlySet<string>): boolean {
  return places.size > 0 && wayTo(path).some((above) => places.has(above));
}
