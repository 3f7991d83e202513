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
const MAY_BE_ID = /[0-9@]|:\/\//;
const IDS: readonly RegExp[] = [
  // Numbers, dates and times, IPv4 addresses, versions: digits and what stands between them.
  /^[^\p{L}_$]*[0-9][^\p{L}_$]*$/u,
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
/** What stands before an id, as in `user_`, `cus_`, `urn:`, `item-`. */
const PREFIX = /^(?:[A-Za-z][A-Za-z0-9]{0,15}[_:.-])+/;
/** A part behind a prefix is an id with so many digits and nothing else. */
const LONG_NUMBER = /^[0-9]{5,}$/;
/** A token that a generator made has at least so many characters. */
const MIN_TOKEN = 14;
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** Whether the name of a member is an id. It depends on nothing but the name: both sides have to decide alike. */
export function isIdName(name: string): boolean {
  if (name.length > MAX_NAME) return true;
  if (!MAY_BE_ID.test(name)) return false;
  if (isId(name)) return true;
  const behind = name.replace(PREFIX, '');
  return behind !== name && (LONG_NUMBER.test(behind) || (behind.length >= MIN_TOKEN && isId(behind)));
}

function isId(name: string): boolean {
  return IDS.some((id) => id.test(name)) || isRandomToken(name);
}

/**
 * Letters and digits by chance, as nanoid, KSUID, cuid and others make them: capitals, small letters and digits take turns far more often
 * than in words that were put together, as `averageResponseTimeLast30Days`.
 */
function isRandomToken(name: string): boolean {
  if (name.length < MIN_TOKEN || !TOKEN.test(name)) return false;
  let turns = 0;
  let digits = 0;
  for (let i = 0; i < name.length; i++) {
    if (classOf(name.charCodeAt(i)) === DIGIT) digits++;
    if (i > 0 && classOf(name.charCodeAt(i)) !== classOf(name.charCodeAt(i - 1))) turns++;
  }
  const mixed = /[a-z]/.test(name) && /[A-Z]/.test(name);
  return digits >= 2 && turns / (name.length - 1) >= (mixed ? 0.4 : 0.3);
}

const DIGIT = 0;

function classOf(code: number): number {
  if (code <= 0x39) return code === 0x2d ? 3 : DIGIT;
  if (code <= 0x5a) return 1;
  return code === 0x5f ? 3 : 2;
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
