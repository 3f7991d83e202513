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
/** What ends a quoted name, what a terminal acts on, and halves of characters, which UTF-8 does not have. */
const UNSAFE = /['\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

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
const ID =
  /^(?:\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?|(?:0x)?[0-9a-f]{16,}|[0-7][0-9a-hjkmnp-tv-z]{25}|[^a-z]*[0-9][^a-z]*|[^@\s]+@[^@\s]+|[a-z][a-z0-9+.-]*:\/\/.*)$/i;

/** Whether the name of a member is an id. It depends on nothing but the name: both sides have to decide alike. */
export function isIdName(name: string): boolean {
  if (name.length > MAX_NAME) return true;
  return MAY_BE_ID.test(name) && ID.test(name);
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
