/**
 * Names of fields: JSONPath as RFC 9535 normalizes it, except that plain members are written with a dot, that `[*]` stands for
 * every element of an array, and `{…}` for every member whose name is an id.
 */

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

/** The paths of the arrays around a path, the outermost first: of `$.items[*].tags[*]` these are `$.items` and `$.items[*].tags`. */
export function arraysAround(path: string): string[] {
  const arrays: string[] = [];
  for (let at = path.indexOf(ELEMENT); at >= 0; at = path.indexOf(ELEMENT, at + 1)) arrays.push(path.slice(0, at));
  return arrays;
}

/** Whether `path` stands for something inside of what one of `places` stands for. */
export function isBelow(path: string, places: ReadonlySet<string>): boolean {
  if (places.size === 0) return false;
  for (let i = 1; i < path.length; i++) {
    const character = path[i];
    if ((character === '.' || character === '[') && places.has(path.slice(0, i))) return true;
  }
  return false;
}
