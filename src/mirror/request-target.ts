import { isTarget } from './syntax.ts';

export interface RequestTarget {
  /** Origin-form, or `*`: what goes into the request line, before a destination's prefix. */
  readonly path: string;
  /** The authority of an absolute-form, which HTTP/2 clients send. */
  readonly authority: string | undefined;
}

/** User and password, which end before the last @, are no part of what Host says: RFC 9110, section 4.2.4. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#@]*)/i;

/**
 * The path of a request as RFC 9112, section 3.2 has it; not a byte of path and query is touched.
 * Undefined when it cannot stand in a request line.
 */
export function parseTarget(method: string, text: string): RequestTarget | undefined {
  if (!isTarget(text)) return undefined;
  if (text.charCodeAt(0) === 0x2f) return { path: text, authority: undefined };
  if (text === '*') return method === 'OPTIONS' ? { path: '*', authority: undefined } : undefined;
  const match = ABSOLUTE.exec(text);
  if (match === null) return undefined;
  const rest = text.slice(match[0].length);
  if (rest === '' && method === 'OPTIONS') return { path: '*', authority: match[1] };
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority: match[1] };
}

/** The path with the prefix before it; `*` asks about the whole server and has none. */
export function joinPrefix(prefix: string, path: string): string {
  return path === '*' ? path : prefix + path;
}

/**
 * The path with `*` for every value of its query: `/a?token=1&x=2` is `/a?token=*&x=*`. A part without `=` may be a value as
 * well as a name, so it is `*` too.
 */
export function redactQuery(path: string): string {
  const query = path.indexOf('?') + 1;
  if (query === 0) return path;
  return path.slice(0, query) + path.slice(query).replace(/([^&;=]+=)[^&;]*|[^&;]+/g, '$1*');
}
